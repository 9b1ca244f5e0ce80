import { expect, it } from 'vitest'
import { type Association, associationBefore } from '../../../core/association.ts'
import { Conflict } from '../../../core/errors.ts'
import { type ExecutionFacts, type RequestInput, resolveRequest } from '../../../core/request-input.ts'
import { create, ensureAssociation } from '../../../functions/steps/ensure-association.ts'
import { surroundings } from '../middleware/support.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const other = 'arn:aws:iam::123456789012:role/other'
const target = 'arn:aws:iam::999999999999:role/target'

const execution: ExecutionFacts = {
  arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
  startTime: '2026-11-23T06:00:00.000Z',
}

const request = (change: Partial<RequestInput> = {}) =>
  resolveRequest({ cluster: 'shop', namespace: 'carts', serviceAccount: 'carts', role, ...change }, execution)

const association = (change: Partial<Association> = {}): Association => ({
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/shop/a-1',
  role,
  sessionTags: true,
  createdAt: '2026-11-23T06:00:00.000Z',
  modifiedAt: '2026-11-23T06:00:00.000Z',
  tags: {},
  ...change,
})

/** EKS with one place for an association; `rival` is put there just before our creation arrives. */
const eksWith = (existing?: Association, rival?: Association) => {
  let there = existing
  const writes: unknown[] = []
  return {
    there: () => there,
    /** What was written of it, in its order. */
    writes,
    findAssociation: async () => there,
    describeAssociation: async () => there,
    markAssociation: async ({ id }: Pick<Association, 'id'>, run: string | null) => {
      writes.push(['mark', id, run])
      if (there) there = { ...there, tags: run ? { 'podid:run': run } : {} }
    },
    createAssociation: async () => {
      if (rival) {
        there = rival
        throw new Conflict('Association already exists: a-1')
      }
      there = association({ tags: { 'podid:run': 'run-1' } })
      return there
    },
    repointAssociation: async (
      cluster: string,
      to: {
        roleArn: string
        targetRoleArn: string | null
        disableSessionTags: boolean
        policy?: string | null
      },
      run: string,
    ) => {
      writes.push(['repoint', cluster, to, run])
      const { targetRole: _, ...rest } = there as Association
      there = {
        ...rest,
        role: to.roleArn,
        sessionTags: !to.disableSessionTags,
        ...(to.targetRoleArn ? { targetRole: to.targetRoleArn } : {}),
        ...(to.policy ? { policy: to.policy } : {}),
      }
      return there
    },
  }
}

it('creates one, and answers with it as it is seen by its id', async () => {
  const eks = eksWith()
  const step = await ensureAssociation(() => eks)({ request: request(), expected: null })
  const made = association({ tags: { 'podid:run': 'run-1' } })
  expect(step).toEqual({ action: 'created', association: made, message: 'a-1 created' })
  // An attempt whose answer was lost.
  expect(await ensureAssociation(() => eks)({ request: request(), expected: null })).toEqual(step)
})

it('answers with what EKS said of the write where it does not show it yet', async () => {
  const eks = { ...eksWith(), describeAssociation: async () => undefined }
  expect(await ensureAssociation(() => eks)({ request: request(), expected: null })).toMatchObject({
    action: 'created',
    association: association({ tags: { 'podid:run': 'run-1' } }),
  })
})

it('marks what it is about to change, once, and writes all of its settings', async () => {
  const eks = eksWith(former)
  const policy = '{"Version":"2012-10-17","Statement":[]}'
  const input = {
    request: request({ replace: true, sessionTags: false, targetRole: target }),
    expected: associationBefore(former),
  }
  const to = { id: 'a-1', roleArn: role, targetRoleArn: target, disableSessionTags: true, policy: null }
  expect(await ensureAssociation(() => eks)(input)).toMatchObject({ message: 'a-1 repointed' })
  expect(eks.writes).toEqual([
    ['mark', 'a-1', 'run-1'],
    ['repoint', 'shop', to, 'run-1'],
  ])
  // Of an attempt that came to the mark, and of a policy.
  const marked = association({ role: other, policy: '{}', tags: { 'podid:run': 'run-1' } })
  const again = eksWith(marked)
  const ensured = ensureAssociation(() => again)({
    request: request({ replace: true, sessionTags: false, sessionPolicy: policy }),
    expected: associationBefore({ ...marked, tags: {} }),
  })
  expect(await ensured).toMatchObject({ action: 'repointed' })
  expect(again.writes).toEqual([['repoint', 'shop', { ...to, targetRoleArn: null, policy }, 'run-1']])
})

