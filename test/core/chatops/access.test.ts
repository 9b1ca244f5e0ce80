import { describe, expect, it } from 'vitest'
import { isGranted, type Requester } from '../../../core/chatops/access.ts'
import { type AnswerDecision, decideAnswer, requesterKey } from '../../../core/chatops/approval.ts'
import { type Action, parseConfig } from '../../../core/config.ts'
import type { ApprovalQuestion } from '../../../core/events.ts'

const config = (approvals = {}) =>
  parseConfig(
    {
      account: '123456789012',
      region: 'us-west-2',
      approvals,
      access: [
        { users: ['U0ADA'], may: ['enable', 'approve'], clusters: ['shop-*'], namespaces: ['carts'] },
        { groups: ['S0OPS'], may: ['approve'] },
        { callers: ['ci'], may: ['plan'], namespaces: ['team-?'] },
      ],
    },
    'test',
  )

const slack = (id: string, ...groups: string[]): Requester => ({ kind: 'slack', id, groups })
const caller = (id: string): Requester => ({ kind: 'caller', id })

it.each<
  [why: string, requester: Requester, action: Action, cluster: string, namespace: string, granted: boolean]
>([
  ['a user by id, on a cluster that fits', slack('U0ADA'), 'enable', 'shop-1', 'carts', true],
  ['another cluster', slack('U0ADA'), 'enable', 'bank-1', 'carts', false],
  ['a cluster that only begins like one', slack('U0ADA'), 'enable', 'xshop-1', 'carts', false],
  ['another namespace', slack('U0ADA'), 'enable', 'shop-1', 'kube-system', false],
  ['an action that no grant names', slack('U0ADA'), 'undo', 'shop-1', 'carts', false],
  ['a member of a group, anywhere', slack('U0BOB', 'S0DEV', 'S0OPS'), 'approve', 'bank-1', 'pay', true],
  ['a group with other actions', slack('U0BOB', 'S0OPS'), 'enable', 'shop-1', 'carts', false],
  ['nobody in particular', slack('U0EVE'), 'plan', 'shop-1', 'carts', false],
  ['a caller, where it may', caller('ci'), 'plan', 'shop-1', 'team-a', true],
  ['a caller, where it may not', caller('ci'), 'plan', 'shop-1', 'team-ab', false],
  ['a caller with a user’s name', caller('U0ADA'), 'enable', 'shop-1', 'carts', false],
  ['a user with a caller’s name', slack('ci'), 'plan', 'shop-1', 'team-a', false],
])('grants: %s', (_why, requester, action, cluster, namespace, granted) => {
  expect(isGranted(config(), requester, action, { cluster, namespace })).toBe(granted)
})

describe('an answer', () => {
  const now = Date.UTC(2026, 10, 23, 7)
  const question: ApprovalQuestion = {
    approval: '0'.repeat(32),
    run: 'slack-shop-1-carts-0',
    cluster: 'shop-1',
    region: 'us-west-2',
    namespace: 'carts',
    workload: 'deployment/carts',
    changes: [],
    plan: 'p-1',
    findings: [],
    expiresAt: new Date(now).toISOString(),
  }
  const ada = slack('U0ADA')
  const bob = slack('U0BOB', 'S0OPS')
  const open = { question, answer: null, requestedBy: requesterKey(ada), underWay: true }
  const answered = { ...open, answer: { approved: true, by: requesterKey(bob), at: question.expiresAt } }
  type Kept = Parameters<typeof decideAnswer>[1]

  it.each<
    [
      why: string,
      requester: Requester,
      approved: boolean,
      kept: Kept,
      action: AnswerDecision['action'] | string,
    ]
  >([
    ['another one approves', bob, true, open, 'answer'],
    ['the run has ended', bob, true, { ...open, underWay: false }, 'Too late'],
    ['the requester approves', ada, true, open, 'requested this run yourself'],
    ['who asked thinks better of it', ada, false, open, 'answer'],
    ['who may not', slack('U0EVE'), true, open, 'no grant'],
    ['an approval that does not exist', bob, true, undefined, 'no such approval'],
    ['a second click of the same person', bob, true, answered, 'repeat'],
    ['the same person, otherwise', bob, false, answered, 'already been approved'],
    ['another person, later', ada, true, answered, 'already been approved'],
  ])('%s', (_why, requester, approved, kept, outcome) => {
    const decision = decideAnswer({ requester, approved, plan: 'p-1' }, kept, config())
    if (decision.action === 'refuse') expect(decision.why).toContain(outcome)
    else expect(decision.action).toBe(outcome)
  })

  it.each([
    [
      'an approval of another plan',
      true,
      'p-0',
      'waits for an answer to the plan p-1, and this approves p-0',
    ],
    ['an approval of no plan', true, undefined, 'approves none'],
    ['a no to another plan is a no', false, 'p-0', 'answer'],
  ])('%s', (_why, approved, plan, outcome) => {
    const decision = decideAnswer({ requester: bob, approved, plan }, open, config())
    expect(decision.action === 'refuse' ? decision.why : decision.action).toContain(outcome)
  })

  it('may be one’s own where the settings say so', () => {
    const decision = decideAnswer(
      { requester: ada, approved: true, plan: 'p-1' },
      open,
      config({ self: true }),
    )
    expect(decision.action).toBe('answer')
  })
})
