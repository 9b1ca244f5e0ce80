import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../../core/config.ts'
import type { FleetPlan } from '../../../../core/fleet/waves/plan.ts'
import type { WaveItem } from '../../../../core/fleet/waves/request.ts'
import { judgeRound } from '../../../../functions/steps/judge-round.ts'
import { planWaves } from '../../../../functions/steps/plan-waves.ts'
import { create as createReport, reportRollout } from '../../../../functions/steps/report-rollout.ts'
import { surroundings } from '../../middleware/support.ts'

const account = '123456789012'
const startTime = '2026-11-23T06:00:00.000Z'
const before = { run: 'x', restartedAt: startTime, association: null, workload: null }
const place = (name: string) => ({
  cluster: 'shop',
  namespace: 'n',
  serviceAccount: name,
  role: `arn:aws:iam::${account}:role/${name}`,
})
const names = ['a', 'b', 'c', 'd']
const config = parseConfig(
  {
    account,
    region: 'us-west-2',
    bindings: Object.fromEntries(names.map((name, at) => [name, { ...place(name), cluster: `shop-${at}` }])),
    access: [],
  },
  'test',
)

/** A bucket, and what was put on the bus. */
const services = (objects: Record<string, unknown> = {}, inTheWay?: string) => {
  const did: unknown[] = []
  return {
    did,
    stored: objects,
    config,
    clusters: () => {
      throw new Error('nothing is to be asked of EKS')
    },
    objects: {
      bucket: 'rollouts',
      get: async (key: string) => objects[key],
      put: async (key: string, value: unknown) => {
        objects[key] = JSON.parse(JSON.stringify(value))
      },
      list: async (prefix: string) => Object.keys(objects).filter((key) => key.startsWith(prefix)),
    },
    executions: { find: async () => undefined, history: async () => [], stop: async () => {} },
    rollouts: { arnOf: (run: string) => `arn:${run}` },
    bus: { put: async (event: unknown) => void did.push(event) },
    takeTurn: async (...given: unknown[]) => {
      did.push(given)
      return inTheWay
    },
  }
}
const execution = {
  arn: `arn:aws:states:us-west-2:${account}:execution:rollout:rollout-1`,
  startTime,
}
const planned = async (input: unknown, given = services()) => ({
  ...given,
  plan: await planWaves(given as never)({ input, execution, now: startTime }),
})

