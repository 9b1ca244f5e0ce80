import { describe, expect, it } from 'vitest'
import { grantedGroups, isGranted, isGrantedFor, type Requester } from '../../../core/chatops/access.ts'
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
        {
          users: ['U0ADA'],
          may: ['enable', 'approve'],
          clusters: ['dev', 'shop-*'],
          namespaces: ['cart', 'carts'],
        },
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

it.each<
  [why: string, requester: Requester, action: Action, cluster: string, namespace: string, granted: boolean]
>([
  ['the same pattern', slack('U0ADA'), 'enable', 'shop-*', 'carts', true],
  ['a narrower one', slack('U0ADA'), 'enable', 'shop-b*', 'carts', true],
  ['one cluster of it', slack('U0ADA'), 'enable', 'shop-1', 'carts', true],
  ['one with some clusters besides', slack('U0ADA'), 'enable', 'sho*', 'carts', false],
  ['one that is only longer by what it stands for', caller('one'), 'plan', 'shop-*', 'a', false],
  ['one character of a name', caller('one'), 'plan', 'shop-?', 'a', true],
  ['one character that may be another than the grant’s', caller('one'), 'plan', 'q?', 'a', false],
  ['one character of a namespace', caller('one'), 'plan', 'shop-1', '?', true],
  ['two characters of a namespace, of a grant for one', caller('one'), 'plan', 'shop-1', '??', false],
  ['two stars', slack('U0ADA'), 'enable', '*-*', 'carts', false],
  ['any of several patterns of a grant is enough', caller('one'), 'plan', 'bank-1', 'a', true],
  ['the star may stand for nothing', caller('one'), 'plan', '*-1', 'a', false],
  ['it may stand for one character', caller('one'), 'plan', 'z*', 'a', false],
  ['it may stand for many', caller('one'), 'plan', 'x*', 'a', false],
  ['another namespace', slack('U0ADA'), 'enable', 'shop-*', 'pay', false],
  ['one of the namespaces', caller('ci'), 'plan', 'shop-*', 'team-a', true],
  ['more namespaces than the grant’s', caller('ci'), 'plan', 'shop-*', 'team-*', false],
  ['all namespaces, of a grant for some', caller('one'), 'plan', 'shop-1', '*', false],
  ['another action', slack('U0ADA'), 'undo', 'shop-*', 'carts', false],
  ['everywhere', slack('U0BOB', 'S0OPS'), 'approve', '*', 'pay', true],
])('grants for all clusters of a binding: %s', (_why, requester, action, cluster, namespace, granted) => {
  const { access } = config()
  const one = {
    ...config().access[2],
    callers: ['one'],
    clusters: ['bank-?', 'shop-?', '?*-1', '*x', '*z'],
    namespaces: ['a', '?'],
  }
  expect(
    isGrantedFor({ access: [...access, one] as typeof access }, requester, action, { cluster, namespace }),
  ).toBe(granted)
})

it('names each Slack user group of the grants once', () => {
  const [ada, ops] = config().access
  expect(grantedGroups(config())).toEqual(['S0OPS'])
  expect(
    grantedGroups({
      access: [ada, ops, { ...ops, groups: ['S0DEV', 'S0OPS'] }] as ReturnType<typeof config>['access'],
    }),
  ).toEqual(['S0OPS', 'S0DEV'])
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
  const gate = { wave: 2, waves: 3, bindings: 2, clusters: 2, plan: 'p-1', before: '' }
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
    ['the run has ended', bob, true, { ...open, underWay: false }, 'Too late: the run has ended.'],
    [
      'the requester approves',
      ada,
      true,
      open,
      'You requested this run yourself; somebody else has to approve it.',
    ],
    ['who asked thinks better of it', ada, false, open, 'answer'],
    [
      'who may not',
      slack('U0EVE'),
      true,
      open,
      'You may not approve or decline runs on shop-1, namespace carts: no grant in podid.yaml says so.',
    ],
    ['a second click of the same person', bob, true, answered, 'repeat'],
    ['the same person, otherwise', bob, false, answered, 'This run has already been approved.'],
    [
      'a no that was given stays one',
      bob,
      true,
      { ...answered, answer: { ...answered.answer, approved: false } },
      'This run has already been declined.',
    ],
    [
      'who asked for a rollout',
      slack('U0ADA', 'S0OPS'),
      true,
      {
        ...open,
        question: { ...question, gate: { ...gate, places: [{ cluster: 'bank-1', namespace: 'pay' }] } },
      },
      'You requested this rollout yourself; somebody else has to approve it.',
    ],
    [
      'a rollout needs a grant for each of its places',
      ada,
      false,
      {
        ...open,
        question: {
          ...question,
          gate: {
            ...gate,
            places: [
              { cluster: 'shop-1', namespace: 'carts' },
              { cluster: 'bank-1', namespace: 'pay' },
            ],
          },
        },
      },
      'You may not approve or decline runs on bank-1, namespace pay: no grant in podid.yaml says so.',
    ],
    ['another person, later', ada, true, answered, 'This run has already been approved.'],
  ])('%s', (_why, requester, approved, kept, outcome) => {
    const decision = decideAnswer({ requester, approved, plan: 'p-1' }, kept, config())
    expect(decision.action === 'refuse' ? decision.why : decision.action).toBe(outcome)
  })

  it.each([
    [
      'an approval of another plan',
      true,
      'p-0',
      'The run waits for an answer to the plan p-1, and this approves p-0: look at what it would do now.',
    ],
    [
      'an approval of no plan',
      true,
      undefined,
      'The run waits for an answer to the plan p-1, and this approves none: look at what it would do now.',
    ],
    ['a no to another plan is a no', false, 'p-0', 'answer'],
  ])('%s', (_why, approved, plan, outcome) => {
    const decision = decideAnswer({ requester: bob, approved, plan }, open, config())
    expect(decision.action === 'refuse' ? decision.why : decision.action).toBe(outcome)
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
