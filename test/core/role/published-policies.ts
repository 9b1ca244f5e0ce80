/** What a statement of a published policy allows: actions, resources, and its condition where it has one. */
type Published = [actions: string, resources?: string, condition?: object]

const bucket = 'arn:aws:s3:::carts-images'
const zones = 'arn:aws:route53:::hostedzone/*'
const table = 'arn:aws:dynamodb:us-west-2:111122223333:table/Items'
const queue = 'arn:aws:sqs:us-west-2:111122223333:nth'
const sampling = 'xray:GetSamplingRules xray:GetSamplingTargets xray:GetSamplingStatisticSummaries'
const ownTag = { StringEquals: { 'ec2:ResourceTag/ebs.csi.aws.com/cluster': 'true' } }

/**
 * The policies that the workloads' own projects publish, as facts: read in November 2026 from the sources that
 * core/role/workload-needs.ts cites, with the placeholders filled in.
 */
export const publishedPolicies: Readonly<Record<string, readonly Published[]>> = {
  'dynamodb-table-read-write': [
    ['dynamodb:PutItem dynamodb:GetItem dynamodb:UpdateItem dynamodb:DeleteItem', table],
  ],
  'dynamodb-stream-read': [
    ['dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams'],
  ],
  'kinesis-consume': [
    [
      'kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards kinesis:RegisterStreamConsumer',
      'arn:aws:kinesis:us-west-2:111122223333:stream/orders',
    ],
  ],
  'ecr-pull': [
    ['ecr:GetAuthorizationToken ecr:BatchGetImage ecr:GetDownloadUrlForLayer ecr:BatchImportUpstreamImage'],
  ],
  'bedrock-invoke': [['bedrock:InvokeModel bedrock:InvokeModelWithResponseStream']],
  loki: [['s3:ListBucket s3:PutObject s3:GetObject s3:DeleteObject', `${bucket} ${bucket}/*`]],
  tempo: [
    [
      's3:PutObject s3:GetObject s3:ListBucket s3:DeleteObject s3:GetObjectTagging s3:PutObjectTagging',
      `${bucket}/* ${bucket}`,
    ],
  ],
  velero: [
    [
      'ec2:DescribeVolumes ec2:DescribeSnapshots ec2:CreateTags ec2:CreateVolume ec2:CreateSnapshot ec2:DeleteSnapshot',
    ],
    [
      's3:GetObject s3:DeleteObject s3:PutObject s3:AbortMultipartUpload s3:ListMultipartUploadParts',
      `${bucket}/*`,
    ],
    ['s3:ListBucket', bucket],
  ],
  'external-dns': [
    ['route53:ChangeResourceRecordSets', zones],
    ['route53:ListHostedZones route53:ListResourceRecordSets'],
  ],
  'cert-manager': [
    ['route53:GetChange', 'arn:aws:route53:::change/*'],
    ['route53:ChangeResourceRecordSets route53:ListResourceRecordSets', zones],
    ['route53:ListHostedZonesByName'],
  ],
  'external-secrets': [
    ['secretsmanager:ListSecrets secretsmanager:BatchGetSecretValue'],
    [
      'secretsmanager:GetResourcePolicy secretsmanager:GetSecretValue secretsmanager:DescribeSecret secretsmanager:ListSecretVersionIds',
      'arn:aws:secretsmanager:us-west-2:111122223333:secret:carts-*',
    ],
  ],
  'cluster-autoscaler': [
    [
      'autoscaling:DescribeAutoScalingGroups autoscaling:DescribeAutoScalingInstances autoscaling:SetDesiredCapacity autoscaling:TerminateInstanceInAutoScalingGroup ec2:DescribeImages ec2:DescribeInstanceTypes eks:DescribeNodegroup',
    ],
  ],
  'aws-load-balancer-controller': [
    [
      'iam:CreateServiceLinkedRole ec2:DescribeAccountAttributes ec2:DescribeAddresses ec2:DescribeInternetGateways ec2:DescribeVpcs ec2:DescribeSubnets ec2:DescribeSecurityGroups ec2:DescribeInstances ec2:DescribeNetworkInterfaces ec2:DescribeTags elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeRules elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetHealth elasticloadbalancing:DescribeTags',
    ],
    [
      'elasticloadbalancing:CreateListener elasticloadbalancing:DeleteListener elasticloadbalancing:CreateRule elasticloadbalancing:DeleteRule',
    ],
  ],
  'ebs-csi': [
    [
      'ec2:DescribeAvailabilityZones ec2:DescribeInstances ec2:DescribeInstanceTypes ec2:DescribeSnapshots ec2:DescribeVolumes ec2:DescribeVolumesModifications ec2:DescribeVolumeStatus',
    ],
    ['ec2:AttachVolume ec2:DetachVolume ec2:DeleteVolume', 'arn:aws:ec2:*:*:volume/*', ownTag],
    ['ec2:AttachVolume ec2:DetachVolume', 'arn:aws:ec2:*:*:instance/*'],
  ],
  'efs-csi': [
    [
      'elasticfilesystem:DescribeAccessPoints elasticfilesystem:DescribeFileSystems elasticfilesystem:DescribeMountTargets ec2:DescribeAvailabilityZones',
    ],
  ],
  'vpc-cni': [
    [
      'ec2:AssignPrivateIpAddresses ec2:AttachNetworkInterface ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeInstances ec2:DescribeTags ec2:DescribeNetworkInterfaces ec2:DescribeInstanceTypes ec2:DescribeSubnets ec2:DescribeSecurityGroups ec2:DetachNetworkInterface ec2:ModifyNetworkInterfaceAttribute ec2:UnassignPrivateIpAddresses',
    ],
    ['ec2:CreateTags', 'arn:aws:ec2:*:*:network-interface/*'],
  ],
  'node-termination-handler': [
    [
      'autoscaling:CompleteLifecycleAction autoscaling:DescribeAutoScalingInstances autoscaling:DescribeTags ec2:DescribeInstances sqs:DeleteMessage sqs:ReceiveMessage',
    ],
  ],
  karpenter: [
    ['sqs:DeleteMessage sqs:GetQueueUrl sqs:ReceiveMessage', queue],
    [
      'ec2:DescribeCapacityReservations ec2:DescribeImages ec2:DescribeInstances ec2:DescribeInstanceTypeOfferings ec2:DescribeInstanceTypes ec2:DescribeLaunchTemplates ec2:DescribeSecurityGroups ec2:DescribeSpotPriceHistory ec2:DescribeSubnets',
      '*',
      { StringEquals: { 'aws:RequestedRegion': 'us-west-2' } },
    ],
    ['pricing:GetProducts'],
  ],
  'cloudwatch-agent': [
    [
      `cloudwatch:PutMetricData ec2:DescribeVolumes ec2:DescribeTags logs:PutLogEvents logs:PutRetentionPolicy logs:DescribeLogStreams logs:DescribeLogGroups logs:CreateLogStream logs:CreateLogGroup xray:PutTraceSegments xray:PutTelemetryRecords ${sampling}`,
    ],
  ],
  'adot-traces': [[`xray:PutTraceSegments xray:PutTelemetryRecords ${sampling}`]],
  'prometheus-remote-write': [['aps:RemoteWrite']],
  'fluent-bit': [
    [
      'logs:CreateLogStream logs:CreateLogGroup logs:DescribeLogStreams logs:PutLogEvents logs:PutRetentionPolicy',
    ],
  ],
}

/** A published policy as IAM takes it. */
export const policyOf = (statements: readonly Published[]): object => ({
  Version: '2012-10-17',
  Statement: statements.map(([actions, resources = '*', Condition]) => ({
    Effect: 'Allow',
    Action: actions.split(' '),
    Resource: resources.split(' '),
    ...(Condition && { Condition }),
  })),
})
