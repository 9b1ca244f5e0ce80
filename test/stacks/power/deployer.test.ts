import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../core/policy/evaluate.ts'
import { deployerPolicies } from '../../../stacks/deployer.ts'
import { limits, policySize } from '../../../stacks/limits/table.ts'
import { everything, synthesizeStage } from '../support.ts'

const target = { partition: 'aws', account: '111122223333', region: 'us-west-2' }

describe('the policies for the deployer', async () => {
  const { resources } = await synthesizeStage('dev', everything)
  const policies = deployerPolicies(resources, 'dev', target)
  const may = (action: string, resource: string) =>
    evaluate({
      policies: policies.map((document, index) => ({
        name: `p${index}`,
        document: JSON.stringify(document),
      })),
      action,
      resource,
      context: {},
    }).decision

  it('cover every type of what is deployed, and name a type that is new', () => {
    expect(() => deployerPolicies([{ type: 'aws:ec2/vpc:Vpc' }], 'dev', target)).toThrow(
      'stacks/deployer.ts does not say what it takes to deploy aws:ec2/vpc:Vpc: add a row for each',
    )
    expect(policies.length).toBeGreaterThan(0)
  })

  it('fit into what IAM takes as a managed policy, and all of them on one role', () => {
    for (const policy of policies)
      expect(policySize(JSON.stringify(policy))).toBeLessThanOrEqual(limits.managedPolicy.most)
    expect(policies.length).toBeLessThanOrEqual(limits.managedPolicies.most)
  })

  const own = 'arn:aws:lambda:us-west-2:111122223333:function:podid-dev-start'
  it.each<[why: string, action: string, resource: string, decision: string]>([
    ['make a function of the stage', 'lambda:CreateFunction', own, 'allowed'],
    ['hand it its role', 'iam:PassRole', 'arn:aws:iam::111122223333:role/podid-dev-start', 'allowed'],
    [
      'make what SST makes once in an account',
      'ecr:CreateRepository',
      'arn:aws:ecr:us-west-2:111122223333:repository/sst-asset',
      'allowed',
    ],
    ['touch another stage’s', 'lambda:DeleteFunction', own.replace('dev', 'production'), 'implicitDeny'],
    ['hand out another role', 'iam:PassRole', 'arn:aws:iam::111122223333:role/admin', 'implicitDeny'],
    [
      'read a secret',
      'ssm:GetParameter',
      'arn:aws:ssm:us-west-2:111122223333:parameter/podid/dev/slack-bot-token',
      'implicitDeny',
    ],
    [
      'read the records',
      'dynamodb:GetItem',
      'arn:aws:dynamodb:us-west-2:111122223333:table/podid-dev-records',
      'implicitDeny',
    ],
  ])('say whether it may %s', (_why, action, resource, decision) => {
    expect(may(action, resource)).toBe(decision)
  })

  it('name the buckets of a stage in small letters', () => {
    const [policy] = deployerPolicies([{ type: 'aws:s3/bucketV2:BucketV2' }], 'Dev', target)
    expect(policy?.Statement[0]?.Resource).toEqual(['arn:aws:s3:::podid-dev-*'])
  })

  it('let every resource with a name of its own be made', () => {
    const makes: Record<string, [action: string, path: string]> = {
      'aws:iam/role:Role': ['iam:CreateRole', 'arn:aws:iam::111122223333:role/'],
      'aws:lambda/function:Function': [
        'lambda:CreateFunction',
        'arn:aws:lambda:us-west-2:111122223333:function:',
      ],
      'aws:cloudwatch/logGroup:LogGroup': [
        'logs:CreateLogGroup',
        'arn:aws:logs:us-west-2:111122223333:log-group:',
      ],
      'aws:cloudwatch/eventRule:EventRule': ['events:PutRule', 'arn:aws:events:us-west-2:111122223333:rule/'],
      'aws:cloudwatch/metricAlarm:MetricAlarm': [
        'cloudwatch:PutMetricAlarm',
        'arn:aws:cloudwatch:us-west-2:111122223333:alarm:',
      ],
      'aws:sqs/queue:Queue': ['sqs:CreateQueue', 'arn:aws:sqs:us-west-2:111122223333:'],
      'aws:sns/topic:Topic': ['sns:CreateTopic', 'arn:aws:sns:us-west-2:111122223333:'],
      'aws:dynamodb/table:Table': ['dynamodb:CreateTable', 'arn:aws:dynamodb:us-west-2:111122223333:table/'],
      'aws:sfn/stateMachine:StateMachine': [
        'states:CreateStateMachine',
        'arn:aws:states:us-west-2:111122223333:stateMachine:',
      ],
      'aws:cloudwatch/eventBus:EventBus': [
        'events:CreateEventBus',
        'arn:aws:events:us-west-2:111122223333:event-bus/',
      ],
    }
    const refused = resources.flatMap(({ type, inputs }) => {
      const [action, path] = makes[type] ?? []
      return action && may(action, `${path}${inputs.name}`) !== 'allowed' ? [`${action} ${inputs.name}`] : []
    })
    expect(refused).toEqual([])
  })
})
