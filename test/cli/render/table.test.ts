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
    'the columns that do not fit stand beneath the row, under headings that do so too',
    40,
    [
      'NAMESPACE   SERVICEACCOUNT',
      '    ROLE                        PODS',
      '    NOTES',
      'carts       carts',
      '    eks-workshop-carts-dynamo   1/1',
      '    drift: the role is another one than',
      '    declared',
      'carts       default',
    ],
  ],
  [
    'a name that is longer than the line has one of its own, whole',
    24,
    [
      'NAMESPACE',
      '    SERVICEACCOUNT',
      '    ROLE',
      '    PODS',
      '    NOTES',
      'carts',
      '    carts',
      '    eks-workshop-carts-dynamo',
      '    1/1',
      '    drift: the role is',
      '    another one than',
      '    declared',
      'carts',
      '    default',
    ],
  ],
])('in a table wider than the screen %s', (_why, width, lines) => {
  const table = tableText(
    ['NAMESPACE', 'SERVICEACCOUNT', 'ROLE', 'PODS', 'NOTES'],
    [
      ['carts', 'carts', 'eks-workshop-carts-dynamo', '1/1', 'drift: the role is another one than declared'],
      ['carts', 'default', '-', '-', '-'],
    ],
    width,
  )
  expect(table.split('\n').slice(0, -1)).toEqual(lines)
})
