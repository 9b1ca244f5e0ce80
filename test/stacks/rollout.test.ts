import { beforeAll, describe, expect, it } from 'vitest'
import { rolloutSteps } from '../../core/steps/rollout-table.ts'
import { everything, type SynthesizedStage, synthesizeStage } from './support.ts'

let dev: SynthesizedStage
beforeAll(async () => {
  dev = await synthesizeStage('dev', everything)
})

const states = 'arn:aws:states:us-west-2:111122223333'
const bucket = 'podid-dev-rollouts-111122223333'
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const inputsOf = (type: string, name: string) => dev.the(type, name).inputs

describe('the state machine of rollouts', () => {
  it('is published, and started by an alias', () => {
    const machine = inputsOf('aws:sfn/stateMachine:StateMachine', 'Rollout')
    expect(machine).toMatchObject({ name: 'podid-dev-rollout', type: 'STANDARD', publish: true })
    // Its bindings' runs are those of the alias, and its functions those that were published with it.
    expect(machine.definition).toContain(`"${states}:stateMachine:podid-dev-enable:live"`)
    for (const name of Object.keys(rolloutSteps))
      expect(machine.definition).toContain(`:function:podid-dev-${kebab(name)}:1"`)
    expect(inputsOf('aws:sfn/alias:Alias', 'RolloutLive')).toMatchObject({ name: 'live' })
    expect(dev.outputs.rolloutStateMachine).toBe(`${states}:stateMachine:podid-dev-rollout:live`)
  })

  it('may do this, and nothing else', () => {
    const role = dev.roles.find(({ of }) => of === 'Rollout')
    const rights = role?.statements.flatMap(({ Action, Resource }) =>
      /^(?:logs|xray):/.test(Action[0] ?? '') ? [] : [[Action, Resource]],
    )
    const functions = ['plan-waves', 'judge-round', 'report-rollout', 'request-approval']
    const children = `${states}:execution:podid-dev-rollout/*:*`
    expect(rights).toEqual([
      [
        ['lambda:InvokeFunction'],
        functions.map((name) => `arn:aws:lambda:us-west-2:111122223333:function:podid-dev-${name}:*`),
      ],
      [['states:StartExecution'], [`${states}:stateMachine:podid-dev-enable`]],
      [['states:DescribeExecution', 'states:StopExecution'], [`${states}:execution:podid-dev-enable:*`]],
      [
        ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
        ['arn:aws:events:us-west-2:111122223333:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule'],
      ],
      [['states:StartExecution'], [`${states}:stateMachine:podid-dev-rollout`]],
      [['states:DescribeExecution', 'states:RedriveExecution', 'states:StopExecution'], [children]],
      [
        ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        [`arn:aws:s3:::${bucket}/*`],
      ],
    ])
  })
})

it('what it works on is in a bucket that is encrypted, closed, and forgets after 90 days', () => {
  expect(inputsOf('aws:s3/bucketV2:BucketV2', 'Rollouts')).toMatchObject({ bucket })
  expect(
    inputsOf(
      'aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2',
      'RolloutsEncryption',
    ).rules,
  ).toEqual([{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }])
  expect(
    inputsOf('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', 'RolloutsPublicAccess'),
  ).toMatchObject({
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  })
  expect(
    inputsOf('aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2', 'RolloutsExpiry').rules,
  ).toMatchObject([{ status: 'Enabled', expiration: { days: 90 } }])
})
