import { describe, expect, it } from 'vitest'
import {
  fleetItems,
  PlainItem,
  readFleetRequest,
  rolloutOfRun,
  runsBeginWith,
  titleOf,
  unknownBindings,
  waveOfRun,
} from '../../../../core/fleet/waves/request.ts'
import { RolloutSettings } from '../../../../core/fleet/waves/settings.ts'

const refusal = (...faults: string[]): string =>
  `The request has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}; nothing was called.\n${faults.map((fault) => `- ${fault}`).join('\n')}`
const thrown = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing was wrong'
}
const usual = RolloutSettings.parse({})
const items = [{ name: 'carts', input: { cluster: 'blue' } }]
const undo = { rollout: 'night' }

describe('a request for a rollout', () => {
  it.each<[why: string, input: object, of: object, settings?: object, podidYaml?: object]>([
    ['all bindings', { bindings: 'all' }, { of: 'settings', bindings: 'all', clusters: undefined }],
    [
      'some bindings on some clusters',
      { bindings: ['carts'], clusters: ['blue'] },
      { of: 'settings', bindings: ['carts'], clusters: ['blue'] },
    ],
    ['bindings spelt out', { items }, { of: 'items', items }],
    [
      'a list in the bucket',
      { itemsAt: 'inputs/night-1.x_y.json' },
      { of: 'object', key: 'inputs/night-1.x_y.json' },
    ],
    [
      'what says that it enables',
      { mode: 'enable', bindings: 'all' },
      { of: 'settings', bindings: 'all', clusters: undefined },
    ],
    [
      'only what there would be',
      { mode: 'plan', bindings: 'all' },
      { of: 'settings', bindings: 'all', clusters: undefined },
    ],
    ['a rollout to undo', { mode: 'undo', undo }, { of: 'rollout', rollout: 'night', waves: undefined }],
    [
      'some waves of one',
      { mode: 'undo', undo: { ...undo, waves: [1, 3] } },
      { of: 'rollout', rollout: 'night', waves: [1, 3] },
    ],
    [
      'a setting of its own: it goes before that of podid.yaml, and what it does not say stays as that has it',
      { bindings: 'all', perCluster: 2 },
      { of: 'settings', bindings: 'all', clusters: undefined },
      { perCluster: 2, pauseSeconds: 60 },
      { perCluster: 9, pauseSeconds: 60 },
    ],
    [
      'a setting of its own that is the default: it goes before that of podid.yaml too',
      { bindings: 'all', perCluster: 4 },
      { of: 'settings', bindings: 'all', clusters: undefined },
      { perCluster: 4 },
      { perCluster: 9 },
    ],
  ])('reads %s', (_why, input, subject, settings = {}, podidYaml = {}) => {
    expect(readFleetRequest(input, podidYaml)).toEqual({
      mode: 'enable',
      ...('mode' in input ? { mode: input.mode } : {}),
      subject,
      settings: { ...usual, ...settings },
    })
  })

  const one = (count: number) =>
    `bindings, items, itemsAt and undo: a rollout has one of them, and this has ${count}`
  it.each<[why: string, input: unknown, faults: string[]]>([
    ['about nothing', {}, [one(0)]],
    ['about two things', { bindings: 'all', items }, [one(2)]],
    ['about all of them', { bindings: 'all', items, itemsAt: 'inputs/x', undo }, [one(4)]],
    [
      'to undo what is no rollout',
      { mode: 'undo', bindings: 'all' },
      ['undo: is missing; mode undo needs the rollout whose waves are to be undone'],
    ],
    ['to enable an undo', { undo }, ['undo: goes with mode undo only, and the mode is enable']],
    ['to plan an undo', { mode: 'plan', undo }, ['undo: goes with mode undo only, and the mode is plan']],
    [
      'for some clusters of what names its own',
      { items, clusters: ['blue'] },
      ['clusters: goes with bindings only, which have patterns of clusters'],
    ],
    ['with a field that there is not', { bindings: 'all', x: 1 }, ['x: is not a field of a rollout']],
    [
      'for a field of an undo that there is not',
      { mode: 'undo', undo: { ...undo, x: 1 } },
      ['undo.x: is not a field of a rollout'],
    ],
    [
      'with an item of more than its two fields',
      { items: [{ ...items[0], x: 1 }] },
      ['items[0].x: is not a field of a rollout'],
    ],
    [
      'for a list elsewhere in the bucket',
      { itemsAt: 'rollouts/x' },
      ['itemsAt: is not a key below inputs/ of the bucket of the stage'],
    ],
    [
      'for a list in a folder',
      { itemsAt: 'inputs/a/b' },
      ['itemsAt: is not a key below inputs/ of the bucket of the stage'],
    ],
    [
      'for a list behind another folder',
      { itemsAt: 'x/inputs/a' },
      ['itemsAt: is not a key below inputs/ of the bucket of the stage'],
    ],
    [
      'for a rollout of a name that no execution has',
      { mode: 'undo', undo: { rollout: 'a b' } },
      ['undo.rollout: is not the name of an execution'],
    ],
    [
      'for one whose name begins so',
      { mode: 'undo', undo: { rollout: ' a' } },
      ['undo.rollout: is not the name of an execution'],
    ],
    [
      'for one of a name that is too long',
      { mode: 'undo', undo: { rollout: 'a'.repeat(81) } },
      ['undo.rollout: is not the name of an execution'],
    ],
    [
      'with two faults of its settings',
      { bindings: 'all', perCluster: 51, approvalTimeoutSeconds: 59 },
      [
        'perCluster: Too big: expected number to be <=50',
        'approvalTimeoutSeconds: Too small: expected number to be >=60',
      ],
    ],
    [
      'with a window that is none',
      { bindings: 'all', windows: [{ from: '9', to: '10:00' }] },
      ['windows[0].from: is not a time of day, such as 22:00'],
    ],
    [
      'for the first waves before the first',
      { mode: 'undo', undo: { ...undo, waves: [0] } },
      ['undo.waves[0]: Too small: expected number to be >=1'],
    ],
    [
      'for no waves of a rollout',
      { mode: 'undo', undo: { ...undo, waves: [] } },
      ['undo.waves: Too small: expected array to have >=1 items'],
    ],
    [
      'for more waves than there are',
      { mode: 'undo', undo: { ...undo, waves: Array.from({ length: 101 }, () => 1) } },
      ['undo.waves: Too big: expected array to have <=100 items'],
    ],
    [
      'for too many clusters',
      { bindings: 'all', clusters: Array.from({ length: 1001 }, () => 'x') },
      ['clusters: Too big: expected array to have <=1000 items'],
    ],
    [
      'for too many items',
      { items: Array.from({ length: 10_001 }, () => items[0]) },
      ['items: Too big: expected array to have <=10000 items'],
    ],
  ])('refuses one %s', (_why, input, faults) => {
    expect(thrown(() => readFleetRequest(input, {}))).toBe(refusal(...faults))
  })

  it.each([
    ['neither all nor a list', 'some'],
    ['no binding', []],
    ['too many', Array.from({ length: 1001 }, () => 'x')],
  ])('refuses bindings that are %s', (_why, bindings) => {
    expect(thrown(() => readFleetRequest({ bindings }, {}))).toContain('\n- bindings: ')
  })
})

