import * as z from 'zod'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { diagnosisFactsNow } from '../../adapters/kubernetes/inspect.ts'
import { observeRollout as follow } from '../../adapters/kubernetes/watch.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { Finding } from '../../core/findings.ts'
import type { RolloutStep } from '../../core/steps/answers.ts'
import { diagnose } from '../../core/workload/diagnosis/diagnosis.ts'
import { causeIn } from '../../core/workload/diagnosis/same-cause.ts'
import { podRegister } from '../../core/workload/rollout-pods.ts'
import { judgeLook, watchedMessage, watchedState } from '../../core/workload/watching.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster, requiredWorkload } from '../support/inputs.ts'
import { clusterApi } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'
import { watchPods } from '../support/pods-in-rollout.ts'

const Input = OnCluster.extend({
  /** Objects older than this generation are not judged. */
  generation: z.number(),
  missedBefore: z.string().nullable(),
  position: z.string().nullable(),
  /** How long earlier calls have watched it. */
  watchedMs: z.number(),
  /** The causes that earlier calls have answered. */
  told: z.array(z.string()),
  /** Whether the pods are this run's: those that were there before may have failed by what is mended since. */
  restarted: z.boolean(),
  /** What ailed the workload before anything was touched. */
  diagnosis: z.array(Finding),
  /** How long the rollout as a whole may still take, by the clock of the workflow. */
  remainingMs: z.number(),
})
type Input = z.output<typeof Input>

/** One call stays well within the function's timeout; the workflow calls again. */
const budgetMs = 55_000
/** For workloads without a deadline of their own: the default of Deployments. */
const noProgressMs = 600_000

/**
 * Holds a watch for a while and says how far the rollout is, and why it failed where it did. It answers as soon as it has
 * seen something new that keeps pods from going on: whoever follows the run by its history hears of it then.
 */
export const watchRollout =
  (
    api: (input: OnCluster) => Connection,
    { clock, signal, progress }: Pick<Runtime, 'clock' | 'signal' | 'progress'>,
  ) =>
  async (input: Input): Promise<RolloutStep> => {
    const { request } = input
    const ref = requiredWorkload(request)
    const started = clock.now()
    const endsAt = started + input.remainingMs
    const connection = api(input)
    const enough = new AbortController()
    const early = new AbortController()
    let verdict: { state: 'missed' | 'failed'; message: string } | undefined
    let cause: Finding | undefined
    let away: Finding | undefined
    const told = new Set(input.told)
    const register = podRegister()
    // What ailed pods before that are still the same is nothing new.
    const known = new Set(input.restarted ? [] : input.diagnosis.map(({ found }) => causeIn(found)))
    const end = (judged: { state: 'missed' | 'failed'; message: string }) => {
      verdict ??= judged
      enough.abort(new Error(judged.message))
    }
    const pods = watchPods(connection, ref, request.namespace, (seen) => {
      register.look(
        seen.pods.map(({ name, node, revision, state }) => ({ pod: name, node, revision, state })),
        new Date(clock.now()).toISOString(),
      )
      progress({ step: 'WatchRollout', message: seen.message, detail: { pods: seen.pods, until: endsAt } })
      const judged = judgeLook(seen, { ...input, waitAnyway: request.waitAnyway, told, known })
      away = judged.away
      if (judged.end) return end(judged.end)
      cause = judged.cause
      if (judged.fresh.length === 0) return
      for (const one of judged.fresh) told.add(one)
      early.abort()
    })
    // A call that goes on where an earlier one stopped may see no move of the workload for as long as it lasts.
    if (input.position !== null) pods.look({ message: 'looking at its pods' })
    const following = follow({
      connection,
      ref,
      namespace: request.namespace,
      generation: input.generation,
      missedBefore: input.missedBefore ?? undefined,
      budgetMs: Math.max(1000, Math.min(budgetMs, input.remainingMs)),
      noProgressMs,
      position: input.position,
      allowZero: request.allowZero,
      onProgress: pods.look,
      enough: early.signal,
      signal: signal ? AbortSignal.any([signal, enough.signal]) : enough.signal,
    })
    const seen = await following
      .catch((error: unknown) => {
        if (verdict) return { ...standing, ...verdict }
        throw error
      })
      .finally(() => pods.end())
    const overdue = clock.now() >= endsAt
    const { state, failed } = watchedState(seen.state, overdue)
    const findings = failed ? [...(away ? [away] : []), ...(await reasons(connection, input, signal))] : []
    return {
      state,
      message: watchedMessage(seen, {
        overdue,
        timeoutSeconds: request.rolloutTimeoutSeconds,
        judged: verdict !== undefined,
        cause,
        findings,
      }),
      position: seen.position,
      counts: seen.counts,
      ...(register.seen().length > 0 ? { pods: register.seen() } : {}),
      watchedMs: input.watchedMs + Math.max(0, clock.now() - started),
      progress: seen.progress.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest })),
      findings,
      told: [...told],
      at: new Date(clock.now()).toISOString(),
    }
  }

/** Of a watch that was cut short: the next one is about another generation and begins anew. */
const standing = { position: null, progress: [], counts: { desired: 0, updated: 0, available: 0, old: 0 } }

const reasons = async (
  connection: Connection,
  { request, diagnosis: before }: Input,
  signal: AbortSignal | undefined,
): Promise<Finding[]> => {
  const facts = await diagnosisFactsNow(connection, requiredWorkload(request), request.namespace, signal)
  return diagnose({ ...facts, before, binding: request, leaves: request.onFailure === 'undo' })
}

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'WatchRollout', input: Input }, (input, call) =>
    watchRollout(({ cluster }) => clusterApi(runtime, cluster), call)(input),
  )

export const handler = create(lambda)
