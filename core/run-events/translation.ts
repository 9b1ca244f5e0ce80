import type { Finding } from '../findings.ts'
import type { RunEvent, RunFailed } from './event.ts'
import type { HistoryEvent } from './history.ts'
import {
  answerOf,
  errorIn,
  evidenceIn,
  findingsOf,
  messageOf,
  progressOf,
  type RolloutAnswer,
  summaryOf,
} from './read-answer.ts'
import { judgedIn, wavesIn } from './read-waves.ts'
import { decideRetry, retriersOf } from './retry.ts'
import { createAttribution, type StateVisit } from './visits.ts'

export interface TranslationOptions {
  /** The execution's name. */
  run: string
  /** The definition that runs, as data; with it, retries are reported when they are decided, not when they begin. */
  definition?: unknown
}

/** What is known of a step while it is under way. */
interface Step {
  visit: StateVisit
  retries: number
  /** How often a group's branches were started. */
  starts: number
  /** How often each retrier was used. */
  attempts: number[]
  /** The failure of the last attempt, until the next one begins. */
  failure?: Failure
  answer?: unknown
}

/** The failure of an attempt, and whether it was told already. */
interface Failure {
  error: string
  cause: string | undefined
  at: number
  announced: boolean
}

/** A failure as events give it. */
interface Reason {
  error?: string
  cause?: string
}

/** What is common to an event's translations. */
interface Moment {
  at: string
  run: string
}

/** The text for a step that did not fail itself. */
const stopped = { error: 'Stopped', cause: 'taken down because the run, or another step beside it, ended' }

/**
 * Translates a history, event by event and in order, into run events. Keeps what it needs of the past; use
 * one translator for one execution.
 */