it.each([
  ['a name and an input', { name: 'carts', input: {} }, true],
  ['no name', { name: '', input: {} }, false],
  ['a name of 300 letters', { name: 'x'.repeat(300), input: {} }, true],
  ['a longer name', { name: 'x'.repeat(301), input: {} }, false],
])('takes of an item %s: %s', (_why, item, taken) => {
  expect(PlainItem.safeParse(item).success).toBe(taken)
})

const account = '123456789012'
const where = { account, region: 'us-west-2' }
const input = {
  cluster: 'blue',
  namespace: 'shop',
  serviceAccount: 'carts',
  role: `arn:aws:iam::${account}:role/carts`,
}

describe('the bindings of a list', () => {
  it('are in the region of the stage, unless they name one', () => {
    const there = { ...input, region: 'eu-west-1' }
    const read = fleetItems(
      [
        { name: 'one', input },
        { name: 'two', input: there },
      ],
      where,
    )
    const { role: _, ...place } = input
    expect(read).toEqual([
      { binding: 'one', ...place, region: 'us-west-2', input: { ...input, region: 'us-west-2' } },
      { binding: 'two', ...place, region: 'eu-west-1', input: there },
    ])
    expect(read.map(titleOf)).toEqual(['one on blue', 'two on blue'])
  })

  it('are refused for a fault alone, and for one ServiceAccount alone', () => {
    const two = ['one', 'two'].map((name) => ({ name, input }))
    expect(thrown(() => fleetItems(two, where))).toBe(
      refusal(
        'one and two are both for shop/carts on blue in us-west-2: of these only one can be done at a time',
      ),
    )
    const bad = [{ name: 'bad', input: { ...input, replace: 1 } }]
    expect(thrown(() => fleetItems(bad, where))).toBe(
      refusal('bad on blue: replace: Invalid input: expected boolean, received number'),
    )
  })

  it('are refused with every fault by its binding, and with those that are for one ServiceAccount', () => {
    const orders = { ...input, serviceAccount: 'orders' }
    const list = [
      { name: 'one', input },
      { name: 'bad', input: { ...orders, role: 'x', mode: 'all' } },
      { name: 'two', input },
      { name: 'elsewhere', input: { ...input, region: 'eu-west-1' } },
      { name: 'three', input },
    ]
    expect(thrown(() => fleetItems(list, where))).toBe(
      refusal(
        'bad on blue: role: "x" is not an IAM role ARN, such as arn:aws:iam::123456789012:role/carts-dynamo',
        'bad on blue: mode: Invalid option: expected one of "enable"|"plan"|"undo"',
        'one and two and three are both for shop/carts on blue in us-west-2: of these only one can be done at a time',
      ),
    )
  })
})

