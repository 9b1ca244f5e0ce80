import { describe, expect, it } from 'vitest'
import type { KnownCluster } from '../../../adapters/eks/clusters.ts'
import type { Cluster } from '../../../core/cluster.ts'
import { parseConfig } from '../../../core/config.ts'
import { Transient } from '../../../core/errors.ts'
import type { PodidEvent } from '../../../core/events.ts'
import type { AssociationCheck } from '../../../core/steps/answers.ts'
import type { TrailLook } from '../../../core/workload/proof/trail.ts'
import { startForEvent } from '../../../functions/integrations/start.ts'
import { type Checks, sweepBindings } from '../../../functions/integrations/sweep.ts'
import type { Start } from '../../../functions/support/starter.ts'

const account = '123456789012'
const region = 'us-west-2'
const fields = { namespace: 'carts', role: `arn:aws:iam::${account}:role/carts` }
const config = (change: object = {}) =>
  parseConfig(
    {
      account,
      region,
      bindings: {
        one: { ...fields, serviceAccount: 'one', cluster: 'shop-*' },
        two: { ...fields, serviceAccount: 'two', cluster: 'shop-1', clusterTags: { stage: 'test' } },
      },
      ...change,
    },
    'test',
  )

const known = (name: string, tags: Record<string, string> = {}): KnownCluster => ({
  name,
  region,
  tags,
  arn: `arn:aws:eks:${region}:${account}:cluster/${name}`,
  createdAt: '2026-11-23T07:00:00.000Z',
})
const clustersOf = (clusters: KnownCluster[]) => () => ({
  list: async () => clusters.map(({ name }) => name),
  identify: async (name: string) => {
    if (name === 'shop-broken') throw new Transient('DescribeCluster throttled')
    return clusters.find((cluster) => cluster.name === name)
  },
})

/** A starter that notes what it is asked for, and fails for what it is told to. */
const noting = (fails: string[] = []) => {
  const starts: Start[] = []
  const start = async (request: Start) => {
    starts.push(request)
    if (fails.includes(request.input.serviceAccount)) throw new Transient('throttled')
    return { outcome: 'started' as const, run: request.input.serviceAccount }
  }
  return { starts, start }
}

/** No run has had its turn yet. */
const runs = { latest: async () => undefined } as never

describe('an event', () => {
  const created = {
    source: 'aws.eks',
    'detail-type': 'AWS API Call via CloudTrail',
    account,
    region,
    detail: { eventName: 'CreateCluster', requestParameters: { name: 'shop-1' } },
  }

  it('starts every binding that it can before it fails, and the same ones when it comes again', async () => {
    const { starts, start } = noting(['one'])
    const handle = startForEvent({
      config: config(),
      clusters: clustersOf([known('shop-1', { stage: 'test' })]),
      start,
      runs,
    })
    await expect(handle(created)).rejects.toThrow('throttled')
    await expect(handle(created)).rejects.toThrow('throttled')
    expect(starts.map(({ input }) => input.serviceAccount)).toEqual(['one', 'two', 'one', 'two'])
    expect(starts[2]?.cause).toEqual(starts[0]?.cause)
    expect(starts[0]?.cause).not.toEqual(starts[1]?.cause)
  })

  it('starts other runs for another cluster of the same name', async () => {
    const { starts, start } = noting()
    for (const createdAt of ['2026-11-23T07:00:00.000Z', '2026-11-24T07:00:00.000Z']) {
      const clusters = clustersOf([{ ...known('shop-1'), createdAt }])
      await startForEvent({ config: config(), clusters, start, runs })(created)
    }
    expect(starts).toHaveLength(2)
    expect(starts[1]?.cause).not.toEqual(starts[0]?.cause)
  })

  it('of another account is none of this stage’s', async () => {
    const { starts, start } = noting()
    const handle = startForEvent({ config: config(), clusters: clustersOf([known('shop-1')]), start, runs })
    expect(await handle({ ...created, account: '210987654321' })).toMatchObject({
      runs: [],
      ignored: expect.stringContaining('210987654321'),
    })
    expect(starts).toEqual([])
  })
})