describe('PlanWaves', () => {
  it('leaves the plan and the bindings of each round in the bucket', async () => {
    const { plan, stored, did } = await planned({ bindings: 'all' })
    expect(plan).toMatchObject({
      rollout: 'rollout-1',
      mode: 'enable',
      bucket: 'rollouts',
      startedAt: startTime,
    })
    expect(stored['rollouts/rollout-1/plan.json']).toEqual(plan)
    const keys = plan.waves.flatMap(({ number, rounds }) =>
      Array.from({ length: rounds }, (_, at) => `rollouts/rollout-1/wave-${number}-round-${at + 1}.json`),
    )
    const items = keys.flatMap((key) => stored[key] as WaveItem[])
    expect(items.map(({ binding }) => binding).toSorted()).toEqual(names)
    expect(items.map(({ input }) => [input.mode, input.region])).toEqual(
      names.map(() => ['enable', 'us-west-2']),
    )
    expect(did).toEqual([['rollout-1', 'enable']])
  })
  it('takes no turn to plan', async () => {
    expect((await planned({ bindings: 'all', mode: 'plan' })).did).toEqual([])
  })
  it('is refused beside another, with the command that stops that', async () => {
    await expect(planned({ bindings: 'all' }, services({}, 'rollout-0'))).rejects.toMatchObject({
      name: 'Refused',
      message: `the rollout rollout-0 is under way, and one at a time is. Start this one again when it has ended, or stop it first:\naws stepfunctions stop-execution --execution-arn arn:aws:states:us-west-2:${account}:execution:rollout:rollout-0 --region us-west-2`,
    })
  })
  const list = [{ name: 'x', input: place('x') }]
  it.each<[why: string, input: object, objects: Record<string, unknown>]>([
    ['in the input', { items: list }, {}],
    ['in the bucket', { itemsAt: 'inputs/x.json' }, { 'inputs/x.json': list }],
  ])('takes bindings %s', async (_why, input, objects) => {
    const { plan } = await planned(input, services({ ...objects }))
    expect(plan.waves).toMatchObject([{ number: 1, bindings: 1, clusters: 1 }])
  })
  it('says where it found no list', async () => {
    await expect(planned({ itemsAt: 'inputs/x.json' })).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: 'itemsAt: the bucket has no list of bindings at inputs/x.json',
    })
  })

  const earlier = {
    'rollouts/rollout-0/plan.json': {
      waves: [
        { number: 1, rounds: 1 },
        { number: 2, rounds: 2 },
      ],
    },
    ...Object.fromEntries(
      (
        [
          [1, 1, 'a'],
          [2, 1, 'b'],
          [2, 2, 'c'],
        ] as const
      ).flatMap(([wave, round, name]) => {
        const own = { binding: name, ...place(name), region: 'us-west-2', run: `run-${name}` }
        const key = `rollouts/rollout-0/wave-${wave}-round-${round}`
        return [
          [`${key}.json`, [{ ...own, input: { ...place(name), mode: 'enable' } }]],
          [`${key}.rows.json`, [{ ...own, item: own.run, wave, result: 'enabled', said: '', before }]],
        ]
      }),
    ),
  }
  const undone = async (undo: object) => {
    const { plan, stored, did } = await planned({ mode: 'undo', undo }, services({ ...earlier }))
    const items = plan.waves.flatMap(({ number, rounds }) =>
      Array.from(
        { length: rounds },
        (_, at) => stored[`rollouts/rollout-1/wave-${number}-round-${at + 1}.json`],
      ),
    ) as WaveItem[][]
    return { items: items.flat(), did }
  }
  it('undoes an earlier rollout, all of it or some waves, with what was before', async () => {
    const all = await undone({ rollout: 'rollout-0' })
    expect(all.items.map(({ binding }) => binding).toSorted()).toEqual(['a', 'b', 'c'])
    expect(all.items.map(({ input }) => [input.mode, input.before])).toEqual(
      all.items.map(() => ['undo', before]),
    )
    expect(all.did).toEqual([['rollout-1', 'undo']])
    const one = await undone({ rollout: 'rollout-0', waves: [2] })
    expect(one.items.map(({ binding }) => binding).toSorted()).toEqual(['b', 'c'])
  })
  it.each<[undo: object, message: string]>([
    [
      { rollout: 'rollout-9' },
      'undo: there is no rollout rollout-9, or it was longer ago than what is kept of one',
    ],
    [{ rollout: 'rollout-0', waves: [1, 3, 4] }, 'undo: rollout-0 has 2 waves, and no wave 3 or 4'],
  ])('refuses %o', async (undo, message) => {
    await expect(undone(undo)).rejects.toMatchObject({ name: 'InvalidRequest', message })
  })
})

const ownItem = (name: string, run = `run-${name}`): WaveItem => ({
  binding: name,
  cluster: 'shop',
  region: 'us-west-2',
  namespace: 'n',
  serviceAccount: name,
  run,
  input: { cluster: 'shop', namespace: 'n', mode: 'enable' },
})
const wrote = (item: WaveItem, ok: boolean) =>
  ok
    ? {
        Status: 'SUCCEEDED',
        Input: JSON.stringify(item),
        Output: JSON.stringify({ run: item.run, outcome: 'enabled', summary: '', before }),
      }
    : { Status: 'FAILED', Input: JSON.stringify(item), Cause: '{"Status":"FAILED","Cause":"no role"}' }
const plan = (change: Partial<FleetPlan> = {}): FleetPlan => ({
  rollout: 'rollout-1',
  mode: 'enable',
  startedAt: startTime,
  bucket: 'rollouts',
  folder: '',
  waves: [
    { number: 1, clusters: 1, bindings: 2, rounds: 2 },
    { number: 2, clusters: 1, bindings: 1, rounds: 1 },
  ] as never,
  concurrency: 1,
  atOnce: 1,
  paceMs: 0,
  toleratedFailurePercentage: 0,
  undoOnFailure: false,
  approval: 'none',
  approvalTimeoutSeconds: 60,
  pauseSeconds: 0,
  openings: null,
  summary: '',
  ...change,
})
const at = 'rollouts/rollout-1'

