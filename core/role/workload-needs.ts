/** Every one of the actions on every one of the resources. */
interface Actions {
  actions: string[]
  resources: string[]
}

/** What a well-known workload needs, as its own project publishes it. */
export interface WorkloadNeeds {
  /** The resource that it works on, where there is one: the field's name, and what an ARN of it looks like. */
  about?: { field: string; pattern: RegExp; example: string }
  /** Must be granted. */
  core: (resource: string) => readonly Actions[]
  /** Is worth having: what is missing of it stops nothing. */
  optional?: (resource: string) => readonly Actions[]
  source: string
}

const need = (resource: string, ...actions: string[]): Actions => ({ actions, resources: [resource] })
const anything = '*'

const bucket = {
  field: 'bucket',
  pattern: /^arn:aws[\w-]*:s3:::[a-z0-9.*?-]+$/,
  example: 'arn:aws:s3:::carts-images',
}
const zone = {
  field: 'zone',
  pattern: /^arn:aws[\w-]*:route53:::hostedzone\/[\w*?]+$/,
  example: 'arn:aws:route53:::hostedzone/Z0123456789',
}
const arn = (field: string, service: string, resource: string, example: string) => ({
  field,
  pattern: new RegExp(`^arn:aws[\\w-]*:${service}:[\\w*-]*:(?:\\d{12}|\\*)?:${resource}$`),
  example: `arn:aws:${service}:us-west-2:123456789012:${example}`,
})
const objects = (of: string) => `${of}/*`
const partitionOf = (of: string) => of.split(':')[1] ?? 'aws'

