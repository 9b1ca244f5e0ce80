import { limits, policySize } from './limits/table.ts'
import type { Resource } from './synth/synth.ts'

/** Where a stage is deployed to, as its ARNs say. */
interface Target {
  partition: string
  account: string
  region: string
}

/** What making, changing and removing resources of a type takes; resources as patterns of the stage's own names where the service allows it. */
interface Work {
  actions: readonly string[]
  resources: (named: Named) => string[]
}

interface Named extends Target {
  /** `podid-dev-*` of a service: `arn:aws:lambda:us-west-2:111122223333:function:podid-dev-*`. */
  own: (service: string, path: string) => string
}

const everywhere = (): string[] => ['*']

/**
 * Pulumi's types in a stage, and what its AWS provider calls for each, by the Service Authorization Reference:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const deploymentWork: Readonly<Record<string, Work>> = {
  'aws:lambda/function:Function': {
    actions: [
      'lambda:CreateFunction',
      'lambda:DeleteFunction',
      'lambda:DeleteFunctionConcurrency',
      'lambda:GetFunction',
      'lambda:GetFunctionCodeSigningConfig',
      'lambda:GetFunctionConcurrency',
      'lambda:GetFunctionConfiguration',
      'lambda:GetFunctionRecursionConfig',
      'lambda:GetRuntimeManagementConfig',
      'lambda:ListTags',
      'lambda:ListVersionsByFunction',
      'lambda:PublishVersion',
      'lambda:PutFunctionConcurrency',
      'lambda:TagResource',
      'lambda:UntagResource',
      'lambda:UpdateFunctionCode',
      'lambda:UpdateFunctionConfiguration',
    ],
    resources: ({ own }) => [own('lambda', 'function:'), `${own('lambda', 'function:')}:*`],
  },
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': {
    actions: [
      'lambda:DeleteFunctionEventInvokeConfig',
      'lambda:GetFunctionEventInvokeConfig',
      'lambda:PutFunctionEventInvokeConfig',
      'lambda:UpdateFunctionEventInvokeConfig',
    ],
    resources: ({ own }) => [own('lambda', 'function:')],
  },
  'aws:lambda/functionUrl:FunctionUrl': {
    actions: [
      'lambda:CreateFunctionUrlConfig',
      'lambda:DeleteFunctionUrlConfig',
      'lambda:GetFunctionUrlConfig',
      'lambda:UpdateFunctionUrlConfig',
    ],
    resources: ({ own }) => [own('lambda', 'function:')],
  },
  'aws:lambda/permission:Permission': {
    actions: ['lambda:AddPermission', 'lambda:GetPolicy', 'lambda:RemovePermission'],
    resources: ({ own }) => [own('lambda', 'function:')],
  },
  'aws:iam/role:Role': {
    actions: [
      'iam:AttachRolePolicy',
      'iam:CreateRole',
      'iam:DeleteRole',
      'iam:DeleteRolePolicy',
      'iam:DetachRolePolicy',
      'iam:GetRole',
      'iam:GetRolePolicy',
      'iam:ListAttachedRolePolicies',
      'iam:ListInstanceProfilesForRole',
      'iam:ListRolePolicies',
      'iam:PassRole',
      'iam:PutRolePolicy',
      'iam:TagRole',
      'iam:UntagRole',
      'iam:UpdateAssumeRolePolicy',
      'iam:UpdateRole',
    ],
    resources: ({ own }) => [own('iam', 'role/')],
  },
  'aws:iam/policy:Policy': {
    actions: [
      'iam:CreatePolicy',
      'iam:CreatePolicyVersion',
      'iam:DeletePolicy',
      'iam:DeletePolicyVersion',
      'iam:GetPolicy',
      'iam:GetPolicyVersion',
      'iam:ListPolicyVersions',
      'iam:TagPolicy',
      'iam:UntagPolicy',
    ],
    resources: ({ own }) => [own('iam', 'policy/')],
  },
  'aws:sfn/stateMachine:StateMachine': {
    actions: [
      'states:CreateStateMachine',
      'states:DeleteStateMachine',
      'states:DeleteStateMachineVersion',
      'states:DescribeStateMachine',
      'states:ListStateMachineVersions',
      'states:ListTagsForResource',
      'states:PublishStateMachineVersion',
      'states:TagResource',
      'states:UntagResource',
      'states:UpdateStateMachine',
    ],
    resources: ({ own }) => [own('states', 'stateMachine:'), `${own('states', 'stateMachine:')}:*`],
  },
  'aws:sfn/alias:Alias': {
    actions: [
      'states:CreateStateMachineAlias',
      'states:DeleteStateMachineAlias',
      'states:DescribeStateMachineAlias',
      'states:ListStateMachineAliases',
      'states:UpdateStateMachineAlias',
    ],
    resources: ({ own }) => [own('states', 'stateMachine:'), `${own('states', 'stateMachine:')}:*`],
  },
  'aws:cloudwatch/eventBus:EventBus': {
    actions: [
      'events:CreateEventBus',
      'events:DeleteEventBus',
      'events:DescribeEventBus',
      'events:ListTagsForResource',
      'events:TagResource',
      'events:UntagResource',
      'events:UpdateEventBus',
    ],
    resources: ({ own }) => [own('events', 'event-bus/')],
  },
  'aws:cloudwatch/eventRule:EventRule': {
    actions: [
      'events:DeleteRule',
      'events:DescribeRule',
      'events:DisableRule',
      'events:EnableRule',
      'events:ListTagsForResource',
      'events:PutRule',
      'events:TagResource',
      'events:UntagResource',
    ],
    // On the default bus, and on the stage's own.
    resources: ({ own }) => [own('events', 'rule/'), `${own('events', 'rule/')}/*`],
  },
  'aws:cloudwatch/eventTarget:EventTarget': {
    actions: ['events:ListTargetsByRule', 'events:PutTargets', 'events:RemoveTargets'],
    resources: ({ own }) => [own('events', 'rule/'), `${own('events', 'rule/')}/*`],
  },
  'aws:dynamodb/table:Table': {
    actions: [
      'dynamodb:CreateTable',
      'dynamodb:DeleteTable',
      'dynamodb:DescribeContinuousBackups',
      'dynamodb:DescribeTable',
      'dynamodb:DescribeTimeToLive',
      'dynamodb:ListTagsOfResource',
      'dynamodb:TagResource',
      'dynamodb:UntagResource',
      'dynamodb:UpdateContinuousBackups',
      'dynamodb:UpdateTable',
      'dynamodb:UpdateTimeToLive',
    ],
    resources: ({ own }) => [own('dynamodb', 'table/')],
  },
  'aws:sqs/queue:Queue': {
    actions: [
      'sqs:CreateQueue',
      'sqs:DeleteQueue',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:ListQueueTags',
      'sqs:SetQueueAttributes',
      'sqs:TagQueue',
      'sqs:UntagQueue',
    ],
    resources: ({ own }) => [own('sqs', '')],
  },
  'aws:sqs/queuePolicy:QueuePolicy': {
    actions: ['sqs:GetQueueAttributes', 'sqs:SetQueueAttributes'],
    resources: ({ own }) => [own('sqs', '')],
  },
  'aws:sns/topic:Topic': {
    actions: [
      'sns:CreateTopic',
      'sns:DeleteTopic',
      'sns:GetTopicAttributes',
      'sns:ListTagsForResource',
      'sns:SetTopicAttributes',
      'sns:TagResource',
      'sns:UntagResource',
    ],
    resources: ({ own }) => [own('sns', '')],
  },
  'aws:sns/topicSubscription:TopicSubscription': {
    actions: [
      'sns:GetSubscriptionAttributes',
      'sns:SetSubscriptionAttributes',
      'sns:Subscribe',
      'sns:Unsubscribe',
    ],
    resources: ({ own }) => [own('sns', '')],
  },
  'aws:cloudwatch/metricAlarm:MetricAlarm': {
    actions: [
      'cloudwatch:DeleteAlarms',
      'cloudwatch:ListTagsForResource',
      'cloudwatch:PutMetricAlarm',
      'cloudwatch:TagResource',
      'cloudwatch:UntagResource',
    ],
    resources: ({ own }) => [own('cloudwatch', 'alarm:')],
  },
  'aws:cloudwatch/dashboard:Dashboard': {
    actions: ['cloudwatch:DeleteDashboards', 'cloudwatch:GetDashboard', 'cloudwatch:PutDashboard'],
    // A dashboard is in no region.
    resources: ({ own }) => [own('dashboard', 'dashboard/')],
  },
  'aws:cloudwatch/logGroup:LogGroup': {
    actions: [
      'logs:CreateLogGroup',
      'logs:DeleteLogGroup',
      'logs:DeleteRetentionPolicy',
      'logs:ListTagsForResource',
      'logs:PutRetentionPolicy',
      'logs:TagResource',
      'logs:UntagResource',
    ],
    resources: ({ own }) => [
      own('logs', 'log-group:/aws/lambda/'),
      own('logs', 'log-group:/aws/vendedlogs/states/'),
    ],
  },
  'aws:kms/key:Key': {
    actions: [
      'kms:CreateKey',
      'kms:DescribeKey',
      'kms:EnableKeyRotation',
      'kms:GetKeyPolicy',
      'kms:GetKeyRotationStatus',
      'kms:ListResourceTags',
      'kms:PutKeyPolicy',
      'kms:ScheduleKeyDeletion',
      'kms:TagResource',
      'kms:UntagResource',
      'kms:UpdateKeyDescription',
    ],
    // A key's id is not known before there is one.
    resources: everywhere,
  },
  'aws:s3/bucketV2:BucketV2': {
    actions: [
      's3:CreateBucket',
      's3:DeleteBucket',
      's3:GetAccelerateConfiguration',
      's3:GetBucketAcl',
      's3:GetBucketCORS',
      's3:GetBucketLocation',
      's3:GetBucketLogging',
      's3:GetBucketObjectLockConfiguration',
      's3:GetBucketPolicy',
      's3:GetBucketRequestPayment',
      's3:GetBucketTagging',
      's3:GetBucketVersioning',
      's3:GetBucketWebsite',
      's3:GetReplicationConfiguration',
      's3:ListBucket',
      's3:PutBucketTagging',
    ],
    resources: ({ own }) => [own('s3', '')],
  },
  'aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2': {
    actions: ['s3:GetEncryptionConfiguration', 's3:PutEncryptionConfiguration'],
    resources: ({ own }) => [own('s3', '')],
  },
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': {
    actions: ['s3:GetBucketPublicAccessBlock', 's3:PutBucketPublicAccessBlock'],
    resources: ({ own }) => [own('s3', '')],
  },
  'aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2': {
    actions: ['s3:GetLifecycleConfiguration', 's3:PutLifecycleConfiguration'],
    resources: ({ own }) => [own('s3', '')],
  },
  'aws:s3/bucketObjectv2:BucketObjectv2': {
    actions: [
      's3:DeleteObject',
      's3:GetObject',
      's3:GetObjectTagging',
      's3:PutObject',
      's3:PutObjectTagging',
    ],
    resources: ({ partition }) => [`arn:${partition}:s3:::sst-asset-*`],
  },
}

/**
 * What lists, which name no resource, and what SST does beside the stage: its state and assets, in buckets, a repository and parameters
 * of its own. https://sst.dev/docs/iam-credentials
 */
