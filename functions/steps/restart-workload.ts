import * as z from 'zod'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { podsOf } from '../../adapters/kubernetes/pods.ts'
import { restartedAtOf, workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { Association } from '../../core/association.ts'
import { PreflightFailed, Refused, RolloutFailed } from '../../core/errors.ts'
import { AssociationStep, InjectionStep, type RestartStep } from '../../core/steps/answers.ts'
import { restartValue } from '../../core/undo.ts'
import { decideRestart, writtenAtOf } from '../../core/workload/restart.ts'
import { assessRollout } from '../../core/workload/rollout.ts'
import { formatWorkloadRef } from '../../core/workload/workload.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster, requiredWorkload } from '../support/inputs.ts'
import { clusterApi } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'

const Input = OnCluster.extend({
  association: Association,
  /** What EnsureAssociation did. */
  action: AssociationStep.shape.action,
  injection: InjectionStep,
  /** How many restarts this run has made already. */
  attempt: z.number(),
  /** Which object Preflight saw; null where the rollout was followed to whatever bears the name since. */
  uid: z.string().nullable(),
  /** Whether pods carried credentials when Preflight looked. */
  carried: z.boolean(),
})

/** Replaces the pods, unless all of the current revision have the credentials already. */
export const restartWorkload =
  (api: (input: OnCluster) => Connection, { clock, signal }: Pick<Runtime, 'clock' | 'signal'>) =>
  async (input: z.output<typeof Input>): Promise<RestartStep> => {
    const { request, association } = input
    const ref = requiredWorkload(request)
    const connection = api(input)
    const workload = await workloads(connection).get(ref, request.namespace, signal)
    if (!workload)
      throw new RolloutFailed(`${formatWorkloadRef(ref)} is no longer in namespace ${request.namespace}`)
    const found = workload.metadata?.uid ?? ''
    if (input.uid !== null && found !== input.uid)
      throw new Refused(
        `${formatWorkloadRef(ref)} in namespace ${request.namespace} was deleted and made anew since this run looked: expected the object of uid ${input.uid}, found ${found}. It is left as it is; run this again to decide by what is there now`,
      )
    const generation = workload.metadata?.generation ?? 0
    const at = new Date(clock.now()).toISOString()
    const value = restartValue(request.restartedAt, input.attempt)
    if (restartedAtOf(workload) === value) {
      // An earlier attempt of this very step, whose answer was lost.
      const reason = 'this run has restarted it'
      return {
        restarted: true,
        reason,
        message: reason,
        generation,
        missedBefore: null,
        at,
        writtenAt: writtenAtOf(workload),
      }
    }
    const { current } = await podsOf(connection, ref, workload, signal)
    const { restart, reason } = decideRestart({
      pods: current,
      association: {
        createdAt: Date.parse(association.createdAt),
        modifiedAt: Date.parse(association.modifiedAt),
        action: input.action,
      },
      carried: input.carried,
      template: workload.spec?.template?.spec,
      rollout: assessRollout(workload),
      injectionLive: input.injection.way === 'dry-run',
    })
    if (!restart)
      return {
        restarted: false,
        reason,
        message: `not needed: ${reason}`,
        generation,
        missedBefore: null,
        at,
        writtenAt: null,
      }
    if (input.injection.refused !== null)
      throw new PreflightFailed(`${formatWorkloadRef(ref)} was not restarted: ${input.injection.refused}`)
    const restarted = await workloads(connection).restart(ref, request.namespace, value, {
      uid: found,
      signal,
    })
    const { generation: restartedAs, missedBefore, writtenAt } = restarted
    return {
      restarted: true,
      reason,
      message: `${formatWorkloadRef(ref)} restarted: ${reason}`,
      generation: restartedAs,
      missedBefore: missedBefore ?? null,
      at,
      writtenAt,
    }
  }

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'RestartWorkload', input: Input }, (input, call) =>
    restartWorkload(({ cluster }) => clusterApi(runtime, cluster), call)(input),
  )

export const handler = create(lambda)
