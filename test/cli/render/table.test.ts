import { expect, it } from 'vitest'
import { tableText } from '../../../cli/render/table.ts'

const rows = [
  ['carts', 'enabled', 'runs with the credentials of its own role since noon'],
  ['b\u001b[31m', 'failed', ''],
]

it.each<[why: string, width: number, lines: string[]]>([
  [
    'whole in a pipe, and fit for a terminal',
    Number.POSITIVE_INFINITY,
    [
      'BINDING     RESULT    SUMMARY',
      'carts       enabled   runs with the credentials of its own role since noon',
      'b\\x1b[31m   failed',
    ],
  ],
  [
    'going on in its last column',
    60,
    [
      'BINDING     RESULT    SUMMARY',
      'carts       enabled   runs with the credentials of its own',
      '                      role since noon',
      'b\\x1b[31m   failed',
    ],
  ],
  [
    'with its text beneath where the last column would be narrow',
    40,
    [
      'BINDING     RESULT',
      'carts       enabled',
      '    runs with the credentials of its own',
      '    role since noon',
      'b\\x1b[31m   failed',
    ],
  ],
])('a table is %s', (_why, width, lines) => {
  expect(tableText(['BINDING', 'RESULT', 'SUMMARY'], rows, width).split('\n').slice(0, -1)).toEqual(lines)
})

it.each<[why: string, width: number, lines: string[]]>([
  [
    'the columns that do not fit stand beneath the row, each after its own heading',
    40,
    [
      'NAMESPACE   SERVICEACCOUNT',
      'carts       carts',
      '    ROLE: eks-workshop-carts-dynamo',
      '    PODS: 1/1',
      '    NOTES: drift: the role is another',
      '      one than declared',
      'carts       default',
    ],
  ],
  [
    'short ones stand there side by side',
    48,
    [
      'NAMESPACE   SERVICEACCOUNT',
      'carts       carts',
      '    ROLE: eks-workshop-carts-dynamo   PODS: 1/1',
      '    NOTES: drift: the role is another one than',
      '      declared',
      'carts       default',
    ],
  ],
  [
    'a name that is longer than the line has one of its own, whole',
    24,
    [
      'NAMESPACE',
      'carts',
      '    SERVICEACCOUNT:',
      '      carts',
      '    ROLE:',
      '      eks-workshop-carts-dynamo',
      '    PODS: 1/1',
      '    NOTES: drift: the',
      '      role is another',
      '      one than declared',
      'carts',
      '    SERVICEACCOUNT:',
      '      default',
    ],
  ],
])('in a table wider than the screen %s', (_why, width, lines) => {
  const table = tableText(
    ['NAMESPACE', 'SERVICEACCOUNT', 'ROLE', 'PODS', 'OWNER', 'NOTES'],
    [
      [
        'carts',
        'carts',
        'eks-workshop-carts-dynamo',
        '1/1',
        '-',
        'drift: the role is another one than declared',
      ],
      ['carts', 'default', '-', '-', '-', '-'],
    ],
    width,
  )
  expect(table.split('\n').slice(0, -1)).toEqual(lines)
})

it('in a table wider than the screen a column that says nothing of any row is left out', () => {
  const table = (width: number) =>
    tableText(
      ['NAME', 'BINDING', 'NOTES'],
      [['carts', '-', 'no association, and static keys in its place']],
      width,
    )
  expect(table(62)).toBe(
    'NAME    BINDING   NOTES\ncarts   -         no association, and static keys in its place\n',
  )
  expect(table(56)).toBe('NAME    NOTES\ncarts   no association, and static keys in its place\n')
})

it.each<[why: string, text: string]>([
  [
    'it would go on for more than three lines',
    'one two three four five six seven eight nine ten '.repeat(3).trim(),
  ],
  ['a word of it is longer than its place', 'it trusts arn:aws:iam::123456789012:oidc-provider/oidc.eks'],
])('the last column goes on beneath the row where %s', (_why, text) => {
  const [head, row, first] = tableText(
    ['BINDING', 'RESULT', 'SUMMARY'],
    [['carts', 'failed', text]],
    56,
  ).split('\n')
  expect([head, row]).toEqual(['BINDING   RESULT', 'carts     failed'])
  expect(first).toMatch(/^ {4}(?:one|it) t/)
})

it.each<[why: string, rows: string[][], text: string]>([
  ['has its headings where there are no rows', [], 'NAME\n'],
  [
    'is one column where the others say nothing',
    [
      ['carts', '', '-'],
      ['a-name-that-is-longer-than-the-screen', '', '-'],
    ],
    'NAME\ncarts\na-name-that-is-longer-than-the-screen\n',
  ],
])('a table wider than the screen %s', (_why, rows, text) => {
  expect(tableText(['NAME', 'BINDING OF PODID.YAML', 'NOTES'], rows, 20)).toBe(text)
})
