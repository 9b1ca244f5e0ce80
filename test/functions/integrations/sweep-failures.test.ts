import { describe, expect, it } from 'vitest'
import { AccessDenied, Transient } from '../../../core/errors.ts'
import { neverTooLongMs } from '../../../core/operation/open-runs.ts'
import {
  absent,
  active,
  clustersOf,
  fields,
  sweptCluster as known,
  missing,
  region,
  sweep,
} from '../../support/sweep.ts'

const many = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`)
const bindingsOn = (cluster: string, count: number) =>
  Object.fromEntries(
    many(count, 'app').map((serviceAccount) => [serviceAccount, { ...fields, serviceAccount, cluster }]),
  )

describe('what cannot be looked at', () => {
  it('a cluster that EKS does not describe is told of, once a day, and every other one is swept', async () => {
    const clusters = many(40, 'shop')
    const { starts, events, swept } = await sweep(
      {},
      {
        clusters,
        times: 2,
        status: async (name) => {
          if (name === 'shop-0010') throw new Transient('DescribeCluster: 500')
          return active(name)
        },
      },
    )
    expect(new Set(starts.map(({ input }) => input.cluster)).size).toBe(39)
    expect(events.filter(({ type }) => type === 'Cluster Not Checked')).toMatchObject([
      { cluster: 'shop-0010', findings: [{ code: 'cluster-not-checked' }] },
    ])
    expect(swept[0]).toMatchObject({
      checked: 39,
      left: 0,
      failed: 0,
      notChecked: [{ cluster: 'shop-0010' }],
    })
  })

  it('a region whose clusters cannot be listed stops no other one', async () => {
    const { starts, events } = await sweep(
      {},
      {
        bindings: {
          here: { ...fields, serviceAccount: 'here', cluster: 'shop-1' },
          far: { ...fields, serviceAccount: 'far', cluster: 'shop-1', region: 'eu-west-1' },
        },
        services: {
          clusters: (asked) => {
            const clusters = clustersOf([known('shop-1')])()
            return asked === region
              ? clusters
              : { ...clusters, list: () => Promise.reject(new AccessDenied('no')) }
          },
        },
      },
    )
    expect(starts.map(({ input }) => input.serviceAccount)).toEqual(['here'])
    expect(events[0]).toMatchObject({
      type: 'Cluster Not Checked',
      cluster: null,
      findings: [{ subject: 'region eu-west-1' }],
    })
  })

  it('an API server that does not answer is asked once, not for each binding', async () => {
    const asked: string[] = []
    const { events, starts } = await sweep(
      {
        reachable: async ({ name }) => {
          asked.push(name)
          if (name === 'shop-1') throw new Transient('no answer')
        },
      },
      { clusters: ['shop-1', 'shop-2'], bindings: bindingsOn('shop-*', 50) },
    )
    expect(asked.sort()).toEqual(['shop-1', 'shop-2'])
    expect(events.filter(({ cluster }) => cluster === 'shop-1')).toHaveLength(1)
    expect(starts).toHaveLength(50)
  })

  it('one that stops to answer is left, without trying each binding; what was found before is told', async () => {
    let looks = 0
    const { events, swept } = await sweep(
      {
        reachable: async () => {
          if (looks > 4) throw new Transient('no answer')
        },
        workload: async () => {
          if (++looks > 4) throw new Transient('no answer')
          return absent
        },
      },
      { bindings: bindingsOn('shop-1', 50) },
    )
    expect(looks).toBe(8)
    expect(events.map(({ type }) => type)).toEqual([...Array(4).fill('Drift Found'), 'Cluster Not Checked'])
    expect(swept[0]?.drifted).toHaveLength(4)
  })

  it('a run that cannot be started, or an event that cannot be put, stops nothing and is in the log', async () => {
    const { starts, warned, swept } = await sweep(
      {},
      {
        clusters: ['shop-1', 'shop-2', 'shop-3'],
        services: {
          bus: { put: async () => Promise.reject(new Transient('throttled')) },
          start: async ({ input }) => {
            if (input.cluster === 'shop-2') throw new Transient('throttled')
            return { outcome: 'started', run: `${input.cluster}` }
          },
        },
      },
    )
    expect(starts).toEqual([])
    expect(swept[0]).toMatchObject({ checked: 2, failed: 4 })
    expect(warned.filter((line) => line.includes('a binding was not put right'))).toEqual([
      JSON.stringify({
        message: 'a binding was not put right',
        binding: 'one',
        cluster: 'shop-2',
        why: 'throttled',
      }),
    ])
    expect(warned.filter((line) => line.includes('Drift Found was not told'))).toHaveLength(2)
  })
})

describe('a sweep whose time is too short', () => {
  /** Ten seconds for each look, four of which go on at once; 840 for a sweep, of which it keeps 180. */
  const slow = () => {
    let spent = 0
    return {
      restart: () => {
        spent = 0
      },
      timeLeft: () => 840_000 - spent,
      association: async () => {
        spent += 10_000
        return missing
      },
    }
  }

  it('goes on next time where it stopped, within a cluster and among clusters', async () => {
    const time = slow()
    const clusters = many(10, 'shop')
    const bindings = bindingsOn('shop-*', 20)
    const seen: string[] = []
    let position: Parameters<typeof sweep>[1]
    const lefts: number[] = []
    for (let times = 0; times < 3; times++) {
      time.restart()
      const result = await sweep(
        { association: time.association },
        { clusters, bindings, timeLeft: time.timeLeft, ...position },
      )
      expect(time.timeLeft()).toBeGreaterThan(0)
      seen.push(...result.starts.map(({ input }) => `${input.cluster} ${input.serviceAccount}`))
      lefts.push(result.swept[0]?.left ?? 0)
      position = { position: result.position() }
    }
    expect(lefts[0]).toBeGreaterThan(0)
    expect(new Set(seen).size).toBe(200)
    // Nothing was looked at again before all had been.
    expect(new Set(seen.slice(0, 200)).size).toBe(200)
  })

  it('does nothing while another one is at work', async () => {
    const { starts, events, swept } = await sweep(
      {},
      { services: { sweeps: { begin: async () => ({ atWork: 'the-other' }) } } },
    )
    expect([starts, events]).toEqual([[], []])
    expect(swept).toEqual([
      {
        ...{ checked: 0, drifted: [], looked: 0, notChecked: [], failed: 0, left: 0, openTooLong: null },
        atWork: 'the-other',
      },
    ])
  })
})

describe('a day of sweeps', () => {
  const clusters = Array.from({ length: 6 }, (_, index) => `shop-${index}`)
  const bindings = { one: { ...fields, serviceAccount: 'one', cluster: 'shop-*' } }

  it('tells one digest, and has no more runs under way than are set', async () => {
    const { starts, digests, notes } = await sweep(
      {},
      { clusters, bindings, times: 3, limits: { maxConcurrency: 2 }, statusOf: () => 'RUNNING' },
    )
    expect(starts).toHaveLength(2)
    expect(digests).toMatchObject([
      { day: '2026-11-26', total: { drifted: 6, notChecked: 0 }, stopped: null },
    ])
    expect(digests[0]?.drifted.filter(({ run }) => run !== null)).toHaveLength(2)
    expect(digests[0]?.drifted.find(({ held }) => held !== null)?.held).toMatch(
      /^2 runs of sweeps are under way/,
    )
    expect(Object.keys(notes().entries)).toHaveLength(6)
  })

  it('stops mending when more fail than is tolerated, says so the next day, and begins again', async () => {
    const days = (time: number) => Date.parse('2026-11-26T00:00:00Z') + (time === 2 ? 24 : time) * 3_600_000
    const { starts, digests } = await sweep(
      {},
      { clusters, bindings, times: 3, limits: { maxConcurrency: 3 }, statusOf: () => 'FAILED', now: days },
    )
    // Three on the first day, none an hour later, three the next day.
    expect(starts).toHaveLength(6)
    expect(digests.map(({ day, stopped }) => [day, stopped])).toEqual([
      ['2026-11-26', null],
      ['2026-11-27', null],
    ])
  })

  it('has nothing more to tell of what is as declared again', async () => {
    let there = false
    const { digests, notes } = await sweep(
      { association: async () => (there ? { ...missing, action: 'keep' } : missing) },
      {
        clusters,
        bindings,
        mode: 'report',
        times: 2,
        now: (time) => {
          there = time > 0
          return Date.parse('2026-11-26T00:00:00Z') + time * 86_400_000
        },
      },
    )
    expect([digests.length, Object.keys(notes().entries)]).toEqual([1, []])
  })
})

describe('a sweep of bindings by pattern', () => {
  const apps = {
    ...fields,
    namespace: 'team-*',
    serviceAccount: '*',
    cluster: 'shop-*',
    role: '{namespace}_{serviceAccount}',
  }
  const bindings = { apps, named: { ...fields, serviceAccount: 'one', cluster: 'shop-*' } }
  const inside = async () => [
    { name: 'team-a', labels: {}, serviceAccounts: [{ name: 'api', labels: {} }] },
    { name: 'carts', labels: {}, serviceAccounts: [{ name: 'one', labels: {} }] },
  ]

  it('looks into each cluster for their ServiceAccounts, and mends each with its own role', async () => {
    const { starts, swept } = await sweep({ inside }, { bindings })
    expect(
      starts.map(({ input }) => [input.namespace, input.serviceAccount, input.role.split('/').at(-1)]),
    ).toEqual([
      ['team-a', 'api', 'team-a_api'],
      ['carts', 'one', 'carts'],
    ])
    expect(swept[0]?.drifted.map(({ binding }) => binding)).toEqual(['apps/team-a/api', 'named'])
  })

  it('says of those what it may not look for, and checks the others', async () => {
    const denied = async () => {
      throw new AccessDenied('listing serviceaccounts on shop-1: it may not')
    }
    const { starts, digests } = await sweep({ inside: denied }, { bindings })
    expect(starts.map(({ input }) => input.serviceAccount)).toEqual(['one'])
    expect(digests[0]?.drifted).toMatchObject([
      {
        binding: 'apps',
        run: null,
        findings: [
          {
            code: 'cluster-not-read',
            found: expect.stringContaining('podid.yaml, bindings.apps: for which'),
          },
        ],
        held: expect.stringContaining('Let podid list namespaces and serviceaccounts there'),
      },
      { binding: 'named' },
    ])
  })

  it('starts nothing where two bindings are for one ServiceAccount, and says which', async () => {
    const twice = { ...bindings, all: { ...apps, namespace: 'team-a' } }
    const { starts, digests } = await sweep({ inside }, { bindings: twice })
    expect(starts.map(({ input }) => input.serviceAccount)).toEqual(['one'])
    expect(digests[0]?.drifted[0]).toMatchObject({
      binding: 'apps',
      findings: [
        {
          found: expect.stringMatching(
            /^podid.yaml, bindings.apps and podid.yaml, bindings.all: both are for team-a\/api on shop-1/,
          ),
        },
      ],
    })
  })
})

describe('how much a sweep asks at once', () => {
  it('each cluster is described once, five at a time, and four of its bindings', async () => {
    const clusters = many(12, 'shop')
    const bindings = Object.fromEntries(
      clusters.flatMap((name) =>
        Object.entries(bindingsOn(name, 9)).map(([app, one]) => [`${name}-${app}`, one]),
      ),
    )
    const described: string[] = []
    const most = { clusters: 0, bindings: 0, ofOne: 0 }
    const open = new Map<string, number>()
    const counting = async <Answer>(cluster: string, answer: Answer, note: () => void): Promise<Answer> => {
      open.set(cluster, (open.get(cluster) ?? 0) + 1)
      note()
      // Whatever else may begin does so before this goes on.
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      open.set(cluster, (open.get(cluster) ?? 0) - 1)
      return answer
    }
    const underWay = () => [...open.values()].filter((count) => count > 0)
    const { swept } = await sweep(
      {
        association: ({ request }) =>
          counting(request.cluster, missing, () => {
            most.ofOne = Math.max(most.ofOne, ...underWay())
            most.bindings = Math.max(
              most.bindings,
              underWay().reduce((sum, count) => sum + count, 0),
            )
          }),
      },
      {
        clusters,
        bindings,
        mode: 'report',
        status: (name) => {
          described.push(name)
          return counting(name, active(name), () => {
            most.clusters = Math.max(most.clusters, underWay().length)
          })
        },
      },
    )
    expect(described.toSorted()).toEqual(clusters)
    expect(swept[0]?.checked).toBe(12 * 9)
    expect(most).toEqual({ clusters: 5, bindings: 20, ofOne: 4 })
  })
})

describe('runs that are open for too long', () => {
  const hour = 3_600_000
  const at = (hours: number) => new Date(100 * hour - hours * hour).toISOString()
  const open = [
    { run: 'young', startedAt: at(0.5) },
    { run: 'just-an-hour', startedAt: at(neverTooLongMs / hour) },
    { run: 'within-its-limits', startedAt: at(2) },
    { run: 'stands-still', startedAt: at(5) },
    { run: 'asks-a-person', startedAt: at(5) },
  ]
  const executions = {
    list: async (_most: number, status?: string) => (status === 'RUNNING' ? open : []),
    find: async (run: string) => {
      if (run === 'young' || run === 'just-an-hour') throw new Error('a young run was looked at')
      const input = run === 'asks-a-person' ? { approval: 'required', approvalTimeoutSeconds: 86_400 } : {}
      return { ...open.find((one) => one.run === run), input }
    },
  }
  const given = { now: () => 100 * hour }

  it('are told with each sweep, by their own limits', async () => {
    const { swept } = await sweep(
      {},
      { clusters: [], services: { ...given, executions: executions as never } },
    )
    expect(swept[0]?.openTooLong).toEqual(['stands-still'])
  })

  it('and where Step Functions does not answer, the sweep goes on and says so', async () => {
    const list = async () => {
      throw new Transient('ListExecutions: 500')
    }
    const { swept, warned } = await sweep(
      {},
      { clusters: [], services: { ...given, executions: { ...executions, list } as never } },
    )
    expect(swept[0]).toMatchObject({ openTooLong: null, left: 0 })
    expect(warned).toEqual([expect.stringContaining('open runs were not looked at')])
  })
})