it('takes no input but its own', async () => {
  await expect(create(surroundings())({})).rejects.toMatchObject({ name: 'InvalidRequest' })
})

it('keeps what somebody else made between our look and our write, where it is what is wanted', async () => {
  const eks = eksWith(undefined, association())
  expect(await ensureAssociation(() => eks)({ request: request(), expected: null })).toMatchObject({
    action: 'kept',
  })
})

it('refuses what somebody else made between our look and our write, where it is not', async () => {
  const eks = eksWith(undefined, association({ role: other }))
  const ensured = ensureAssociation(() => eks)({ request: request(), expected: null })
  await expect(ensured).rejects.toMatchObject({ name: 'Refused', message: expect.stringContaining(other) })
  expect(eks.there()?.role).toBe(other)
})

it.each([
  ['the role', {}],
  ['the target role too', { targetRole: target }],
  ['session tags off', { sessionTags: false }],
])('leaves an association that was replaced with %s as asked for', async (_what, change) => {
  const former = association({ role: other })
  const eks = eksWith(former)
  const ensure = ensureAssociation(() => eks)
  const input = { request: request({ ...change, replace: true }), expected: associationBefore(former) }
  expect(await ensure(input)).toMatchObject({ action: 'repointed' })
  // An attempt whose answer was lost.
  expect(await ensure(input)).toMatchObject({ action: 'repointed' })
  const nextRun = { ...input.request, run: 'run-2' }
  const seen = associationBefore(eks.there())
  expect(await ensure({ request: nextRun, expected: seen })).toMatchObject({ action: 'kept' })
})

const former = association({ role: other })
const changes: [why: string, found: Association | undefined][] = [
  ['another role', association({ role: `${other}-2` })],
  ['another target role', association({ role: other, targetRole: target })],
  ['other session settings', association({ role: other, sessionTags: false })],
  ['a session policy', association({ role: other, policy: '{}' })],
  ['another id', association({ role: other, id: 'a-2' })],
  ['an owner', association({ role: other, owner: 'arn:aws:eks:us-west-2:123456789012:addon/shop/x/1' })],
  ['the mark of another run', association({ role: other, tags: { 'podid:run': 'run-9' } })],
  ['nothing any more', undefined],
]

it.each(changes)('stops, and writes nothing, where there is %s since Preflight', async (_why, found) => {
  const eks = eksWith(found)
  const ensured = ensureAssociation(() => eks)({
    request: request({ replace: true }),
    expected: associationBefore(former),
  })
  await expect(ensured).rejects.toMatchObject({
    name: 'Refused',
    message: expect.stringMatching(/has changed since this run looked: expected a-1 with .*, found /),
  })
  expect(eks.there()).toEqual(found)
})

it.each([
  ['gave it another role', `${other}-2`],
  ['gave it the wanted role, so that no run may give the former one back', role],
])('stops before the write where somebody came after the mark, and %s', async (_why, found) => {
  const eks = eksWith(former)
  const ensured = ensureAssociation(() => ({
    ...eks,
    describeAssociation: async () => association({ role: found, tags: { 'podid:run': 'run-1' } }),
    repointAssociation: () => Promise.reject(new Error('nothing may be written')),
  }))({ request: request({ replace: true }), expected: associationBefore(former) })
  await expect(ensured).rejects.toMatchObject({
    name: 'Refused',
    message: `the association of carts/carts has changed since this run looked: expected a-1 with ${other}, found a-1 with ${found}, marked by run-1. It is left as it is; run this again to decide by what is there now`,
  })
})

it.each([
  ['repointed', other, 'run-1'],
  ['marked by another run', role, 'run-2'],
])('does not take for its own what was %s right after its write', async (_why, found, run) => {
  const eks = eksWith()
  const ensured = ensureAssociation(() => ({
    ...eks,
    describeAssociation: async () => association({ role: found, tags: { 'podid:run': run } }),
  }))({ request: request(), expected: null })
  await expect(ensured).rejects.toMatchObject({
    name: 'Refused',
    message: `the association of carts/carts has changed since this run looked: expected a-1 with ${role}, marked by run-1, found a-1 with ${found}, marked by ${run}. It is left as it is; run this again to decide by what is there now`,
  })
})
