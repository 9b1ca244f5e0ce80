import type { PolicySeed } from './roles.ts'

const document = (Action: string | string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
})

/**
 * The AWS managed policies that the stand-in's account carries, as AWS has them; it has over a thousand.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
const carried: readonly PolicySeed[] = [
  { name: 'AdministratorAccess', versions: [document('*')] },
  {
    name: 'AmazonEKSWorkerNodePolicy',
    versions: [
      document([
        'ec2:DescribeInstances',
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeRouteTables',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVolumes',
        'ec2:DescribeVolumesModifications',
        'ec2:DescribeVpcs',
        'eks:DescribeCluster',
        'eks-auth:AssumeRoleForPodIdentity',
      ]),
    ],
  },
  { name: 'AmazonS3FullAccess', versions: [document(['s3:*', 's3-object-lambda:*'])] },
  {
    name: 'AmazonS3ReadOnlyAccess',
    versions: [
      document(['s3:Get*', 's3:List*', 's3:Describe*', 's3-object-lambda:Get*', 's3-object-lambda:List*']),
    ],
  },
  { name: 'AmazonSQSFullAccess', versions: [document('sqs:*')] },
  {
    name: 'AWSLambdaBasicExecutionRole',
    path: '/service-role/',
    versions: [document(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'])],
  },
]

/** Whether AWS, and not the account, owns the policy. */
export const isAwsManaged = (arn: string): boolean => /^arn:aws[\w-]*:iam::aws:policy\//.test(arn)

/** The carried AWS managed policies by ARN. */
export const carriedPolicies = (partition: string): ReadonlyMap<string, PolicySeed> =>
  new Map(
    carried.map((seed) => [
      `arn:${partition}:iam::aws:policy${seed.path ?? '/'}${seed.name}`,
      { ...seed, aws: true },
    ]),
  )
