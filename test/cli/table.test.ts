import { expect, it } from 'vitest'
import { tableText } from '../../cli/render/table.ts'

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
