import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Association } from '../../../core/association.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import type { InjectionStep } from '../../../core/steps/answers.ts'
import { restartAnnotation } from '../../../core/workload/restart.ts'
import { restartWorkload } from '../../../functions/steps/restart-workload.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { type ServedCluster, serveCluster } from '../../support/servers/served-cluster.ts'

let cluster: ServedCluster

// Time stands still but for what a test advances, so that no controller does anything behind its back.
beforeEach(async () => {
  cluster = await serveCluster({ held: true })
})
afterEach(() => cluster.close())

const restart = (way: InjectionStep['way'] = 'dry-run', uid: string | null = null) => {
  const startTime = '2026-11-23T06:00:00.000Z'
  const request = resolveRequest(
    {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/carts',
      workload: 'deployment/carts',
    },
    { arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1', startTime },
  )
  return restartWorkload(
    () => cluster.connection,
    cluster,
  )({
    request,
    cluster: { name: 'eks-workshop' } as ReachableCluster,
    association: { createdAt: startTime, modifiedAt: startTime } as Association,
    action: 'created',
    injection: { ready: true, way, probes: 4, waitedMs: 0, message: '', refused: null, findings: [] },
    attempt: 0,
    uid,
    carried: false,
  })
}

const current = () => cluster.store.read(resources.deployments, 'carts', 'carts')
const patches = () => cluster.calls.calls.filter(({ operation }) => operation === 'patch deployments').length

/** Gives `carts` another template, whose rollout has begun and has no pod yet. */
const rollOut = () =>
  cluster.store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
    draft.spec.template.metadata = { ...draft.spec.template.metadata, annotations: { version: '2' } }
    return draft
  })

it('leaves the pods of a rollout under way to the webhook, where dry runs have shown that it injects', async () => {
  await cluster.deploy()
  rollOut()
  expect(await restart('dry-run')).toMatchObject({
    restarted: false,
    reason: expect.stringContaining('a rollout is under way'),
    generation: current().metadata.generation,
  })
  expect(patches()).toBe(0)
})

it.each(['first-pod', 'settled'] as const)(
  'trusts no rollout under way where nothing has shown that new pods are injected (%s)',
  async (way) => {
    await cluster.deploy()
    rollOut()
    expect(await restart(way)).toMatchObject({
      restarted: true,
      reason: 'there is no live pod of the current revision',
      generation: current().metadata.generation,
    })
    expect(patches()).toBe(1)
  },
)

it('takes a restart whose answer was lost for its own, and the rollout it began for the one to follow', async () => {
  await cluster.deploy()
  cluster.calls.inject({ operation: 'patch deployments', action: { kind: 'lose' } })
  await expect(restart()).rejects.toMatchObject({ name: 'Transient' })
  const { generation, uid } = current().metadata
  expect(current().spec.template.metadata?.annotations?.[restartAnnotation]).toMatch(
    /^2026-11-23T06:00:00\.000\d{3}Z$/,
  )
  // By the time of the retry the new pods may be there, and look as if no restart were needed.
  cluster.associate()
  await cluster.clock.advance(10_000)
  expect(await restart()).toMatchObject({
    restarted: true,
    reason: 'this run has restarted it',
    message: 'this run has restarted it',
    generation,
    missedBefore: null,
  })
  expect(current().metadata).toMatchObject({ generation, uid })
  expect(patches()).toBe(1)
})

it('leaves a workload alone that somebody deleted and made anew since the run looked, and says so', async () => {
  await cluster.deploy()
  const { uid } = current().metadata
  const { metadata, spec } = current()
  cluster.store.delete(resources.deployments, 'carts', 'carts')
  cluster.store.create(resources.deployments, { metadata: { name: metadata.name, namespace: 'carts' }, spec })
  await expect(restart('dry-run', uid)).rejects.toMatchObject({
    name: 'Refused',
    message: expect.stringContaining(`expected the object of uid ${uid}, found ${current().metadata.uid}`),
  })
  expect(patches()).toBe(0)
})
