import { execFileSync } from 'node:child_process'
import type { Remedy } from '../../../../core/findings.ts'
import { checkPermissions, type PermissionQuestion } from '../../../../core/role/permissions/permissions.ts'
import type { RoleFacts, RolePolicy } from '../../../../core/role/role.ts'

export const account = '111122223333'
export const table = `arn:aws:dynamodb:us-west-2:${account}:table/eks-workshop-carts`
export const index = `${table}/index/*`
export const policyArn = `arn:aws:iam::${account}:policy/eks-workshop-carts-dynamo`

export const identity = {
  cluster: { name: 'eks-workshop', arn: `arn:aws:eks:us-west-2:${account}:cluster/eks-workshop` },
  account,
  namespace: 'carts',
  serviceAccount: 'carts',
  sessionTags: true,
}

export const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })
export const grantOf = (Action: unknown, Resource: unknown, more: object = {}) => ({
  Sid: 'Grant',
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
export const deny = (Action: unknown, Resource: unknown, more: object = {}) => ({
  ...grantOf(Action, Resource, more),
  Sid: 'Forbid',
  Effect: 'Deny',
})

/** The workshop's policy. */
export const cartsDocument = document({
  Sid: 'AllAPIActionsOnCart',
  Effect: 'Allow',
  Action: 'dynamodb:*',
  Resource: [table, index],
})

export const managed = (documentInForce: unknown, more: Partial<RolePolicy> = {}): RolePolicy => ({
  name: 'eks-workshop-carts-dynamo',
  arn: policyArn,
  kind: 'managed',
  version: 'v1',
  document: documentInForce,
  ...more,
})

export const roleWith = (policies: RolePolicy[], more: Partial<RoleFacts> = {}): RoleFacts => ({
  name: 'eks-workshop-carts-dynamo',
  arn: `arn:aws:iam::${account}:role/eks-workshop-carts-dynamo`,
  path: '/',
  trust: {},
  policies,
  ...more,
})

export const cartsNeeds = [
  { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [table] },
  { actions: ['dynamodb:Query'], resources: [index] },
]

export const check = (checked: RoleFacts, more: Partial<PermissionQuestion> = {}) => {
  const { verdicts, findings } = checkPermissions({ ...identity, role: checked, needs: cartsNeeds, ...more })
  // That a resource is in another account than the role is told in tests of its own.
  return { verdicts, findings: findings.filter(({ code }) => code !== 'resource-in-another-account') }
}

export const codes = (checked: RoleFacts, more: Partial<PermissionQuestion> = {}) =>
  check(checked, more).findings.map(({ code }) => code)

/** A remedy's words as the AWS CLI would receive them from a shell, and the policy document among them. */
export const pasted = ({ command = '' }: Remedy = { advice: '' }): { words: string[]; document: unknown } => {
  const aws = `aws() { if [ "$2" = list-pod-identity-associations ]; then echo a-1; else for word; do printf '%s\\0' "$word"; done; fi; }`
  const words = execFileSync('sh', ['-c', `${aws}\n${command}`])
    .toString()
    .split('\0')
  const at = words.findIndex((word) => word === '--policy-document' || word === '--policy')
  return { words, document: JSON.parse(words[at + 1] ?? '') }
}
