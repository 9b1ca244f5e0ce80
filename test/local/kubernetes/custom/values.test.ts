import { expect, it } from 'vitest'
import { findByPath } from '../../../../local/kubernetes/custom/json-path.ts'
import { compareVersions } from '../../../../local/kubernetes/custom/kinds.ts'
import { applySchemaDefaults } from '../../../../local/kubernetes/custom/values/defaults.ts'
import { TookTooLong, withinTime } from '../../../../local/kubernetes/custom/values/limited.ts'
import { matchesPattern } from '../../../../local/kubernetes/custom/values/patterns.ts'
import { prune } from '../../../../local/kubernetes/custom/values/prune.ts'
import { ruleErrors } from '../../../../local/kubernetes/custom/values/rules.ts'
import { valueErrors } from '../../../../local/kubernetes/custom/values/validate.ts'
import type { CustomSchema } from '../../../../local/kubernetes/store/resources.ts'

const text = { type: 'string' }
const map = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }
const set = { 'x-kubernetes-list-type': 'set' }

it.each<[schema: CustomSchema, value: unknown, error: string | undefined]>([
  [{ type: 'integer' }, 1, undefined],
  [{ type: 'integer' }, 1.5, 'Invalid value: "number": a in body must be of type integer: "number"'],
  [{ type: 'number' }, 1, undefined],
  [{ type: 'boolean' }, 'true', 'Invalid value: "string": a in body must be of type boolean: "string"'],
  [{ type: 'object' }, [], 'Invalid value: "array": a in body must be of type object: "array"'],
  [text, null, 'Invalid value: "null": a in body must be of type string: "null"'],
  [{ ...text, nullable: true }, null, undefined],
  [{ 'x-kubernetes-int-or-string': true }, '80%', undefined],
  [
    { 'x-kubernetes-int-or-string': true },
    true,
    'Invalid value: "boolean": a in body must be of type integer,string: "boolean"',
  ],
  [{ ...text, enum: ['x', 'y'] }, 'z', 'Unsupported value: "z": supported values: "x", "y"'],
  [{ ...text, minLength: 2 }, 'é', 'Invalid value: "é": a in body should be at least 2 chars long'],
  [{ ...text, maxLength: 2 }, 'abc', 'Too long: may not be more than 2 bytes'],
  [{ ...text, pattern: '^b+$' }, 'abc', 'Invalid value: "abc": a in body should match \'^b+$\''],
  [
    { ...text, format: 'date-time' },
    'soon',
    'Invalid value: "soon": a in body must be of type date-time: "soon"',
  ],
  [{ ...text, format: 'of-my-own' }, 'soon', undefined],
  [{ type: 'integer', minimum: 1 }, 0, 'Invalid value: 0: a in body should be greater than or equal to 1'],
  [
    { type: 'integer', maximum: 1, exclusiveMaximum: true },
    1,
    'Invalid value: 1: a in body should be less than 1',
  ],
  [{ type: 'integer', multipleOf: 2 }, 3, 'Invalid value: 3: a in body should be a multiple of 2'],
  [{ type: 'array', maxItems: 1, items: text }, ['x', 'y'], 'Too many: 2: must have at most 1 item'],
  [
    { type: 'array', minItems: 1, items: text },
    [],
    'Invalid value: 0: a in body should have at least 1 items',
  ],
  [{ type: 'array', ...set, items: text }, ['x', 'x'], 'Duplicate value: "x"'],
  [
    { type: 'array', ...map, items: { type: 'object' } },
    [{ name: 'x' }, { name: 'x', value: 1 }],
    'Duplicate value: {"name":"x"}',
  ],
  [{ type: 'object', required: ['b'] }, {}, 'Required value'],
  [{ type: 'object', maxProperties: 1 }, { b: 1, c: 2 }, 'Too many: 2: must have at most 1 item'],
  [
    { type: 'object', additionalProperties: text },
    { b: 1 },
    'Invalid value: "integer": a.b in body must be of type string: "integer"',
  ],
  [
    { ...text, anyOf: [{ pattern: 'x' }, { pattern: 'y' }] },
    'z',
    'Invalid value: "": "a" must validate at least one schema (anyOf)',
  ],
  [
    { ...text, oneOf: [{ pattern: 'x' }, { pattern: 'y' }] },
    'xy',
    'Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ],
  [{ ...text, not: { pattern: 'x' } }, 'x', 'Invalid value: "": "a" must not validate the schema (not)'],
])('%j of %j', (schema, value, error) => {
  expect(valueErrors(schema, value, 'a').map(({ message }) => message)).toEqual(error ? [error] : [])
})

it('holds nothing against a value that was so before, but for what is new beside it', () => {
  const schema = {
    type: 'object',
    properties: { old: { ...text, maxLength: 1 }, new: { ...text, maxLength: 1 } },
  }
  const errors = valueErrors(schema, { old: 'long', new: 'long' }, '', { old: 'long' })
  expect(errors.map(({ field }) => field)).toEqual(['new'])
})

it('fills in defaults in the depth, and drops nulls where null is no value', () => {
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        default: {},
        properties: {
          mode: { ...text, default: 'fast' },
          none: text,
          nullable: { ...text, nullable: true },
          rules: {
            type: 'array',
            items: { type: 'object', properties: { port: { type: 'integer', default: 80 } } },
          },
        },
      },
      metadata: { type: 'object', default: { name: 'never' } },
    },
  }
  const object = { spec: { mode: null, none: null, nullable: null, rules: [{}, { port: 1 }] } }
  applySchemaDefaults(schema, object)
  expect(object).toEqual({ spec: { mode: 'fast', nullable: null, rules: [{ port: 80 }, { port: 1 }] } })
  const empty = {}
  applySchemaDefaults(schema, empty)
  expect(empty).toEqual({ spec: { mode: 'fast' } })
})

