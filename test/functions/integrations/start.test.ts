import { describe, expect, it } from 'vitest'
import type { LatestRun } from '../../../adapters/records/runs.ts'
import type { PodidEvent } from '../../../core/events.ts'
import { startForEvent } from '../../../functions/integrations/start.ts'
import {
  stageAccount as account,
  clustersOf,
  sweptConfig as config,
  fields,
  sweptCluster as known,
  noting,
  region,
} from '../../support/sweep.ts'

const created = {
  source: 'aws.eks',
  'detail-type': 'AWS API Call via CloudTrail',
  account,
  region,
  detail: { eventName: 'CreateCluster', requestParameters: { name: 'shop-1' } },
}
const addonOf = (clusterName: string) => ({
  ...created,
  'detail-type': 'EKS Addon Creation Succeeded',
  detail: { clusterName },
})
const one = { ...fields, serviceAccount: 'one', cluster: 'shop-*' }
const pattern = { ...one, namespace: 'team-*', serviceAccount: '*', role: '{namespace}_{serviceAccount}' }
const twice = { one, other: { ...one, cluster: 'shop-1' } }
const unfit =
  'podid.yaml, bindings.one and podid.yaml, bindings.other: bindings one and other: both are for carts/one on shop-1: a ServiceAccount has one association, and so one binding'

interface Stage {
  bindings?: object
  clusters?: ReturnType<typeof known>[]
  /** The latest run of each ServiceAccount. */
  latest?: Record<string, LatestRun>
  /** Settings beside bindings. */
  settings?: object
}

/** What comes of an event: what is answered, started, told, and asked of EKS and of the records. */
const startedBy = async (
  event: unknown,
  { bindings = { one }, clusters = [known('shop-1')], latest = {}, settings = {} }: Stage,
) => {
  const { starts, start } = noting()
  const events: PodidEvent[] = []
  const asked: unknown[] = []
  const eks = clustersOf(clusters)()
  const note =
    <Answer>(what: string, where: string, ask: (name: string) => Promise<Answer>) =>
    (name: string) => {
      asked.push(`${what} ${where}/${name}`)
      return ask(name)
    }
  const answer = await startForEvent({
    config: config({ bindings, ...settings }),
    clusters: (where) => ({
      ...eks,
      agentArn: note('agentArn', where, eks.agentArn),
      identify: note('identify', where, eks.identify),
    }),
    start,
    runs: {
      latest: async (key: { serviceAccount: string }) => {
        asked.push(key)
        const value = latest[key.serviceAccount]
        return value && { value, version: 1 }
      },
    } as never,
    bus: { put: async (told) => void events.push(told) },
  })(event)
  return { answer, starts, events, asked }
}
const latestOf = (serviceAccount: string, cluster = 'shop-1') => ({
  cluster,
  region,
  namespace: 'carts',
  serviceAccount,
})
const undone: LatestRun = { run: 'run-0', mode: 'undo', at: Date.parse('2026-11-24T07:00:00Z') }