describe('the sweep', () => {
  const active = (name: string, status = 'ACTIVE'): Cluster => ({
    name,
    arn: known(name).arn,
    status,
    version: '1.33',
    autoMode: false,
    endpoint: 'https://example',
    certificateAuthority: 'Y2E=',
  })
  const missing: AssociationCheck = { action: 'create', before: null, findings: [], message: '' }
  const absent = {
    exists: false,
    summary: '',
    before: null,
    uid: null,
    revisions: [],
    injected: false,
    carried: false,
    credentials: null,
    diagnosis: [],
    findings: [],
  }

  const sweep = async (
    checks: Partial<Checks>,
    {
      clusters = ['shop-1'],
      mode = 'mend',
      times = 1,
      look = (): TrailLook | undefined => undefined,
      tags = {} as Record<string, string>,
    } = {},
  ) => {
    const { starts, start } = noting()
    const events: PodidEvent[] = []
    const reported = new Set<string>()
    const services = {
      config: config({ triggers: { sweep: { mode } } }),
      clusters: clustersOf(clusters.map((name) => known(name, tags))),
      start,
      runs,
      looks: { find: async () => look(), keep: async () => {} },
      executions: {
        arnOf: (run: string) => `arn:aws:states:${region}:${account}:execution:enable:${run}`,
      } as never,
      bus: { put: async (event: PodidEvent) => void events.push(event) },
      once: async (key: string, work: () => Promise<void>) => {
        if (!reported.has(key)) await work()
        reported.add(key)
      },
    }
    const all: Checks = {
      describeCluster: async (_region, name) => active(name),
      association: async () => missing,
      workload: async () => absent,
      trail: async () => 0,
      ...checks,
    }
    for (let time = 0; time < times; time++) await sweepBindings(services, all)(`sweep-${time}`)
    return {
      starts,
      events: events.map(({ detail }) => detail as { cluster: string; findings: { code: string }[] }),
    }
  }

  it('mends every cluster that a binding is for, and no other', async () => {
    const { starts, events } = await sweep({}, { clusters: ['shop-1', 'shop-2', 'bank'] })
    expect(starts.map(({ input }) => input.cluster)).toEqual(['shop-1', 'shop-2'])
    expect(events.map(({ cluster }) => cluster)).toEqual(['shop-1', 'shop-2'])
  })

  it('passes a cluster that EKS does not describe, and says so for each binding that may be for it', async () => {
    const { starts, events } = await sweep({}, { clusters: ['shop-1', 'shop-broken', 'shop-2'] })
    expect(starts.map(({ input }) => input.cluster)).toEqual(['shop-1', 'shop-2'])
    expect(events.find(({ cluster }) => cluster === 'shop-broken')).toMatchObject({
      findings: [
        { code: 'cluster-not-checked', found: expect.stringContaining('DescribeCluster throttled') },
      ],
    })
  })

  it('asks an API server that does not answer once, and a cluster’s description once, for all its bindings', async () => {
    const asked: string[] = []
    const described: string[] = []
    const { events } = await sweep(
      {
        describeCluster: async (_region, name) => {
          described.push(name)
          return active(name)
        },
        workload: async ({ cluster }) => {
          asked.push(cluster.name)
          throw new Transient('the API server did not answer within 10 s')
        },
      },
      { clusters: ['shop-1', 'shop-2'], tags: { stage: 'test' } },
    )
    expect([described, asked]).toEqual([
      ['shop-1', 'shop-2'],
      ['shop-1', 'shop-2'],
    ])
    expect(events.map(({ cluster }) => cluster)).toEqual(['shop-1', 'shop-1', 'shop-2'])
  })

  it('reports once what it may only report', async () => {
    const { starts, events } = await sweep({}, { mode: 'report', times: 3 })
    expect(starts).toEqual([])
    expect(events).toMatchObject([{ findings: [{ code: 'association-missing' }] }])
  })

  it('tells with it what CloudTrail showed earlier, which is no other drift when it changes', async () => {
    let minute = 0
    const look = (): TrailLook => ({
      at: `2026-11-25T10:0${minute++}:00Z`,
      role: fields.role,
      unseen: 'throttled',
    })
    const { events } = await sweep({}, { mode: 'report', look, times: 2 })
    expect(events).toHaveLength(1)
    expect(events[0]?.findings.map(({ code }) => code)).toEqual([
      'association-missing',
      'credentials-in-cloudtrail',
    ])
  })

  it('looks in CloudTrail for what is in force, and for nothing else', async () => {
    const asked: string[][] = []
    await sweep(
      {
        association: async ({ cluster }) =>
          cluster.name === 'shop-2' ? missing : { ...missing, action: 'keep' },
        workload: async ({ cluster }) => ({ ...absent, exists: true, injected: cluster.name !== 'shop-3' }),
        trail: async (bindings) => {
          asked.push(bindings.map(({ cluster }) => cluster.name))
          return bindings.length
        },
      },
      { clusters: ['shop-1', 'shop-2', 'shop-3'] },
    )
    expect(asked).toEqual([['shop-1']])
  })

  it('reports a cluster that cannot be looked at, and goes on to the next', async () => {
    const { starts, events } = await sweep(
      {
        workload: async ({ cluster }) => {
          if (cluster.name === 'shop-1') throw new Transient('no answer')
          return absent
        },
      },
      { clusters: ['shop-1', 'shop-2'] },
    )
    expect(events.map(({ findings }) => findings[0]?.code)).toEqual([
      'cluster-not-checked',
      'association-missing',
    ])
    expect(starts.map(({ input }) => input.cluster)).toEqual(['shop-2'])
  })

  it('leaves clusters alone that are being made or taken down', async () => {
    for (const status of ['CREATING', 'DELETING']) {
      const { starts, events } = await sweep({
        describeCluster: async (_region, name) => active(name, status),
      })
      expect([starts, events]).toEqual([[], []])
    }
  })
})
