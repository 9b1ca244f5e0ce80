import { expect, it } from 'vitest'
import { controllerNeeds } from '../../../core/role/controller-needs.ts'
import { expandNeeds, NeedInput, readyMadeFields, readyMadeNames } from '../../../core/role/needs.ts'
import { workloadNeeds } from '../../../core/role/workload-needs.ts'

/** An ARN for the field of each ready-made need that has one: for those of workloads their own example. */
const arns: Record<string, string> = {
  'dynamodb-read-write': 'arn:aws:dynamodb:us-west-2:111122223333:table/Items',
  's3-read': 'arn:aws:s3:::images',
  's3-read-write': 'arn:aws:s3:::images',
  'sqs-consume': 'arn:aws:sqs:us-west-2:111122223333:orders',
  'sqs-produce': 'arn:aws:sqs:us-west-2:111122223333:orders',
  'sns-publish': 'arn:aws:sns:us-west-2:111122223333:orders',
  'secrets-manager-read': 'arn:aws:secretsmanager:us-west-2:111122223333:secret:carts-a1B2c3',
  'ssm-parameters': 'arn:aws:ssm:us-west-2:111122223333:parameter/carts/*',
  'kms-use': 'arn:aws:kms:us-west-2:111122223333:key/1',
  ...Object.fromEntries(
    Object.entries(workloadNeeds).flatMap(([name, one]) =>
      'about' in one ? [[name, one.about.example]] : [],
    ),
  ),
}
const fieldOf = (use: string): object => {
  const field = readyMadeFields[use] ?? ''
  return field === '' ? {} : { [field]: arns[use] }
}
/** What a ready-made need comes to, a line for each part; what it can do without in brackets. */
const spelt = (use: string, more: object = {}) =>
  expandNeeds([NeedInput.parse({ use, ...fieldOf(use), ...more })]).map(
    ({ actions, resources, optional }) => {
      const line = `${actions.join(' ')} on ${resources.join(' ')}`
      return optional ? `[${line}]` : line
    },
  )

