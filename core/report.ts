import { agentAddon, agentLine } from './agent.ts'
import type { Finding } from './findings.ts'
import type { Before } from './request.ts'
import { command } from './shell.ts'
import type { CredentialVariables, RunState, UndoStep } from './steps/answers.ts'
import type { StepName } from './steps/table.ts'
import { undoCommands } from './undo.ts'
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
  /** What the run would do (planned) or did. */
  changes: string[]
  propagation: { way: string; probes: number; ms: number } | null
  rollout: { state: string; message: string; ms: number; restarted: boolean; reason: string } | null
  credentials: { before: CredentialVariables | null; after: CredentialVariables; pods: string[] } | null
  undo: Pick<UndoStep, 'done' | 'left'> | null
  /** What a failed run leaves on purpose, since others may rely on it by then, and how to take it away. */
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
    message: failureMessage(state.failure.Cause ?? '') || `${state.failure.Error}, without a word on why`,
  }
  const undo = undoOf(state)
  const outcome = outcomeOf(state, undo)
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
    findings: distinct(state.findings),
    changes: outcome === 'planned' ? plannedChanges(state) : changed(state),
    propagation: state.injection && {
      way: state.injection.way,
      probes: state.injection.probes,
      ms: state.injection.waitedMs,
    },
    rollout: rolloutOf(state),
    credentials: state.proof?.credentials
      ? {
          before: state.workload?.credentials ?? null,
          after: state.proof.credentials,
          pods: state.proof.pods,
        }
      : null,
    undo,
    stays: outcome === 'failed' ? staying(state) : [],
    failure,
    before: state.before,
  }
  return { ...report, summary: summarise(report) }
}

/** A Lambda failure's Cause is JSON text around the message; everything else is the message itself. */
const failureMessage = (cause: string): string => {
  try {
    const parsed: unknown = JSON.parse(cause)
    if (parsed && typeof parsed === 'object' && 'errorMessage' in parsed) return String(parsed.errorMessage)
  } catch {
    // Not JSON: it is the message.
  }
  return cause
}

const undoOf = (state: RunState): Report['undo'] => {
  const { undo } = state
  if (!undo) return null
  if (!('error' in undo)) return { done: undo.done, left: undo.left }
  const error = failureMessage(undo.error.Cause)
  return { done: [], left: notUndone(state).map((left) => ({ ...left, error })) }
}

/** What the run changed, or may have changed where an answer was lost, and the commands that put it back. */
const notUndone = ({
  request,
  before,
  association,
  restart,
}: RunState): { what: string; command: string }[] => {
  const { cluster, region, namespace, serviceAccount, workload } = request
  const former = before?.association
  const id = association?.association.id
  return [
    ...(association?.action === 'kept'
      ? []
      : [
          {
            what: `the association of ${namespace}/${serviceAccount}${id ? ` (${id})` : ', if this run has changed it'}`,
            command: former
              ? undoCommands.repointAssociation(request, former)
              : id
                ? undoCommands.deleteAssociation(request, id)
                : command`aws eks list-pod-identity-associations --cluster-name ${cluster} --region ${region} --namespace ${namespace} --service-account ${serviceAccount}`,
          },
        ]),
    ...(workload && before && restart?.restarted !== false
      ? [
          {
            what: `the pod template of ${formatWorkloadRef(workload)}${restart ? '' : ', if this run has restarted it'}`,
            command: undoCommands.restoreAnnotation(request, before),
          },
        ]
      : []),
  ]
}

const outcomeOf = (state: RunState, undo: Report['undo']): Outcome => {
  if (state.failure) return 'failed'
  if (state.request.mode === 'undo') return undo && undo.left.length > 0 ? 'failed' : 'undone'
  if (state.request.mode === 'plan') return 'planned'
  if (!state.workload?.exists) return 'associated'
  return changed(state).length === 0 ? 'unchanged' : 'enabled'
}

/** What a step leaves in the report: what it looked at and found, and what it changed, one line each. */
interface Lines {
  checked?: { what: string; found: (state: RunState) => string | undefined }
  changed?: (state: RunState) => string[]
}

/** The lines of each step, in the order of the workflow; a step has to be here even if it leaves none. */
const linesOf: Readonly<Record<StepName, Lines>> = {
  resolveRequest: {},
  awaitCluster: {
    checked: {
      what: 'cluster',
      found: ({ cluster }) =>
        cluster ? `${cluster.name} ${cluster.version} is ${cluster.status}` : undefined,
    },
  },
  ensureAccess: {
    changed: ({ accessEntries }) => accessEntries.map((principal) => `let ${principal} into the cluster`),
  },
  checkAgent: { checked: { what: 'agent', found: ({ agent }) => (agent ? agentLine(agent) : undefined) } },
  verifyRole: { checked: { what: 'role', found: ({ role }) => role?.summary } },
  verifyWorkload: { checked: { what: 'workload', found: ({ workload }) => workload?.summary } },
  checkAssociation: {},
  requestApproval: {},
  ensureAgent: {
    changed: (state) => (hasInstalledAgent(state) ? [`installed the add-on ${agentAddon}`] : []),
  },
  ensureAssociation: { changed: (state) => changedAssociation(state) },
  awaitInjection: {},
  restartWorkload: {
    changed: ({ restart, request }) =>
      restart?.restarted && request.workload ? [`restarted ${formatWorkloadRef(request.workload)}`] : [],
  },
  watchRollout: {},
  verifyCredentials: { checked: { what: 'credentials', found: ({ proof }) => proof?.message } },
  undo: {},
  report: {},
}

