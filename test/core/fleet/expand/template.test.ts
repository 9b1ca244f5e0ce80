import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import {
  fillAll,
  filledSchema,
  fillText,
  placeholdersIn,
  templated,
} from '../../../../core/fleet/expand/template.ts'

const values = {
  account: '111122223333',
  region: 'eu-west-1',
  cluster: 'shop-1',
  namespace: 'carts',
  serviceAccount: 'api',
}

it.each<[text: string, found: string[], filled: string]>([
  ['plain', [], 'plain'],
  ['{cluster}-{cluster}', ['cluster'], 'shop-1-shop-1'],
  [
    '{account}/{region}/{cluster}/{namespace}/{serviceAccount}',
    ['account', 'region', 'cluster', 'namespace', 'serviceAccount'],
    '111122223333/eu-west-1/shop-1/carts/api',
  ],
  ['{other}-{region}', ['region'], '{other}-eu-west-1'],
  // A variable of an IAM policy.
  ['${cluster}/{}', [], '${cluster}/{}'],
])('the text %s has the placeholders %j, and comes to %s', (text, found, filled) => {
  expect(placeholdersIn(text)).toEqual(found)
  expect(fillText(text, values)).toBe(filled)
})

it('fills in every text of a value, however deep, and nothing else', () => {
  const value = { a: ['{cluster}', { b: '{region}' }], n: 1, t: true, none: null, not: undefined }
  expect(fillAll(value, values)).toEqual({
    a: ['shop-1', { b: 'eu-west-1' }],
    n: 1,
    t: true,
    none: null,
    not: undefined,
  })
})

describe('the schema of a template', () => {
  const inner = z.object({
    name: z.string().regex(/^[a-z0-9-]+$/, { error: 'is no name' }),
    list: z.array(z.string()).optional(),
    more: z.union([z.null(), z.record(z.string(), z.string())]).optional(),
  })
  const schema = templated(inner)
  const faults = (value: unknown): string[] =>
    (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
  const list = 'there are {account}, {region}, {cluster}, {namespace}, {serviceAccount}'

  it.each<[why: string, value: unknown, faults: string[]]>([
    ['all of its placeholders are some', { name: 'x-{region}-{account}' }, []],
    ...['{cluster}', '{namespace}', '{serviceAccount}'].map((name): [string, unknown, string[]] => [
      `${name} is all there is`,
      { name },
      [],
    ]),
    ['it does not fit once it is filled in', { name: 'x {region}' }, ['name: is no name']],
    ['it is of another form', { name: 1 }, ['name: Invalid input: expected string, received number']],
    [
      'a placeholder is nearly one',
      { name: '{regoin}' },
      [
        'name: "{regoin}" has {regoin}, which is no placeholder; did you mean {region}? There are {account}, {region}, {cluster}, {namespace}, {serviceAccount}',
      ],
    ],
    [
      'a placeholder is nothing like one, deep inside',
      { name: 'x', list: ['ok', '{xxxxxxxxxxxx}'], more: { key: '{}' } },
      [
        `list.1: "{xxxxxxxxxxxx}" has {xxxxxxxxxxxx}, which is no placeholder; ${list}`,
        `more.key: "{}" has {}, which is no placeholder; ${list}`,
      ],
    ],
    ['there is nothing inside', { name: 'x', more: null }, []],
    ['a brace is alone', { name: '{region' }, ['name: "{region" has a brace that belongs to no placeholder']],
    ['a brace closes nothing', { name: 'x}' }, ['name: "x}" has a brace that belongs to no placeholder']],
    [
      'a variable of a policy stands between two placeholders',
      { name: 'x', list: ['{region}${aws:x}{account}'] },
      [],
    ],
    [
      'a brace is left once a placeholder is taken out of another',
      { name: 'x', list: ['{{region}}'] },
      ['list.0: "{{region}}" has a brace that belongs to no placeholder'],
    ],
  ])('says what is wrong where %s', (_why, value, expected) => {
    expect(faults(value)).toEqual(expected)
  })

  it('has numbers for places in lists', () => {
    const [issue] = schema.safeParse({ name: 'x', list: ['ok', '{'] }).error?.issues ?? []
    expect(issue?.path).toEqual(['list', 1])
  })

  it('gives the value as it was written', () => {
    const value = { name: '{region}', list: ['{cluster}'] }
    expect(schema.parse(value)).toEqual(value)
  })

  it('is known by the one that it has to fit', () => {
    expect(filledSchema(schema)).toBe(inner)
    expect(filledSchema(inner)).toBeUndefined()
  })
})
