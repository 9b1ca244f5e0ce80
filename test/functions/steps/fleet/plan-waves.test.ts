import { describe, expect, it } from 'vitest'
import type { WaveItem } from '../../../../core/fleet/waves/request.ts'
import { create, planWaves } from '../../../../functions/steps/plan-waves.ts'
import { surroundings } from '../../middleware/support.ts'
import { rolloutOfFour } from './bucket.ts'

const { account, startTime, before, place, names, services } = rolloutOfFour

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
  it('says which fields its input lacks', async () => {
    await expect(create(surroundings())({ input: {} })).rejects.toThrow(/execution: .*now: /)
  })
})
