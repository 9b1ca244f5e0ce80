import type { Scope } from './scope.ts'

/** One grant in a function's policy. */
export interface Grant {
  actions: string[]
  resources: string[]
  conditions?: { test: string; variable: string; values: string[] }[]
}

const describeCluster = ({ clusters }: Scope): Grant => ({
  actions: ['eks:DescribeCluster'],
  resources: clusters,
})

const readAssociation = ({ clusters, associations }: Scope): Grant[] => [
  { actions: ['eks:ListPodIdentityAssociations'], resources: clusters },
  { actions: ['eks:DescribePodIdentityAssociation'], resources: associations },
]

/** EKS gets a role only from somebody who may pass it, and only for pods. */
const passRole = ({ roles }: Scope): Grant => ({
  actions: ['iam:PassRole'],
  resources: roles,
  conditions: [{ test: 'StringEquals', variable: 'iam:PassedToService', values: ['pods.eks.amazonaws.com'] }],
})

/**
 * What each function of the workflow may do at AWS, in the terms of the Service Authorization Reference:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * A function that is not here may do nothing there. What functions may do inside a cluster stands in manifests/;
 * signing in to one takes no permission.
 */
export const permissions: Readonly<Record<string, (scope: Scope) => Grant[]>> = {
  awaitCluster: (scope) => [describeCluster(scope)],
  checkAgent: ({ agentAddons }) => [{ actions: ['eks:DescribeAddon'], resources: agentAddons }],
  verifyRole: (scope) => [
    {
      actions: [
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:ListAttachedRolePolicies',
        'iam:ListRolePolicies',
        'iam:SimulatePrincipalPolicy',
      ],
      resources: [...scope.roles, ...scope.targetRoles],
    },
    { actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'], resources: scope.managedPolicies },
    // An association that is there may narrow the role by a session policy.
    ...readAssociation(scope),
  ],
  checkAssociation: readAssociation,
  requestApproval: ({ table, eventBus }) => [
    { actions: ['dynamodb:PutItem'], resources: [table] },
    { actions: ['events:PutEvents'], resources: [eventBus] },
  ],
  ensureAgent: ({ clusters, agentAddons }) => [
    { actions: ['eks:CreateAddon'], resources: clusters },
    { actions: ['eks:DescribeAddon', 'eks:TagResource'], resources: agentAddons },
  ],
  ensureAssociation: (scope) => [
    ...readAssociation(scope),
    { actions: ['eks:CreatePodIdentityAssociation'], resources: scope.clusters },
    { actions: ['eks:UpdatePodIdentityAssociation', 'eks:TagResource'], resources: scope.associations },
    passRole(scope),
  ],
  undo: (scope) => [
    ...readAssociation(scope),
    {
      actions: ['eks:UpdatePodIdentityAssociation', 'eks:DeletePodIdentityAssociation'],
      resources: scope.associations,
    },
    passRole(scope),
  ],
}
