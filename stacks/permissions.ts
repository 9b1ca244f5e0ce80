import { runTag } from '../core/association.ts'
import { liveAlias, podIdentityService } from '../core/names.ts'
import { madeForTag } from '../core/role/make.ts'
import type { RolloutStepName } from '../core/steps/rollout-table.ts'
import type { StepName } from '../core/steps/table.ts'
import type { Scope, SecretName } from './scope.ts'

/** The functions around the workflow, which stacks/integrations.ts lists. */
export type IntegrationName = 'start' | 'sweep' | 'http' | 'followRun' | 'notify'

/** Every function that a stage may have. */
export type FunctionName = StepName | RolloutStepName | IntegrationName

/** One grant in a function's policy. */
export interface PolicyGrant {
  actions: string[]
  resources: string[]
  conditions?: { test: string; variable: string; values: string[] }[]
}

const describeCluster = ({ clusters }: Scope): PolicyGrant => ({
  actions: ['eks:DescribeCluster'],
  resources: clusters,
})

const readAssociation = ({ clusters, associations }: Scope): PolicyGrant[] => [
  { actions: ['eks:ListPodIdentityAssociations'], resources: clusters },
  { actions: ['eks:DescribePodIdentityAssociation'], resources: associations },
]

/** EKS gets a role only from somebody who may pass it, and only for pods. */
const passRoles = (roles: string[]): PolicyGrant => ({
  actions: ['iam:PassRole'],
  resources: roles,
  conditions: [{ test: 'StringEquals', variable: 'iam:PassedToService', values: [podIdentityService] }],
})

/** Roles that podid may make, as they are now. */
const outlineRoles = (scope: Scope): PolicyGrant[] => [
  {
    actions: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
    resources: rolesIn(scope.makeableRoles),
  },
  lookForRoles(scope),
]

