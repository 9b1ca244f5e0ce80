import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Runtime } from '../../../adapters/runtime.ts'
import { create } from '../../../functions/integrations/sweep.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { virtualClock } from '../../../local/clock.ts'
import { serveCarts } from '../../support/servers/carts-cluster.ts'
import type { KubernetesServer } from '../../support/servers/kubernetes-server.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

// What Lambda calls for a sweep, over AWS's stand-in and a cluster with one workload in force: that it is given what it asks.

const clock = virtualClock({ start: Date.UTC(2024, 0, 1, 7), held: true })
let aws: AwsStandIn
let kubernetes: KubernetesServer
let runtime: Runtime
const tableOf = (name: string) => {
  aws.tables.add(name, 'id')
  return aws.tables.arnOf(name)
}
let env: Record<string, string>
let logged: object[] = []
/** What goes on before the cluster answers that it is there. */
let meanwhile: () => Promise<unknown> = async () => {}
beforeAll(async () => {
  ;[aws, kubernetes] = await Promise.all([startTestAws({ clock }), serveCarts(() => meanwhile())])
  aws.stateMachines.add({
    name: 'enable',
    definition: JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: { A: { Type: 'Succeed' } },
    }),
    task: async () => ({ Payload: null }),
  })
  const { endpoint, ca } = kubernetes.cluster
  aws.state.addCluster({ name: 'shop', endpoint, certificateAuthority: ca })
  aws.state.addCluster({ name: 'shut' })
  aws.calls.inject({
    operation: 'DescribeCluster',
    subject: 'shut',
    times: 1_000_000,
    action: { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'no' },
  })
  const role = `arn:aws:iam::${aws.account}:role/carts`
  aws.state.addAssociation({
    clusterName: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    roleArn: role,
  })
  const carts = { cluster: 'shop', namespace: 'carts', serviceAccount: 'carts', role }
  const config = {
    account: aws.account,
    region: aws.region,
    bindings: {
      carts: { ...carts, workload: 'deployment/carts' },
      teams: { ...carts, namespace: 'team-*', serviceAccount: '*' },
      shut: { ...carts, cluster: 'shut' },
    },
    triggers: { sweep: { mode: 'report' } },
  }
  env = {
    PODID_STAGE: 'test',
    PODID_CONFIG: JSON.stringify(config),
    PODID_TABLE_ARN: tableOf('records'),
    PODID_EVENT_BUS_ARN: `arn:aws:events:${aws.region}:${aws.account}:event-bus/default`,
    PODID_STATE_MACHINE_ARN: `arn:aws:states:${aws.region}:${aws.account}:stateMachine:enable`,
    PODID_ROLLOUT_MACHINE_ARN: `arn:aws:states:${aws.region}:${aws.account}:stateMachine:rollout`,
  }
  const log = (message: string, data?: object) => void logged.push({ message, ...data })
  runtime = {
    aws: { endpoint: aws.url, credentials: async () => aws.credentials },
    clock: {
      now: clock.now,
      // Pauses are none, and a limit of time does not come.
      sleep: async (ms, signal) => {
        if (ms === 5000 && !signal?.aborted)
          await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
      },
    },
    log: { info: log, warn: log, error: log },
    progress: () => {},
    env,
  }
  // What takes long the first time, AWS's clients, is loaded before the tests.
  const withoutPods = { ...config, bindings: { carts, teams: config.bindings.teams } }
  await create({ ...runtime, env: { ...env, PODID_CONFIG: JSON.stringify(withoutPods) } })({})
})
beforeEach(async () => {
  // Nothing that another test has told or left behind.
  env.PODID_TABLE_ARN = tableOf(`records-${clock.now()}`)
  await clock.advance(60_000)
  logged = []
  meanwhile = async () => {}
  aws.bus.published.length = 0
  kubernetes.requests.length = 0
})
afterAll(async () => {
  await kubernetes.close()
  await aws.close()
  clock.stop()
})

describe('the handler of a sweep', () => {
  const context = { getRemainingTimeInMillis: () => 840_000 }

  it('looks at each cluster and its bindings, in CloudTrail too, and says what it came to', async () => {
    const figures: Record<string, number> = {}
    const handler = create(runtime, (metrics) => {
      for (const { name, value } of metrics) figures[name] = value
    })
    const found = await handler({ id: 's-1' }, context)
    expect(logged).toEqual([
      {
        message: 'Sweep',
        tookMs: 0,
        ...{ checked: 2, drifted: 1, looked: 1, failed: 0, left: 0, openTooLong: [] },
        ...{ notChecked: [`${aws.region}/shut`], notCheckedCount: 1 },
      },
    ])
    expect(found.drifted).toMatchObject([
      { binding: 'teams/team-a/api', findings: [{ code: 'association-missing' }], run: null },
    ])
    expect(kubernetes.requests.map(({ path }) => path)).toContain('/api/v1')
    expect(aws.bus.published.map((event) => event['detail-type']).toSorted()).toEqual([
      'Cluster Not Checked',
      'Drift Digest',
      'Drift Found',
    ])
    expect(figures).toMatchObject({ BindingsChecked: 2, Drift: 1, NotChecked: 1, RunsOpenTooLong: 0 })
  })

  it.each<[event: { id?: string }]>([[{ id: 's-2' }], [{}]])(
    'does nothing, and counts nothing, while another one is at work: %j',
    async (event) => {
      const counted: unknown[] = []
      const handler = create(runtime, (metrics) => void counted.push(metrics))
      let other: unknown
      meanwhile = async () => {
        meanwhile = async () => {}
        other = await handler({ id: 's-3' }, context)
      }
      await handler(event, context)
      expect(other).toMatchObject({ checked: 0, atWork: event.id ?? String(clock.now()) })
      expect(counted).toHaveLength(1)
    },
  )
})
