import { clusterGroups, deployedName, kebab } from '../core/fleet/access.ts'
import { hasFunctionTracing, partitionOf } from '../core/partitions/partitions.ts'
import type { FunctionName, PolicyGrant } from './permissions.ts'
import { packGrants } from './policies.ts'

/** A function as its stack lists it: where it is, what it may do, and how long and in how much memory it runs. */
export interface FunctionSpec {
  /** What it is for, in a sentence that a list of functions shows. */
  description: string
  /** Where its file is, below functions/. */
  folder: 'steps' | 'integrations'
  timeoutSeconds: number
  memoryMb: number
  grants: PolicyGrant[]
  environment?: Record<string, $util.Input<string>>
  copyFiles?: { from: string; to: string }[]
  url?: sst.aws.FunctionArgs['url']
  /** Whether each deployment that changes it publishes a version, which runs under way go on to call. */
  published?: boolean
  /** Most copies at a time; the account's limit unless given. */
  reservedConcurrency?: number
}

export interface DeploymentTarget {
  account: string
  region: string
  vpc?: { subnets: string[]; securityGroups: string[] } | undefined
}

/** A name as SST and Pulumi want it: `VerifyRole`. */
export const logicalName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** The name of a deployed thing: `podid-production-verify-role`. Fixed, since access entries name the roles. */
export const physicalName = (name: string): string => deployedName($app.stage, name)

const production = (): boolean => $app.stage === 'production'

/** How long logs are kept. */
export const logRetention = (): { name: '1 year' | '1 month'; days: number } =>
  production() ? { name: '1 year', days: 365 } : { name: '1 month', days: 30 }

/** A trust policy for one service; `account` narrows it to this account, for services that say for whom they act. */
export const trustOf = (service: string, account?: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sts:AssumeRole',
        ...(account ? { Condition: { StringEquals: { 'aws:SourceAccount': account } } } : {}),
      },
    ],
  })

/**
 * A Lambda function with a role of its own, made of the file of its name: `verifyRole` of functions/steps/verify-role.ts.
 * SST's role is mended on the way: it trusts the account's root and may
 * write any log; here it trusts Lambda alone and writes the function's own log.
 */
export const podidFunction = (
  name: FunctionName,
  spec: FunctionSpec,
  where: DeploymentTarget,
): sst.aws.Function => {
  const physical = physicalName(name)
  // Only what talks to clusters must be near them.
  const vpc = name in clusterGroups ? where.vpc : undefined
  const traced = hasFunctionTracing(where.region)
  const logs: PolicyGrant = {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [
      `arn:${partitionOf(where.region)}:logs:${where.region}:${where.account}:log-group:/aws/lambda/${physical}:*`,
    ],
  }
  // A statement about no resource is no statement: IAM refuses it.
  const grants = [
    logs,
    ...(traced ? [tracing] : []),
    ...(vpc ? [networkInterfaces] : []),
    ...spec.grants,
  ].filter(({ resources }) => resources.length > 0)
  const { inline, managed } = packGrants(physical, grants)
  const policies = managed.map(
    (policy, index) =>
      new aws.iam.Policy(`${logicalName(name)}Policy${index + 1}`, {
        name: `${physical}-${index + 1}`,
        description: `What ${physical} may do and its inline policy has no room for`,
        policy,
      }).arn,
  )
  return new sst.aws.Function(logicalName(name), {
    name: physical,
    description: spec.description,
    handler: `functions/${spec.folder}/${kebab(name)}.handler`,
    runtime: 'nodejs24.x',
    architecture: 'arm64',
    memory: `${spec.memoryMb} MB`,
    timeout: `${spec.timeoutSeconds} seconds`,
    logging: { format: 'json', retention: logRetention().name },
    nodejs: { minify: true, plugins: 'stacks/bundling/plugin.ts' },
    permissions: inline,
    ...(spec.published ? { versioning: true } : {}),
    ...(spec.environment ? { environment: spec.environment } : {}),
    ...(spec.copyFiles ? { copyFiles: spec.copyFiles } : {}),
    ...(spec.url ? { url: spec.url } : {}),
    ...(spec.reservedConcurrency ? { concurrency: { reserved: spec.reservedConcurrency } } : {}),
    ...(vpc ? { vpc: { privateSubnets: vpc.subnets, securityGroups: vpc.securityGroups } } : {}),
    transform: {
      function: (args) => {
        if (traced) args.tracingConfig = { mode: 'Active' }
      },
      role: (args) => {
        args.name = physical
        args.assumeRolePolicy = trustOf('lambda.amazonaws.com')
        args.managedPolicyArns = policies
      },
    },
  })
}

/** X-Ray takes no resource: AWSXRayDaemonWriteAccess grants the same on `*`. */
const tracing: PolicyGrant = {
  actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
  resources: ['*'],
}

/** What Lambda needs to put a function in a VPC; none of these takes a resource that is known beforehand. */
const networkInterfaces: PolicyGrant = {
  actions: [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ],
  resources: ['*'],
}
