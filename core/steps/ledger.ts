import { agentAddon } from '../agent.ts'
import { type Association, isAsBefore, runTag } from '../association.ts'
import { type Change, type ChangeKind, mayBeDone } from '../changes.ts'
import { type TrustChange, undoChange } from '../role/trust/change.ts'
import { command as shellCommand } from '../text/shell.ts'
import { restartValues, undoCommands } from '../undo.ts'
import { formatWorkloadRef } from '../workload/workload.ts'
import type { RunState } from './answers.ts'
import { associationFields, settingsBesides } from './association-diff.ts'
import { finishWrites, plannedFinishWrites, plannedTrustWrites, trustWrites } from './migration-writes.ts'
import { plannedRoleWrites, roleWrites } from './role-writes.ts'
import {
  added,
  afterUndo,
  change,
  isNotShown,
  known,
  knownBy,
  planned,
  unlessNotShown,
  type Write,
} from './write.ts'

/** What a run would write, according to its checks. */
export const plannedChanges = (
  state: Pick<RunState, 'request' | 'associationCheck' | 'agent' | 'workload'> & {
    role: Pick<NonNullable<RunState['role']>, 'action'> | null
    before?: RunState['before']
  },
): Change[] => {
  const { request, associationCheck, agent, workload } = state
  const changesAssociation = associationCheck?.action === 'create' || associationCheck?.action === 'repoint'
  const restarts = workload?.exists && (changesAssociation || !workload.injected)
  const restarting = restart(request, null, workload?.before?.desired)
  return [
    ...(agent?.action === 'install' ? [planned(addon(request))] : []),
    ...plannedRoleWrites(state),
    ...plannedTrustWrites(state),
    ...(changesAssociation ? [planned(association(state))] : []),
    ...(restarts && restarting ? [planned(restarting)] : []),
    ...plannedFinishWrites(state),
  ]
}

/**
 * Every write that the run has tried, in its order, and what is known of each: by the step's own answer, or where
 * that was lost by a later look. Silence is never taken for "nothing happened".
 */
export const ledgerOf = (state: RunState): Change[] => {
  if (state.request.mode === 'undo') return undoing(state)
  const tried = [
    ...accessEntries(state),
    ...agentAddons(state),
    ...roleWrites(state),
    ...trustWrites(state),
    ...associations(state),
    ...restarts(state),
    ...finishWrites(state),
  ]
  return [
    ...tried.map((one) => (mayBeDone(one) && isUndone(state, one.kind) ? { ...one, undone: true } : one)),
    ...deletedPods(state),
  ]
}

/** The pods that an undo has deleted, since nothing else frees them; their workload makes them anew. */
export const deletedPods = ({ rolloutBack }: Pick<RunState, 'rolloutBack'>): Change[] =>
  (rolloutBack && 'deleted' in rolloutBack ? rolloutBack.deleted : []).map((pod) => ({
    kind: 'pod',
    subject: pod,
    action: `deleted pod ${pod} of the failed restart, so that it is made anew`,
    state: 'done',
    undone: false,
  }))

/** What is left of a failed run whose undo gave no answer, for a person to put back. */
export const notUndone = (changes: readonly Change[], error: string) =>
  changes
    .filter((one) => mayBeDone(one) && !one.undone && !staysAnyway.has(one.kind))
    .map(({ action, state, command = '' }) => ({
      what: state === 'unknown' ? `it was tried to ${action}, and may have happened` : action,
      error,
      command,
    }))

/** What undo leaves on purpose, since others may rely on it by then. */
export const staysAnyway: ReadonlySet<ChangeKind> = new Set(['access-entry', 'addon'])

/** What a failed run leaves on purpose, and how to take it away. */
export const staying = (changes: readonly Change[]): { what: string; command: string }[] =>
  changes
    .filter((one) => mayBeDone(one) && staysAnyway.has(one.kind))
    .map(({ subject, kind, state, command = '' }) => ({
      what: `${kind === 'addon' ? 'the add-on' : 'the access entry of'} ${subject}${state === 'unknown' ? ', if it was made' : ''}`,
      command,
    }))

/** The same of a run that was undone: what of it was seen to be there, or could not be looked at. */
export const stayingOf = (
  request: RunState['request'],
  { addon: there, accessEntries: principals }: { addon: boolean | null; accessEntries: readonly string[] },
): { what: string; command: string }[] =>
  staying([
    ...principals.map((principal) => change(accessEntry(request, principal), known.done)),
    change(addon(request), there === null ? { state: 'unknown' } : there ? known.done : known.notDone),
  ])