it.each([
  ['rollout-night', 'rollout-night-'],
  ['night', 'rollout-night-'],
  ['x'.repeat(40), `rollout-${'x'.repeat(40)}-`],
  ['x'.repeat(41), `rollout-${'x'.repeat(27)}-${'d'.repeat(12)}-`],
])('the runs of the rollout %s begin with %s', (rollout, begin) => {
  expect(runsBeginWith(rollout, 'd'.repeat(20))).toBe(begin)
})

it.each<[run: string, of: ReturnType<typeof waveOfRun>]>([
  ['rollout-night-w2-13', { beginsWith: 'rollout-night-', wave: 2, undo: false }],
  ['rollout-night-u12-1', { beginsWith: 'rollout-night-', wave: 12, undo: true }],
  // What follows a redrive, and what puts back at once what was stopped.
  ['rollout-night-w2-13-r10', { beginsWith: 'rollout-night-', wave: 2, undo: false }],
  ['rollout-night-w2-13-back', { beginsWith: 'rollout-night-', wave: 2, undo: true }],
  ['rollout-a-w1-1-w3-4', { beginsWith: 'rollout-a-w1-1-', wave: 3, undo: false }],
  ['rollout-night-w2-13-x', undefined],
  ['a-rollout-night-w2-13', undefined],
  ['rollout-w2-13', undefined],
  ['rollout-night-v2-13', undefined],
  ['rollout-night-w2', undefined],
  ['rollout-night-w-13', undefined],
  ['enable-carts', undefined],
])('the run %s is of the rollout and the wave %o', (run, of) => {
  expect(waveOfRun(run)).toEqual(of)
})

it.each([
  ['rollout-slack-0123456789abcdef0123-w1-0', 'rollout-slack-0123456789abcdef0123'],
  ['rollout-night-u2-1', 'rollout-night'],
  ['slack-shop-carts-0123456789abcdef0123', undefined],
])('the run %s is of the rollout %s', (run, rollout) => {
  expect(rolloutOfRun(run)).toBe(rollout)
})

it('names the bindings that podid.yaml does not have', () => {
  expect(unknownBindings(['carts', 'a"b', 'orders'], ['carts', 'orders', 'etl'])).toEqual([
    'bindings: there is no binding "a\\"b" in podid.yaml',
  ])
})