/** Core is what the project's documented policy must have for the workload's daily work. */
export const workloadNeeds = {
  'dynamodb-table-read-write': {
    about: arn('table', 'dynamodb', 'table/[\\w.*?-]+', 'table/Items'),
    core: (table) => [
      need(table, 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
    ],
    optional: (table) => [need(table, 'dynamodb:DescribeTable', 'dynamodb:Query', 'dynamodb:Scan')],
    source: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html',
  },
  'dynamodb-stream-read': {
    about: arn('stream', 'dynamodb', 'table/[\\w.*?-]+/stream/\\S+', 'table/Items/stream/*'),
    core: (stream) => [
      need(stream, 'dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'),
    ],
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.Lambda.html',
  },
  'kinesis-consume': {
    about: arn('stream', 'kinesis', 'stream/[\\w.*?-]+', 'stream/orders'),
    core: (stream) => [need(stream, 'kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards')],
    optional: (stream) => [need(stream, 'kinesis:DescribeStreamSummary')],
    source: 'https://docs.aws.amazon.com/streams/latest/dev/controlling-access.html',
  },
  'ecr-pull': {
    about: arn('repository', 'ecr', 'repository/\\S+', 'repository/carts'),
    core: (repository) => [
      need(anything, 'ecr:GetAuthorizationToken'),
      need(repository, 'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'),
    ],
    source: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/security-iam-awsmanpol.html',
  },
  'bedrock-invoke': {
    about: {
      field: 'model',
      pattern: /^arn:aws[\w-]*:bedrock:[\w*-]*:(?:\d{12}|\*)?:\S+$/,
      example: 'arn:aws:bedrock:us-west-2::foundation-model/*',
    },
    core: (model) => [need(model, 'bedrock:InvokeModel')],
    optional: (model) => [need(model, 'bedrock:InvokeModelWithResponseStream')],
    source: 'https://docs.aws.amazon.com/bedrock/latest/userguide/security_iam_id-based-policy-examples.html',
  },
  loki: {
    about: bucket,
    core: (of) => [
      need(of, 's3:ListBucket'),
      need(objects(of), 's3:DeleteObject', 's3:GetObject', 's3:PutObject'),
    ],
    source: 'https://grafana.com/docs/loki/latest/setup/install/helm/deployment-guides/aws/',
  },
  tempo: {
    about: bucket,
    core: (of) => [
      need(of, 's3:ListBucket'),
      need(objects(of), 's3:DeleteObject', 's3:GetObject', 's3:PutObject'),
    ],
    optional: (of) => [need(objects(of), 's3:GetObjectTagging', 's3:PutObjectTagging')],
    source: 'https://grafana.com/docs/tempo/latest/configuration/hosted-storage/s3/',
  },
  velero: {
    about: bucket,
    core: (of) => [
      need(of, 's3:ListBucket'),
      need(
        objects(of),
        's3:AbortMultipartUpload',
        's3:DeleteObject',
        's3:GetObject',
        's3:ListMultipartUploadParts',
        's3:PutObject',
      ),
    ],
    optional: () => [
      need(
        anything,
        'ec2:CreateSnapshot',
        'ec2:CreateTags',
        'ec2:CreateVolume',
        'ec2:DeleteSnapshot',
        'ec2:DescribeSnapshots',
        'ec2:DescribeVolumes',
      ),
    ],
    source: 'https://github.com/vmware-tanzu/velero-plugin-for-aws#set-permissions-for-velero',
  },
  'external-dns': {
    about: zone,
    core: (of) => [
      need(of, 'route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets'),
      need(anything, 'route53:ListHostedZones'),
    ],
    optional: (of) => [need(of, 'route53:ListTagsForResources')],
    source: 'https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws/',
  },
  'cert-manager': {
    about: zone,
    core: (of) => [
      need(`arn:${partitionOf(of)}:route53:::change/*`, 'route53:GetChange'),
      need(of, 'route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets'),
    ],
    optional: () => [need(anything, 'route53:ListHostedZonesByName')],
    source: 'https://cert-manager.io/docs/configuration/acme/dns01/route53/',
  },
  'external-secrets': {
    about: arn('secret', 'secretsmanager', 'secret:\\S+', 'secret:carts-??????'),
    core: (secret) => [need(secret, 'secretsmanager:GetSecretValue')],
    optional: (secret) => [
      need(secret, 'secretsmanager:DescribeSecret', 'secretsmanager:ListSecretVersionIds'),
    ],
    source: 'https://external-secrets.io/latest/provider/aws-secrets-manager/',
  },
  'cluster-autoscaler': {
    core: () => [
      need(
        anything,
        'autoscaling:DescribeAutoScalingGroups',
        'autoscaling:DescribeAutoScalingInstances',
        'autoscaling:DescribeLaunchConfigurations',
        'autoscaling:SetDesiredCapacity',
        'autoscaling:TerminateInstanceInAutoScalingGroup',
      ),
    ],
    optional: () => [
      need(
        anything,
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeLaunchTemplateVersions',
        'eks:DescribeNodegroup',
      ),
    ],
    source:
      'https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md',
  },
  'aws-load-balancer-controller': {
    core: () => [
      need(
        anything,
        'ec2:DescribeAvailabilityZones',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
        'elasticloadbalancing:CreateListener',
        'elasticloadbalancing:DescribeLoadBalancers',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
      ),
    ],
    optional: () => [need(anything, 'acm:ListCertificates', 'wafv2:GetWebACL')],
    source: 'https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/installation/',
  },
  'ebs-csi': {
    core: () => [
      need(
        anything,
        'ec2:DescribeAvailabilityZones',
        'ec2:DescribeInstances',
        'ec2:DescribeSnapshots',
        'ec2:DescribeTags',
        'ec2:DescribeVolumes',
        'ec2:DescribeVolumesModifications',
      ),
    ],
    source: 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverPolicy.html',
  },
  'efs-csi': {
    core: () => [
      need(
        anything,
        'elasticfilesystem:DescribeAccessPoints',
        'elasticfilesystem:DescribeFileSystems',
        'elasticfilesystem:DescribeMountTargets',
      ),
    ],
    optional: () => [need(anything, 'ec2:DescribeAvailabilityZones')],
    source: 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEFSCSIDriverPolicy.html',
  },
  'vpc-cni': {
    core: () => [
      need(
        anything,
        'ec2:AssignPrivateIpAddresses',
        'ec2:AttachNetworkInterface',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeInstances',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DetachNetworkInterface',
        'ec2:ModifyNetworkInterfaceAttribute',
        'ec2:UnassignPrivateIpAddresses',
      ),
    ],
    source: 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEKS_CNI_Policy.html',
  },
  'node-termination-handler': {
    about: arn('queue', 'sqs', '[\\w.*?-]+', 'nth'),
    core: (queue) => [
      need(queue, 'sqs:DeleteMessage', 'sqs:ReceiveMessage'),
      need(
        anything,
        'autoscaling:CompleteLifecycleAction',
        'autoscaling:DescribeAutoScalingInstances',
        'ec2:DescribeInstances',
      ),
    ],
    source: 'https://github.com/aws/aws-node-termination-handler#5-create-an-iam-role-for-the-pods',
  },
  karpenter: {
    about: arn('queue', 'sqs', '[\\w.*?-]+', 'karpenter'),
    core: (queue) => [
      need(queue, 'sqs:DeleteMessage', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'),
      need(
        anything,
        'ec2:DescribeImages',
        'ec2:DescribeInstanceTypeOfferings',
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeInstances',
        'ec2:DescribeLaunchTemplates',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
      ),
    ],
    optional: () => [need(anything, 'pricing:GetProducts', 'ec2:DescribeSpotPriceHistory')],
    source: 'https://karpenter.sh/docs/reference/cloudformation/',
  },
  'cloudwatch-agent': {
    core: () => [
      need(
        anything,
        'cloudwatch:PutMetricData',
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:DescribeLogStreams',
        'logs:PutLogEvents',
      ),
    ],
    optional: () => [need(anything, 'ec2:DescribeTags', 'ec2:DescribeVolumes', 'logs:PutRetentionPolicy')],
    source:
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/CloudWatchAgentServerPolicy.html',
  },
  'adot-traces': {
    core: () => [need(anything, 'xray:PutTelemetryRecords', 'xray:PutTraceSegments')],
    optional: () => [
      need(
        anything,
        'xray:GetSamplingRules',
        'xray:GetSamplingStatisticSummaries',
        'xray:GetSamplingTargets',
      ),
    ],
    source: 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSXrayWriteOnlyAccess.html',
  },
  'prometheus-remote-write': {
    about: arn('workspace', 'aps', 'workspace/[\\w*?-]+', 'workspace/ws-0123'),
    core: (workspace) => [need(workspace, 'aps:RemoteWrite')],
    optional: (workspace) => [need(workspace, 'aps:GetLabels', 'aps:GetMetricMetadata', 'aps:GetSeries')],
    source:
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonPrometheusRemoteWriteAccess.html',
  },
  'fluent-bit': {
    about: arn('logGroup', 'logs', 'log-group:\\S+', 'log-group:/carts:*'),
    core: (group) => [need(group, 'logs:CreateLogStream', 'logs:PutLogEvents')],
    optional: (group) => [
      need(group, 'logs:CreateLogGroup', 'logs:DescribeLogStreams', 'logs:PutRetentionPolicy'),
    ],
    source: 'https://docs.fluentbit.io/manual/pipeline/outputs/cloudwatch',
  },
} satisfies Record<string, WorkloadNeeds>