const accessEntry = ({ cluster, region }: RunState['request'], principal: string): Write => {
  const words = `let ${principal} into the cluster`
  return {
    kind: 'access-entry',
    subject: principal,
    words: [words, words],
    diff: added(`access entry of ${principal}`),
    command: shellCommand`aws eks delete-access-entry --cluster-name ${cluster} --region ${region} --principal-arn ${principal}`,
  }
}

const accessEntries = (state: RunState): Change[] => {
  const { request, accessEntries: made, tried, stock } = state
  const look = stock?.accessEntries
  const seen = tried === 'ensureAccess' && look && 'seen' in look ? look.seen : []
  const principals = [...new Set([...made, ...seen])]
  const done = principals.map((principal) => change(accessEntry(request, principal), known.done))
  if (tried !== 'ensureAccess' || (done.length > 0 && !isNotShown(state))) return done
  const { cluster, region } = request
  const words = "let podid's roles into the cluster"
  const any: Write = {
    kind: 'access-entry',
    subject: "podid's roles",
    words: [words, words],
    command: shellCommand`aws eks list-access-entries --cluster-name ${cluster} --region ${region}`,
  }
  return [
    ...done,
    change(
      any,
      unlessNotShown(
        knownBy(look, () => false),
        state,
      ),
    ),
  ]
}

const addon = ({ cluster, region }: RunState['request']): Write => ({
  kind: 'addon',
  subject: agentAddon,
  words: [`install the add-on ${agentAddon}`, `installed the add-on ${agentAddon}`],
  diff: added(`add-on ${agentAddon}`),
  command: shellCommand`aws eks delete-addon --cluster-name ${cluster} --region ${region} --addon-name ${agentAddon}`,
})

const agentAddons = (state: RunState): Change[] => {
  const { request, agent, agentInstalled, tried, stock } = state
  if (agentInstalled) return [change(addon(request), known.done)]
  return tried === 'ensureAgent' && agent?.action === 'install'
    ? [
        change(
          addon(request),
          unlessNotShown(
            knownBy(stock?.addon, (ours) => ours),
            state,
          ),
        ),
      ]
    : []
}

const association = (
  { request, associationCheck }: Pick<RunState, 'request' | 'associationCheck'>,
  id?: string,
): Write => {
  const of = `of ${request.namespace}/${request.serviceAccount}`
  const former = associationCheck?.before
  const fields = associationFields(request, former)
  if (former) {
    const which = `the association ${former.id} ${of}`
    const rest =
      former.roleArn === request.role
        ? `${which}: ${fields.map(({ name, from, to }) => `${name} ${from} → ${to}`).join(', ')}`
        : `${which} from ${former.roleArn} to ${request.role}${settingsBesides(request)}`
    return {
      kind: 'association',
      subject: former.id,
      words:
        former.roleArn === request.role
          ? [`change ${rest}`, `changed ${rest}`]
          : [`point ${rest}`, `pointed ${rest}`],
      diff: { ...added(`association ${former.id} ${of}`), sign: '~', fields },
      command: undoCommands.repointAssociation(request, former),
    }
  }
  return {
    kind: 'association',
    subject: id ?? `${request.namespace}/${request.serviceAccount}`,
    words: [
      `create an association ${of} with ${request.role}${settingsBesides(request)}`,
      `created the association ${id} ${of} with ${request.role}${settingsBesides(request)}`,
    ],
    diff: { ...added(`association ${id ? `${id} ` : ''}${of}`), fields },
    command: id
      ? undoCommands.deleteAssociation(request, id)
      : shellCommand`aws eks list-pod-identity-associations --cluster-name ${request.cluster} --region ${request.region} --namespace ${request.namespace} --service-account ${request.serviceAccount}`,
  }
}

const associations = (state: RunState): Change[] => {
  const { association: answer, associationCheck, tried, stock, request } = state
  const { before: former } = associationCheck ?? {}
  const mark: Write | null | undefined = former && {
    kind: 'association-tag',
    subject: former.id,
    words: [
      `mark the association ${former.id} as this run's`,
      `marked the association ${former.id} as this run's`,
    ],
    diff: {
      sign: '~',
      what: [`mark of association ${former.id}`, `mark of association ${former.id}`],
      fields: [{ name: 'run', from: null, to: request.run }],
    },
  }
  if (answer) {
    if (answer.action === 'kept') return []
    return [
      ...(mark ? [change(mark, known.done)] : []),
      change(association(state, answer.association.id), known.done),
    ]
  }
  const tries = associationCheck?.action === 'create' || associationCheck?.action === 'repoint'
  if (tried !== 'ensureAssociation' || !tries) return []
  const look = stock?.association
  const ours = (found: Association | null): boolean =>
    found?.tags[runTag] === request.run && !(former && isAsBefore(found, former))
  const id = look && 'seen' in look && look.seen && ours(look.seen) ? look.seen.id : undefined
  const marked = (found: Association | null): boolean => found?.tags[runTag] === request.run
  return [
    ...(mark ? [change(mark, afterUndo(knownBy(look, marked), state, 'association-tag'))] : []),
    change(association(state, id), afterUndo(knownBy(look, ours), state, 'association')),
  ]
}

