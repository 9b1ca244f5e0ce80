import { agentLine } from './agent.ts'
import { type Change, mayBeDone } from './changes.ts'
import type { Finding } from './findings.ts'
import type { Before } from './request.ts'
import { messageOf } from './run-events/read-answer.ts'
import type { CredentialVariables, RunState } from './steps/answers.ts'
import { deletedPods, ledgerOf, notUndone, plannedChanges, staying, stayingOf } from './steps/ledger.ts'
import type { StepName } from './steps/table.ts'
import { clip } from './text/clip.ts'
import { bytesOf, fitFindings } from './text/fit.ts'
import { command } from './text/shell.ts'
import type { PodEvidence } from './workload/proof/evidence.ts'
import { formatWorkloadRef } from './workload/workload.ts'

/** How a run ended. */
export type Outcome =
  | 'enabled' // the workload runs with the role's credentials, and this run changed something for it
  | 'unchanged' // it did so already; nothing was changed and nothing restarted
  | 'associated' // the association is there and the workload is not yet
  | 'planned' // nothing was changed: this is what a run would do
  | 'undone' // asked to undo an earlier run, and did
  | 'failed'

/** The one document that a run leaves: for people, for machines and as the notification. Times are RFC 3339. */
export interface Report {
  outcome: Outcome
  /** One line that can be read alone. */
  summary: string
  run: string
  binding: {
    cluster: string
    region: string
    namespace: string
    serviceAccount: string
    role: string
    workload: string | null
  }
  startedAt: string
  finishedAt: string
  durationMs: number
  /** One line a check, in the order they were made. */
  checked: { what: string; found: string }[]
  /** The role's permissions as a table for people; empty where they were not looked at. */
  permissions: string[]
  findings: Finding[]
  /** What the run would write (planned), or has tried to write, and what is known of each. */
  changes: Change[]
  propagation: { way: string; probes: number; ms: number } | null
  rollout: { state: string; message: string; ms: number; restarted: boolean; reason: string } | null
  credentials: {
    before: CredentialVariables | null
    after: CredentialVariables
    pods: string[]
    /** What was seen of each pod, and by which log. */
    evidence: PodEvidence[]
  } | null
  /** What a failed run, or a run that undoes an earlier one, has put back, and what it could not. */
  undo: {
    done: string[]
    /** What it left on purpose, because somebody has changed it since. */
    kept: string[]
    left: { what: string; error: string; command: string }[]
    /** How the workload runs since, compared with before; null where there was none to look at. */
    workload: { asBefore: boolean; message: string } | null
  } | null
  /** What a failed run, or one that was undone, leaves on purpose, since others may rely on it by then, and how to take it away. */
  stays: { what: string; command: string }[]
  failure: { error: string; message: string } | null
  /** What was there before: the `before` of a request with mode undo. */
  before: Before | null
}

/** Puts a run's answers together. `now` is the end of the run in milliseconds since the epoch. */
export const buildReport = (state: RunState, now: number): Report => {
  const { request } = state
  const failure = state.failure && {
    error: state.failure.Error,
    message: messageOf(state.failure.Cause) || `${state.failure.Error}, without a word on why`,
  }
  const planning = request.mode === 'plan'
  const changes = !planning ? ledgerOf(state) : state.failure ? [] : plannedChanges(state)
  const undo = undoOf(state, changes)
  const outcome = outcomeOf(state, undo, changes)
  const report = {
    outcome,
    run: request.run,
    binding: {
      cluster: request.cluster,
      region: request.region,
      namespace: request.namespace,
      serviceAccount: request.serviceAccount,
      role: request.role,
      workload: request.workload ? formatWorkloadRef(request.workload) : null,
    },
    startedAt: request.startedAt,
    finishedAt: new Date(now).toISOString(),
    durationMs: now - Date.parse(request.startedAt),
    checked: checked(state),
    permissions: state.role?.table ?? [],
    findings: distinct(state.findings).filter(
      (finding) => outcome !== 'enabled' || !isOfBefore(state, finding),
    ),
    changes,
    propagation: state.injection && {
      way: state.injection.way,
      probes: state.injection.probes,
      // Each call of the step measures by its own clock, and the run by that of the workflow.
      ms: Math.min(state.injection.waitedMs, now - Date.parse(request.startedAt)),
    },
    rollout: rolloutOf(state),
    credentials: state.proof?.credentials
      ? {
          before: state.workload?.credentials ?? null,
          after: state.proof.credentials,
          pods: state.proof.pods,
          evidence: state.proof.evidence,
        }
      : null,
    undo,
    stays: [
      ...(outcome === 'failed' ? staying(changes) : []),
      ...(state.undo && 'leftByRun' in state.undo && state.undo.leftByRun
        ? stayingOf(request, state.undo.leftByRun)
        : []),
    ],
    failure,
    before: state.before,
  }
  return { ...report, summary: summarise(report, planning) }
}

/** What an execution's output may be is 262,144 bytes; EventBridge's events and callers' answers carry it as well. */
const mostBytes = 180_000

