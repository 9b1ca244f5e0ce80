import { pathToFileURL } from 'node:url'
import type { Config } from '../core/config.ts'
import { liveAlias } from '../core/names.ts'
import { partitionOf } from '../core/partitions/partitions.ts'
import { rolloutStepEntries } from '../core/steps/rollout-table.ts'
import { rollOutInWaves } from '../workflows/render.ts'
import { template } from '../workflows/template.ts'
import { functionTimeouts } from '../workflows/timeouts.ts'
import type { Scope } from './scope.ts'
import { stateMachine, type Workflow } from './state-machine.ts'
import { type StepFunction, stepFunction, withSettings } from './step-function.ts'
import type { Storage } from './storage.ts'

export interface DeployedRollout extends Workflow {
  functions: StepFunction[]
  bucket: aws.s3.BucketV2
}

/**
 * The state machine that rolls many bindings out in waves, its functions, and the bucket that has what is longer than a
 * state may be: encrypted, closed to the public, and each object for as long as Step Functions keeps executions.
 */
export const rolloutWorkflow = (
  config: Config,
  scope: Scope,
  stored: Storage,
  enablement: { live: aws.sfn.Alias; functions: StepFunction[] },
): DeployedRollout => {
  const bucket = rolloutBucket(scope.rolloutBucket)
  const text = template(rollOutInWaves, pathToFileURL(`${$cli.paths.root}/workflows/`))
  const timeouts = functionTimeouts(text)
  const { environment, copyFiles } = withSettings(scope, stored)
  const functions = rolloutStepEntries.map(([name, { description, memoryMb }]) =>
    stepFunction(config, scope, name, {
      description,
      memoryMb,
      timeoutSeconds: timeouts[name],
      environment: { ...environment, PODID_ROLLOUT_BUCKET: scope.rolloutBucket },
      copyFiles,
    }),
  )
  const asked = enablement.functions.filter(({ name }) => name === 'requestApproval')
  const machine = stateMachine(config, {
    id: 'Rollout',
    text,
    values: { enablePodIdentity: enablement.live.arn },
    functions: [...functions, ...asked],
    policy: 'roll-out',
    statements: [...nestedExecutions(config, scope), ...distributedMap(scope)],
    description: 'What new rollouts are started with',
  })
  return { ...machine, functions, bucket }
}

const rolloutBucket = (name: string): aws.s3.BucketV2 => {
  const bucket = new aws.s3.BucketV2('Rollouts', { bucket: name })
  new aws.s3.BucketServerSideEncryptionConfigurationV2('RolloutsEncryption', {
    bucket: bucket.bucket,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
  })
  new aws.s3.BucketPublicAccessBlock('RolloutsPublicAccess', {
    bucket: bucket.bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  })
  new aws.s3.BucketLifecycleConfigurationV2('RolloutsExpiry', {
    bucket: bucket.bucket,
    rules: [{ id: 'expire', status: 'Enabled', filter: { prefix: '' }, expiration: { days: 90 } }],
  })
  return bucket
}

/** To start runs and wait for their ends. https://docs.aws.amazon.com/step-functions/latest/dg/stepfunctions-iam.html */
const nestedExecutions = ({ region, account }: Config, { stateMachine, executions }: Scope) => [
  {
    Effect: 'Allow',
    Action: 'states:StartExecution',
    Resource: stateMachine,
    Condition: { 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': [liveAlias] } },
  },
  { Effect: 'Allow', Action: ['states:DescribeExecution', 'states:StopExecution'], Resource: executions },
  {
    Effect: 'Allow',
    Action: ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
    Resource: `arn:${partitionOf(region)}:events:${region}:${account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
  },
]

/** To run its own children, to read their items and to write their results. https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html */
const distributedMap = ({ rolloutMachine, rolloutChildren, rolloutObjects }: Scope) => [
  { Effect: 'Allow', Action: 'states:StartExecution', Resource: rolloutMachine },
  {
    Effect: 'Allow',
    Action: ['states:DescribeExecution', 'states:RedriveExecution', 'states:StopExecution'],
    Resource: rolloutChildren,
  },
  {
    Effect: 'Allow',
    Action: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
    Resource: rolloutObjects,
  },
]
