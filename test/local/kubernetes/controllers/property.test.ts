import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deploymentBounds } from '../../../../local/kubernetes/controllers/deployment/rolling-update.ts'
import { isComplete } from '../../../../local/kubernetes/controllers/deployment/status.ts'
import { isActive, isAvailable, type StoredPod } from '../../../../local/kubernetes/controllers/pods.ts'
import type { PodBehaviour } from '../../../../local/kubernetes/kubelet/kubelet.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { cluster, deployment, restart } from '../support/cluster.ts'

const amount = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
)

const rollouts = fc.record({
  replicas: fc.integer({ min: 1, max: 5 }),
  maxSurge: amount,
  maxUnavailable: amount,
  minReadySeconds: fc.constantFrom(0, 0, 2),
  startMs: fc.integer({ min: 1, max: 1500 }),
  readyAfterMs: fc.integer({ min: 0, max: 2500 }),
  /** Every n-th pod crashes this often before it stays up. */
  crashes: fc.record({
    every: fc.integer({ min: 1, max: 4 }),
    times: fc.integer({ min: 0, max: 2 }),
    afterMs: fc.integer({ min: 1, max: 3000 }),
  }),
  /** When the second and third restarts come, which may be in the middle of the one before. */
  restarts: fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 2 }),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
})

type Rollout = typeof rollouts extends fc.Arbitrary<infer T> ? T : never

const crashing = ({ startMs, readyAfterMs, crashes }: Rollout): PodBehaviour => {
  const pods: string[] = []
  return ({ metadata: { uid } }, _container, attempt) => {
    if (!pods.includes(uid)) pods.push(uid)
    const crashes_ = pods.indexOf(uid) % crashes.every === 0 && attempt < crashes.times
    return { startMs, readyAfterMs, ...(crashes_ && { exit: { afterMs: crashes.afterMs, code: 1 } }) }
  }
}

/** From a decision of the Deployment's controller until the pod is gone from the count. */
const reactionMs = 30

const check = (rollout: Rollout) => {
  const { replicas, maxSurge, maxUnavailable, restarts, seed } = rollout
  // A ReplicaSet that shrinks takes any of its ready pods, available yet or not, as in real clusters: with
  // minReadySeconds only an undisturbed rollout keeps its word.
  const disturbed = restarts.length > 1 || rollout.crashes.times > 0
  const minReadySeconds = disturbed ? 0 : rollout.minReadySeconds
  const { clock, store, pods, carts } = cluster(crashing(rollout), { seed })
  const bounds = deploymentBounds({ maxSurge, maxUnavailable }, replicas)
  const rollingUpdate = { maxSurge: bounds.maxSurge, maxUnavailable: bounds.maxUnavailable }
  const available = (pod: StoredPod) => isActive(pod) && isAvailable(pod, minReadySeconds, clock.now())
  let lastLoss = Number.NEGATIVE_INFINITY
  const broken: string[] = []

  store.subscribe(({ resource, object, previous }) => {
    if (resource !== resources.pods) return
    const active = pods().filter(isActive)
    if (active.length > replicas + bounds.maxSurge) broken.push(`${active.length} pods at ${clock.now()}`)
    if (!previous || !available(previous as StoredPod)) return
    if (object.metadata.deletionTimestamp === undefined) {
      if (!available(object as StoredPod)) lastLoss = clock.now()
      return
    }
    const left = active.filter(available).length
    const chosen = clock.now() - lastLoss > reactionMs
    if (chosen && left < replicas - bounds.maxUnavailable)
      broken.push(`${left} available after a deletion at ${clock.now()}`)
  })

  store.create(
    resources.deployments,
    deployment({ replicas, minReadySeconds, strategy: { type: 'RollingUpdate', rollingUpdate } }),
  )
  for (const [index, wait] of restarts.entries()) {
    clock.advance(index === 0 ? 20_000 : wait)
    restart({ store }, `restart ${index}`)
  }
  clock.advance(400_000)
  expect(broken).toEqual([])
  const end = carts()
  expect(isComplete(end, end.status), JSON.stringify(end.status)).toBe(true)
  expect(pods().length).toBe(replicas)
}

describe('rolling updates, whatever the pods do', () => {
  it('stay within their bounds, and end', () => {
    fc.assert(fc.property(rollouts, check), {
      numRuns: process.env.PODID_EXHAUSTIVE === '1' ? 500 : 6,
      seed: 20_261_123,
    })
  })
})