it('spells out each ready-made need', () => {
  expect(Object.fromEntries(readyMadeNames.map((use) => [use, spelt(use)]))).toEqual({
    'dynamodb-read-write': [
      'dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:Scan dynamodb:UpdateItem on arn:aws:dynamodb:us-west-2:111122223333:table/Items',
      'dynamodb:Query dynamodb:Scan on arn:aws:dynamodb:us-west-2:111122223333:table/Items/index/*',
      '[dynamodb:BatchGetItem dynamodb:BatchWriteItem dynamodb:ConditionCheckItem dynamodb:DescribeTable on arn:aws:dynamodb:us-west-2:111122223333:table/Items]',
    ],
    's3-read': ['s3:GetObject on arn:aws:s3:::images/*', 's3:ListBucket on arn:aws:s3:::images'],
    's3-read-write': [
      's3:DeleteObject s3:GetObject s3:PutObject on arn:aws:s3:::images/*',
      's3:ListBucket on arn:aws:s3:::images',
      '[s3:AbortMultipartUpload s3:ListMultipartUploadParts on arn:aws:s3:::images/*]',
    ],
    'sqs-consume': [
      'sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage on arn:aws:sqs:us-west-2:111122223333:orders',
    ],
    'sqs-produce': [
      'sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage on arn:aws:sqs:us-west-2:111122223333:orders',
    ],
    'sns-publish': ['sns:Publish on arn:aws:sns:us-west-2:111122223333:orders'],
    'secrets-manager-read': [
      'secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-west-2:111122223333:secret:carts-a1B2c3',
      '[secretsmanager:DescribeSecret on arn:aws:secretsmanager:us-west-2:111122223333:secret:carts-a1B2c3]',
    ],
    'ssm-parameters': [
      'ssm:GetParameters on arn:aws:ssm:us-west-2:111122223333:parameter/carts/*',
      '[ssm:GetParameter ssm:GetParametersByPath on arn:aws:ssm:us-west-2:111122223333:parameter/carts/*]',
    ],
    'kms-use': [
      'kms:Decrypt on arn:aws:kms:us-west-2:111122223333:key/1',
      '[kms:DescribeKey kms:Encrypt kms:GenerateDataKey on arn:aws:kms:us-west-2:111122223333:key/1]',
    ],
    'dynamodb-table-read-write': [
      'dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem on arn:aws:dynamodb:us-west-2:123456789012:table/Items',
      '[dynamodb:DescribeTable dynamodb:Query dynamodb:Scan on arn:aws:dynamodb:us-west-2:123456789012:table/Items]',
    ],
    'dynamodb-stream-read': [
      'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator on arn:aws:dynamodb:us-west-2:123456789012:table/Items/stream/*',
      '[dynamodb:ListStreams on *]',
    ],
    'kinesis-consume': [
      'kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards on arn:aws:kinesis:us-west-2:123456789012:stream/orders',
      '[kinesis:DescribeStream kinesis:DescribeStreamSummary on arn:aws:kinesis:us-west-2:123456789012:stream/orders]',
    ],
    'ecr-pull': [
      'ecr:GetAuthorizationToken on *',
      'ecr:BatchGetImage ecr:GetDownloadUrlForLayer on arn:aws:ecr:us-west-2:123456789012:repository/carts',
      '[ecr:BatchCheckLayerAvailability on arn:aws:ecr:us-west-2:123456789012:repository/carts]',
    ],
    'bedrock-invoke': [
      'bedrock:InvokeModel on arn:aws:bedrock:us-west-2::foundation-model/*',
      '[bedrock:InvokeModelWithResponseStream on arn:aws:bedrock:us-west-2::foundation-model/*]',
    ],
    loki: [
      's3:ListBucket on arn:aws:s3:::carts-images',
      's3:DeleteObject s3:GetObject s3:PutObject on arn:aws:s3:::carts-images/*',
    ],
    tempo: [
      's3:ListBucket on arn:aws:s3:::carts-images',
      's3:DeleteObject s3:GetObject s3:PutObject on arn:aws:s3:::carts-images/*',
      '[s3:GetObjectTagging s3:PutObjectTagging on arn:aws:s3:::carts-images/*]',
    ],
    velero: [
      's3:ListBucket on arn:aws:s3:::carts-images',
      's3:AbortMultipartUpload s3:DeleteObject s3:GetObject s3:ListMultipartUploadParts s3:PutObject on arn:aws:s3:::carts-images/*',
      '[ec2:CreateSnapshot ec2:CreateTags ec2:CreateVolume ec2:DeleteSnapshot ec2:DescribeSnapshots ec2:DescribeVolumes on *]',
    ],
    'external-dns': [
      'route53:ChangeResourceRecordSets route53:ListResourceRecordSets on arn:aws:route53:::hostedzone/Z0123456789',
      'route53:ListHostedZones on *',
      '[route53:ListTagsForResources on arn:aws:route53:::hostedzone/Z0123456789]',
    ],
    'cert-manager': [
      'route53:GetChange on arn:aws:route53:::change/*',
      'route53:ChangeResourceRecordSets route53:ListResourceRecordSets on arn:aws:route53:::hostedzone/Z0123456789',
      '[route53:ListHostedZonesByName on *]',
    ],
    'external-secrets': [
      'secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-west-2:123456789012:secret:carts-??????',
      '[secretsmanager:DescribeSecret secretsmanager:GetResourcePolicy secretsmanager:ListSecretVersionIds on arn:aws:secretsmanager:us-west-2:123456789012:secret:carts-??????]',
    ],
    'cluster-autoscaler': [
      'autoscaling:DescribeAutoScalingGroups autoscaling:DescribeAutoScalingInstances autoscaling:SetDesiredCapacity autoscaling:TerminateInstanceInAutoScalingGroup on *',
      '[autoscaling:DescribeLaunchConfigurations autoscaling:DescribeTags ec2:DescribeImages ec2:DescribeInstanceTypes ec2:DescribeLaunchTemplateVersions ec2:GetInstanceTypesFromInstanceRequirements eks:DescribeNodegroup on *]',
    ],
    'aws-load-balancer-controller': [
      'ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs elasticloadbalancing:CreateListener elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetHealth on *',
      '[acm:ListCertificates ec2:DescribeAvailabilityZones wafv2:GetWebACL on *]',
    ],
    'ebs-csi': [
      'ec2:DescribeAvailabilityZones ec2:DescribeInstances ec2:DescribeSnapshots ec2:DescribeVolumes ec2:DescribeVolumesModifications on *',
      'ec2:AttachVolume ec2:DetachVolume on arn:aws:ec2:*:*:instance/*',
      '[ec2:DescribeInstanceTypes ec2:DescribeTags ec2:DescribeVolumeStatus on *]',
    ],
    'efs-csi': [
      'elasticfilesystem:DescribeAccessPoints elasticfilesystem:DescribeFileSystems elasticfilesystem:DescribeMountTargets on *',
      '[ec2:DescribeAvailabilityZones on *]',
    ],
    'vpc-cni': [
      'ec2:AssignPrivateIpAddresses ec2:AttachNetworkInterface ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeInstances ec2:DescribeNetworkInterfaces ec2:DetachNetworkInterface ec2:ModifyNetworkInterfaceAttribute ec2:UnassignPrivateIpAddresses on *',
      'ec2:CreateTags on arn:aws:ec2:*:*:network-interface/*',
      '[ec2:DescribeInstanceTypes ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeTags on *]',
    ],
    'node-termination-handler': [
      'sqs:DeleteMessage sqs:ReceiveMessage on arn:aws:sqs:us-west-2:123456789012:nth',
      'autoscaling:CompleteLifecycleAction autoscaling:DescribeAutoScalingInstances ec2:DescribeInstances on *',
      '[autoscaling:DescribeTags on *]',
    ],
    karpenter: [
      'sqs:DeleteMessage sqs:GetQueueUrl sqs:ReceiveMessage on arn:aws:sqs:us-west-2:123456789012:karpenter',
      'ec2:DescribeImages ec2:DescribeInstanceTypeOfferings ec2:DescribeInstanceTypes ec2:DescribeInstances ec2:DescribeLaunchTemplates ec2:DescribeSecurityGroups ec2:DescribeSubnets on *',
      '[ec2:DescribeSpotPriceHistory pricing:GetProducts on *]',
    ],
    'cloudwatch-agent': [
      'cloudwatch:PutMetricData logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents on *',
      '[ec2:DescribeTags ec2:DescribeVolumes logs:DescribeLogGroups logs:PutRetentionPolicy on *]',
    ],
    'adot-traces': [
      'xray:PutTelemetryRecords xray:PutTraceSegments on *',
      '[xray:GetSamplingRules xray:GetSamplingStatisticSummaries xray:GetSamplingTargets on *]',
    ],
    'prometheus-remote-write': ['aps:RemoteWrite on arn:aws:aps:us-west-2:123456789012:workspace/ws-0123'],
    'fluent-bit': [
      'logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:us-west-2:123456789012:log-group:/carts:*',
      '[logs:CreateLogGroup logs:DescribeLogStreams logs:PutRetentionPolicy on arn:aws:logs:us-west-2:123456789012:log-group:/carts:*]',
    ],
  })
  expect(spelt('s3-read', { prefix: 'carts/' })).toEqual([
    's3:GetObject on arn:aws:s3:::images/carts/*',
    's3:ListBucket on arn:aws:s3:::images',
  ])
  expect(spelt('s3-read-write', { prefix: 'carts/' })).toEqual([
    's3:DeleteObject s3:GetObject s3:PutObject on arn:aws:s3:::images/carts/*',
    's3:ListBucket on arn:aws:s3:::images',
    '[s3:AbortMultipartUpload s3:ListMultipartUploadParts on arn:aws:s3:::images/carts/*]',
  ])
})