const besides: readonly Work[] = [
  {
    actions: [
      'cloudwatch:DescribeAlarms',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
      'logs:DescribeLogGroups',
      'states:ValidateStateMachineDefinition',
      'sts:GetCallerIdentity',
    ],
    resources: everywhere,
  },
  // Step Functions' logs are delivered, which names no resource: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
  {
    actions: [
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
    ],
    resources: everywhere,
  },
  {
    actions: [
      's3:CreateBucket',
      's3:DeleteObject',
      's3:GetObject',
      's3:ListBucket',
      's3:PutBucketNotification',
      's3:PutBucketPolicy',
      's3:PutBucketVersioning',
      's3:PutObject',
    ],
    resources: ({ partition }) =>
      ['asset', 'state'].flatMap((kind) => [
        `arn:${partition}:s3:::sst-${kind}-*`,
        `arn:${partition}:s3:::sst-${kind}-*/*`,
      ]),
  },
  // It makes one for images in each account, though a stage has none.
  {
    actions: ['ecr:CreateRepository', 'ecr:DescribeRepositories'],
    resources: ({ partition, account, region }) => [
      `arn:${partition}:ecr:${region}:${account}:repository/sst-asset`,
    ],
  },
  {
    actions: [
      'ssm:DeleteParameter',
      'ssm:GetParameter',
      'ssm:GetParameters',
      'ssm:GetParametersByPath',
      'ssm:PutParameter',
    ],
    resources: ({ partition, account, region }) => [
      `arn:${partition}:ssm:${region}:${account}:parameter/sst/*`,
    ],
  },
]

