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
  ['all bindings in waves', 'rollout All', { verb: 'rollout', names: [] }],
  ['one of them', 'rollout carts', { verb: 'rollout', names: ['carts'] }],
  [
    'several on one cluster, of which one is called all',
    'rollout carts all on shop-1',
    { verb: 'rollout', names: ['carts', 'all'], cluster: 'shop-1' },
  ],
  ['names that only together would be all', 'rollout a ll', { verb: 'rollout', names: ['a', 'll'] }],
  ['a wave of a rollout', 'undo fleet-1 Wave 12', { verb: 'undo', name: 'fleet-1', wave: 12 }],
  [
    'a wave on one cluster',
    'undo fleet-1 wave 999 on a',
    { verb: 'undo', name: 'fleet-1', wave: 999, cluster: 'a' },
  ],
  ['formatting of several marks', '\t**`enable`**  "“carts”" \n', { verb: 'enable', name: 'carts' }],
  [
    'a binding by pattern, with its namespace and ServiceAccount',
    `plan carts/shop/orders.${'a'.repeat(246)}`,
    { verb: 'plan', name: `carts/shop/orders.${'a'.repeat(246)}` },
  ],
  ['a cluster called on', 'status on on', { verb: 'status', cluster: 'on' }],
  ['a hundred characters', `plan ${'a.'.repeat(50)}`, { verb: 'plan', name: 'a.'.repeat(50) }],
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
  ['rollout', 'rollout what? Write rollout and names of bindings, or all'],
  ['rollout on shop-1', 'rollout what? Write rollout and names of bindings, or all'],
  ['plan carts wave 2', 'plan takes one name, and there are 3: “carts” “wave” “2”'],
  ['undo a b', 'undo takes one name, and there are 2: “a” “b”'],
  ['undo fleet-1 wave', 'undo which wave? Write undo, the rollout, wave and its number'],
  ['undo fleet-1 wave 1 2', 'undo which wave? Write undo, the rollout, wave and its number'],
  ['undo fleet-1 wave 0', 'undo which wave? Write undo, the rollout, wave and its number'],
  ['undo fleet-1 wave 1000', 'undo which wave? Write undo, the rollout, wave and its number'],
  ['undo fleet-1 wave a1', 'undo which wave? Write undo, the rollout, wave and its number'],
  ['plan carts/', '“carts/” is not a name'],
  ['plan carts/.shop', '“carts/.shop” is not a name'],
  ['plan a/b/c/d', '“a/b/c/d” is not a name'],
  [`plan a/b${'a'.repeat(253)}`, `“a/b${'a'.repeat(57)}” is not a name`],
  ['enable <@U012>', '“<@U012>” is not a name'],
  ['enable $(reboot)', '“$(reboot)” is not a name'],
  [`enable ${'a'.repeat(101)}`, `“${'a'.repeat(60)}” is not a name`],
])('does not understand %s', (text, why) => {
  expect(parseCommand(text)).toEqual({ verb: 'misunderstood', why })
})
