import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { restartedAtOf, workloads } from '../../../adapters/kubernetes/workloads.ts'
import { type Answered, failed, serveAnswers, shown } from '../../support/servers/answers.ts'
import { cartsRef } from '../../support/servers/served-cluster.ts'

let api: Awaited<ReturnType<typeof serveAnswers>>
beforeAll(async () => {
  api = await serveAnswers()
})
afterAll(() => api.close())

const at = '2026-01-01T00:10:00Z'
const earlier = '2026-01-01T00:00:00Z'
/** A second value of the same run, which wrote twice. */
const again = '2026-01-01T00:20:00Z'
const theirs = '2026-01-01T00:30:00Z'
const get = 'GET /apis/apps/v1/namespaces/shop/deployments/carts'
const patch = 'PATCH /apis/apps/v1/namespaces/shop/deployments/carts?fieldManager=podid'

const workload = (restartedAt?: string, { uid = 'u-1', spec = {} } = {}): Answered =>
  shown({
    metadata: { uid, resourceVersion: '7', generation: 3 },
    spec: {
      ...spec,
      template: {
        metadata: {
          ...(restartedAt !== undefined && {
            annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt },
          }),
        },
      },
    },
  })
const absent = failed(404, 'NotFound')
const conflict = failed(409, 'Conflict')
const invalid = failed(422, 'Invalid')
const denied = failed(403, 'Forbidden')
const nothing = { generation: 0, uid: '', writtenAt: null }

const written = (condition: object, value: string | null) => [
  {
    as: 'application/strategic-merge-patch+json',
    body: {
      metadata: condition,
      spec: {
        template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': value } } },
      },
    },
  },
]

describe('a restart', () => {
  const restart = (expected: { uid?: string } = {}) =>
    workloads(api.connection).restart(cartsRef, 'shop', at, expected)

  it.each<[why: string, found: Answered, expected: { uid?: string }, condition: object]>([
    ['of what it found itself', workload(), {}, { uid: 'u-1' }],
    ['of the one that is expected', workload(), { uid: 'u-1' }, { uid: 'u-1' }],
    [
      'of one that says that it is not paused',
      workload(undefined, { spec: { paused: false } }),
      {},
      { uid: 'u-1' },
    ],
    ['of one without a spec', shown({ metadata: { uid: 'u-1' } }), {}, { uid: 'u-1' }],
  ])('is written: %s', async (_why, found, expected, condition) => {
    api.answer(found, workload(at))
    expect(await restart(expected)).toEqual({
      generation: 3,
      uid: 'u-1',
      changed: true,
      previous: undefined,
      missedBefore: undefined,
      writtenAt: null,
    })
    expect(api.asked()).toEqual([get, patch])
    expect(api.written()).toEqual(written(condition, at))
  })

  const madeAnew = {
    name: 'Conflict',
    message: 'deployment/carts in namespace shop was deleted and made anew meanwhile',
  }
  const gone = {
    name: 'RolloutFailed',
    message: 'deployment/carts is no longer in namespace shop: somebody deleted it',
  }
  it('is not written a second time', async () => {
    api.answer(workload(at))
    expect(await restart()).toMatchObject({ changed: false, previous: at, generation: 3, uid: 'u-1' })
    expect(api.asked()).toEqual([get])
  })

  it('is not written where nothing shows which object it would be of', async () => {
    api.answer(shown({}))
    await expect(restart()).rejects.toMatchObject(madeAnew)
    expect(api.asked()).toEqual([get])
  })

  it.each<[why: string, answers: Answered[], asked: string[], error: { name: string; message: unknown }]>([
    ['it is gone', [absent], [get], gone],
    ['it is gone by the write', [workload(), absent], [get, patch], gone],
    [
      'another one has its name, and nothing is written',
      [workload(undefined, { uid: 'u-2' })],
      [get],
      madeAnew,
    ],
    [
      'it is paused, and would take the write without any effect',
      [workload(undefined, { spec: { paused: true } })],
      [get],
      {
        name: 'Refused',
        message:
          'deployment/carts in namespace shop is paused, so a restart would have no effect: kubectl rollout resume deployment/carts -n shop',
      },
    ],
    [
      'another one has its name by the write',
      [workload(), invalid, workload(undefined, { uid: 'u-2' })],
      [get, patch, get],
      madeAnew,
    ],
    [
      'the write is invalid, and it is still the same',
      [workload(), invalid, workload()],
      [get, patch, get],
      { name: 'InvalidRequest', message: expect.stringContaining('422 Invalid') },
    ],
    [
      'the write is invalid, and it is gone',
      [workload(), invalid, absent],
      [get, patch, get],
      { name: 'InvalidRequest', message: expect.stringContaining('422 Invalid') },
    ],
    [
      'it may not be read',
      [denied],
      [get],
      {
        name: 'AccessDenied',
        message: expect.stringMatching(/^get deployments "carts" in namespace shop on cluster .*: 403 /),
      },
    ],
    [
      'it may not be written, which no second look mends',
      [workload(), denied],
      [get, patch],
      { name: 'AccessDenied', message: expect.stringMatching(/^patch deployments "carts" .*: 403 /) },
    ],
  ])('fails: %s', async (_why, answers, asked, error) => {
    api.answer(...answers)
    await expect(restart({ uid: 'u-1' })).rejects.toMatchObject(error)
    expect(api.asked()).toEqual(asked)
  })
})

