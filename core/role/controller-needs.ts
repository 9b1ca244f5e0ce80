import { anything, arn, need, type WorkloadNeeds } from './workload-need.ts'

/** What the controllers, drivers and agents of a cluster need. */
export const controllerNeeds = {
  'cluster-autoscaler': {
    core: () => [
      need(
        anything,
        'autoscaling:DescribeAutoScalingGroups',
        'autoscaling:DescribeAutoScalingInstances',
        'autoscaling:SetDesiredCapacity',
        'autoscaling:TerminateInstanceInAutoScalingGroup',
      ),
    ],
    optional: () => [
      need(
        anything,
        'autoscaling:DescribeLaunchConfigurations',
        'autoscaling:DescribeTags',
        'ec2:DescribeImages',
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeLaunchTemplateVersions',
        'ec2:GetInstanceTypesFromInstanceRequirements',
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
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
        'elasticloadbalancing:CreateListener',
        'elasticloadbalancing:DescribeLoadBalancers',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
      ),
    ],
    optional: () => [
      need(anything, 'acm:ListCertificates', 'ec2:DescribeAvailabilityZones', 'wafv2:GetWebACL'),
    ],
    source:
      'https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/install/iam_policy.json',
  },
  'ebs-csi': {
    core: () => [
      need(
        anything,
        'ec2:DescribeAvailabilityZones',
        'ec2:DescribeInstances',
        'ec2:DescribeSnapshots',
        'ec2:DescribeVolumes',
        'ec2:DescribeVolumesModifications',
      ),
      need('arn:aws:ec2:*:*:instance/*', 'ec2:AttachVolume', 'ec2:DetachVolume'),
    ],
    optional: () => [
      need(anything, 'ec2:DescribeInstanceTypes', 'ec2:DescribeTags', 'ec2:DescribeVolumeStatus'),
    ],
    source: 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverPolicyV2.html',
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
      need('arn:aws:ec2:*:*:network-interface/*', 'ec2:CreateTags'),
    ],
    optional: () => [
      need(
        anything,
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeTags',
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
    optional: () => [need(anything, 'autoscaling:DescribeTags')],
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
    optional: () => [need(anything, 'ec2:DescribeSpotPriceHistory', 'pricing:GetProducts')],
    source:
      'https://github.com/aws/karpenter-provider-aws/blob/main/website/content/en/docs/getting-started/getting-started-with-karpenter/cloudformation.yaml',
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
    optional: () => [
      need(
        anything,
        'ec2:DescribeTags',
        'ec2:DescribeVolumes',
        'logs:DescribeLogGroups',
        'logs:PutRetentionPolicy',
      ),
    ],
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
    source:
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonPrometheusRemoteWriteAccess.html',
  },
  'fluent-bit': {
    about: arn('logGroup', 'logs', 'log-group:\\S+', 'log-group:/carts:*'),
    core: (group) => [need(group, 'logs:CreateLogStream', 'logs:PutLogEvents')],
    optional: (group) => [
      need(group, 'logs:CreateLogGroup', 'logs:DescribeLogStreams', 'logs:PutRetentionPolicy'),
    ],
    source:
      'https://github.com/aws-samples/amazon-eks-fluent-logging-examples/blob/mainline/examples/fargate/cloudwatchlogs/permissions.json',
  },
} satisfies Record<string, WorkloadNeeds>