it('is about a resource, by a field of its own', () => {
  expect(readyMadeFields).toEqual({
    'dynamodb-read-write': 'table',
    's3-read': 'bucket',
    's3-read-write': 'bucket',
    'sqs-consume': 'queue',
    'sqs-produce': 'queue',
    'sns-publish': 'topic',
    'secrets-manager-read': 'secret',
    'ssm-parameters': 'parameter',
    'kms-use': 'key',
    'dynamodb-table-read-write': 'table',
    'dynamodb-stream-read': 'stream',
    'kinesis-consume': 'stream',
    'ecr-pull': 'repository',
    'bedrock-invoke': 'model',
    loki: 'bucket',
    tempo: 'bucket',
    velero: 'bucket',
    'external-dns': 'zone',
    'cert-manager': 'zone',
    'external-secrets': 'secret',
    'cluster-autoscaler': '',
    'aws-load-balancer-controller': '',
    'ebs-csi': '',
    'efs-csi': '',
    'vpc-cni': '',
    'node-termination-handler': 'queue',
    karpenter: 'queue',
    'cloudwatch-agent': '',
    'adot-traces': '',
    'prometheus-remote-write': 'workspace',
    'fluent-bit': 'logGroup',
  })
})

it('says in which page each is published', () => {
  expect(
    Object.fromEntries(
      Object.entries(workloadNeeds)
        .filter(([name]) => !(name in controllerNeeds))
        .map(([name, { source }]) => [name, source]),
    ),
  ).toEqual({
    'dynamodb-table-read-write':
      'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html',
    'dynamodb-stream-read':
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaDynamoDBExecutionRole.html',
    'kinesis-consume': 'https://docs.aws.amazon.com/streams/latest/dev/kcl-iam-permissions.html',
    'ecr-pull':
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEC2ContainerRegistryPullOnly.html',
    'bedrock-invoke': 'https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html',
    loki: 'https://grafana.com/docs/loki/latest/setup/install/helm/deployment-guides/aws/',
    tempo: 'https://grafana.com/docs/tempo/latest/configuration/hosted-storage/s3/',
    velero:
      'https://github.com/vmware-tanzu/velero-plugin-for-aws/blob/main/README.md#set-permissions-for-velero',
    'external-dns':
      'https://github.com/kubernetes-sigs/external-dns/blob/master/docs/tutorials/aws.md#iam-policy',
    'cert-manager': 'https://cert-manager.io/docs/configuration/acme/dns01/route53/',
    'external-secrets':
      'https://github.com/external-secrets/external-secrets/blob/main/docs/provider/aws-secrets-manager.md#iam-policy',
  })
})

