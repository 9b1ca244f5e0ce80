import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../../local/json-object.ts'
import { mergePatch } from '../../../../local/kubernetes/api/patch/merge.ts'
import { strategicMerge } from '../../../../local/kubernetes/api/patch/strategic.ts'
import { shapeOf } from '../../../../local/kubernetes/api/wire/schema.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'

const pod = shapeOf(resources.pods)
const containers = (...list: JsonObject[]) => ({ spec: { containers: list } })

describe('strategic merge', () => {
  const cases: [why: string, before: JsonObject, patch: JsonObject, after: JsonObject][] = [
    [
      'a map keeps its other keys',
      { metadata: { annotations: { a: '1', b: '2' } } },
      { metadata: { annotations: { b: '3' } } },
      { metadata: { annotations: { a: '1', b: '3' } } },
    ],
    [
      'null deletes',
      { metadata: { annotations: { a: '1', b: '2' } } },
      { metadata: { annotations: { a: null } } },
      { metadata: { annotations: { b: '2' } } },
    ],
    [
      'containers merge by name, new ones come last',
      containers({ name: 'a', image: '1' }, { name: 'b', image: '1' }),
      containers({ name: 'b', image: '2' }, { name: 'c', image: '1' }),
      containers({ name: 'a', image: '1' }, { name: 'b', image: '2' }, { name: 'c', image: '1' }),
    ],
    [
      'a list element is deleted by its key',
      containers({ name: 'a' }, { name: 'b' }),
      containers({ name: 'a', $patch: 'delete' }),
      containers({ name: 'b' }),
    ],
    [
      'a whole list is replaced on demand',
      containers({ name: 'a' }, { name: 'b' }),
      containers({ $patch: 'replace' }, { name: 'c' }),
      containers({ name: 'c' }),
    ],
    [
      'env merges by name, args are replaced',
      containers({ name: 'a', env: [{ name: 'X', value: '1' }], args: ['1', '2'] }),
      containers({ name: 'a', env: [{ name: 'Y', value: '2' }], args: ['3'] }),
      containers({
        name: 'a',
        env: [
          { name: 'X', value: '1' },
          { name: 'Y', value: '2' },
        ],
        args: ['3'],
      }),
    ],
    [
      'ports of a container merge by containerPort',
      containers({ name: 'a', ports: [{ containerPort: 80, name: 'x' }] }),
      containers({ name: 'a', ports: [{ containerPort: 80, name: 'y' }] }),
      containers({ name: 'a', ports: [{ containerPort: 80, name: 'y' }] }),
    ],
    [
      '$setElementOrder orders what is there',
      containers({ name: 'a' }, { name: 'b' }),
      { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] } },
      containers({ name: 'b' }, { name: 'a' }),
    ],
    [
      '$retainKeys drops the others',
      { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
      { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
      { spec: { strategy: { type: 'Recreate' } } },
    ],
    [
      'finalizers are a set, and leave it by $deleteFromPrimitiveList',
      { metadata: { finalizers: ['a', 'b'] } },
      { metadata: { finalizers: ['c'], '$deleteFromPrimitiveList/finalizers': ['a'] } },
      { metadata: { finalizers: ['b', 'c'] } },
    ],
    [
      'an object is replaced on demand',
      { metadata: { labels: { a: '1' } } },
      { metadata: { labels: { $patch: 'replace', b: '2' } } },
      { metadata: { labels: { b: '2' } } },
    ],
  ]
  it.each(cases)('%s', (_why, before, patch, after) => {
    expect(strategicMerge(pod, before, patch)).toEqual(after)
  })

  it('finds the ports of a service by port, not by containerPort', () => {
    const before = { spec: { ports: [{ port: 80, name: 'x' }] } }
    const patch = { spec: { ports: [{ port: 80, name: 'y' }] } }
    expect(strategicMerge(shapeOf(resources.services), before, patch)).toEqual(patch)
  })

  it('refuses an element without its key', () => {
    expect(() => strategicMerge(pod, containers({ name: 'a' }), containers({ image: '2' }))).toThrow(
      /does not contain declared merge key: name/,
    )
  })
})

it.each<[why: string, before: unknown, patch: unknown, after: unknown]>([
  ['merges objects', { a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
  ['deletes with null', { a: 1, b: 2 }, { a: null }, { b: 2 }],
  ['replaces lists', { a: [1, 2] }, { a: [3] }, { a: [3] }],
  ['makes objects of other values', { a: 1 }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
])('JSON merge %s', (_why, before, patch, after) => {
  expect(mergePatch(before, patch)).toEqual(after)
})
