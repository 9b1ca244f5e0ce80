import { describe, expect, it } from 'vitest'
import { resolveRequest } from '../../../core/request-input.ts'
import { asMade, decideRole, decideRoleUndo, plannedRole } from '../../../core/role/creation.ts'
import { planRole } from '../../../core/role/make.ts'
import type { RoleFacts } from '../../../core/role/role.ts'

const boundary = 'arn:aws:iam::123456789012:policy/limits'
const role = 'arn:aws:iam::123456789012:role/team/carts'
const request = resolveRequest(
  {
    cluster: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role,
    needs: [{ actions: ['sqs:SendMessage'], resources: ['arn:aws:sqs:us-west-2:123456789012:orders'] }],
    createRole: true,
    permissionsBoundary: boundary,
  },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-26T00:00:00.000Z',
  },
)
const cluster = { arn: 'arn:aws:eks:us-west-2:123456789012:cluster/shop', name: 'shop' }
const plan = plannedRole(request, cluster)
const made = asMade(plan, role, { name: 'limits', arn: boundary, document: undefined })
const { policies: written } = made

/** The role as the run made it, but for what somebody did. */
const cases: [why: string, found: RoleFacts | undefined, write: string, undo: string][] = [
  ['nothing is there', undefined, 'create', 'none'],
  ['it is as the run made it', made, 'none, ours', 'delete podid-needs'],
  [
    'the answer to its creation was lost, and its policy was not written',
    { ...made, policies: [] },
    'complete podid-needs',
    'delete',
  ],
  [
    'another run made the same',
    { ...made, tags: { ...made.tags, 'podid:run': 'run-0' } },
    'none, not ours',
    'none',
  ],
  [
    'another run made it and has not come to its policy',
    { ...made, policies: [], tags: { ...made.tags, 'podid:run': 'run-0' } },
    'refuse: without its policy podid-needs',
    'none',
  ],
  ['podid did not make it', { ...made, tags: {} }, 'refuse: which podid did not make', 'none'],
  [
    'podid made it for other pods',
    { ...made, tags: { ...made.tags, 'podid:for': 'shop/orders/orders' } },
    'refuse: which podid did not make',
    'none',
  ],
  [
    'somebody lets others in',
    { ...made, trust: { ...plan.trust, Statement: [] } },
    'refuse: its trust policy differs',
    'keep: its trust policy differs',
  ],
  [
    'somebody attached a policy',
    { ...made, policies: [...written, { name: 'admin', kind: 'managed', document: undefined }] },
    'refuse: it has the policy admin',
    'keep: it has the policy admin',
  ],
  [
    'somebody wrote a policy',
    { ...made, policies: [...written, { name: 'more', kind: 'inline', document: {} }] },
    'refuse: it has the inline policy more',
    'keep: it has the inline policy more',
  ],
  [
    'somebody changed its policy',
    { ...made, policies: [{ name: 'podid-needs', kind: 'inline', document: {} }] },
    'refuse: its inline policy podid-needs differs',
    'keep: its inline policy podid-needs differs',
  ],
  [
    'somebody gave it another boundary',
    {
      ...made,
      boundary: { name: 'wide', arn: 'arn:aws:iam::123456789012:policy/wide', document: undefined },
    },
    'refuse: its permissions boundary is arn:aws:iam::123456789012:policy/wide',
    'keep: its permissions boundary is arn:aws:iam::123456789012:policy/wide',
  ],
  ['one of its name is elsewhere', { ...made, path: '/' }, 'refuse: its path is /', 'keep: its path is /'],
  [
    'IAM orders the members of a document otherwise',
    { ...made, trust: Object.fromEntries(Object.entries(plan.trust).reverse()) },
    'none, ours',
    'delete podid-needs',
  ],
]

describe('a role that a run makes', () => {
  it.each(cases)('where %s', (_why, found, write, undo) => {
    const decision = decideRole(plan, 'run-1', found)
    const [action, why] = write.split(': ')
    if (decision.action === 'refuse')
      expect([decision.action, decision.why]).toEqual([action, expect.stringContaining(why ?? '')])
    else
      expect(
        decision.action === 'none'
          ? `none, ${decision.ours ? 'ours' : 'not ours'}`
          : [
              decision.action,
              ...('policies' in decision ? decision.policies : []).map(({ name }) => name),
            ].join(' '),
      ).toBe(write)
    const back = decideRoleUndo(plan, 'run-1', found)
    const [backAction, kept] = undo.split(': ')
    if (back.action === 'keep')
      expect([back.action, back.why]).toEqual([backAction, expect.stringContaining(kept ?? '')])
    else expect([back.action, ...('policies' in back ? back.policies : [])].join(' ')).toBe(undo)
  })

  it('may lack one policy of several', () => {
    const [own] = plan.policies
    const two = { ...plan, policies: [...plan.policies, { name: 'more', document: own?.document ?? {} }] }
    expect(decideRole(two, 'run-1', made)).toEqual({ action: 'complete', policies: [two.policies[1]] })
    expect(decideRole(two, 'run-2', { ...made, policies: [] })).toMatchObject({
      why: expect.stringContaining('without its policy podid-needs, more.'),
    })
  })

  it('grants the way to a target role, and not what that role has to grant', () => {
    const targetRole = 'arn:aws:iam::999988887777:role/target'
    const [policy] = plannedRole({ ...request, targetRole }, cluster).policies
    expect(policy?.document).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: [targetRole] }],
    })
  })

  it('does not grant what the policy of a resource grants', () => {
    const needs = request.needs.map((need) => ({ ...need, grantedBy: 'resource-policy' as const }))
    const identity = { ...request, cluster }
    expect(planRole({ ...identity, roleArn: role, needs }).policies).toEqual([])
  })
})
