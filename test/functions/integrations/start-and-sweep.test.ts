import { describe, expect, it } from 'vitest'
import { Transient } from '../../../core/errors.ts'
import type { PodidEvent } from '../../../core/events.ts'
import type { TrailLook } from '../../../core/workload/proof/trail.ts'
import { startForEvent } from '../../../functions/integrations/start.ts'
import {
  absent,
  stageAccount as account,
  active,
  clustersOf,
  sweptConfig as config,
  fields,
  sweptCluster as known,
  missing,
  noting,
  region,
  noRuns as runs,
  sweep,
} from '../../support/sweep.ts'

const silentBus = { put: async () => {} }

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
      bus: silentBus,
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
      await startForEvent({ config: config(), clusters, start, runs, bus: silentBus })(created)
    }
    expect(starts).toHaveLength(2)
    expect(starts[1]?.cause).not.toEqual(starts[0]?.cause)
  })

  it.each([
    ['the cluster has the agent', 'shop-1', 1],
    ['the cluster has none', 'shop-2', 0],
  ])('about an add-on without a name starts runs where %s', async (_why, name, runsStarted) => {
    const { starts, start } = noting()
    const asked: string[] = []
    const clusters = () => ({
      ...clustersOf([known('shop-1'), known('shop-2')])(),
      agentArn: async (cluster: string) => {
        asked.push(cluster)
        return cluster === 'shop-1' ? 'arn:agent' : undefined
      },
    })
    const event = {
      ...created,
      'detail-type': 'EKS Addon Creation Succeeded',
      detail: { clusterName: name },
    }
    await startForEvent({ config: config(), clusters, start, runs, bus: silentBus })(event)
    expect(asked).toEqual([name])
    expect(starts).toHaveLength(runsStarted)
    for (const { cause } of starts) expect(cause.slice(0, 2)).toEqual(['agent-installed', 'arn:agent'])
  })

  it('of another account is none of this stage’s', async () => {
    const { starts, start } = noting()
    const handle = startForEvent({
      config: config(),
      clusters: clustersOf([known('shop-1')]),
      start,
      runs,
      bus: silentBus,
    })
    expect(await handle({ ...created, account: '210987654321' })).toMatchObject({
      runs: [],
      ignored: expect.stringContaining('210987654321'),
    })
    expect(starts).toEqual([])
  })

  it('tells which bindings cannot be what the settings say on a new cluster, and starts the others', async () => {
    const { starts, start } = noting()
    const events: PodidEvent[] = []
    const bindings = {
      one: { ...fields, serviceAccount: 'one', cluster: 'shop-*' },
      other: { ...fields, serviceAccount: 'one', cluster: 'shop-1' },
      two: { ...fields, serviceAccount: 'two', cluster: 'shop-1' },
    }
    const answer = await startForEvent({
      config: config({ bindings }),
      clusters: clustersOf([known('shop-1')]),
      start,
      runs,
      bus: { put: async (event) => void events.push(event) },
    })(created)
    expect(starts.map(({ input }) => input.serviceAccount)).toEqual(['two'])
    expect(answer).toMatchObject({
      runs: [{ run: 'two' }],
      unfit: [
        'podid.yaml, bindings.one and podid.yaml, bindings.other: bindings one and other: both are for carts/one on shop-1: a ServiceAccount has one association, and so one binding',
      ],
    })
    expect(events).toMatchObject([
      {
        type: 'Drift Found',
        resources: [known('shop-1').arn],
        detail: { cluster: 'shop-1', run: null, findings: [{ code: 'binding-twice', severity: 'blocking' }] },
      },
    ])
  })
})

describe('the sweep', () => {
  it('mends every cluster that a binding is for, and no other', async () => {
    const { starts, events } = await sweep({}, { clusters: ['shop-1', 'shop-2', 'bank'] })
    expect(starts.map(({ input }) => input.cluster)).toEqual(['shop-1', 'shop-2'])
    expect(events.map(({ cluster }) => cluster)).toEqual(['shop-1', 'shop-2'])
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
      const { starts, events } = await sweep({}, { status: async (name) => active(name, status) })
      expect([starts, events]).toEqual([[], []])
    }
  })
})