describe('JudgeRound', () => {
  const rounds = (first: boolean, second?: boolean): Record<string, unknown> => ({
    [`${at}/wave-1-round-1.json`]: [ownItem('a')],
    [`${at}/results-1-1/x/${first ? 'SUCCEEDED' : 'FAILED'}_0.json`]: [wrote(ownItem('a'), first)],
    [`${at}/wave-1-round-2.json`]: [ownItem('b')],
    ...(second === undefined
      ? {}
      : {
          [`${at}/results-1-2/x/${second ? 'SUCCEEDED' : 'FAILED'}_0.json`]: [wrote(ownItem('b'), second)],
        }),
    [`${at}/wave-2-round-1.json`]: [ownItem('c')],
  })
  const judged = async (objects: Record<string, unknown>, change: Partial<FleetPlan>, rest: object = {}) => {
    const given = services(objects)
    const judge = judgeRound(given as never)
    const input = { plan: plan(change), wave: 1, undoing: false, exceeded: false }
    const first = await judge({ ...input, round: 1, ...rest })
    return { given, first, again: (more: object) => judge({ ...input, ...more } as never) }
  }

  it('goes on with the next round, keeps the rows and the tally, and tells', async () => {
    const { given, first } = await judged(rounds(true), {})
    expect(first).toMatchObject({
      judged: { wave: 1, round: 1, undoing: false, next: 'go on', failures: 0, toUndo: 0, digest: [] },
      question: null,
    })
    expect(first.judged.message).toContain(', round 1 of 2: ')
    expect(given.stored[`${at}/wave-1-round-1.rows.json`]).toMatchObject([
      { item: 'run-a', result: 'enabled' },
    ])
    expect(given.stored[`${at}/wave-1-round-1.tally.json`]).toMatchObject({ counts: { enabled: 1 } })
    expect(given.did).toEqual([
      {
        type: 'Rollout Wave Judged',
        resources: ['arn:rollout-1'],
        detail: { rollout: 'rollout-1', ...first.judged },
      },
    ])
  })
  it('adds up the rounds of a wave, also without a tally of the one before', async () => {
    for (const tally of [true, false]) {
      const { given, again } = await judged(rounds(true, true), {})
      if (!tally) delete given.stored[`${at}/wave-1-round-1.tally.json`]
      expect(await again({ round: 2 })).toMatchObject({ judged: { next: 'next', counts: { enabled: 2 } } })
    }
  })
  it('asks before the next wave where the rollout wants that, by a digest of its bindings', async () => {
    const { given, again } = await judged(rounds(true, true), { approval: 'required' })
    const approval = { plan: plan({ approval: 'required' }), round: 2 }
    const { judged: wave, question } = await again(approval)
    expect(question).toMatchObject({ wave: 2, waves: 2, bindings: 1, clusters: 1, before: wave.message })
    expect(question?.plan).toMatch(/^[0-9a-f]{32}$/)
    given.stored[`${at}/wave-2-round-1.json`] = [ownItem('d')]
    expect((await again(approval)).question?.plan).not.toBe(question?.plan)
  })
  it('reports a wave beyond its tolerance, with what failed', async () => {
    const { first } = await judged(rounds(false), {})
    expect(first.judged).toMatchObject({ next: 'report', failures: 1, digest: [expect.anything()] })
    expect(first.judged.beyond).toBeTruthy()
  })
  it('undoes what the wave changed in all of its rounds where the rollout wants that', async () => {
    const { given, again } = await judged(rounds(true, false), { undoOnFailure: true })
    const last = await again({ plan: plan({ undoOnFailure: true }), round: 2 })
    expect(last.judged).toMatchObject({ next: 'undo', toUndo: 1 })
    const key = `${at}/undo-1-round-1.json`
    const [undo] = given.stored[key] as WaveItem[]
    expect(undo).toMatchObject({ binding: 'a', input: { mode: 'undo', before } })
    expect(undo?.run).not.toBe('run-a')

    given.stored[`${at}/undone-1-1/x/SUCCEEDED_0.json`] = [
      {
        Status: 'SUCCEEDED',
        Input: JSON.stringify(undo),
        Output: JSON.stringify({ run: undo?.run, outcome: 'undone', summary: '' }),
      },
    ]
    const back = await again({ plan: plan({ undoOnFailure: true }), round: 1, undoing: true })
    expect(back.judged).toMatchObject({ undoing: true, next: 'report', counts: { undone: 1 } })
    expect(back.judged.message).toMatch(/^undone: /)
    expect(back.judged.message).not.toContain('round')
    expect(given.stored[`${at}/undo-1-round-1.rows.json`]).toMatchObject([{ result: 'undone' }])
  })
  it('reports where there is nothing to undo', async () => {
    const { given, first } = await judged(rounds(false), { undoOnFailure: true })
    expect(first.judged).toMatchObject({ next: 'report', toUndo: 0 })
    expect(given.stored[`${at}/undo-1-round-1.json`]).toBeUndefined()
  })
  it('judges a round of which the bucket has nothing', async () => {
    const { first } = await judged({}, {})
    expect(first.judged).toMatchObject({ failures: 0, digest: [] })
  })
})

