import { expect, it } from 'vitest'
import { controllerNeeds } from '../../../core/role/controller-needs.ts'

it('says in which page each is published', () => {
  expect(
    Object.fromEntries(Object.entries(controllerNeeds).map(([name, { source }]) => [name, source])),
  ).toEqual({
    'cluster-autoscaler':
      'https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md',
    'aws-load-balancer-controller':
      'https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/install/iam_policy.json',
    'ebs-csi':
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverPolicyV2.html',
    'efs-csi':
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEFSCSIDriverPolicy.html',
    'vpc-cni': 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEKS_CNI_Policy.html',
    'node-termination-handler':
      'https://github.com/aws/aws-node-termination-handler#5-create-an-iam-role-for-the-pods',
    karpenter:
      'https://github.com/aws/karpenter-provider-aws/blob/main/website/content/en/docs/getting-started/getting-started-with-karpenter/cloudformation.yaml',
    'cloudwatch-agent':
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/CloudWatchAgentServerPolicy.html',
    'adot-traces':
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSXrayWriteOnlyAccess.html',
    'prometheus-remote-write':
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonPrometheusRemoteWriteAccess.html',
    'fluent-bit':
      'https://github.com/aws-samples/amazon-eks-fluent-logging-examples/blob/mainline/examples/fargate/cloudwatchlogs/permissions.json',
  })
})

it('shows what each is about', () => {
  expect(
    Object.entries(controllerNeeds).flatMap(([name, one]) =>
      'about' in one ? [`${name}: ${one.about.field} ${one.about.example}`] : [],
    ),
  ).toEqual([
    'node-termination-handler: queue arn:aws:sqs:us-west-2:123456789012:nth',
    'karpenter: queue arn:aws:sqs:us-west-2:123456789012:karpenter',
    'prometheus-remote-write: workspace arn:aws:aps:us-west-2:123456789012:workspace/ws-0123',
    'fluent-bit: logGroup arn:aws:logs:us-west-2:123456789012:log-group:/carts:*',
  ])
})