/** A report within its limit: the longest of its lists are cut, and what is left always says in words what happened. */
export const fitReport = (report: Report): Report => {
  if (bytesOf(report) <= mostBytes) return report
  const lines = (texts: readonly string[]): string[] =>
    texts.length > 50
      ? [...texts.slice(0, 50).map((text) => clip(text, 500)), `and ${texts.length - 50} more`]
      : texts.map((text) => clip(text, 500))
  return {
    ...report,
    summary: clip(report.summary, 4000),
    checked: report.checked.map(({ what, found }) => ({ what, found: clip(found, 1000) })),
    permissions: lines(report.permissions),
    findings: fitFindings(report.findings, 60_000),
    credentials: null,
    failure: report.failure && { ...report.failure, message: clip(report.failure.message, 4000) },
  }
}

const undoOf = (state: RunState, changes: readonly Change[]): Report['undo'] => {
  const { undo } = state
  if (!undo) return null
  if (!('error' in undo))
    return {
      done: [...undo.done.map(({ what }) => what), ...deletedPods(state).map(({ action }) => action)],
      kept: undo.kept.map(({ what }) => what),
      left: [
        ...undo.left.map(({ what, error, command }) => ({ what, error, command })),
        ...leftOfRollout(state),
      ],
      workload: workloadSince(state),
    }
  const error = messageOf(undo.error.Cause)
  const restarted = changes.some(({ kind, undone }) => kind === 'restart' && undone)
  return {
    done: [],
    kept: [],
    // The look after it sees the template, and not the pods.
    left: [...notUndone(changes, error), ...(restarted ? unknownRollout(state, error) : [])],
    workload: null,
  }
}

const workloadSince = ({ rolloutBack }: RunState): NonNullable<Report['undo']>['workload'] =>
  rolloutBack && { asBefore: rolloutBack.state === 'as-before', message: rolloutBack.message }

const leftOfRollout = (state: RunState): NonNullable<Report['undo']>['left'] => {
  const { rolloutBack } = state
  if (!rolloutBack) return []
  return rolloutBack.state === 'unknown'
    ? unknownRollout(state, messageOf(rolloutBack.message))
    : rolloutBack.left
}

const unknownRollout = (
  { request: { workload, namespace } }: RunState,
  error: string,
): NonNullable<Report['undo']>['left'] => {
  if (!workload) return []
  const name = formatWorkloadRef(workload)
  return [
    {
      what: `whether ${name} runs as it did before is not known`,
      error,
      command: command`kubectl rollout status ${name} -n ${namespace}`,
    },
  ]
}

const outcomeOf = (state: RunState, undo: Report['undo'], changes: readonly Change[]): Outcome => {
  if (state.failure) return 'failed'
  if (state.request.mode === 'undo') return undo && undo.left.length > 0 ? 'failed' : 'undone'
  if (state.request.mode === 'plan') return 'planned'
  if (!state.workload?.exists) return 'associated'
  return changes.length === 0 ? 'unchanged' : 'enabled'
}

/** What a step leaves in the report: what it looked at and found, in a line. Its writes are in core/steps/ledger.ts. */
interface Lines {
  checked?: { what: string; found: (state: RunState) => string | undefined }
}

/** How the workload was found; once its pods were replaced, how their rollout has ended. */
const workloadLine = ({ workload, restart, rollout }: RunState): string | undefined =>
  restart?.restarted && rollout?.state === 'complete' ? rollout.message : workload?.summary

/** The lines of each step, in the order of the workflow; a step has to be here even if it leaves none. */
const linesOf: Readonly<Record<StepName, Lines>> = {
  resolveRequest: {},
  takeTurn: { checked: { what: 'turn', found: ({ turn }) => turn?.message } },
  awaitCluster: {
    checked: {
      what: 'cluster',
      found: ({ cluster }) =>
        cluster ? `${cluster.name} ${cluster.version} is ${cluster.status}` : undefined,
    },
  },
  ensureAccess: {},
  checkAgent: { checked: { what: 'agent', found: ({ agent }) => (agent ? agentLine(agent) : undefined) } },
  verifyRole: { checked: { what: 'role', found: ({ role }) => role?.summary } },
  verifyWorkload: { checked: { what: 'workload', found: workloadLine } },
  checkAssociation: {
    checked: { what: 'association', found: ({ associationCheck }) => associationCheck?.message },
  },
  requestApproval: {},
  confirmPlan: { checked: { what: 'approval', found: ({ confirmed }) => confirmed?.message } },
  ensureAgent: {},
  ensureRole: {},
  ensureTrust: {},
  ensureAssociation: {},
  awaitInjection: {},
  restartWorkload: {},
  watchRollout: {},
  awaitUndo: {},
  verifyCredentials: { checked: { what: 'credentials', found: ({ proof }) => proof?.message } },
  finishMigration: { checked: { what: 'migration', found: ({ finished }) => finished?.message } },
  takeStock: {},
  undo: {},
  report: {},
}

const checked = (state: RunState): Report['checked'] =>
  Object.values(linesOf).flatMap(({ checked }) => {
    const found = checked?.found(state)
    return checked && found !== undefined ? [{ what: checked.what, found }] : []
  })

