import type { Change } from '../../core/changes.ts'
import { errorNames } from '../../core/errors.ts'
import type { Report } from '../../core/report.ts'
import type { Call } from '../../local/calls.ts'
import { type Situation, situations } from './cells.ts'
import type { Played, Snapshot } from './play.ts'

/** What is wrong with how a cell was played. */
export interface Flaw {
  /**
   * hanging: it did not end in time. crashed: an exception reached the caller. unnamed: it failed by no name of
   * the taxonomy, or without saying what was being done. untrue: the report and what happened differ. stranger:
   * what somebody else owned was overwritten. undo: something is left that nobody is told of. double: more than
   * one association. secret: a credential shows.
   */
  kind: 'hanging' | 'crashed' | 'unnamed' | 'untrue' | 'stranger' | 'undo' | 'double' | 'secret'
  found: string
}

/** Virtual time after which nobody would wait any longer: the longest limits of a request, with their retries. */
const longestMs = 2 * 3600_000

/** Everything that is wrong with a played cell; nothing where all is well. */
export const flawsOf = (played: Played): Flaw[] => {
  if (played.thrown !== undefined)
    return [{ kind: 'crashed', found: String((played.thrown as Error)?.stack ?? played.thrown) }]
  if (!played.end) return [{ kind: 'hanging', found: 'no end within the real time of a cell' }]
  return [
    ...inTime(played),
    ...durations(played),
    ...settling(played),
    ...named(played),
    ...associations(played),
    ...success(played),
    ...ledger(played),
    ...leftOver(played),
    ...strangers(played),
    ...secrets(played),
  ]
}

const flaw = (kind: Flaw['kind'], found: string): Flaw => ({ kind, found })

const inTime = ({ virtualMs }: Played): Flaw[] =>
  virtualMs > longestMs ? [flaw('hanging', `it took ${Math.round(virtualMs / 1000)} s`)] : []

/** Whatever the clock of a function says, nothing takes less than no time, and no part longer than the whole. */
const durations = ({ end }: Played): Flaw[] => {
  if (!end?.report) return []
  const { durationMs, propagation, rollout } = end.report
  const parts = { propagation: propagation?.ms ?? 0, rollout: rollout?.ms ?? 0 }
  return [
    ...(durationMs < 0 ? [flaw('untrue', `the run took ${durationMs} ms`)] : []),
    ...Object.entries(parts).flatMap(([what, ms]) =>
      ms < 0 || ms > durationMs ? [flaw('untrue', `the ${what} took ${ms} ms of ${durationMs} ms`)] : [],
    ),
  ]
}

/** After a repoint nothing shows its arrival, so that ten seconds are waited, whatever any clock says. */
const settling = ({ cell, end }: Played): Flaw[] => {
  const propagation = end?.report?.propagation
  if (cell.trial !== 'clock' || !cell.situation.startsWith('repoint') || !propagation) return []
  return propagation.way === 'settled' && propagation.ms >= 10_000
    ? []
    : [flaw('untrue', `after a repoint it waited ${propagation.ms} ms (${propagation.way})`)]
}

/** What Step Functions itself ends a run by, where the run was killed. */
const named = ({ cell, end }: Played): Flaw[] => {
  const event = end?.event
  if (event?.type !== 'run.failed' || cell.trial === 'killed') return []
  const known = (errorNames as readonly string[]).includes(event.error)
  return [
    ...(known ? [] : [flaw('unnamed', `it failed by ${event.error}: ${event.message.slice(0, 200)}`)]),
    ...(event.message.trim() === '' ? [flaw('unnamed', `${event.error} says nothing`)] : []),
    ...(known && /^\s*(\w+Error|Unexpected token|undefined|null)\b/.test(event.message)
      ? [flaw('unnamed', `the message does not say what was being done: ${event.message.slice(0, 200)}`)]
      : []),
  ]
}

const associations = ({ after }: Played): Flaw[] =>
  after.associations.length > 1 ? [flaw('double', JSON.stringify(after.associations))] : []