const restart = (
  request: RunState['request'],
  before: RunState['before'],
  pods?: number,
): Write | undefined => {
  if (!request.workload) return undefined
  const what = formatWorkloadRef(request.workload)
  const size = pods === undefined ? '' : `${pods} ${pods === 1 ? 'pod' : 'pods'} of `
  return {
    kind: 'restart',
    subject: what,
    words: [`restart ${what} and follow its rollout`, `restarted ${what}`],
    diff: { sign: '±', what: [`restart ${size}${what}`, `restarted ${size}${what}`], fields: [] },
    ...(before ? { command: undoCommands.restoreAnnotation(request, before) } : {}),
  }
}

const restarts = (state: RunState): Change[] => {
  const { request, before, restart: answer, tried, stock } = state
  const write = restart(request, before, before?.workload?.desired)
  if (!write) return []
  if (answer?.restarted) return [change(write, known.done)]
  if (tried !== 'restartWorkload') return []
  return [
    change(write, afterUndo(knownBy(stock?.restartedAt, isOurs(request.restartedAt)), state, 'restart')),
  ]
}

const isOurs =
  (restartedAt: string) =>
  (found: string | null): boolean =>
    restartValues(restartedAt).some((value) => value === found)

/** Whether undo says so, or where it gave no answer, what is there afterwards. */
const isUndone = (state: RunState, kind: ChangeKind): boolean => {
  const { undo, before, stockAfterUndo } = state
  if (!undo) return false
  // The policy goes with its role, whoever deleted it.
  if (!('error' in undo))
    return undo.done.some((one) => one.kind === kind || (kind === 'role-policy' && one.kind === 'role'))
  const { association, restartedAt, role, trust, annotation } = stockAfterUndo ?? {}
  switch (kind) {
    case 'role':
      return !isNotShown(state) && !!role && 'seen' in role && !role.seen?.ours
    case 'role-policy':
      return (
        !isNotShown(state) &&
        !!role &&
        'seen' in role &&
        (!role.seen?.ours || role.seen.policies.length === 0)
      )
    case 'trust':
      return !!trust && 'seen' in trust && isTrustPutBack(before?.trust ?? null, trust.seen)
    case 'annotation':
      return !!annotation && 'seen' in annotation && annotation.seen === (before?.annotation?.role ?? null)
    case 'association':
      return (
        !!association && 'seen' in association && isPutBack(association.seen, before?.association ?? null)
      )
    case 'restart':
      return (
        !!restartedAt && 'seen' in restartedAt && restartedAt.seen === (before?.workload?.restartedAt ?? null)
      )
    default:
      return false
  }
}

const isTrustPutBack = (trust: TrustChange | null, seen: string | null): boolean =>
  trust === null || seen === null || undoChange(trust, seen).action === 'none'

const isPutBack = (
  found: Association | null,
  before: NonNullable<RunState['before']>['association'],
): boolean => (before === null || found === null ? found === before : isAsBefore(found, before))

/** The writes of a run that undoes an earlier one. */
const undoing = (state: RunState): Change[] => [...putBack(state), ...deletedPods(state)]

const putBack = ({ request, undo, before }: RunState): Change[] => {
  if (!undo) return []
  if (!('error' in undo))
    return [
      ...undo.done.map(
        ({ kind, what, perhaps }): Change => ({
          kind,
          subject: what,
          action: what,
          state: perhaps ? 'unknown' : 'done',
          undone: false,
        }),
      ),
      ...undo.left.map(
        ({ kind, what, error, command }): Change => ({
          kind,
          subject: what,
          action: `see to it that ${what}`,
          state: 'unknown',
          undone: false,
          error,
          command,
        }),
      ),
    ]
  const run = before?.run ?? 'an earlier run'
  const what = `${request.namespace}/${request.serviceAccount}`
  const perhaps = (kind: ChangeKind, action: string): Change => ({
    kind,
    subject: what,
    action,
    state: 'unknown',
    undone: false,
  })
  return [
    perhaps('association', `put back the association that ${run} left`),
    ...(request.workload ? [perhaps('restart', `put back the pod template that ${run} left`)] : []),
    ...(request.createRole ? [perhaps('role', `take away the role that ${run} may have made`)] : []),
    ...(before?.trust ? [perhaps('trust', `put back the trust policy that ${run} may have changed`)] : []),
    ...(before?.annotation?.goes
      ? [perhaps('annotation', `put back the annotation for IRSA that ${run} may have taken away`)]
      : []),
  ]
}
