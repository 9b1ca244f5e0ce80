import { expect, it } from 'vitest'
import { type Command, parseCommand } from '../../../core/chatops/command.ts'

it.each<[why: string, text: string, command: Command]>([
  ['nothing at all asks for help', '', { verb: 'help' }],
  ['help', 'help', { verb: 'help' }],
  ['a binding by its name', 'enable carts', { verb: 'enable', name: 'carts' }],
  [
    'a plan on one of several clusters',
    'plan carts on shop-1',
    { verb: 'plan', name: 'carts', cluster: 'shop-1' },
  ],
  ['the cluster first', 'plan on shop-1 carts', { verb: 'plan', name: 'carts', cluster: 'shop-1' }],
  [
    'capitals and spaces',
    '  ENABLE   carts  On  shop_1 ',
    { verb: 'enable', name: 'carts', cluster: 'shop_1' },
  ],
  [
    'Slack’s formatting and typographic quotes',
    '*enable* `carts` on “shop-1”',
    { verb: 'enable', name: 'carts', cluster: 'shop-1' },
  ],
  ['the second act of a migration', 'finish carts', { verb: 'finish', name: 'carts' }],
  ['all runs', 'status', { verb: 'status' }],
  ['one run', 'status slack-shop-1-carts-0f', { verb: 'status', name: 'slack-shop-1-carts-0f' }],
  ['undoing a run', 'undo slack-shop-1-carts-0f', { verb: 'undo', name: 'slack-shop-1-carts-0f' }],
])('understands %s', (_why, text, command) => {
  expect(parseCommand(text)).toEqual(command)
})

it.each<[text: string, why: string]>([
  ['enabel carts', '“enabel” is not a command; did you mean enable?'],
  ['destroy carts', '“destroy” is not a command'],
  ['enable', 'enable what? Write enable and the name of a binding'],
  ['enable carts orders', 'enable takes one name, and there are 2: “carts” “orders”'],
  ['enable carts on', 'the name of a cluster is missing after on'],
  ['enable carts on a on b', 'there are two clusters: a, b'],
  ['enable <@U012>', '“<@U012>” is not a name'],
  ['enable $(reboot)', '“$(reboot)” is not a name'],
  [`enable ${'a'.repeat(101)}`, `“${'a'.repeat(60)}” is not a name`],
])('does not understand %s', (text, why) => {
  expect(parseCommand(text)).toEqual({ verb: 'misunderstood', why })
})