/** Success means that the wanted association is there and its pods are ready. */
const success = (played: Played): Flaw[] => {
  const { end, after, wanted, cell } = played
  const outcome = end?.report?.outcome
  if (end?.event.type !== 'run.succeeded' || outcome === 'planned' || outcome === 'undone') return []
  // What a person did after the run's last look, the run cannot know.
  if (cell.trial === 'person' && played.person && !lookedSince(played, played.person.at)) return []
  const [association] = after.associations
  return [
    ...(association?.role === wanted
      ? []
      : [flaw('untrue', `it succeeded; there is ${JSON.stringify(association)}`)]),
    ...(after.readyPods > 0 ? [] : [flaw('untrue', 'it succeeded, and no pod is ready')]),
  ]
}

const lookedSince = ({ calls }: Played, at: number): boolean =>
  calls.some(({ id, operation }) => id > at && operation === 'DescribePodIdentityAssociation')

type Kind = Change['kind']

const kindOf = ({ operation }: Call): Kind | undefined => {
  switch (operation) {
    case 'CreateAccessEntry':
      return 'access-entry'
    case 'CreateAddon':
      return 'addon'
    case 'CreatePodIdentityAssociation':
    case 'UpdatePodIdentityAssociation':
    case 'DeletePodIdentityAssociation':
      return 'association'
    case 'TagResource':
    case 'UntagResource':
      return 'association-tag'
    case 'CreateRole':
    case 'DeleteRole':
      return 'role'
    case 'PutRolePolicy':
    case 'DeleteRolePolicy':
      return 'role-policy'
    case 'UpdateAssumeRolePolicy':
      return 'trust'
    case 'patch serviceaccounts':
      return 'annotation'
    case 'patch deployments':
      return 'restart'
    case 'delete pods':
      return 'pod'
    default:
      return undefined
  }
}

/** Every write that took effect is in the report, and everything the report says was done is in the log. */
const ledger = (played: Played): Flaw[] => {
  const { cell, calls, end } = played
  if (cell.trial === 'killed' || cell.trial === 'two runs' || !end) return []
  const applied = calls.filter((call) => call.write && call.applied)
  const report = end.report
  if (!report)
    return applied.length > 0
      ? [flaw('untrue', `no report, and ${applied.map(({ operation }) => operation).join(', ')} took effect`)]
      : []
  return [
    ...applied.flatMap((call) => {
      const kind = kindOf(call)
      if (!kind) return [flaw('untrue', `${call.operation} is in the log, and no kind of change is for it`)]
      return mentions(report, kind)
        ? []
        : [flaw('untrue', `${call.operation} took effect; the report is silent`)]
    }),
    ...(report.outcome === 'planned' ? [] : report.changes)
      .filter(({ state }) => state === 'done')
      .filter(({ kind }) => !applied.some((call) => kindOf(call) === kind))
      .map(({ kind, action }) =>
        flaw('untrue', `the report says "${action}" (${kind}); the log has no such write`),
      ),
    ...(applied.length > 0 &&
    /[Nn]othing (?:had been|was) changed/.test(end.event.type === 'run.failed' ? end.event.message : '')
      ? [
          flaw(
            'untrue',
            `"nothing was changed", and ${applied.map(({ operation }) => operation).join(', ')} took effect`,
          ),
        ]
      : []),
  ]
}

const mentions = ({ changes }: Report, kind: Kind): boolean =>
  changes.some((change) => change.kind === kind && change.state !== 'not-done')

/** After a failed run that undoes, or a killed run that was undone: as before, or told what is left. */
const leftOver = (played: Played): Flaw[] => {
  const { cell, before, origin, after, end, undone } = played
  if (cell.trial === 'person' || cell.trial === 'two runs') return []
  const last = undone ?? (cell.trial === 'killed' ? undefined : end)
  // What a run that succeeded has made is to stay.
  if (!last || (last === end && last.event.type === 'run.succeeded')) return []
  const { report } = last
  const remainder = new Set([
    ...(report?.changes ?? [])
      .filter((change) => change.state !== 'not-done' && !change.undone)
      .map(({ kind }) => kind),
    ...(report?.undo?.left ?? []).map(() => 'left'),
    ...(report?.stays ?? []).map(({ what }) => (what.startsWith('the add-on ') ? 'addon' : 'access-entry')),
  ])
  return differences(undone ? origin : before, after).flatMap(({ kind, what }) =>
    remainder.has(kind) || (remainder.has('left') && kind !== 'addon')
      ? []
      : [flaw('undo', `${what}; the report does not say so`)],
  )
}

