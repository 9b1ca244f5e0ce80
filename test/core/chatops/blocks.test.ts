import { expect, it } from 'vitest'
import {
  type Block,
  context,
  type Part,
  plainText,
  section,
  shortened,
  withinLimits,
} from '../../../core/chatops/blocks.ts'
import { bytesOf } from '../../../core/text/fit.ts'

it('makes the blocks of Block Kit', () => {
  expect(plainText('a \u202e*b*')).toEqual({ type: 'plain_text', text: 'a \\u202e*b*' })
  expect(section('*b*')).toEqual({ type: 'section', text: { type: 'mrkdwn', text: '*b*' } })
  expect(context('*b*')).toEqual({ type: 'context', elements: [{ type: 'mrkdwn', text: '*b*' }] })
})

const header: Block = { type: 'header', text: plainText('h') }
const actions = (id: string): Block => ({ type: 'actions', block_id: id, elements: [] })
const more = (left: number): Block => context(`and ${left} more`)
const list = (length: number, text: string): Part => ({
  list: Array.from({ length }, (_, at) => section(`${at} ${text}`)),
  more,
})
const texts = (length: number, text: string): Block[] =>
  Array.from({ length }, (_, at) => section(`${at} ${text}`))

it.each<[why: string, parts: Part[], blocks: Block[]]>([
  [
    'what fits stays as it is',
    [header, list(2, 'x'), actions('a')],
    [header, ...texts(2, 'x'), actions('a')],
  ],
  ['an empty list is nothing', [header, list(0, 'x')], [header]],
  ['fifty blocks fit', [list(50, 'x')], texts(50, 'x')],
  ['of fifty-one the last are counted', [list(51, 'x')], [...texts(49, 'x'), more(2)]],
  [
    'the longest list is cut first',
    [list(10, 'x'), list(45, 'y'), actions('a')],
    [...texts(10, 'x'), ...texts(38, 'y'), more(7), actions('a')],
  ],
  [
    'of lists of one length the first',
    [list(25, 'x'), list(25, 'y'), actions('a')],
    [...texts(23, 'x'), more(2), ...texts(24, 'y'), more(1), actions('a')],
  ],
  [
    'also where the first part is no list',
    [header, list(2, 'x'.repeat(2900)), list(3, 'y'.repeat(2900))],
    [header, ...texts(1, 'x'.repeat(2900)), more(1), ...texts(2, 'y'.repeat(2900)), more(1)],
  ],
  ['a text of 3,000 characters is whole', [section('x'.repeat(3000))], [section('x'.repeat(3000))]],
  ['a longer one is not', [section('x'.repeat(3001))], [section(`${'x'.repeat(2995)}…`)]],
  ['in a list too', [{ list: [section('x'.repeat(3001))], more }], [section(`${'x'.repeat(2995)}…`)]],
  [
    'no escape is cut in two',
    [section(`${'x'.repeat(2991)}&amp;${'y'.repeat(9)}`)],
    [section(`${'x'.repeat(2991)}…`)],
  ],
  [
    'nor is what only looks like one left out',
    [section(`${'x'.repeat(2990)}& b${'y'.repeat(20)}`)],
    [section(`${'x'.repeat(2990)}& byy…`)],
  ],
  [
    'a block of code that is cut ends',
    [section(`\`\`\`${'x'.repeat(3000)}\`\`\``)],
    [section(`\`\`\`${'x'.repeat(2992)}…\`\`\``)],
  ],
  [
    'one that has ended before the cut is left alone',
    [section(`\`\`\`y\`\`\`${'x'.repeat(3000)}`)],
    [section(`\`\`\`y\`\`\`${'x'.repeat(2988)}…`)],
  ],
  [
    'nor is one that stands before the cut',
    [section(`&… ${'x'.repeat(3000)}`)],
    [section(`&… ${'x'.repeat(2992)}…`)],
  ],
  [
    'a list that is cut to nothing and does not help',
    [...Array.from({ length: 4 }, () => section('x'.repeat(3000))), list(1, 'y')],
    [...Array.from({ length: 4 }, () => section(`${'x'.repeat(1995)}…`)), more(1)],
  ],
  [
    'without lists all texts are cut, until they fit',
    Array.from({ length: 5 }, () => section('x'.repeat(3000))),
    Array.from({ length: 5 }, () => section(`${'x'.repeat(1328)}…`)),
  ],
  [
    'a list that is cut to nothing leaves its count',
    [...Array.from({ length: 3 }, () => section('x'.repeat(3000))), list(1, 'y'.repeat(2000))],
    [...Array.from({ length: 3 }, () => section('x'.repeat(3000))), more(1)],
  ],
  [
    'what never fits leaves its header and ten buttons',
    [header, section('x'), ...Array.from({ length: 60 }, (_, at) => actions(`${at}`))],
    [header, ...Array.from({ length: 9 }, (_, at) => actions(`${at}`))],
  ],
])('keeps a message within Slack’s limits: %s', (_why, parts, blocks) => {
  expect(withinLimits(parts)).toEqual(blocks)
})

it('takes 10,000 bytes of blocks, and not one more', () => {
  const made = (length: number) => [...texts(3, 'x'.repeat(2900)), section('y'.repeat(length))]
  const exact = 10_000 - bytesOf(made(0))
  expect(withinLimits(made(exact))).toEqual(made(exact))
  expect(withinLimits(made(exact + 1))).toEqual([
    ...Array.from({ length: 3 }, (_, at) => section(`${at} ${'x'.repeat(1993)}…`)),
    section('y'.repeat(exact + 1)),
  ])
})

it('says of a message that Slack refused its text, why, and keeps its buttons', () => {
  const blocks = [header, section('x'), ...Array.from({ length: 6 }, (_, at) => actions(`${at}`))]
  const refused = { text: 't'.repeat(2001), blocks }
  expect(shortened(refused, 'msg_too_long')).toEqual({
    text: `${'t'.repeat(1999)}…`,
    blocks: [
      section(`${'t'.repeat(1999)}…`),
      ...Array.from({ length: 5 }, (_, at) => actions(`${at}`)),
      context('Slack refused the whole message (msg_too_long). The execution’s output has the report.'),
    ],
  })
})
