import { describe, expect, it, vi } from 'vitest'
import { wholeSeconds } from '../../core/request.ts'
import { resolveRequest } from '../../core/request-input.ts'
import { bytesOf } from '../../core/text/fit.ts'

const execution = {
  arn: 'arn:aws:states:us-west-2:123456789012:execution:podid-enable:run-1',
  startTime: '2026-11-23T06:00:00.123Z',
}
const carts = {
  cluster: 'eks-workshop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: 'arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo',
  workload: 'deployment/carts',
  needs: [
    {
      actions: ['dynamodb:*'],
      resources: ['arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-carts'],
    },
  ],
}

it.each([
  ['kubectl’s short form', 'sts/db', { kind: 'StatefulSet', name: 'db' }],
  ['a plural', 'daemonsets/agent', { kind: 'DaemonSet', name: 'agent' }],
])('takes a workload as %s', (_why, workload, parsed) => {
  expect(resolveRequest({ ...carts, workload }, execution).workload).toEqual(parsed)
})

describe('rejects', () => {
  it.each([['nothing'], [null], [42], [[]]])('%j in the place of a request', (input) => {
    expect(() => resolveRequest(input, execution)).toThrow('The request has a fault')
  })

  it('all faults at once, as an InvalidRequest', () => {
    const input = {
      ...carts,
      namespace: 'Carts',
      role: 'arn:aws:iam::999999999999:role/x',
      extra: 1,
      replace: 'no',
    }
    let thrown: unknown
    try {
      resolveRequest(input, execution)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ name: 'InvalidRequest' })
    const { message } = thrown as Error
    expect(message).toMatch(/^The request has 4 faults; nothing was called\.\n/)
    for (const field of ['namespace', 'role', 'extra', 'replace']) expect(message).toContain(`- ${field}: `)
  })
})

const need = (actions: number, resources: number) => ({
  actions: Array.from({ length: actions }, (_, at) => `dynamodb:Action${at}`),
  resources: Array.from(
    { length: resources },
    (_, at) => `arn:aws:dynamodb:us-west-2:123456789012:table/${at}`,
  ),
})

const small = (count: number) => Array.from({ length: count }, () => need(1, 1))
const large = [need(50, 50), need(50, 46)]

it.each<[why: string, needs: object[], fault: RegExp | undefined]>([
  ['as many needs as may be', Array.from({ length: 200 }, () => need(1, 1)), undefined],
  [
    'one need more',
    Array.from({ length: 201 }, () => need(1, 1)),
    /needs: has 201 needs, and a request takes 200/,
  ],
  [
    'as many actions on resources as may be',
    [...small(196), ...[need(1, 2), need(1, 2)], ...large],
    undefined,
  ],
  [
    'one pair more',
    [...small(195), ...[need(1, 2), need(1, 2), need(1, 2)], ...large],
    /needs: are 5001 actions on resources, and a request takes 5000: use wildcards, or fewer needs$/,
  ],
  ['too many pairs', [need(80, 80)], /needs: are 6400 actions on resources, and a request takes 5000/],
  [
    'too long',
    Array.from({ length: 200 }, () => need(1, 12)),
    /needs: are \d+ bytes of JSON, and a request takes 60000/,
  ],
])('limits what a request may ask: %s', (_why, needs, fault) => {
  const resolve = () => resolveRequest({ ...carts, needs }, execution)
  if (fault) expect(resolve).toThrow(fault)
  else expect(resolve().needs).toHaveLength(200)
})

it('takes needs of 60,000 bytes, and not of one more', () => {
  const needs = (length: number) => [
    { actions: ['s3:*'], resources: [`arn:aws:s3:::a${'x'.repeat(length)}`] },
  ]
  const exact = 60_000 - bytesOf(needs(0))
  const resolve = (length: number) => resolveRequest({ ...carts, needs: needs(length) }, execution).needs
  expect(resolve(exact)).toEqual(needs(exact))
  expect(() => resolve(exact + 1)).toThrow(
    '- needs: are 60001 bytes of JSON, and a request takes 60000: use wildcards, or fewer needs',
  )
})

it('writes times in whole seconds, as kubectl does', () => {
  expect(wholeSeconds('2026-11-23T06:00:00.999Z')).toBe('2026-11-23T06:00:00Z')
  expect(wholeSeconds(Date.UTC(2026, 10, 23, 6))).toBe('2026-11-23T06:00:00Z')
})

it('names the ready-made needs to who names none of them', () => {
  expect(() => resolveRequest({ ...carts, needs: [{ use: 'nothing' }] }, execution)).toThrow(
    '- needs[0].use: use names no ready-made need; these are: dynamodb-read-write, s3-read, ',
  )
})

it('reads the first input of a process as any other', async () => {
  vi.resetModules()
  const fresh = await import('../../core/request-input.ts')
  expect(fresh.resolveRequest(carts, execution)).toEqual(resolveRequest(carts, execution))
})
