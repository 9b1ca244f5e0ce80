import type { Clock } from '../../adapters/clock.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import type { Definition, Json, State } from './definition.ts'
import { StateFailure } from './failure.ts'
import { createHistory } from './history.ts'
import { type Attempted, attemptState, enter } from './interpreter.ts'
import { createEvaluator } from './jsonata.ts'
import { newLine } from './line.ts'
import { createCallbacks } from './task/callbacks.ts'
import { failureDetails } from './task/task-journal.ts'
import type { EngineExecution, TaskFunction } from './visit.ts'

export interface TrialOptions {
  /** A definition that was found valid, and the state of it to try. */
  definition: Definition
  state: string
  input: Json
  variables: Record<string, Json>
  /** What `$states.context` shows besides the state. */
  context: Record<string, Json>
  task: TaskFunction
  /** How often each retrier has retried already. */
  attempts: readonly number[]
  clock: Pick<Clock, 'now'>
  random?: () => number
}

/** What a trial of one state came to, in TestState's terms. */
export interface Trial {
  status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR'
  output?: Json
  error?: string
  cause?: string
  nextState?: string
  /** The variables as the state leaves them. */
  variables: Record<string, Json>
  /** Which catcher or retrier treated the failure. */
  catchIndex?: number
  retryIndex?: number
  retryBackoffIntervalSeconds?: number
  history: HistoryEvent[]
}

/** Visits one state once, without waiting for anything: neither for a Wait nor for a retry. */
export const tryState = async (options: TrialOptions): Promise<Trial> => {
  const { definition, context, clock, random = Math.random } = options
  const now = () => clock.now()
  const history = createHistory(now, () => {})
  const execution: EngineExecution = {
    clock: { now, sleep: async () => {} },
    random,
    task: options.task,
    callbacks: createCallbacks(),
    evaluate: createEvaluator(now, random),
    history,
    onMapRun: () => {},
    identity: { Execution: { Id: '', RoleArn: '' }, StateMachine: { Id: '' }, ...context },
    region: '',
    deadline: undefined,
  }
  const branch = {
    trail: { previous: 0 },
    signal: new AbortController().signal,
    line: newLine(options.variables),
  }
  const state = definition.States[options.state] as State
  const visit = enter(execution, branch, options.state, state, options.input)
  const answer = (part: Omit<Trial, 'history' | 'variables'>): Trial => ({
    ...part,
    variables: branch.line.variables,
    history: history.events,
  })
  try {
    return answer(describe(await attemptState(visit, options.attempts, 0)))
  } catch (error) {
    if (error instanceof StateFailure) return answer({ status: 'FAILED', ...failureDetails(error) })
    throw error
  }
}

const describe = (attempted: Attempted): Omit<Trial, 'history' | 'variables'> => {
  const left = 'exit' in attempted ? attempted.exit : undefined
  const ending = {
    ...(left ? { output: left.output } : {}),
    ...(left?.next === undefined ? {} : { nextState: left.next }),
    ...('failure' in attempted ? failureDetails(attempted.failure) : {}),
  }
  switch (attempted.outcome) {
    case 'succeeded':
      return { status: 'SUCCEEDED', ...ending }
    case 'caught':
      return { status: 'CAUGHT_ERROR', ...ending, catchIndex: attempted.catcher }
    case 'retriable':
      return {
        status: 'RETRIABLE',
        ...ending,
        retryIndex: attempted.retry.retrier,
        retryBackoffIntervalSeconds: attempted.retry.seconds,
      }
    case 'failed':
      return { status: 'FAILED', ...ending }
  }
}
