import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../core/config.ts'
import { evaluate } from '../../../core/policy.ts'
import { type FunctionName, permissions } from '../../../stacks/permissions.ts'
import { scopeOf } from '../../../stacks/scope.ts'

const account = '111122223333'
const scope = scopeOf(
  parseConfig(
    {
      account,
      region: 'us-west-2',
      clusters: { createAccessEntries: true },
      bindings: {
        carts: {
          cluster: 'shop-*',
          namespace: 'carts',
          serviceAccount: 'carts',
          role: `arn:aws:iam::${account}:role/carts`,
        },
      },
    },
    'dev',
  ),
  (what) => `podid-dev-${what}`,
)

const decide = (
  name: FunctionName,
  action: string,
  resource: string,
  context: Record<string, string | string[] | null>,
) => {
  const Statement = permissions[name](scope)
    .filter(({ resources }) => resources.length > 0)
    .map(({ actions: Action, resources: Resource, conditions = [] }) => ({
      Effect: 'Allow',
      Action,
      Resource,
      Condition: Object.fromEntries(
        [...Map.groupBy(conditions, ({ test }) => test)].map(([test, them]) => [
          test,
          Object.fromEntries(them.map(({ variable, values }) => [variable, values])),
        ]),
      ),
    }))
  const policies = [{ name: 'inline', document: { Version: '2012-10-17', Statement } }]
  return evaluate({ policies, action, resource, context }).decision
}

describe('an access entry', () => {
  const own = {
    'eks:principalArn': `arn:aws:iam::${account}:role/podid-dev-check-agent`,
    'eks:kubernetesGroups': ['podid:agent'],
    'eks:accessEntryType': 'STANDARD',
    'eks:username': null,
  }
  const session = `arn:aws:sts::${account}:assumed-role/podid-dev-check-agent`
  it.each<[why: string, changes: Record<string, string | string[] | null>, decision: string]>([
    ['of an own role, as a run makes it', {}, 'allowed'],
    ['without a type, which is STANDARD', { 'eks:accessEntryType': null }, 'allowed'],
    ['with the name that EKS gives', { 'eks:username': `${session}/{{SessionName}}` }, 'allowed'],
    [
      'that makes a node of the caller',
      { 'eks:accessEntryType': 'EC2_LINUX', 'eks:kubernetesGroups': [] },
      'implicitDeny',
    ],
    ['with an administrator’s name', { 'eks:username': 'kubernetes-admin' }, 'implicitDeny'],
    ['with a component’s name', { 'eks:username': 'system:kube-controller-manager' }, 'implicitDeny'],
    [
      'with another group besides',
      { 'eks:kubernetesGroups': ['podid:agent', 'system:masters'] },
      'implicitDeny',
    ],
    ['of another role', { 'eks:principalArn': `arn:aws:iam::${account}:role/somebody` }, 'implicitDeny'],
  ])('%s', (_why, changes, decision) => {
    const cluster = `arn:aws:eks:us-west-2:${account}:cluster/shop-1`
    expect(decide('ensureAccess', 'eks:CreateAccessEntry', cluster, { ...own, ...changes })).toBe(decision)
  })
})

describe('undo deletes an association', () => {
  it.each<[why: string, tag: string | null, decision: string]>([
    ['that a run has made', 'cluster-created-shop-1', 'allowed'],
    ['that somebody else has made', null, 'implicitDeny'],
  ])('%s', (_why, tag, decision) => {
    const association = `arn:aws:eks:us-west-2:${account}:podidentityassociation/shop-1/a-1`
    expect(
      decide('undo', 'eks:DeletePodIdentityAssociation', association, { 'aws:ResourceTag/podid:run': tag }),
    ).toBe(decision)
  })
})
