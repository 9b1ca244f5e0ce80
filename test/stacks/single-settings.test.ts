import { expect, it } from 'vitest'
import { parseConfig } from '../../core/config.ts'
import { type FunctionName, type PolicyGrant, permissions, readSecrets } from '../../stacks/permissions.ts'
import { scopeOf } from '../../stacks/scope.ts'

const account = '111122223333'
const arn = (role: string) => `arn:aws:iam::${account}:role/${role}`
const carts = {
  cluster: 'eks-workshop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: arn('carts'),
  workload: 'deployment/carts',
}
const made = { ...carts, createRole: true }
const stage = (settings: object = {}, binding: object = carts) => ({
  account,
  region: 'us-west-2',
  bindings: { carts: binding },
  ...settings,
})

/** What each function of a stage may do and where, a line each. */
const granted = (settings: object): Map<FunctionName, Set<string>> => {
  const scope = scopeOf(parseConfig(settings, 'dev'), (name) => `podid-dev-${name}`)
  const lines = ({ actions, resources, conditions }: PolicyGrant) =>
    actions.flatMap((action) =>
      resources.map((resource) => [action, resource, JSON.stringify(conditions ?? [])].join(' ')),
    )
  const names = Object.keys(permissions) as FunctionName[]
  return new Map(names.map((name) => [name, new Set(permissions[name](scope).flatMap(lines))]))
}

/** By function, the actions that it may use with the second settings on something that it may not with the first. */
const gained = (before: object, after: object): Record<string, string[]> => {
  const former = granted(before)
  return Object.fromEntries(
    [...granted(after)].flatMap(([name, lines]) => {
      const more = [...lines].filter((line) => !former.get(name)?.has(line))
      return more.length > 0
        ? [[name, [...new Set(more.map((line) => line.split(' ')[0] ?? ''))].sort()]]
        : []
    }),
  )
}

const readRole = ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies']

type Row = [
  setting: string,
  off: object,
  on: object,
  gains: Record<string, string[]>,
  loses?: Record<string, string[]>,
]

it.each<Row>([
  [
    'createAccessEntries',
    stage(),
    stage({ clusters: { createAccessEntries: true } }),
    {
      ensureAccess: ['eks:CreateAccessEntry', 'eks:DescribeAccessEntry', 'eks:TagResource'],
      takeStock: ['eks:DescribeAccessEntry'],
      undo: ['eks:DescribeAccessEntry'],
    },
  ],
  [
    'createRole',
    stage(),
    stage({}, made),
    {
      ensureRole: ['iam:CreateRole', ...readRole, 'iam:PutRolePolicy', 'iam:TagRole'],
      takeStock: readRole,
      undo: ['iam:DeleteRole', 'iam:DeleteRolePolicy', ...readRole],
    },
  ],
  [
    'permissionsBoundary, without which no role may be made then',
    stage({}, made),
    stage({}, { ...made, permissionsBoundary: `arn:aws:iam::${account}:policy/limits` }),
    { ensureRole: ['iam:CreateRole'] },
    { ensureRole: ['iam:CreateRole'] },
  ],
  [
    'accessAnalyzer',
    stage({}, made),
    stage({}, { ...made, accessAnalyzer: true }),
    { verifyRole: ['access-analyzer:CheckNoNewAccess', 'access-analyzer:ValidatePolicy'] },
  ],
  [
    'manageTrust',
    stage(),
    stage({}, { ...carts, manageTrust: true }),
    {
      ensureTrust: ['iam:GetRole', 'iam:UpdateAssumeRolePolicy'],
      finishMigration: ['iam:GetRole', 'iam:UpdateAssumeRolePolicy'],
      takeStock: ['iam:GetRole'],
      undo: ['iam:GetRole', 'iam:UpdateAssumeRolePolicy'],
    },
  ],
  [
    'formerRoles, which an undo gives back',
    stage(),
    stage({}, { ...carts, formerRoles: [arn('before')] }),
    { undo: ['iam:PassRole'] },
  ],
  [
    'targetRole, which is looked at where that is allowed',
    stage(),
    stage({}, { ...carts, targetRole: 'arn:aws:iam::999999999999:role/data' }),
    { verifyRole: [...readRole, 'iam:SimulatePrincipalPolicy'] },
  ],
  ['channels.amazonQ', stage(), stage({ channels: { amazonQ: true } }), { notify: ['sns:Publish'] }],
  [
    'clusters.vpc',
    stage(),
    stage({ clusters: { vpc: { subnets: ['subnet-1'], securityGroups: ['sg-1'] } } }),
    {},
  ],
  ['replace', stage(), stage({}, { ...carts, replace: true }), {}],
  ['installAgent', stage(), stage({}, { ...carts, installAgent: true }), {}],
  ['approval', stage(), stage({}, { ...carts, approval: 'required' }), {}],
  ['channels.alarmEmails', stage(), stage({ channels: { alarmEmails: ['a@example.com'] } }), {}],
  ['triggers.sweep.mode', stage(), stage({ triggers: { sweep: { mode: 'mend' } } }), {}],
  ['triggers.clusterCreated', stage(), stage({ triggers: { clusterCreated: false } }), {}],
  ['urlConcurrency', stage(), stage({ urlConcurrency: 3 }), {}],
])('%s: who may do more by it, and what', (_setting, off, on, gains, loses = {}) => {
  expect(gained(off, on)).toEqual(gains)
  expect(gained(on, off)).toEqual(loses)
})

it.each<[setting: string, settings: object, secrets: string[]]>([
  ['neither', {}, []],
  [
    'channels.slack',
    { channels: { slack: { channel: 'C0PODID' } } },
    ['slack-bot-token', 'slack-signing-secret'],
  ],
  ['triggers.webhook', { triggers: { webhook: true } }, ['webhook-secrets']],
])('the parameters with secrets that a stage reads: %s', (_setting, settings, secrets) => {
  const scope = scopeOf(parseConfig(stage(settings), 'dev'), (name) => `podid-dev-${name}`)
  const all = ['slackBotToken', 'slackSigningSecret', 'webhookSecrets'] as const
  const read = readSecrets(scope, all).filter(({ actions }) => actions.includes('ssm:GetParameter'))
  expect(read.flatMap(({ resources }) => resources)).toEqual(
    secrets.map((name) => `arn:aws:ssm:us-west-2:${account}:parameter/podid/dev/${name}`),
  )
})