describe('ReportRollout', () => {
  const row = (name: string, wave: number, result: string) => {
    const { input: _, ...own } = ownItem(name)
    return { ...own, item: own.run, wave, result, said: '', before: null }
  }
  const kept = {
    [`${at}/wave-1-round-1.rows.json`]: [row('a', 1, 'enabled')],
    [`${at}/wave-1-round-2.rows.json`]: [row('b', 1, 'failed')],
    [`${at}/undo-1-round-1.rows.json`]: [row('a', 1, 'undone')],
    [`${at}/wave-2-round-1.rows.json`]: [row('c', 2, 'enabled')],
    [`${at}/wave-1-round-1.json`]: [ownItem('a')],
    [`${at}/wave-1-round-2.json`]: [ownItem('b')],
    [`${at}/wave-2-round-1.json`]: [ownItem('c')],
  }
  const endedAt = '2026-11-23T07:00:00.000Z'
  const reported = async (change: Partial<FleetPlan>, rest: object) => {
    const asked: string[] = []
    const given = services({ ...kept })
    const get = async (key: string) => {
      asked.push(key.slice(at.length + 1))
      return (kept as Record<string, unknown>)[key]
    }
    const report = await reportRollout({ ...given, objects: { ...given.objects, get } } as never)({
      plan: plan(change),
      judged: [],
      failure: null,
      endedAt,
      ...rest,
    } as never)
    return { report, asked }
  }
  it('looks at the waves that were judged, and at what was undone of each', async () => {
    const { asked, report } = await reported({}, { judged: [{ ...judgedWave(1) }] })
    const { before: _, ...a } = row('a', 1, 'enabled')
    const { before: __, ...b } = row('b', 1, 'failed')
    expect(report.bindings).toEqual([a, b])
    expect(report).toMatchObject({ startedAt: startTime, finishedAt: endedAt })
    expect(report.waves.map(({ undone }) => undone?.undone ?? null)).toEqual([1, null])
    expect(asked).toEqual([
      'wave-1-round-1.rows.json',
      'wave-1-round-2.rows.json',
      'undo-1-round-1.rows.json',
    ])
  })
  it('looks at the one after them where something ended the rollout in it', async () => {
    const { asked } = await reported({}, { judged: [judgedWave(1)], failure: { Error: 'E' } })
    expect(asked).toContain('wave-2-round-1.rows.json')
  })
  it('lists what a plan would do', async () => {
    const { report, asked } = await reported({ mode: 'plan' }, {})
    expect(asked).toEqual(['wave-1-round-1.json', 'wave-1-round-2.json', 'wave-2-round-1.json'])
    expect(report).toMatchObject({ outcome: 'planned' })
    expect(report.bindings).toEqual(
      [
        ['a', 1],
        ['b', 1],
        ['c', 2],
      ].map(([name, wave]) => {
        const { before: _, ...planned } = row(name as string, wave as number, 'not begun')
        return planned
      }),
    )
  })
  it('looks at nothing else of a plan that something ended', async () => {
    const { asked } = await reported({ mode: 'plan' }, { failure: { Error: 'E' } })
    expect(asked).toEqual(['wave-1-round-1.json', 'wave-1-round-2.json', 'wave-2-round-1.json'])
  })
  it('takes no input that does not say when it ended', async () => {
    const input = { plan: plan({}), judged: [], failure: null }
    await expect(createReport(surroundings())(input)).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('endedAt'),
    })
  })
  const judgedWave = (wave: number) => ({
    wave,
    round: 2,
    undoing: false,
    next: 'report',
    beyond: null,
    counts: {},
    failures: 0,
    digest: [],
    toUndo: 0,
    message: '',
  })
})