/** A policy document of IAM. */
export interface DeployerPolicy {
  Version: '2012-10-17'
  Statement: { Effect: 'Allow'; Action: string[]; Resource: string[] }[]
}

/**
 * Policies for whoever deploys, changes and removes a stage: what the types of its resources take, on names of the stage alone where the
 * service lets a policy say so. As many as IAM's limit for one makes of them.
 * @throws Error naming the types that nobody has written down here
 */
export const deployerPolicies = (
  resources: readonly Pick<Resource, 'type'>[],
  stage: string,
  target: Target,
): DeployerPolicy[] => {
  const types = [...new Set(resources.map(({ type }) => type))]
    .filter((type) => type.startsWith('aws:'))
    .sort()
  const unknown = types.filter((type) => !Object.hasOwn(deploymentWork, type))
  if (unknown.length > 0)
    throw new Error(
      `stacks/deployer.ts does not say what it takes to deploy ${unknown.join(', ')}: add a row for each`,
    )
  const { partition, account, region } = target
  const own = (service: string, path: string): string => {
    const names = `${path}podid-${stage}-*`
    if (service === 'iam') return `arn:${partition}:iam::${account}:${names}`
    if (service === 'dashboard') return `arn:${partition}:cloudwatch::${account}:${names}`
    // Names of buckets are everybody's, in small letters.
    if (service === 's3') return `arn:${partition}:s3:::${names.toLowerCase()}`
    return `arn:${partition}:${service}:${region}:${account}:${names}`
  }
  const work = [...types.flatMap((type) => deploymentWork[type] ?? []), ...besides]
  const byResources = Map.groupBy(work, (one) => JSON.stringify(one.resources({ ...target, own }).toSorted()))
  const statements = [...byResources].map(([key, them]) => ({
    Effect: 'Allow' as const,
    Action: [...new Set(them.flatMap(({ actions }) => actions))].sort(),
    Resource: JSON.parse(key) as string[],
  }))
  const policies: DeployerPolicy[] = []
  for (const statement of statements) {
    const last = policies.at(-1)
    const longer: DeployerPolicy = {
      Version: '2012-10-17',
      Statement: [...(last?.Statement ?? []), statement],
    }
    if (last && policySize(JSON.stringify(longer)) <= limits.managedPolicy.most)
      policies.splice(-1, 1, longer)
    else policies.push({ Version: '2012-10-17', Statement: [statement] })
  }
  return policies
}
