import * as z from 'zod'
import { digest } from '../../adapters/digest.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { diagnosisFacts } from '../../adapters/kubernetes/inspect.ts'
import { deletePod, podsOf } from '../../adapters/kubernetes/pods.ts'
import { probeInjection } from '../../adapters/kubernetes/probe.ts'
import { workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { Transient } from '../../core/errors.ts'
import { blocking, type Finding } from '../../core/findings.ts'
import type { OwnerReference, Pod } from '../../core/kubernetes.ts'
import { Before } from '../../core/request.ts'
import { UndoRolloutStep } from '../../core/steps/answers.ts'
import { restartValues } from '../../core/undo.ts'
import {
  type AfterUndo,
  type AfterUndoFacts,
  isShort,
  judgeAfterUndo,
} from '../../core/workload/after-undo.ts'
import { diagnose } from '../../core/workload/diagnosis/diagnosis.ts'
import { isReady } from '../../core/workload/readiness.ts'
import { judgeRefusal } from '../../core/workload/refusal.ts'
import type { Workload } from '../../core/workload/rollout.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster, requiredWorkload } from '../support/inputs.ts'
import { clusterApi } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'

const Input = OnCluster.extend({
  before: Before,
  /** The generation that undo's own PATCH answered; null where it left the template alone. */
  generation: z.number().nullable(),
  missedBefore: z.string().nullable(),
  /** Whether undo found nothing to put back, so that nothing is on its way. */
  untouched: z.boolean(),
  /** What the call before this one answered. */
  earlier: UndoRolloutStep.nullable(),
  /** How long the rollout back may take from here, in milliseconds. */
  remainingMs: z.number(),
})
type Input = z.output<typeof Input>

/** One call stays well within the function's timeout; the workflow calls again. */
const budgetMs = 55_000
/** Between two looks; most rollouts back take seconds. */
const pauses = { eagerMs: 1000, patientMs: 3000, patientAfterMs: 20_000 }

/** What is known between two looks, and from one call to the next. */
interface Standing {
  /** What was seen last, as a digest: that of many pods is long. Undefined before the first look. */
  seen: string | undefined
  /** For how long it had looked so by the end of a call, in milliseconds; calls may have clocks of their own. */
  quietMs: number
  /** The pods whose deletion was tried, by their uid: a lost answer leaves open whether they were. */
  tried: Record<string, string>
  deleted: string[]
  undeletable: string | undefined
}

/**
 * Looks until the workload runs as it did before the run. Deletes what only a deletion frees; ends early where
 * waiting is no use, with what is left and the command for it.
 */
export const awaitUndo =
  (
    api: (input: OnCluster) => Connection,
    { clock, signal, progress }: Pick<Runtime, 'clock' | 'signal' | 'progress'>,
  ) =>
  async (input: Input): Promise<UndoRolloutStep> => {
    const { request, earlier } = input
    const ref = requiredWorkload(request)
    const connection = api(input)
    const started = clock.now()
    let standing: Standing = earlier?.position
      ? (JSON.parse(earlier.position) as Standing)
      : { seen: undefined, quietMs: 0, tried: {}, deleted: [], undeletable: undefined }
    let since = started - standing.quietMs

    const look = async (): Promise<AfterUndo> => {
      const workload = await workloads(connection).get(ref, request.namespace, signal)
      const pods = workload && (await podsOf(connection, ref, workload, signal))
      const { all = [], owner } = pods ?? {}
      const seen = fingerprint(workload, all)
      if (seen !== standing.seen) since = clock.now()
      standing = { ...standing, seen, quietMs: clock.now() - since }
      noteDeletions(standing, all)
      const facts: AfterUndoFacts = {
        ref,
        namespace: request.namespace,
        workload,
        before: input.before.workload ?? { healthy: false },
        generation: input.generation,
        missedBefore: input.missedBefore,
        untouched: input.untouched,
        marks: restartValues(input.before.restartedAt),
        pods: all,
        quietMs: standing.quietMs,
        undeletable: standing.undeletable,
        overdue: clock.now() - started >= input.remainingMs,
      }
      const verdict = judgeAfterUndo(facts)
      if (!workload || (verdict.action !== 'wait' && verdict.action !== 'leave')) return verdict
      // What explains is looked at only where it is needed.
      const refusal = isShort(ref, workload, all)
        ? await refusalOf(connection, input, workload, owner, signal)
        : undefined
      const diagnosis =
        verdict.action === 'leave' ? await diagnosisOf(connection, input, workload, signal) : undefined
      return judgeAfterUndo({ ...facts, refusal, diagnosis })
    }
    const answer = (
      state: UndoRolloutStep['state'],
      { message, left }: { message: string; left?: UndoRolloutStep['left'] },
    ): UndoRolloutStep => ({
      state,
      message,
      deleted: standing.deleted,
      left: left ?? [],
      position: JSON.stringify(standing),
    })

    while (true) {
      const verdict = await look()
      progress({
        step: 'AwaitUndo',
        message: verdict.message,
        detail: { until: started + input.remainingMs },
      })
      if (verdict.action === 'leave')
        return answer('left', { message: verdict.message, left: [verdict.left] })
      if (verdict.action === 'as-before' || verdict.action === 'differs')
        return answer(verdict.action, verdict)
      if (verdict.action === 'delete')
        for (const pod of verdict.pods) standing = await free(connection, pod, standing, signal)
      const now = clock.now()
      if (now - started >= budgetMs) return answer('waiting', verdict)
      await clock.sleep(standing.quietMs > pauses.patientAfterMs ? pauses.patientMs : pauses.eagerMs, signal)
    }
  }

/** Tries to delete a pod. Whether it is deleted is known when the next look has shown it going or gone. */
const free = async (
  connection: Connection,
  pod: Pod,
  standing: Standing,
  signal: AbortSignal | undefined,
): Promise<Standing> => {
  const { uid, name } = pod.metadata ?? {}
  const tried = { ...standing, tried: { ...standing.tried, [`${uid}`]: `${name}` } }
  try {
    const deletion = await deletePod(connection, pod, signal)
    if (deletion.state === 'deleted') return tried
    return { ...standing, undeletable: deletion.message }
  } catch (error) {
    // It may be deleted all the same: the next look shows it, and tries again where it is not.
    if (error instanceof Transient) return tried
    throw error
  }
}

/** Counts what was tried as done where it is seen to go, or to be gone. */
const noteDeletions = (standing: Standing, pods: readonly Pod[]): void => {
  const staying = pods
    .map(({ metadata }) => metadata ?? {})
    .filter(({ deletionTimestamp }) => deletionTimestamp === undefined)
    .map(({ uid }) => uid)
  for (const [uid, name] of Object.entries(standing.tried)) {
    if (staying.includes(uid)) continue
    delete standing.tried[uid]
    standing.deleted.push(name)
  }
}

/** What moves while a rollout does; a container that crashes and comes back is no move. */
const fingerprint = (workload: Workload | undefined, pods: readonly Pod[]): string => {
  const { uid, generation } = workload?.metadata ?? {}
  return digest(
    JSON.stringify([
      uid,
      generation,
      workload?.status?.observedGeneration,
      pods
        .map((pod) => {
          const { uid, deletionTimestamp } = pod.metadata ?? {}
          return [uid, deletionTimestamp, isReady(pod)]
        })
        .toSorted(),
    ]),
    32,
  )
}

/** Asks by a dry run; where that may not be asked, by what the controllers have met with. */
const refusalOf = async (
  connection: Connection,
  input: Input,
  workload: Workload,
  owner: OwnerReference | undefined,
  signal: AbortSignal | undefined,
): Promise<AfterUndoFacts['refusal']> => {
  const { namespace, serviceAccount } = input.request
  const ref = requiredWorkload(input.request)
  const { template } = workload.spec ?? {}
  const { outcome, message } = await probeInjection(connection, {
    namespace,
    serviceAccount: template?.spec?.serviceAccountName ?? serviceAccount,
    template,
    owner,
    signal,
  })
  if (outcome === 'denied') {
    const facts = await diagnosisFacts(connection, ref, workload, signal)
    return refusalIn(diagnose(facts).find(({ code }) => code === 'rollout-create-failed'))
  }
  if (outcome !== 'rejected') return undefined
  return refusalIn(blocking([judgeRefusal({ ref, namespace, workload, message })])[0])
}

const refusalIn = (finding: Finding | undefined): AfterUndoFacts['refusal'] =>
  finding && { error: finding.found, command: finding.remedy?.command }

const diagnosisOf = async (
  connection: Connection,
  { request }: Input,
  workload: Workload,
  signal: AbortSignal | undefined,
): Promise<string | undefined> => {
  const ref = requiredWorkload(request)
  const [first] = diagnose(await diagnosisFacts(connection, ref, workload, signal))
  return first?.found
}

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'AwaitUndo', input: Input }, (input, call) =>
    awaitUndo(({ cluster }) => clusterApi(runtime, cluster), call)(input),
  )

export const handler = create(lambda)