it('refuses what is no such resource, with an example', () => {
  const said = Object.fromEntries(
    readyMadeNames.flatMap((use) => {
      const field = readyMadeFields[use]
      if (!field) return []
      const parsed = NeedInput.safeParse({ use, [field]: 'x' })
      return [[use, parsed.error?.issues.map(({ message }) => message).join()]]
    }),
  )
  expect(said).toEqual({
    'dynamodb-read-write':
      '"x" is not a table ARN, such as arn:aws:dynamodb:us-west-2:123456789012:table/Items',
    's3-read': '"x" is not a bucket ARN, such as arn:aws:s3:::carts-images',
    's3-read-write': '"x" is not a bucket ARN, such as arn:aws:s3:::carts-images',
    'sqs-consume': '"x" is not a queue ARN, such as arn:aws:sqs:us-west-2:123456789012:orders',
    'sqs-produce': '"x" is not a queue ARN, such as arn:aws:sqs:us-west-2:123456789012:orders',
    'sns-publish': '"x" is not a topic ARN, such as arn:aws:sns:us-west-2:123456789012:orders',
    'secrets-manager-read':
      '"x" is not a secret ARN, such as arn:aws:secretsmanager:us-west-2:123456789012:secret:carts-??????',
    'ssm-parameters':
      '"x" is not a parameter ARN, such as arn:aws:ssm:us-west-2:123456789012:parameter/carts/*',
    'kms-use':
      '"x" is not a key ARN, such as arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    'dynamodb-table-read-write':
      '"x" is no table for dynamodb-table-read-write, such as arn:aws:dynamodb:us-west-2:123456789012:table/Items',
    'dynamodb-stream-read':
      '"x" is no stream for dynamodb-stream-read, such as arn:aws:dynamodb:us-west-2:123456789012:table/Items/stream/*',
    'kinesis-consume':
      '"x" is no stream for kinesis-consume, such as arn:aws:kinesis:us-west-2:123456789012:stream/orders',
    'ecr-pull':
      '"x" is no repository for ecr-pull, such as arn:aws:ecr:us-west-2:123456789012:repository/carts',
    'bedrock-invoke':
      '"x" is no model for bedrock-invoke, such as arn:aws:bedrock:us-west-2::foundation-model/*',
    loki: '"x" is no bucket for loki, such as arn:aws:s3:::carts-images',
    tempo: '"x" is no bucket for tempo, such as arn:aws:s3:::carts-images',
    velero: '"x" is no bucket for velero, such as arn:aws:s3:::carts-images',
    'external-dns': '"x" is no zone for external-dns, such as arn:aws:route53:::hostedzone/Z0123456789',
    'cert-manager': '"x" is no zone for cert-manager, such as arn:aws:route53:::hostedzone/Z0123456789',
    'external-secrets':
      '"x" is no secret for external-secrets, such as arn:aws:secretsmanager:us-west-2:123456789012:secret:carts-??????',
    'node-termination-handler':
      '"x" is no queue for node-termination-handler, such as arn:aws:sqs:us-west-2:123456789012:nth',
    karpenter: '"x" is no queue for karpenter, such as arn:aws:sqs:us-west-2:123456789012:karpenter',
    'prometheus-remote-write':
      '"x" is no workspace for prometheus-remote-write, such as arn:aws:aps:us-west-2:123456789012:workspace/ws-0123',
    'fluent-bit':
      '"x" is no logGroup for fluent-bit, such as arn:aws:logs:us-west-2:123456789012:log-group:/carts:*',
  })
  const close = readyMadeNames.flatMap((use) => {
    const field = readyMadeFields[use]
    return field
      ? [`x${arns[use]}`, `${arns[use]} x`].filter(
          (arn) => NeedInput.safeParse({ use, [field]: arn }).success,
        )
      : []
  })
  expect(close).toEqual([])
})