export const createTranslator = ({ run, definition }: TranslationOptions) => {
  const attribute = createAttribution()
  const retriers = retriersOf(definition)
  const steps = new Map<StateVisit, Step>()
  const findings = new Map<string, Finding>()
  const known = { startedAt: 0, report: undefined as unknown, progress: '', pods: '' }

  const place = ({ visit }: Step, moment: Moment) => ({
    ...moment,
    step: visit.name,
    visit: visit.number,
    ...(visit.group ? { within: visit.group.name } : {}),
  })

  const enter = (visit: StateVisit, moment: Moment): RunEvent[] => {
    const step: Step = { visit, retries: 0, starts: 0, attempts: [] }
    if (visit.type === 'Wait') return [{ type: 'step.waiting', ...place(step, moment), for: 'time' }]
    if (!['Task', 'Parallel', 'Map'].includes(visit.type)) return []
    steps.set(visit, step)
    return [{ type: 'step.started', ...place(step, moment) }]
  }

  /** An attempt failed: with the definition at hand, says whether there will be another. */
  const fail = (step: Step, moment: Moment, { error = '', cause }: Reason): RunEvent[] => {
    const failure = { error, cause, at: Date.parse(moment.at), announced: false }
    step.failure = failure
    const retry = nextRetry(step, failure)
    if (!retry) return []
    failure.announced = true
    return [retrying(step, moment, failure, retry)]
  }

  const nextRetry = (
    { visit, attempts }: Step,
    { error }: Failure,
  ): { of: number; seconds: number } | undefined => {
    const retry = decideRetry(retriers.get(visit.name) ?? [], attempts, { error }, () => 1)
    if (!retry) return undefined
    attempts[retry.retrier] = (attempts[retry.retrier] ?? 0) + 1
    return { of: retry.of, seconds: retry.seconds }
  }

  const retrying = (
    step: Step,
    moment: Moment,
    failure: Failure,
    pause: { of?: number; seconds: number },
  ): RunEvent => ({
    type: 'step.retrying',
    ...place(step, moment),
    attempt: ++step.retries,
    ...pause,
    error: failure.error,
    message: messageOf(failure.cause),
  })

  /** A step that goes on where its last visit stopped begins with what was reported already. */
  const isNew = ({ at: _, pods, ...progress }: RolloutAnswer): boolean => {
    const reported = { ...known }
    known.progress = JSON.stringify(progress)
    if (pods) known.pods = JSON.stringify(pods)
    return reported.progress !== known.progress || reported.pods !== known.pods
  }

  /** An attempt begins: the first, or one that could not be foreseen. */
  const begin = (step: Step, moment: Moment): RunEvent[] => {
    const { failure } = step
    const reported =
      failure && !failure.announced
        ? [
            retrying(step, moment, failure, {
              ...nextRetry(step, failure),
              seconds: (Date.parse(moment.at) - failure.at) / 1000,
            }),
          ]
        : []
    delete step.failure
    return reported
  }

  /** A group's branches begin; for the second time, the history has not said that the first one failed. */
  const beginGroup = (step: Step, moment: Moment): RunEvent[] => {
    if (step.starts++ === 0) return []
    return [...endGroup(step, moment), ...begin(step, moment)]
  }

  /** Ends what is inside a group that failed; of it, the step whose own failure is pending was the reason. */
  const endGroup = (step: Step, moment: Moment): RunEvent[] => {
    const inside = (visit: StateVisit) => isInside(visit, step.visit)
    const reasons = [...steps.values()].flatMap(({ visit, failure }) =>
      inside(visit) && failure && !failure.announced ? [failure] : [],
    )
    step.failure ??= reasons.at(-1) ?? {
      error: 'States.BranchFailed',
      cause: undefined,
      at: Date.parse(moment.at),
      announced: false,
    }
    return endOpen(moment, inside)
  }

  const answer = (step: Step, moment: Moment, output: string | undefined): RunEvent[] => {
    step.answer = answerOf(output)
    const fresh = findingsOf(step.answer).filter((finding) => !findings.has(JSON.stringify(finding)))
    for (const finding of fresh) findings.set(JSON.stringify(finding), finding)
    const evidence = evidenceIn(step.answer)
    const plan = wavesIn(step.answer)
    const judged = judgedIn(step.answer)
    const where = place(step, moment)
    return [
      ...progressOf(step.answer)
        .filter(isNew)
        .map((progress): RunEvent => ({ type: 'rollout.progress', ...where, ...progress })),
      ...(evidence.length > 0 ? [{ type: 'proof.seen' as const, ...where, evidence }] : []),
      ...(plan ? [{ type: 'waves.planned' as const, ...where, plan }] : []),
      ...(judged ? [{ type: 'wave.judged' as const, ...where, ...judged }] : []),
      ...fresh.map((finding): RunEvent => ({ type: 'finding', ...place(step, moment), finding })),
    ]
  }

  const leave = (step: Step, moment: Moment, output: string | undefined): RunEvent[] => {
    // An input that is too large fails a state before any attempt: its output alone says so.
    const failure = step.failure ?? (step.answer === undefined ? errorIn(output) : undefined)
    if (failure) return [ended(step, moment, failure, true)]
    if (step.visit.name === 'Report') known.report = answerOf(output)
    steps.delete(step.visit)
    const message = summaryOf(step.answer)
    return [
      {
        type: 'step.succeeded',
        ...place(step, moment),
        duration: durationOf(step, moment),
        ...(message === undefined ? {} : { message }),
      },
    ]
  }

  const ended = (
    step: Step,
    moment: Moment,
    { error, cause }: { error: string; cause?: string | undefined },
    caught: boolean,
  ): RunEvent => {
    steps.delete(step.visit)
    return {
      type: 'step.failed',
      ...place(step, moment),
      duration: durationOf(step, moment),
      error,
      message: messageOf(cause),
      caught,
    }
  }

  /** Ends the steps that will not be left any more, inner ones first. */
  const endOpen = (moment: Moment, among: (visit: StateVisit) => boolean): RunEvent[] =>
    [...steps.values()]
      .filter(({ visit }) => among(visit))
      .reverse()
      .map((step) =>
        ended(step, moment, step.failure && !step.failure.announced ? step.failure : stopped, false),
      )

  const failRun = (
    moment: Moment,
    status: RunFailed['status'],
    { error, cause }: Reason = {},
  ): RunEvent[] => [
    ...endOpen(moment, () => true),
    {
      type: 'run.failed',
      ...moment,
      duration: (Date.parse(moment.at) - known.startedAt) / 1000,
      status,
      error: error ?? status,
      message: messageOf(cause) || endings[status],
      findings: [...findings.values()],
      ...(known.report === undefined ? {} : { report: known.report }),
    },
  ]

  /** What an event of a step's own means. */
  const translateStep = (event: HistoryEvent, step: Step, moment: Moment): RunEvent[] => {
    switch (event.type) {
      case 'TaskScheduled':
      case 'LambdaFunctionScheduled':
        return begin(step, moment)
      case 'ParallelStateStarted':
      case 'MapStateStarted':
        return beginGroup(step, moment)
      case 'TaskSubmitted':
        return [{ type: 'step.waiting', ...place(step, moment), for: 'answer' }]
      case 'TaskSucceeded':
        return answer(step, moment, event.taskSucceededEventDetails?.output)
      case 'LambdaFunctionSucceeded':
        return answer(step, moment, event.lambdaFunctionSucceededEventDetails?.output)
      case 'TaskFailed':
      case 'TaskSubmitFailed':
      case 'TaskTimedOut':
      case 'LambdaFunctionFailed':
      case 'LambdaFunctionTimedOut':
      case 'EvaluationFailed':
        return fail(step, moment, failureIn(event))
      case 'ParallelStateFailed':
      case 'MapStateFailed':
        return endGroup(step, moment)
      default:
        return event.stateExitedEventDetails ? leave(step, moment, event.stateExitedEventDetails.output) : []
    }
  }

  return (event: HistoryEvent): RunEvent[] => {
    const moment = { at: new Date(event.timestamp).toISOString(), run }
    const visit = attribute(event)
    switch (event.type) {
      case 'ExecutionStarted':
        known.startedAt = event.timestamp
        return [{ type: 'run.started', ...moment }]
      case 'ExecutionSucceeded':
        return [
          {
            type: 'run.succeeded',
            ...moment,
            duration: (event.timestamp - known.startedAt) / 1000,
            findings: [...findings.values()],
            ...(known.report === undefined ? {} : { report: known.report }),
          },
        ]
      case 'ExecutionFailed':
        return failRun(moment, 'FAILED', event.executionFailedEventDetails)
      case 'ExecutionTimedOut':
        return failRun(moment, 'TIMED_OUT', event.executionTimedOutEventDetails)
      case 'ExecutionAborted':
        return failRun(moment, 'ABORTED', event.executionAbortedEventDetails)
    }
    if (!visit) return []
    if (event.stateEnteredEventDetails) return enter(visit, moment)
    const step = steps.get(visit)
    return step ? translateStep(event, step, moment) : []
  }
}

/** Translates a whole history. */
export const translateHistory = (history: readonly HistoryEvent[], options: TranslationOptions): RunEvent[] =>
  history.flatMap(createTranslator(options))

const endings: Record<RunFailed['status'], string> = {
  FAILED: 'the run failed without saying why',
  TIMED_OUT: 'the run took longer than it may',
  ABORTED: 'the run was stopped',
}

const durationOf = ({ visit }: Step, { at }: Moment): number => (Date.parse(at) - visit.enteredAt) / 1000

const isInside = (visit: StateVisit, group: StateVisit): boolean =>
  visit.group !== undefined && (visit.group === group || isInside(visit.group, group))

const failureIn = (event: HistoryEvent): Reason =>
  event.taskFailedEventDetails ??
  event.taskSubmitFailedEventDetails ??
  event.taskTimedOutEventDetails ??
  event.lambdaFunctionFailedEventDetails ??
  event.lambdaFunctionTimedOutEventDetails ??
  event.evaluationFailedEventDetails ??
  {}
