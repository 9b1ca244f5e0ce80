import * as z from 'zod'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import { type Iam, iam } from '../../adapters/iam/iam.ts'
import { restartedAtOf, workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { AccessEntry } from '../../core/cluster.ts'
import { Conflict, PodidError } from '../../core/errors.ts'
import { Before, type Request } from '../../core/request.ts'
import type { UndoStep } from '../../core/steps/answers.ts'
import {
  alreadyAsBefore,
  decideUndo,
  restartValues,
  type UndoDecision,
  undoCommands,
} from '../../core/undo.ts'
import { formatWorkloadRef } from '../../core/workload/workload.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster, wantedAssociation } from '../support/inputs.ts'
import { type ClusterApis, clusterApis } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'
import { type InOrder, irsaNow, type PutBack, undoAnnotation, undoTrust } from '../support/migration/undo.ts'
import { ownAccessEntries } from '../support/settings.ts'
import { untilForgotten } from '../support/undo/forgotten.ts'
import { undoRole, undoUnusedTrust } from '../support/undo/role.ts'

const Input = OnCluster.extend({
  before: Before,
  /** The association's id, where it is known: a list may lag behind what its members say. */
  id: z.string().nullable(),
  /** How many attempts at this step have ended without an answer. */
  retries: z.number(),
})
type Input = z.output<typeof Input>

type Roles = Pick<Iam, 'outlineRole' | 'deleteRolePolicy' | 'deleteRole' | 'readTrust' | 'writeTrust'>

type Associations = Pick<
  Eks,
  | 'findAssociation'
  | 'describeAssociation'
  | 'markAssociation'
  | 'repointAssociation'
  | 'deleteAssociation'
  | 'describeAgentAddon'
  | 'runOfAccessEntry'
>

/** What a retry of the whole step may mend; everything else is left to a person, and said. */
const retried = new Set(['Transient', 'Conflict', 'AccessDenied'])

/**
 * Puts the association back, then the pod template: the earlier revision's pods should be created when the
 * former association counts again. Touches only what bears the run's mark; asking twice does no harm.
 */
export const undo =
  (
    associations: (region: string) => Associations,
    roles: (region: string) => Roles,
    api: ClusterApis<OnCluster>,
    entries: readonly AccessEntry[],
    runtime: Pick<Runtime, 'clock' | 'signal'>,
  ) =>
  async (input: Input): Promise<UndoStep> => {
    const { request, before, id, retries } = input
    const { signal } = runtime
    const ref = request.workload
    const connection = api.shared(input)
    const workload = ref && (await workloads(connection).get(ref, request.namespace, signal))
    const listed = await associations(request.region).findAssociation(wantedAssociation(request))
    const facts = {
      association:
        listed ??
        (id === null
          ? undefined
          : await associations(request.region).describeAssociation(request.cluster, id)),
      restartedAt: workload && restartedAtOf(workload),
    }
    const decision = decideUndo(before, request, {
      ...facts,
      irsa: await irsaNow(() => roles(request.region), connection, input, signal),
    })
    const step: Omit<UndoStep, 'message'> = {
      done: [],
      left: [],
      kept: [],
      generation: null,
      missedBefore: null,
      leftByRun:
        before.run === request.run ? null : await leftBy(associations(request.region), input, entries),
      rolloutToAwait: ref !== undefined && before.workload !== null,
    }

    const putBack: PutBack = async (kind, what, command, act) => {
      try {
        const came = (await act()) ?? what
        if (typeof came === 'string') step.done.push({ kind, what: came })
        else step.kept.push({ kind, what: came.kept })
      } catch (error) {
        if (error instanceof Error && retried.has(error.name)) throw error
        step.left.push({ kind, what, error: (error as Error).message, command })
      }
    }
    const inOrder: InOrder = (kind, what) => {
      if (retries > 0)
        step.done.push({
          kind,
          what: `${what} (an earlier attempt, which gave no answer, may have done that)`,
          perhaps: true,
        })
    }
    for (const { kind, what } of alreadyAsBefore(before, request, facts)) inOrder(kind, what)
    // What the second act of a migration took away comes back first, in the order in which pods need it.
    if (before.annotation?.goes) {
      await undoTrust(roles(request.region), input, step, { putBack, inOrder }, runtime)
      await undoAnnotation(connection, input, step, { putBack, inOrder }, signal)
    }
    await undoAssociation(associations(request.region), request, decision.association, putBack)
    const { mark, association: decided } = decision
    // Where the association could not be put back, the mark says whose state it is in.
    if (mark && step.left.length === 0)
      await putBack(
        'association-tag',
        mark.run
          ? `the association ${mark.id} is marked by ${mark.run} again`
          : `the association ${mark.id} bears no mark of this run any more`,
        undoCommands.markAssociation(request, mark),
        async () => {
          await associations(request.region).markAssociation(mark, mark.run)
          return undefined
        },
      )
    if (decided.action === 'keep') step.kept.push({ kind: 'association', what: decided.why })
    if (ref && decision.annotation === 'restore') {
      if (decided.action === 'delete' || decided.action === 'repoint')
        await untilForgotten(() => api.fresh(input), request, before, runtime)
      await putBack(
        'restart',
        `${formatWorkloadRef(ref)} runs its earlier revision again`,
        undoCommands.restoreAnnotation(request, before),
        async () => {
          const previous = before.workload?.restartedAt ?? undefined
          const restored = await workloads(connection).restoreAnnotation(
            ref,
            request.namespace,
            { from: restartValues(before.restartedAt), to: previous },
            signal,
          )
          if (restored && !restored.changed) {
            return restored.previous === previous
              ? undefined
              : { kept: `the template of ${formatWorkloadRef(ref)} stays as somebody has changed it since` }
          }
          step.generation = restored?.generation ?? null
          step.missedBefore = restored?.missedBefore ?? null
          if (!restored && (await workloads(connection).get(ref, request.namespace, signal)))
            throw new Conflict(
              `the API server answers the PATCH of ${formatWorkloadRef(ref)} with 404, and shows that it is there`,
            )
          if (!restored)
            return {
              kept: `${formatWorkloadRef(ref)} was deleted meanwhile, so there is no template to restore`,
            }
          return undefined
        },
      )
    }
    // A role that an association still names is in use.
    if (request.createRole && step.left.length === 0)
      await undoRole(roles(request.region), associations(request.region), input, step, { putBack, inOrder })
    if (before.trust && !before.annotation?.goes && step.left.length === 0)
      await undoUnusedTrust(
        roles(request.region),
        associations(request.region),
        input,
        step,
        { putBack, inOrder },
        runtime,
      )
    // What could not be put back is reported already, and pods that are needed stay as they are.
    if (step.left.length > 0 || decision.annotation === 'stays') step.rolloutToAwait = false
    return { ...step, message: messageOf(step) }
  }

/** What bears the earlier run's tag and no undo takes away. It only explains: where it cannot be looked at, that is said. */
const leftBy = async (
  there: Pick<Associations, 'describeAgentAddon' | 'runOfAccessEntry'>,
  { request: { cluster, access }, before: { run } }: Input,
  entries: readonly AccessEntry[],
): Promise<UndoStep['leftByRun']> => {
  const unless = <Seen>(look: Promise<Seen>): Promise<Seen | null> =>
    look.catch((error: unknown) => {
      if (error instanceof PodidError) return null
      throw error
    })
  const addon = await unless(there.describeAgentAddon(cluster).then((found) => found?.run === run))
  const runs = await Promise.all(
    (access === 'create' ? entries : []).map(({ principalArn }) =>
      unless(there.runOfAccessEntry(cluster, principalArn)),
    ),
  )
  return {
    addon,
    accessEntries: entries.filter((_entry, index) => runs[index] === run).map((entry) => entry.principalArn),
  }
}

const messageOf = ({ done, left, kept }: Pick<UndoStep, 'done' | 'left' | 'kept'>): string => {
  if (left.length > 0) return `could not be put back: ${left.map(({ what }) => what).join('; ')}`
  const all = [...done, ...kept].map(({ what }) => what)
  return all.length > 0 ? all.join('; ') : 'nothing of the run is there'
}

const undoAssociation = async (
  associations: Associations,
  request: Request,
  decision: UndoDecision['association'],
  putBack: PutBack,
): Promise<void> => {
  if (decision.action === 'delete')
    await putBack(
      'association',
      `the association ${decision.id} is deleted`,
      undoCommands.deleteAssociation(request, decision.id),
      async () => {
        await associations.deleteAssociation(request.cluster, decision.id)
        const still = await associations.findAssociation(wantedAssociation(request))
        if (still?.id === decision.id) throw notYet(decision.id, 'is deleted, and EKS still lists it')
        return undefined
      },
    )
  if (decision.action === 'repoint')
    await putBack(
      'association',
      `the association ${decision.to.id} grants ${decision.to.roleArn} again`,
      undoCommands.repointAssociation(request, decision.to),
      async () => {
        await associations.repointAssociation(request.cluster, decision.to, `undo-${request.run}`)
        const now = await associations.describeAssociation(request.cluster, decision.to.id)
        if (now?.role !== decision.to.roleArn)
          throw notYet(
            decision.to.id,
            `was pointed back, and EKS answers ${now?.role ?? 'that there is none'}`,
          )
        return undefined
      },
    )
}

/** What EKS answered and what it shows differ: a moment later they may not, and a retry acts again. */
const notYet = (id: string, found: string): Conflict => new Conflict(`the association ${id} ${found}`)

export const create = (runtime: Runtime) => {
  const entries = ownAccessEntries(runtime)
  return makeHandler(runtime, { name: 'Undo', input: Input }, (input, call) =>
    undo(
      (region) => eks(runtime, region),
      (region) => iam(runtime, region),
      clusterApis(runtime),
      entries,
      call,
    )(input),
  )
}

export const handler = create(lambda)
