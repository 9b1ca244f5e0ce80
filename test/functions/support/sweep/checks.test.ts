import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { looks } from '../../../../adapters/records/looks.ts'
import type { Runtime } from '../../../../adapters/runtime.ts'
import type { ReachableCluster } from '../../../../core/cluster.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import type { Checks } from '../../../../functions/support/sweep/check-binding.ts'
import { checksOf } from '../../../../functions/support/sweep/checks.ts'
import type { AwsStandIn } from '../../../../local/aws/index.ts'
import { virtualClock } from '../../../../local/clock.ts'
import { serveCarts } from '../../../support/servers/carts-cluster.ts'
import type { KubernetesServer } from '../../../support/servers/kubernetes-server.ts'
import { startTestAws } from '../../../support/servers/small-pages.ts'
import { surroundings } from '../../middleware/support.ts'

// Whom each check of a sweep asks, over AWS's stand-in and a cluster with one workload in force.

const clock = virtualClock({ start: Date.UTC(2026, 10, 23, 7), held: true })
let aws: AwsStandIn
let kubernetes: KubernetesServer
let runtime: Runtime & { lines: object[] }
let cluster: ReachableCluster
let tables = 0
beforeAll(async () => {
  ;[aws, kubernetes] = await Promise.all([startTestAws({ clock }), serveCarts()])
  const { endpoint, ca } = kubernetes.cluster
  const { arn } = aws.state.addCluster({ name: 'shop', endpoint, certificateAuthority: ca })
  cluster = {
    ...{ name: 'shop', arn, status: 'ACTIVE', version: '1.33', autoMode: false },
    ...{ endpoint, certificateAuthority: ca },
  }
  const roleArn = `arn:aws:iam::${aws.account}:role/carts`
  aws.state.addAssociation({ clusterName: 'shop', namespace: 'carts', serviceAccount: 'carts', roleArn })
  runtime = {
    ...surroundings(),
    aws: { endpoint: aws.url, credentials: async () => aws.credentials },
    clock: {
      now: clock.now,
      // No limit of time comes.
      sleep: (_ms, signal) =>
        new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
    },
  }
})
beforeEach(async () => {
  kubernetes.requests.length = 0
  runtime.lines.length = 0
  await clock.advance(60_000)
})
afterAll(async () => {
  await kubernetes.close()
  await aws.close()
  clock.stop()
})

/** The checks, with a table that nobody has written to. */
const checks = (): { checks: Checks; kept: ReturnType<typeof looks> } => {
  const name = `looks-${++tables}`
  aws.tables.add(name, 'id')
  const kept = looks(runtime, aws.tables.arnOf(name))
  const { signal } = new AbortController()
  return {
    checks: checksOf(runtime, {
      looks: kept,
      now: clock.now,
      timeLeft: () => 840_000,
      log: runtime.log,
      signal,
    }),
    kept,
  }
}
const place = { cluster: 'shop', region: 'us-west-2', namespace: 'carts', serviceAccount: 'carts' }
const role = 'arn:aws:iam::123456789012:role/carts'
const input = () => ({
  cluster,
  request: resolveRequest(
    { ...place, role, workload: 'deployment/carts' },
    {
      arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:sweep-1',
      startTime: new Date(0).toISOString(),
    },
  ),
})
const paths = () => kubernetes.requests.map(({ path }) => path)

it('whether the cluster answers, its API', async () => {
  await checks().checks.reachable(cluster)
  expect(paths()).toEqual(['/api/v1'])
})
it('what is in it, its API', async () => {
  const binding = { namespace: 'team-*', serviceAccount: '*', namespaceLabels: {}, overrides: [] }
  expect(await checks().checks.inside(cluster, [binding as never])).toEqual([
    { name: 'team-a', labels: {}, serviceAccounts: [{ name: 'api', labels: {} }] },
  ])
})
it('the association, EKS', async () => {
  expect(await checks().checks.association(input())).toMatchObject({ action: 'keep' })
  expect(paths()).toEqual([])
})
it('the workload, the cluster’s API', async () => {
  expect(await checks().checks.workload(input())).toMatchObject({ exists: true, injected: true })
})
it('whether EKS assumed its role, CloudTrail, for the pods that it has now', async () => {
  const { checks: found, kept } = checks()
  expect(await found.trail([{ place, ...input() }])).toBe(1)
  expect(runtime.lines).toEqual([])
  expect(await kept.find(place)).toMatchObject({
    role,
    pods: 1,
    assumed: 0,
    others: ['carts-1-x'],
    at: new Date(clock.now()).toISOString(),
  })
})
