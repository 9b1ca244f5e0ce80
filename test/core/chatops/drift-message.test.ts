import { expect, it } from 'vitest'
import { type Block, context, section } from '../../../core/chatops/blocks.ts'
import { digestMessage, digestTitle } from '../../../core/chatops/drift-message.ts'
import type { DriftDigest } from '../../../core/events.ts'
import type { Finding } from '../../../core/findings.ts'

type Drifted = DriftDigest['drifted'][number]

const found = (text: string): Finding => ({ code: 'c-1', severity: 'warning', subject: 's', found: text })
const drift = (differs: Partial<Drifted> = {}): Drifted => ({
  binding: 'carts',
  cluster: 'shop_1',
  region: 'us-west-2',
  findings: [found('the association is *gone*')],
  run: null,
  undoneBy: null,
  held: null,
  since: '2026-11-26T00:00:00Z',
  ...differs,
})
const unchecked = { cluster: 'shop_1', region: 'us-west-2', findings: [found('it is *deleting*')] }
const digest = (differs: Partial<DriftDigest>): DriftDigest => {
  const { drifted = [], notChecked = [] } = differs
  return {
    day: '2026-11-26',
    drifted,
    notChecked,
    total: { drifted: drifted.length, notChecked: notChecked.length },
    stopped: null,
    ...differs,
  }
}

it.each<[why: string, digest: DriftDigest, title: string]>([
  ['one binding, by its name', digest({ drifted: [drift()] }), '⚠ carts on shop_1 is not as declared'],
  ['several bindings', digest({ drifted: [drift(), drift()] }), '⚠ 2 bindings are not as declared'],
  [
    'more than are shown',
    digest({ drifted: [drift()], total: { drifted: 250, notChecked: 0 } }),
    '⚠ 250 bindings are not as declared',
  ],
  ['one cluster', digest({ notChecked: [unchecked] }), '⚠ the cluster shop_1 could not be checked'],
  [
    'all of a region',
    digest({ notChecked: [{ ...unchecked, cluster: null }] }),
    '⚠ the clusters of us-west-2 could not be checked',
  ],
  [
    'both',
    digest({ drifted: [drift()], notChecked: [unchecked, unchecked] }),
    '⚠ carts on shop_1 is not as declared, and 2 clusters could not be checked',
  ],
])('the title of a day: %s', (_why, day, title) => {
  expect(digestTitle(day)).toBe(title)
})

const title: Block = {
  type: 'header',
  text: { type: 'plain_text', text: '⚠ carts on shop_1 is not as declared' },
}
const last = context('One message a day; each finding is an event of the stage’s bus when it is found.')
const start = '`/pod-identity enable carts on shop_1` starts a run.'

it.each<[why: string, drift: Drifted, next: string]>([
  ['a run puts it right', drift({ run: 'sweep-1' }), 'The run `sweep-1` repairs it.'],
  ['nobody does', drift(), `Nothing was changed. ${start}`],
  [
    'somebody undid it on purpose',
    drift({ undoneBy: 'undo-1' }),
    `The run \`undo-1\` undid it, so that the sweep leaves it alone until somebody enables it again: ${start}`,
  ],
  [
    'a limit holds it back',
    drift({ held: `*${'h'.repeat(300)}` }),
    `Nothing was changed: \u2060*\u2060${'h'.repeat(298)}….`,
  ],
])('what is next: %s', (_why, one, next) => {
  expect(digestMessage(digest({ drifted: [one] }))).toEqual({
    text: '⚠ carts on shop\u2060_\u20601 is not as declared',
    blocks: [
      title,
      section(`*carts on shop\u2060_\u20601*\nthe association is \u2060*\u2060gone\u2060*\u2060\n${next}`),
      last,
    ],
  })
})

it('says why clusters were not checked, that sweeps have stopped, and how many more there are', () => {
  const long = [found('one'), found('f'.repeat(301))]
  const day = digest({
    drifted: [drift({ findings: long })],
    notChecked: [unchecked, { cluster: null, region: 'eu-west-1', findings: long }],
    total: { drifted: 3, notChecked: 7 },
    stopped: `_${'s'.repeat(500)}`,
  })
  expect(digestMessage(day)).toEqual({
    text: '⚠ 3 bindings are not as declared, and 7 clusters could not be checked',
    blocks: [
      {
        type: 'header',
        text: {
          type: 'plain_text',
          text: '⚠ 3 bindings are not as declared, and 7 clusters could not be checked',
        },
      },
      section(`*carts on shop\u2060_\u20601*\none\n${'f'.repeat(299)}…\nNothing was changed. ${start}`),
      context('and 2 more'),
      section(
        '*the cluster shop\u2060_\u20601 could not be checked*\nit is \u2060*\u2060deleting\u2060*\u2060',
      ),
      section(`*the clusters of eu-west-1 could not be checked*\none\n${'f'.repeat(299)}…`),
      context('and 5 more'),
      context(`\u2060_\u2060${'s'.repeat(498)}…`),
      last,
    ],
  })
})

it.each([
  ['what the digest left out and what has no room', 43],
  ['what has no room alone', 40],
])('counts %s, each once', (_why, total) => {
  const day = digest({
    drifted: Array.from({ length: 40 }, () => drift({ run: 'r' })),
    notChecked: Array.from({ length: 20 }, () => unchecked),
    total: { drifted: total, notChecked: 20 },
  })
  const { blocks } = digestMessage(day)
  const shown = blocks.findIndex(({ type }) => type === 'context') - 1
  expect(blocks).toHaveLength(50)
  expect(shown).toBeLessThan(40)
  expect(blocks.filter(({ type }) => type === 'context')).toEqual([
    context(`and ${total - shown} more`),
    last,
  ])
})

it('cuts a long name in the header', () => {
  const { blocks } = digestMessage(digest({ drifted: [drift({ binding: 'b'.repeat(200) })] }))
  expect(blocks[0]).toEqual({ type: 'header', text: { type: 'plain_text', text: `⚠ ${'b'.repeat(147)}…` } })
})
