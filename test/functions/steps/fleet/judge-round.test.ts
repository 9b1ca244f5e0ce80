import { describe, expect, it } from 'vitest'
import type { FleetPlan } from '../../../../core/fleet/waves/plan.ts'
import type { WaveItem } from '../../../../core/fleet/waves/request.ts'
import { create, judgeRound } from '../../../../functions/steps/judge-round.ts'
import { surroundings } from '../../middleware/support.ts'
import { rolloutOfFour } from './bucket.ts'

const { before, services, ownItem, plan, at, noneOfAny } = rolloutOfFour

const wrote = (item: WaveItem, ok: boolean) =>
  ok
    ? {
        Status: 'SUCCEEDED',
        Input: JSON.stringify(item),
        Output: JSON.stringify({ run: item.run, outcome: 'enabled', summary: '', before }),
      }
    : { Status: 'FAILED', Input: JSON.stringify(item), Cause: '{"Status":"FAILED","Cause":"no role"}' }

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
    const again = (more: object) => {
      given.got.splice(0)
      return judge({ ...input, ...more } as never)
    }
    return { given, first, again }
  }

  it('goes on with the next round, keeps the rows and the tally, and tells', async () => {
    const { given, first } = await judged(rounds(true), {})
    expect(first).toEqual({
      judged: {
        wave: 1,
        round: 1,
        undoing: false,
        next: 'go on',
        beyond: false,
        counts: { ...noneOfAny, enabled: 1 },
        failures: 0,
        digest: [],
        toUndo: 0,
        message: 'wave 1 of 2: 2 bindings on 1 cluster, round 1 of 2: 1 enabled',
      },
      question: null,
    })
    expect(given.got).toEqual(['wave-1-round-1.json', 'SUCCEEDED_0.json'])
    expect(given.stored[`${at}/wave-1-round-1.rows.json`]).toMatchObject([
      { item: 'run-a', result: 'enabled' },
    ])
    expect(given.stored[`${at}/wave-1-round-1.tally.json`]).toEqual({
      counts: { ...noneOfAny, enabled: 1 },
      digest: [],
    })
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
      const { judged: wave, question } = await again({ round: 2 })
      expect(wave).toMatchObject({ next: 'next', counts: { ...noneOfAny, enabled: 2 } })
      expect(question).toBeNull()
      expect(given.got).toEqual([
        'wave-1-round-2.json',
        'SUCCEEDED_0.json',
        'wave-1-round-1.tally.json',
        ...(tally ? [] : ['wave-1-round-1.rows.json']),
      ])
    }
  })
  it('counts nothing of a round that was never judged', async () => {
    const { given, again } = await judged(rounds(true, true), {})
    delete given.stored[`${at}/wave-1-round-1.tally.json`]
    delete given.stored[`${at}/wave-1-round-1.rows.json`]
    expect((await again({ round: 2 })).judged.counts).toEqual({ ...noneOfAny, enabled: 1 })
  })
  it('ends with its last wave, and asks nobody', async () => {
    const { again } = await judged(rounds(true, true), {})
    const { judged: wave, question } = await again({
      plan: plan({ approval: 'required' }),
      wave: 2,
      round: 1,
    })
    expect(wave).toMatchObject({
      next: 'report',
      message: 'wave 2 of 2: 1 binding on 1 cluster: 1 not begun',
    })
    expect(question).toBeNull()
  })
  it('goes on with an undo, whatever fails in it', async () => {
    const { given, again } = await judged(rounds(true, false), {})
    const { judged: wave } = await again({ plan: plan({ mode: 'undo', undoOnFailure: true }), round: 2 })
    expect(wave).toMatchObject({ next: 'next', beyond: true, toUndo: 0 })
    expect(given.got).not.toContain('wave-1-round-1.rows.json')
  })
  it('keeps twenty reasons of failures, and tells the first five', async () => {
    const many = Array.from({ length: 21 }, (_, at) => ownItem(`x${at}`))
    const results = many.map((item, at) => ({
      Status: 'FAILED',
      Input: JSON.stringify(item),
      Cause: JSON.stringify({ Status: 'FAILED', Cause: `reason ${at}` }),
    }))
    const { given, first } = await judged(
      { [`${at}/wave-1-round-1.json`]: many, [`${at}/results-1-1/x/FAILED_0.json`]: results },
      {},
    )
    const { digest } = given.stored[`${at}/wave-1-round-1.tally.json`] as { digest: unknown[] }
    expect(digest).toHaveLength(20)
    expect(first.judged.digest).toEqual(digest.slice(0, 5))
  })
  it('asks before the next wave where the rollout wants that, by a digest of its bindings', async () => {
    const { given, again } = await judged(rounds(true, true), { approval: 'required' })
    const approval = { plan: plan({ approval: 'required' }), round: 2 }
    const { judged: wave, question } = await again(approval)
    expect(question).toMatchObject({ wave: 2, waves: 2, bindings: 1, clusters: 1, before: wave.message })
    expect(question?.plan).toMatch(/^[0-9a-f]{32}$/)
    expect(question?.places).toHaveLength(1)
    expect((await again({ ...approval, round: 1 })).question).toBeNull()
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
    expect(undo).toEqual({
      ...ownItem('a', 'rollout-1-u1-1'),
      input: { ...ownItem('a').input, mode: 'undo', before },
    })
    const tally = given.stored[`${at}/wave-1-round-1.tally.json`]

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
    expect(given.stored[`${at}/wave-1-round-1.tally.json`]).toEqual(tally)
  })
  it('undoes what was changed in the round that failed, each by a run of its own', async () => {
    const { given, first } = await judged(
      {
        [`${at}/wave-1-round-1.json`]: ['a', 'b', 'c'].map((name) => ownItem(name)),
        [`${at}/results-1-1/x/SUCCEEDED_0.json`]: [wrote(ownItem('a'), true), wrote(ownItem('b'), true)],
        [`${at}/results-1-1/x/FAILED_0.json`]: [wrote(ownItem('c'), false)],
      },
      { undoOnFailure: true },
    )
    expect(first.judged).toMatchObject({ next: 'undo', toUndo: 2 })
    const undo = given.stored[`${at}/undo-1-round-1.json`] as WaveItem[]
    expect(undo.map(({ binding, run }) => [binding, run])).toEqual([
      ['a', 'rollout-1-u1-1'],
      ['b', 'rollout-1-u1-2'],
    ])
  })
  it('leaves to a person what an undo could not put back', async () => {
    const { given, again } = await judged(rounds(true, false), { undoOnFailure: true })
    const undo = { plan: plan({ undoOnFailure: true }), round: 1 }
    await again({ ...undo, round: 2 })
    const [item] = given.stored[`${at}/undo-1-round-1.json`] as WaveItem[]
    given.stored[`${at}/undone-1-1/x/FAILED_0.json`] = [wrote(item as WaveItem, false)]
    expect((await again({ ...undo, undoing: true })).judged).toMatchObject({
      next: 'report',
      beyond: true,
      toUndo: 0,
      failures: 1,
    })
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
  it('says which fields its input lacks', async () => {
    await expect(create(surroundings())({})).rejects.toThrow(/plan: .*wave: .*round: .*undoing: .*exceeded: /)
  })
})