describe('putting the annotation back', () => {
  const restore = (to?: string) =>
    workloads(api.connection).restoreAnnotation(cartsRef, 'shop', { from: [at, again], to })

  it.each<[why: string, to: string | undefined, value: string | null]>([
    ['an earlier value', earlier, earlier],
    ['null takes it away', undefined, null],
  ])('is held to what was looked at: %s', async (_why, to, value) => {
    api.answer(workload(at), workload(to))
    expect(await restore(to)).toMatchObject({ changed: true, previous: at, generation: 3, uid: 'u-1' })
    expect(api.asked()).toEqual([get, patch])
    expect(api.written()).toEqual(written({ resourceVersion: '7' }, value))
  })

  it.each<[why: string, answers: Answered[], asked: string[], answer: object]>([
    ['another value is there', [workload(theirs)], [get], { previous: theirs }],
    ['none is there', [workload()], [get], { previous: undefined }],
    ['a workload shows nothing of itself', [shown({})], [get], { ...nothing, previous: undefined }],
    [
      'another value was set meanwhile',
      [workload(at), conflict, workload(theirs)],
      [get, patch, get],
      { previous: theirs },
    ],
  ])('changes nothing: %s', async (_why, answers, asked, answer) => {
    api.answer(...answers)
    expect(await restore()).toMatchObject({ changed: false, ...answer })
    expect(api.asked()).toEqual(asked)
  })

  it.each<[why: string, answers: Answered[], asked: string[]]>([
    ['by the look', [absent], [get]],
    ['by the write', [workload(at), absent], [get, patch]],
  ])('has nothing to do where the workload is gone: %s', async (_why, answers, asked) => {
    api.answer(...answers)
    expect(await restore()).toBeUndefined()
    expect(api.asked()).toEqual(asked)
  })

  it.each<[why: string, answers: Answered[], asked: string[], name: string]>([
    ['a write of something else is worth a retry', [conflict, workload(at)], [get, patch, get], 'Conflict'],
    ['a conflict of one that is gone by the second look', [conflict, absent], [get, patch, get], 'Conflict'],
    ['what may not be written is not looked at again', [denied], [get, patch], 'AccessDenied'],
  ])('fails: %s', async (_why, answers, asked, name) => {
    api.answer(workload(at), ...answers)
    await expect(restore()).rejects.toMatchObject({ name })
    expect(api.asked()).toEqual(asked)
  })
})

it.each<[why: string, found: object]>([
  ['a spec', {}],
  ['a template', { spec: {} }],
  ["a template's metadata", { spec: { template: {} } }],
  ['annotations', { spec: { template: { metadata: {} } } }],
  ['its own', { spec: { template: { metadata: { annotations: { note: 'kept' } } } } }],
])('a workload has no restart annotation without %s', (_why, found) => {
  expect(restartedAtOf(found)).toBeUndefined()
})