/** Whether a finding says how the workload ran before the run, which after a success is no longer so. */
const isOfBefore = ({ workload }: RunState, { severity, code, found }: Finding): boolean =>
  severity === 'info' &&
  workload?.diagnosis.some((before) => before.code === code && before.found === found) === true

const distinct = (findings: Finding[]): Finding[] => [
  ...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values(),
]

const rolloutOf = ({ rollout, restart }: RunState): Report['rollout'] =>
  rollout &&
  restart && {
    state: rollout.state,
    message: rollout.message,
    ms: rollout.watchedMs,
    restarted: restart.restarted,
    reason: restart.reason,
  }

const summarise = (report: Omit<Report, 'summary'>, planning: boolean): string => {
  const { binding } = report
  const what = binding.workload
    ? `${binding.namespace}/${binding.workload.split('/')[1]} on ${binding.cluster}`
    : `${binding.namespace}/${binding.serviceAccount} on ${binding.cluster}`
  const role = binding.role.split('/').at(-1)
  switch (report.outcome) {
    case 'enabled':
      return `${what} ${asSeen(report, role)}`
    case 'unchanged':
      return `${what} ${asSeen(report, role)} already; nothing was changed`
    case 'associated':
      return `${binding.namespace}/${binding.serviceAccount} on ${binding.cluster} is associated with ${role}${report.changes.length > 0 ? '' : ' already; nothing was changed'}; pods created from now on get its credentials`
    case 'planned':
      return report.changes.length > 0
        ? `${what}: ${report.changes.length} ${report.changes.length === 1 ? 'change' : 'changes'} to make`
        : `${what}: nothing to change`
    case 'undone': {
      const { undo } = report
      const rest = report.stays.map(({ what: stays }) => `; ${stays} will stay`).join('')
      if (undo?.kept.length)
        return `${what}: ${[...undo.done, ...undo.kept, ...since(undo)].join('; ')}${rest}`
      const [otherwise] = undo ? since(undo) : []
      const wasDone = (undo?.done.length ?? 0) > 0
      return otherwise === undefined
        ? `${what} is as it was before${wasDone ? '' : '; there was nothing to undo'}${rest}`
        : `${what}: ${wasDone ? 'what the run changed is put back' : 'there was nothing to undo'}; ${otherwise}${rest}`
    }
    case 'failed': {
      const message = report.failure?.message ?? 'something could not be put back'
      const rest = planning ? '' : afterFailure(report)
      // A message of several lines ends with a command, which has to stay as it is.
      return `${what}: ${message}${message.includes('\n') ? rest.replace(/[.;] /, '\n') : rest}`
    }
  }
}

/** As much as was seen: credentials handed out to every pod, or pods that would get them. */
const asSeen = ({ credentials }: Pick<Report, 'credentials'>, role: string | undefined): string =>
  credentials?.evidence.length && credentials.evidence.every(({ seen }) => seen === 'handed-out')
    ? `runs with the credentials of ${role}`
    : `is set up for the credentials of ${role}`

/** What has become of what a failed run tried: as much as was seen, and no more. */
const afterFailure = ({ changes, undo, stays }: Pick<Report, 'changes' | 'undo' | 'stays'>): string => {
  const staying = stays.length > 0 ? `. ${stays.map(({ what }) => what).join(', ')} will stay` : ''
  if (undo && undo.left.length > 0)
    return `${staying}. Not everything could be put back; finish by hand:\n${undo.left.map(({ command }) => command).join('\n')}`
  const unclear = changes.filter(({ state, undone }) => state === 'unknown' && !undone)
  if (unclear.length > 0)
    return `${staying}. It could not be seen whether this happened: ${unclear.map(({ action }) => action).join('; ')}`
  if (!undo) return changes.some(mayBeDone) ? staying : '. Nothing had been changed'
  const kept = undo.kept.length > 0 ? `. Left as it is: ${undo.kept.join('; ')}` : ''
  if (!changes.some(mayBeDone)) return `. Nothing had been changed${kept}`
  const putBack = `${staying}${putBackBy(undo, changes)}${kept}`
  if (!undo.workload?.asBefore) return [putBack, ...since(undo)].join('; ')
  return kept ? putBack : `${putBack}. ${stays.length > 0 ? 'All else' : 'Everything'} is as it was before`
}

/** What an undo says that it put back, or where it gave no answer, what was seen to be put back after it. */
const putBackBy = ({ done }: NonNullable<Report['undo']>, changes: readonly Change[]): string => {
  if (done.length > 0) return `. Put back: ${done.join('; ')}`
  const seen = changes.filter(({ undone }) => undone)
  return seen.length > 0
    ? `. The undo ended without an answer, and a look shows that this is put back: ${seen.map(({ action }) => action).join('; ')}`
    : ''
}

/** How the workload runs since, where that is not as before. */
const since = ({ workload }: NonNullable<Report['undo']>): string[] =>
  workload && !workload.asBefore ? [workload.message] : []