describe('an event', () => {
  it('of a new cluster starts what is declared for it, under a name by the cluster and its birth', async () => {
    const found = await startedBy(created, {})
    expect(found.answer).toEqual({ runs: [{ outcome: 'started', run: 'one' }] })
    expect(found.starts).toEqual([
      {
        input: expect.objectContaining({
          ...latestOf('one'),
          role: fields.role,
          mode: 'enable',
          ifWorkloadMissing: 'associate',
        }),
        origin: { trigger: 'cluster-created', by: null },
        cause: ['cluster-created', '', known('shop-1').arn, '2026-11-23T07:00:00.000Z', 'one'],
      },
    ])
    expect(found.events).toEqual([])
    expect(found.asked).toEqual([`identify ${region}/shop-1`, latestOf('one')])
  })

  it('of an add-on starts it where the cluster has the agent, under a name by the agent too', async () => {
    const { starts, asked } = await startedBy(addonOf('shop-1'), {})
    const agent = `arn:aws:eks:${region}:${account}:addon/shop-1/agent/1`
    expect(starts.map(({ origin, cause }) => [origin, ...cause])).toEqual([
      [
        { trigger: 'agent-installed', by: null },
        ...['agent-installed', agent, known('shop-1').arn, '2026-11-23T07:00:00.000Z', 'one'],
      ],
    ])
    expect(asked.slice(0, 2)).toEqual([`agentArn ${region}/shop-1`, `identify ${region}/shop-1`])
  })

  it.each<[why: string, event: unknown, stage: Stage, ignored: string, asked: unknown[]]>([
    ['is not of ours', { source: 'aws.s3' }, {}, 'the event is not about a new cluster or a new agent', []],
    [
      'is of another account',
      { ...created, account: '210987654321' },
      {},
      'the event is from account 210987654321, and this stage is for 123456789012',
      [],
    ],
    [
      'is about a cluster by a name that no binding is for, of which EKS is not asked',
      { ...created, detail: { ...created.detail, requestParameters: { name: 'bank' } } },
      {},
      'no binding is for bank',
      [],
    ],
    [
      'is about a region that no binding is for',
      { ...created, region: 'eu-west-1' },
      {},
      'no binding is for shop-1',
      [],
    ],
    [
      'is about an add-on on a cluster without the agent',
      addonOf('shop-2'),
      {},
      'an add-on was installed on shop-2, which has no eks-pod-identity-agent',
      [`agentArn ${region}/shop-2`],
    ],
    [
      'is about a cluster that is gone',
      created,
      { clusters: [] },
      `there is no cluster shop-1 in ${region}`,
      [`identify ${region}/shop-1`],
    ],
    [
      'is about a cluster without the tags that its bindings are for',
      created,
      { bindings: { one: { ...one, clusterTags: { stage: 'test' } } } },
      'no binding is for shop-1',
      [`identify ${region}/shop-1`],
    ],
    [
      'is about one that only bindings by pattern are for, which a sweep looks for',
      created,
      { bindings: { pattern } },
      'no binding is for shop-1',
      [`identify ${region}/shop-1`],
    ],
    [
      'is about what somebody has undone on it',
      created,
      { latest: { one: undone } },
      'what is for shop-1 was undone on purpose',
      [`identify ${region}/shop-1`, latestOf('one')],
    ],
  ])('starts nothing where it %s', async (_why, event, stage, ignored, asked) => {
    const found = await startedBy(event, stage)
    expect(found).toEqual({ answer: { runs: [], ignored }, starts: [], events: [], asked })
  })

  it('starts what nobody has undone on this very cluster', async () => {
    const bindings = {
      one,
      two: { ...one, serviceAccount: 'two' },
      three: { ...one, serviceAccount: 'three' },
    }
    const latest = {
      one: undone,
      two: { ...undone, mode: 'enable' as const },
      // On a cluster of the same name, before this one was made.
      three: { ...undone, at: Date.parse('2026-11-22T07:00:00Z') },
    }
    const { answer } = await startedBy(created, { bindings, latest })
    expect(answer.runs.map(({ run }) => run)).toEqual(['three', 'two'])
  })

  it('starts other runs for another cluster of the same name', async () => {
    const causes = []
    for (const createdAt of ['2026-11-23T07:00:00.000Z', '2026-11-24T07:00:00.000Z'])
      causes.push(
        (await startedBy(created, { clusters: [{ ...known('shop-1'), createdAt }] })).starts[0]?.cause,
      )
    expect(causes[0]).not.toEqual(causes[1])
  })

  it('starts every binding that it can before it fails, and the same ones when it comes again', async () => {
    const { starts, start } = noting(['one'])
    const handle = startForEvent({
      config: config(),
      clusters: clustersOf([known('shop-1', { stage: 'test' })]),
      start,
      runs: { latest: async () => undefined } as never,
      bus: { put: async () => {} },
    })
    await expect(handle(created)).rejects.toThrow('throttled')
    await expect(handle(created)).rejects.toThrow('throttled')
    expect(starts.map(({ input }) => input.serviceAccount)).toEqual(['one', 'two', 'one', 'two'])
    expect(starts[2]?.cause).toEqual(starts[0]?.cause)
    expect(starts[0]?.cause).not.toEqual(starts[1]?.cause)
  })
})

describe('a binding that cannot be what podid.yaml says', () => {
  const told = {
    type: 'Drift Found',
    resources: [known('shop-1').arn],
    detail: expect.objectContaining({
      binding: 'one',
      cluster: 'shop-1',
      region,
      run: null,
      findings: [expect.objectContaining({ code: 'binding-twice', severity: 'blocking' })],
    }),
  }
  it.each<[why: string, stage: Stage, answer: object]>([
    [
      'and the others are started',
      { bindings: { ...twice, pattern, two: { ...one, serviceAccount: 'two' } } },
      { runs: [{ outcome: 'started', run: 'two' }], unfit: [unfit] },
    ],
    [
      'where it is the only one',
      { bindings: twice },
      { runs: [], ignored: 'no binding for shop-1 can be what podid.yaml says', unfit: [unfit] },
    ],
    [
      'where the others were undone',
      { bindings: { ...twice, two: { ...one, serviceAccount: 'two' } }, latest: { two: undone } },
      { runs: [], ignored: 'what is for shop-1 was undone on purpose', unfit: [unfit] },
    ],
  ])('is told of, %s', async (_why, stage, answer) => {
    const found = await startedBy(created, stage)
    expect(found.answer).toEqual(answer)
    expect(found.events).toEqual([told])
  })
})