const checked = (state: RunState): Report['checked'] =>
  Object.values(linesOf).flatMap(({ checked }) => {
    const found = checked?.found(state)
    return checked && found !== undefined ? [{ what: checked.what, found }] : []
  })

const changed = (state: RunState): string[] =>
  Object.values(linesOf).flatMap(({ changed }) => changed?.(state) ?? [])

const distinct = (findings: Finding[]): Finding[] => [
  ...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values(),
]

const serviceAccountOf = ({ request }: Pick<RunState, 'request'>): string =>
  `${request.namespace}/${request.serviceAccount}`

/** What a run would do, one line each, according to its checks. */
export const plannedChanges = (
  state: Pick<RunState, 'request' | 'associationCheck' | 'agent' | 'workload'>,
): string[] => {
  const { request, associationCheck, agent } = state
  const association = {
    create: [`create an association of ${serviceAccountOf(state)} with ${request.role}`],
    repoint: [
      `point the association ${associationCheck?.before?.id} of ${serviceAccountOf(state)} from ${associationCheck?.before?.roleArn} to ${request.role}`,
    ],
    keep: [],
    refuse: [],
  }[associationCheck?.action ?? 'refuse']
  const restarts = state.workload?.exists && (association.length > 0 || !state.workload.injected)
  return [
    ...(agent?.action === 'install' ? [`install the add-on ${agentAddon}`] : []),
    ...association,
    ...(restarts && request.workload
      ? [`restart ${formatWorkloadRef(request.workload)} and follow its rollout`]
      : []),
  ]
}

const changedAssociation = (state: RunState): string[] => {
  const { association, request, before } = state
  switch (association?.action) {
    case 'created':
      return [
        `created the association ${association.association.id} of ${serviceAccountOf(state)} with ${request.role}`,
      ]
    case 'repointed':
      return [
        `pointed the association ${association.association.id} of ${serviceAccountOf(state)} from ${before?.association?.roleArn} to ${request.role}`,
      ]
    default:
      return []
  }
}

const hasInstalledAgent = ({ agent, agentVisits }: RunState): boolean =>
  agent?.action === 'install' && agentVisits > 0

const staying = (state: RunState): Report['stays'] => {
  const { cluster, region } = state.request
  return [
    ...state.accessEntries.map((principal) => ({
      what: `the access entry of ${principal}`,
      command: command`aws eks delete-access-entry --cluster-name ${cluster} --region ${region} --principal-arn ${principal}`,
    })),
    ...(hasInstalledAgent(state)
      ? [
          {
            what: `the add-on ${agentAddon}`,
            command: command`aws eks delete-addon --cluster-name ${cluster} --region ${region} --addon-name ${agentAddon}`,
          },
        ]
      : []),
  ]
}

const rolloutOf = ({ rollout, restart }: RunState): Report['rollout'] =>
  rollout &&
  restart && {
    state: rollout.state,
    message: rollout.message,
    ms: Math.max(0, Date.parse(rollout.at) - Date.parse(restart.at)),
    restarted: restart.restarted,
    reason: restart.reason,
  }

const summarise = (report: Omit<Report, 'summary'>): string => {
  const { binding } = report
  const what = binding.workload
    ? `${binding.namespace}/${binding.workload.split('/')[1]} on ${binding.cluster}`
    : `${binding.namespace}/${binding.serviceAccount} on ${binding.cluster}`
  const role = binding.role.split('/').at(-1)
  switch (report.outcome) {
    case 'enabled':
      return `${what} runs with the credentials of ${role}`
    case 'unchanged':
      return `${what} runs with the credentials of ${role} already; nothing was changed`
    case 'associated':
      return `${binding.namespace}/${binding.serviceAccount} on ${binding.cluster} is associated with ${role}; pods created from now on get its credentials`
    case 'planned':
      return report.changes.length > 0
        ? `${what}: ${report.changes.length} ${report.changes.length === 1 ? 'change' : 'changes'} to make`
        : `${what}: nothing to change`
    case 'undone':
      return `${what} is as it was before${report.undo?.done.length ? '' : '; there was nothing to undo'}`
    case 'failed':
      return `${what}: ${report.failure?.message ?? 'something could not be put back'}${afterFailure(report)}`
  }
}

const afterFailure = ({ undo, stays }: Pick<Report, 'undo' | 'stays'>): string => {
  const staying = stays.length > 0 ? `. ${stays.map(({ what }) => what).join(', ')} will stay` : ''
  if (!undo) return staying
  if (undo.left.length > 0)
    return `. Not everything could be put back; finish by hand:\n${undo.left.map(({ command }) => command).join('\n')}`
  const all = stays.length > 0 ? 'All else' : 'Everything'
  return `${staying}${undo.done.length > 0 || stays.length > 0 ? `. ${all} is as it was before` : '. Nothing had been changed'}`
}