it('is of the partition where the workload is', () => {
  expect(
    expandNeeds([NeedInput.parse({ use: 'ebs-csi' })], 'aws-cn').flatMap(({ resources }) => resources),
  ).toEqual(['*', 'arn:aws-cn:ec2:*:*:instance/*', '*'])
})

it('stands beside needs that are written out, which stay as they are', () => {
  const need = { actions: ['a:B'], resources: ['*'] }
  const all = [need, { ...need, grantedBy: 'resource-policy' as const }, { ...need, optional: true as const }]
  expect(expandNeeds(all)).toStrictEqual(all)
})

type Use = keyof typeof workloadNeeds
const taken = (use: Use, field: string, arn: string) => NeedInput.safeParse({ use, [field]: arn }).success

it.each<[use: Use, field: string, arn: string, is: boolean]>([
  ['loki', 'bucket', 'arn:aws:s3:::logs', true],
  ['loki', 'bucket', 'arn:aws-us-gov:s3:::logs', true],
  ['loki', 'bucket', 'arn:aws :s3:::logs', false],
  ['loki', 'bucket', 'arn:aws:s3:::logs/x', false],
  ['loki', 'bucket', 'x-arn:aws:s3:::logs', false],
  ['loki', 'bucket', 'arn:aws:s3:::', false],
  ['cert-manager', 'zone', 'arn:aws:route53:::hostedzone/Z0123456789', true],
  ['cert-manager', 'zone', 'arn:aws-cn:route53:::hostedzone/*', true],
  ['cert-manager', 'zone', 'arn:aws.:route53:::hostedzone/Z0123456789', false],
  ['cert-manager', 'zone', 'arn:aws:route53:::hostedzone/', false],
  ['cert-manager', 'zone', 'arn:aws:route53:::hostedzone/Z/x', false],
  ['cert-manager', 'zone', 'x-arn:aws:route53:::hostedzone/Z', false],
  ['bedrock-invoke', 'model', 'arn:aws:bedrock:us-west-2::foundation-model/*', true],
  ['bedrock-invoke', 'model', 'arn:aws-us-gov:bedrock:*::foundation-model/*', true],
  ['bedrock-invoke', 'model', 'arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.x', true],
  ['bedrock-invoke', 'model', 'arn:aws:bedrock:us-west-2:*:inference-profile/us.x', true],
  ['bedrock-invoke', 'model', 'arn:aws:bedrock:us-west-2:1:inference-profile/us.x', false],
  ['bedrock-invoke', 'model', 'arn:aws:bedrock:us-west-2:mine:inference-profile/us.x', false],
  ['bedrock-invoke', 'model', 'arn:aws!:bedrock:us-west-2::foundation-model/*', false],
  ['bedrock-invoke', 'model', 'arn:aws:bedrock:us west::foundation-model/*', false],
  ['bedrock-invoke', 'model', 'arn:aws:bedrock:us-west-2::foundation model', false],
  ['bedrock-invoke', 'model', 'x-arn:aws:bedrock:us-west-2::foundation-model/*', false],
])('%s takes the %s %s: %s', (use, field, arn, is) => {
  expect(taken(use, field, arn)).toBe(is)
})