it('prunes what is unknown, and names it', () => {
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          known: text,
          free: {
            type: 'object',
            'x-kubernetes-preserve-unknown-fields': true,
            properties: { closed: { type: 'object', properties: {} } },
          },
          list: { type: 'array', items: { type: 'object', properties: { a: text } } },
        },
      },
    },
  }
  const spec = { known: '', other: 1, free: { x: { y: 1 }, closed: { z: 1 } }, list: [{ a: '', b: '' }] }
  expect(prune(schema, { apiVersion: 'a/v1', kind: 'A', metadata: {}, more: 1, spec })).toEqual({
    value: {
      apiVersion: 'a/v1',
      kind: 'A',
      metadata: {},
      spec: { known: '', free: { x: { y: 1 }, closed: {} }, list: [{ a: '' }] },
    },
    unknownFields: ['more', 'spec.other', 'spec.free.closed.z', 'spec.list[0].b'],
  })
})

const ruled = (rule: object, more: object = {}) => ({ ...more, 'x-kubernetes-validations': [rule] })
const numbers = {
  type: 'object',
  properties: { min: { type: 'integer' }, 'max-size': { type: 'number' }, namespace: text },
}

it.each<[why: string, schema: CustomSchema, value: unknown, before: unknown, errors: string[]]>([
  [
    'compares whole numbers with others, under escaped names',
    ruled({ rule: 'double(self.min) < self.max__dash__size', message: 'too small' }, numbers),
    { min: 2, 'max-size': 1 },
    undefined,
    ['a: Invalid value: too small'],
  ],
  [
    'escapes the words of the language',
    ruled({ rule: "self.__namespace__ == 'x'" }, numbers),
    { namespace: 'x' },
    undefined,
    [],
  ],
  [
    'says the rule where there is no message, and the value where it is plain',
    ruled({ rule: 'self > 1' }, { type: 'integer' }),
    1,
    undefined,
    ['a: Invalid value: 1: failed rule: self > 1'],
  ],
  [
    'makes the message',
    ruled({ rule: 'self > 1', messageExpression: '"not " + string(self)' }, { type: 'integer' }),
    0,
    undefined,
    ['a: Invalid value: 0: not 0'],
  ],
  [
    'asks about a change only where there was something',
    ruled({ rule: 'self == oldSelf' }, text),
    'x',
    undefined,
    [],
  ],
  [
    'asks about a change',
    ruled({ rule: 'self == oldSelf', reason: 'FieldValueForbidden', message: 'no' }, text),
    'x',
    'y',
    ['a: Forbidden: no'],
  ],
  [
    'finds the element that was there before',
    {
      type: 'array',
      ...map,
      items: ruled({ rule: 'self.v == oldSelf.v', message: 'moved' }, { type: 'object', properties: {} }),
    },
    [
      { name: 'new', v: 'x' },
      { name: 'kept', v: 'x' },
    ],
    [{ name: 'kept', v: 'y' }],
    ['a[1]: Invalid value: moved'],
  ],
  [
    'says that a rule cannot be evaluated',
    ruled({ rule: 'self.missing == 1' }, { type: 'object' }),
    {},
    undefined,
    ['a: Invalid value: No such key: missing evaluating rule: self.missing == 1'],
  ],
])('a rule %s', (_why, schema, value, before, errors) => {
  expect(ruleErrors(schema, value, 'a', before).map((one) => `${one.field}: ${one.message}`)).toEqual(errors)
})

it.each<[path: string, found: unknown[] | undefined]>([
  ['.spec.a', [1]],
  ['.spec.none', []],
  ['.spec.list[0].name', ['x']],
  ['.spec.list[-1].name', ['y']],
  ['.spec.list[*].name', ['x', 'y']],
  ['.spec.list[?(@.name=="y")].size', [2]],
  ['.spec.list[?(@.size>1)].name', ['y']],
  [".spec['dotted.name']", [3]],
  ['.spec.dotted\\.name', [3]],
  ['..size', [1, 2]],
  ['.spec[', undefined],
])('finds %s', (path, found) => {
  const list = [
    { name: 'x', size: 1 },
    { name: 'y', size: 2 },
  ]
  expect(findByPath(path, { spec: { a: 1, 'dotted.name': 3, list } })).toEqual(found)
})

it.each([
  ['(?i)^abc$', 'ABC', true],
  ['^[[:alpha:]]+$', 'ab1', false],
  ['(?P<a>x)', 'x', true],
  ['\\Aab\\z', 'xab', false],
])('reads %s as Go does', (pattern, value, found) => {
  expect(matchesPattern(pattern, value)).toBe(found)
})

it('orders versions by how stable they are', () => {
  const versions = ['v1beta1', 'foo', 'v2', 'v1', 'v11alpha2', 'v1beta2', 'bar']
  expect(versions.toSorted((one, other) => compareVersions(other, one))).toEqual([
    'v2',
    'v1',
    'v1beta2',
    'v1beta1',
    'v11alpha2',
    'bar',
    'foo',
  ])
})

it('breaks off what does not end, and goes on', () => {
  expect(() => withinTime(20, () => matchesPattern('^(a+)+$', `${'a'.repeat(40)}!`))).toThrow(TookTooLong)
  expect(withinTime(1000, () => matchesPattern('^(a+)+$', 'aaa'))).toBe(true)
})