const differences = (before: Snapshot, after: Snapshot): { kind: Kind; what: string }[] => {
  const roles = ({ associations: all }: Snapshot) => all.map(({ id, role }) => `${id} ${role}`).join()
  const tags = ({ associations: all }: Snapshot) => JSON.stringify(all.map(({ tags: one }) => one))
  return [
    ...(roles(before) === roles(after)
      ? []
      : [
          {
            kind: 'association' as const,
            what: `associations were [${roles(before)}] and are [${roles(after)}]`,
          },
        ]),
    ...(before.associations.length > 0 && roles(before) === roles(after) && tags(before) !== tags(after)
      ? [{ kind: 'association-tag' as const, what: `tags were ${tags(before)} and are ${tags(after)}` }]
      : []),
    ...(before.restartedAt === after.restartedAt
      ? []
      : [
          {
            kind: 'restart' as const,
            what: `the restart annotation was ${before.restartedAt} and is ${after.restartedAt}`,
          },
        ]),
    ...(before.role === after.role
      ? []
      : [{ kind: 'role' as const, what: `role was ${before.role} and is ${after.role}` }]),
    // Of a role that was there before: one that was made is a change by itself.
    ...(before.trust === after.trust || before.role !== after.role
      ? []
      : [{ kind: 'trust' as const, what: `the trust policy was ${before.trust} and is ${after.trust}` }]),
    ...(before.annotation === after.annotation
      ? []
      : [
          {
            kind: 'annotation' as const,
            what: `IRSA's annotation was ${before.annotation} and is ${after.annotation}`,
          },
        ]),
    ...(before.agent === after.agent
      ? []
      : [{ kind: 'addon' as const, what: 'the add-on was installed and is there' }]),
  ]
}

const restartsAfter =
  (at: number) =>
  ({ id, operation, applied }: Call): boolean =>
    id > at && operation === 'patch deployments' && applied === true

/** What a person did after Preflight stays as the person left it. */
const strangers = (played: Played): Flaw[] => {
  const { cell, person, after, wanted, end } = played
  if (cell.trial !== 'person' || !person) return []
  const { snapshot: left, afterPreflight } = person
  switch (cell.does) {
    case 'repoint': {
      const theirs = left.associations.find(({ role }) => role !== wanted)
      const { change }: Situation = situations[cell.situation]
      const mayReplace = change?.replace === true && !afterPreflight
      return mayReplace || after.associations.some(({ role }) => role === theirs?.role)
        ? []
        : [
            flaw(
              'stranger',
              `a person pointed it to ${theirs?.role}; there is ${JSON.stringify(after.associations)}`,
            ),
          ]
    }
    case 'delete association':
      return []
    case 'restart':
      // The run's own restart may come after theirs: the pods are new all the same.
      return after.restartedAt === left.restartedAt ||
        !afterPreflight ||
        (end?.event.type === 'run.succeeded' && played.calls.some(restartsAfter(person.at)))
        ? []
        : [flaw('stranger', `a person's restart ${left.restartedAt} became ${after.restartedAt}`)]
    case 'rollout undo':
      return []
    case 'scale':
      return after.replicas === left.replicas
        ? []
        : [flaw('stranger', `replicas ${left.replicas} became ${after.replicas}`)]
    case 'edit':
      return after.env === left.env ? [] : [flaw('stranger', 'a person’s edit of the template is gone')]
  }
}

const secrets = ({ end, undone, events, secrets: kept }: Played): Flaw[] => {
  const said = JSON.stringify([end, undone, events])
  return kept
    .filter((secret) => said.includes(secret))
    .map(() => flaw('secret', 'a credential shows in the events'))
}