/** A role is asked for by its name: what path it has shows only when there is one. */
const lookForRoles = ({ makeableRoles }: Scope): PolicyGrant => ({
  actions: ['iam:GetRole', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
  resources: rolesIn(makeableRoles).flatMap((role) => {
    const byName = role.replace(/:role\/.*\//, ':role/')
    return byName === role ? [] : [byName]
  }),
})

const rolesIn = (makeable: Scope['makeableRoles']): string[] => [...new Set(makeable.map(({ role }) => role))]

/** Making a role: with the boundary that the settings name, where they name one. */
const createRoles = ({ makeableRoles }: Scope): PolicyGrant[] => [
  ...[...Map.groupBy(makeableRoles, ({ boundary }) => boundary)].map(([boundary, them]) => ({
    actions: ['iam:CreateRole'],
    resources: rolesIn(them),
    ...(boundary === undefined
      ? {}
      : { conditions: [{ test: 'StringEquals', variable: 'iam:PermissionsBoundary', values: [boundary] }] }),
  })),
  { actions: ['iam:TagRole'], resources: rolesIn(makeableRoles) },
  ...onMadeRoles(makeableRoles, ['iam:PutRolePolicy']),
]

/** A trust policy that bindings let podid write, as it is now and to another one. */
const readTrusts = ({ trustRoles }: Scope): PolicyGrant[] => [
  { actions: ['iam:GetRole'], resources: trustRoles },
]
const writeTrusts = (scope: Scope): PolicyGrant[] => [
  ...readTrusts(scope),
  { actions: ['iam:UpdateAssumeRolePolicy'], resources: scope.trustRoles },
]

/** Documents have no resource to be narrowed to. AWS charges one of the calls, so that it is allowed only where it is wanted. */
const analyzeDocuments = ({ asksAccessAnalyzer }: Scope): PolicyGrant[] =>
  asksAccessAnalyzer
    ? [{ actions: ['access-analyzer:CheckNoNewAccess', 'access-analyzer:ValidatePolicy'], resources: ['*'] }]
    : []

/** Only a role that podid made for these ServiceAccounts is written to or deleted, whoever has that name else. */
const onMadeRoles = (makeable: Scope['makeableRoles'], actions: string[]): PolicyGrant[] =>
  [...Map.groupBy(makeable, ({ role }) => role)].map(([role, them]) => ({
    actions,
    resources: [role],
    conditions: [
      {
        test: 'StringLike',
        variable: `aws:ResourceTag/${madeForTag}`,
        values: [...new Set(them.map(({ madeFor }) => madeFor))],
      },
    ],
  }))

const none = (): PolicyGrant[] => []

/**
 * What each function may do at AWS, in the terms of the Service Authorization Reference:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * What functions may do inside a cluster is in manifests/;
 * signing in to one takes no permission.
 */
export const permissions: Readonly<Record<FunctionName, (scope: Scope) => PolicyGrant[]>> = {
  resolveRequest: none,
  takeTurn: (scope) => [
    keepRecords(scope),
    { actions: ['states:DescribeExecution'], resources: [scope.executions] },
  ],
  awaitCluster: (scope) => [describeCluster(scope)],
  ensureAccess: ({ openClusters, ownRoles, ownSessions, openEntries }) => [
    {
      actions: ['eks:CreateAccessEntry'],
      resources: openClusters,
      // Only podid's own roles, no group but its own, the type without rights of its own (EC2_LINUX makes a node of the
      // caller), and no name but the one that EKS gives by itself: or it could make anybody an administrator.
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
      conditions: [
        { test: 'ArnLike', variable: 'eks:principalArn', values: [ownRoles] },
        { test: 'ForAllValues:StringLike', variable: 'eks:kubernetesGroups', values: ['podid:*'] },
        { test: 'StringEqualsIfExists', variable: 'eks:accessEntryType', values: ['STANDARD'] },
        { test: 'StringLikeIfExists', variable: 'eks:username', values: [ownSessions] },
      ],
    },
    { actions: ['eks:DescribeAccessEntry', 'eks:TagResource'], resources: openEntries },
  ],
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
    {
      actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
      resources: [...scope.ownPolicies, ...scope.awsPolicies],
    },
    // One list of versions in force spares a role with many policies a call for each. It names no resource.
    { actions: ['iam:ListPolicies'], resources: ['*'] },
    // Versions that are not in force are worth a look only where somebody could put them in force, and so is who
    // else has the policy and would get what is put in force.
    { actions: ['iam:ListPolicyVersions', 'iam:ListEntitiesForPolicy'], resources: scope.ownPolicies },
    lookForRoles(scope),
    ...analyzeDocuments(scope),
    // An association that is there may narrow the role by a session policy.
    ...readAssociation(scope),
  ],
  verifyWorkload: none,
  checkAssociation: readAssociation,
  requestApproval: (scope) => [keepRecords(scope), putEvents(scope)],
  confirmPlan: none,
  ensureAgent: ({ clusters, agentAddons }) => [
    { actions: ['eks:CreateAddon'], resources: clusters },
    { actions: ['eks:DescribeAddon', 'eks:TagResource'], resources: agentAddons },
  ],
  ensureRole: (scope) => [...outlineRoles(scope), ...createRoles(scope)],
  ensureTrust: writeTrusts,
  ensureAssociation: (scope) => [
    ...readAssociation(scope),
    { actions: ['eks:CreatePodIdentityAssociation'], resources: scope.clusters },
    { actions: ['eks:UpdatePodIdentityAssociation', 'eks:TagResource'], resources: scope.associations },
    passRoles(scope.roles),
  ],
  awaitInjection: none,
  restartWorkload: none,
  watchRollout: none,
  awaitUndo: none,
  verifyCredentials: ({ associations }) => [
    { actions: ['eks:DescribePodIdentityAssociation'], resources: associations },
  ],
  finishMigration: (scope) => [...readAssociation(scope), ...writeTrusts(scope)],
  takeStock: (scope) => [
    ...readAssociation(scope),
    { actions: ['eks:DescribeAddon'], resources: scope.agentAddons },
    { actions: ['eks:DescribeAccessEntry'], resources: scope.openEntries },
    ...outlineRoles(scope),
    ...readTrusts(scope),
  ],
  undo: (scope) => [
    ...readAssociation(scope),
    {
      actions: ['eks:UpdatePodIdentityAssociation', 'eks:TagResource', 'eks:UntagResource'],
      resources: scope.associations,
    },
    // Only what a run has made, which has the run's name as a tag; the resource type takes aws:ResourceTag.
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
    {
      actions: ['eks:DeletePodIdentityAssociation'],
      resources: scope.associations,
      conditions: [{ test: 'StringLike', variable: `aws:ResourceTag/${runTag}`, values: ['*'] }],
    },
    passRoles(scope.formerRoles),
    ...outlineRoles(scope),
    ...writeTrusts(scope),
    ...onMadeRoles(scope.makeableRoles, ['iam:DeleteRole', 'iam:DeleteRolePolicy']),
    // What an earlier run left on purpose is said when it is undone.
    { actions: ['eks:DescribeAddon'], resources: scope.agentAddons },
    { actions: ['eks:DescribeAccessEntry'], resources: scope.openEntries },
  ],
  report: none,

  planWaves: (scope) => [
    keepRecords(scope),
    ...keepRollouts(scope),
    ...settleRuns(scope),
    { actions: ['states:DescribeExecution'], resources: [scope.rolloutExecutions] },
    describeCluster(scope),
    // Which clusters there are has no resource to be narrowed to.
    { actions: ['eks:ListClusters'], resources: ['*'] },
  ],
  judgeRound: (scope) => [...keepRollouts(scope), ...settleRuns(scope), putEvents(scope)],
  reportRollout: (scope) => [...readRollouts(scope), ...settleRuns(scope)],

  start: (scope) => [
    ...startRuns(scope),
    describeCluster(scope),
    // Whether the add-on that an event is about is the agent, where the event does not say it.
    { actions: ['eks:DescribeAddon'], resources: scope.agentAddons },
    // Of bindings that cannot be what the settings say.
    putEvents(scope),
    loseNothing(scope),
  ],
  sweep: (scope) => [
    ...startRuns(scope),
    describeCluster(scope),
    // Which runs are open for too long.
    { actions: ['states:ListExecutions'], resources: [scope.stateMachine] },
    // Which clusters there are has no resource to be narrowed to.
    { actions: ['eks:ListClusters'], resources: ['*'] },
    ...readAssociation(scope),
    // For whose pods EKS assumed a role. The event history has no resource to be narrowed to.
    { actions: ['cloudtrail:LookupEvents'], resources: ['*'] },
    putEvents(scope),
    loseNothing(scope),
  ],
  http: (scope) => [
    ...startRuns(scope),
    describeCluster(scope),
    { actions: ['states:ListExecutions'], resources: [scope.stateMachine] },
    { actions: ['states:GetExecutionHistory'], resources: [scope.executions, scope.rolloutExecutions] },
    {
      actions: ['states:SendTaskFailure', 'states:SendTaskSuccess'],
      resources: [scope.stateMachine, scope.rolloutMachine],
    },
    {
      actions: ['states:StartExecution'],
      resources: [scope.rolloutMachine],
      conditions: [
        { test: 'ForAnyValue:StringEquals', variable: 'states:StateMachineQualifier', values: [liveAlias] },
      ],
    },
    { actions: ['states:DescribeExecution'], resources: [scope.rolloutExecutions] },
    putEvents(scope),
  ],
  followRun: (scope) => [...showRuns(scope), loseNothing(scope)],
  notify: (scope) => [
    ...showRuns(scope),
    { actions: ['states:GetExecutionHistory'], resources: [scope.rolloutExecutions] },
    { actions: ['sns:Publish'], resources: scope.topics },
    loseNothing(scope),
  ],
}

/** Without the list of its objects S3 answers 403 for one that is not there. */
const readRollouts = ({ rolloutBucketArn, rolloutObjects }: Scope): PolicyGrant[] => [
  { actions: ['s3:ListBucket'], resources: [rolloutBucketArn] },
  { actions: ['s3:GetObject'], resources: [rolloutObjects] },
]

const keepRollouts = (scope: Scope): PolicyGrant[] => [
  ...readRollouts(scope),
  { actions: ['s3:PutObject'], resources: [scope.rolloutObjects] },
]

/** What became of runs that a rollout was stopped in; one that nobody watches any more is stopped. */
const settleRuns = ({ executions }: Scope): PolicyGrant[] => [
  {
    actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
    resources: [executions],
  },
]

const putEvents = ({ eventBus }: Scope): PolicyGrant => ({
  actions: ['events:PutEvents'],
  resources: [eventBus],
})

/** With the function's own role Lambda keeps the events that the function failed at. */
const loseNothing = ({ deadLetters }: Scope): PolicyGrant => ({
  actions: ['sqs:SendMessage'],
  resources: [deadLetters],
})

const keepRecords = ({ table }: Scope): PolicyGrant => ({
  actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
  resources: [table],
})

const startRuns = (scope: Scope): PolicyGrant[] => [
  keepRecords(scope),
  // By the alias alone. Its ARN is in no policy: AWS asks for the state machine's, and has the alias as a condition key.
  // https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
  {
    actions: ['states:StartExecution'],
    resources: [scope.stateMachine],
    conditions: [
      { test: 'ForAnyValue:StringEquals', variable: 'states:StateMachineQualifier', values: [liveAlias] },
    ],
  },
  { actions: ['states:DescribeExecution'], resources: [scope.executions] },
]

const showRuns = (scope: Scope): PolicyGrant[] => [
  keepRecords(scope),
  { actions: ['states:GetExecutionHistory'], resources: [scope.executions] },
  putEvents(scope),
]

/**
 * Reading the secrets that a function needs, each by its name. A key of AWS's own (`alias/aws/ssm`) needs no grant; one of
 * the account is used for these parameters alone: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 */
export const readSecrets = (
  { secrets, secretsKeys }: Pick<Scope, 'secrets' | 'secretsKeys'>,
  needed: readonly SecretName[],
): PolicyGrant[] => {
  const parameters = needed.flatMap((name) => secrets[name])
  if (parameters.length === 0) return []
  return [
    { actions: ['ssm:GetParameter'], resources: parameters },
    {
      actions: ['kms:Decrypt'],
      resources: secretsKeys,
      conditions: [
        { test: 'StringEquals', variable: 'kms:EncryptionContext:PARAMETER_ARN', values: parameters },
      ],
    },
  ]
}
