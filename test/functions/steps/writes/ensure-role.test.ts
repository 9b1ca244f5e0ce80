import { expect, it } from 'vitest'
import { runTag } from '../../../../core/association.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { asMade, plannedRole } from '../../../../core/role/creation.ts'
import { ensureRole } from '../../../../functions/steps/ensure-role.ts'
import { shop as cluster } from '../shop.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const request = resolveRequest(
  {
    cluster: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role,
    createRole: true,
    needs: [{ actions: ['dynamodb:Query'], resources: ['*'] }],
  },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)
const plan = plannedRole(request, cluster)
const made = asMade(plan, role, undefined)
const bare = { ...made, policies: [] }
const others = { ...made, tags: { ...made.tags, [runTag]: 'run-0' } }
const [policy] = plan.policies.map(({ name }) => name)

/** What the step does where IAM shows the role like this, look by look. */
const ensured = async (shown: (typeof made | undefined)[], created = true) => {
  const looks = [...shown]
  const did: string[] = []
  const step = await ensureRole({
    outlineRole: async (name) => {
      expect(name).toBe('carts')
      return looks.shift()
    },
    createRole: async (what) => {
      expect(what).toEqual(plan)
      did.push('create')
      return created
    },
    putRolePolicies: async (name, policies) =>
      void did.push(`put ${name} ${policies.map((one) => one.name)}`),
  })({ request, cluster })
  return { step, did }
}

it.each<[why: string, shown: (typeof made | undefined)[], did: string[], action: string, message: string]>([
  ['there is none', [undefined, made], ['create', `put carts ${policy}`], 'created', 'role carts created'],
  [
    'an attempt whose answer was lost has made it without its policies',
    [bare, made],
    [`put carts ${policy}`],
    'created',
    'role carts created',
  ],
  ['that attempt has made all of it', [made, made], [], 'created', 'role carts created'],
  [
    'another run has made the same meanwhile',
    [others],
    [],
    'kept',
    'role carts is there by now, as this run would have made it',
  ],
])('%s', async (_why, shown, did, action, message) => {
  expect(await ensured(shown)).toEqual({ step: { action, message }, did })
})

it.each<[why: string, shown: (typeof made | undefined)[], created: boolean, name: string, message: string]>([
  [
    'IAM has one of that name and does not show it',
    [undefined],
    false,
    'NotShown',
    'which IAM does not show yet',
  ],
  ['IAM does not show the new one', [undefined, undefined], true, 'NotShown', 'does not show it whole yet'],
  ['nor its policies', [undefined, bare], true, 'NotShown', 'does not show it whole yet'],
  ['somebody has made another', [{ ...made, path: '/x/' }], true, 'Refused', 'its path is /x/'],
  ['or changes it meanwhile', [undefined, { ...made, path: '/x/' }], true, 'Refused', 'its path is /x/'],
])('ends where %s', async (_why, shown, created, name, message) => {
  await expect(ensured(shown, created)).rejects.toMatchObject({
    name,
    message: expect.stringContaining(message),
  })
})
