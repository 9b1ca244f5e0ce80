import { expect, it } from 'vitest'
import type { Association } from '../../../core/association.ts'
import { Conflict } from '../../../core/errors.ts'
import { type ExecutionFacts, type RequestInput, resolveRequest } from '../../../core/request.ts'
import { ensureAssociation } from '../../../functions/steps/ensure-association.ts'

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
  return {
    there: () => there,
    findAssociation: async () => there,
    createAssociation: async () => {
      if (rival) {
        there = rival
        throw new Conflict('Association already exists: a-1')
      }
      there = association({ tags: { 'podid:run': 'run-1' } })
      return there
    },
    repointAssociation: async (
      _cluster: string,
      to: { roleArn: string; targetRoleArn: string | null; disableSessionTags: boolean },
    ) => {
      const { targetRole: _, ...rest } = there as Association
      there = {
        ...rest,
        role: to.roleArn,
        sessionTags: !to.disableSessionTags,
        ...(to.targetRoleArn ? { targetRole: to.targetRoleArn } : {}),
      }
      return there
    },
  }
}

it('keeps what somebody else made between our look and our write, where it is what is wanted', async () => {
  const eks = eksWith(undefined, association())
  expect(await ensureAssociation(() => eks)({ request: request() })).toMatchObject({ action: 'kept' })
})

it('refuses what somebody else made between our look and our write, where it is not', async () => {
  const eks = eksWith(undefined, association({ role: other }))
  const ensured = ensureAssociation(() => eks)({ request: request() })
  await expect(ensured).rejects.toMatchObject({ name: 'Refused', message: expect.stringContaining(other) })
  expect(eks.there()?.role).toBe(other)
})

it.each([
  ['the role', {}],
  ['the target role too', { targetRole: target }],
  ['session tags off', { sessionTags: false }],
])(
  'leaves an association that was replaced with %s as asked for, so that the next run keeps it',
  async (_what, change) => {
    const eks = eksWith(association({ role: other }))
    const input = { request: request({ ...change, replace: true }) }
    const ensure = ensureAssociation(() => eks)
    expect(await ensure(input)).toMatchObject({ action: 'repointed' })
    expect(await ensure(input)).toMatchObject({ action: 'kept' })
  },
)
