import type { Config } from '../core/config.ts'
import { partitionOf } from '../core/partitions/partitions.ts'
import { physicalName } from './function.ts'

type Dimensions = Record<string, $util.Input<string>>

interface Alarm {
  name: string
  description: string
  namespace: string
  metric: string
  dimensions: Dimensions
}

export interface Watched {
  machine: aws.sfn.StateMachine
  functions: { name: string; fn: sst.aws.Function }[]
  /** Where events end that could not be delivered. */
  deadLetters: aws.sqs.Queue
}

/** Alarms for what the runs' own reports cannot show: a failed run, a lost event, throttling by AWS. */
export const alarms = (config: Config, { machine, deadLetters }: Watched): aws.sns.Topic => {
  const topic = alarmTopic(config)
  const states = { namespace: 'AWS/States', dimensions: { StateMachineArn: machine.arn } }
  const list: Alarm[] = [
    {
      ...states,
      name: 'RunsFailed',
      metric: 'ExecutionsFailed',
      description: 'A run failed: its report says why',
    },
    {
      ...states,
      name: 'RunsTimedOut',
      metric: 'ExecutionsTimedOut',
      description: 'A run took longer than its whole allowance',
    },
    {
      ...states,
      name: 'RunsThrottled',
      metric: 'ExecutionThrottled',
      description: 'Step Functions holds back state transitions',
    },
    {
      name: 'DeadLetters',
      description:
        'An event reached no function within a day: see the queue, then send it again (docs/deploy.md)',
      namespace: 'AWS/SQS',
      metric: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: deadLetters.name },
    },
    {
      name: 'FunctionsThrottled',
      description: "Lambda holds back functions: the account's concurrency in this region is used up",
      namespace: 'AWS/Lambda',
      metric: 'Throttles',
      // The limit is the region's, and so is the metric without dimensions.
      dimensions: {},
    },
  ]
  for (const { name, description, metric, namespace, dimensions } of list) {
    new aws.cloudwatch.MetricAlarm(`${name}Alarm`, {
      name: physicalName(name),
      alarmDescription: description,
      namespace,
      metricName: metric,
      dimensions,
      statistic: namespace === 'AWS/SQS' ? 'Maximum' : 'Sum',
      period: 300,
      evaluationPeriods: 1,
      threshold: 0,
      comparisonOperator: 'GreaterThanThreshold',
      // No data means that nothing ran.
      treatMissingData: 'notBreaching',
      alarmActions: [topic.arn],
    })
  }
  return topic
}

/** CloudWatch may publish to a topic only if its key says so, which the key that AWS manages for SNS does not. */
const alarmTopic = (config: Config): aws.sns.Topic => {
  const key = new aws.kms.Key('AlarmsKey', {
    description: `Alarms of ${physicalName('Alarms')}`,
    enableKeyRotation: true,
    policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AdministeredByIam',
          Effect: 'Allow',
          Principal: { AWS: `arn:${partitionOf(config.region)}:iam::${config.account}:root` },
          Action: keyAdministration,
          Resource: '*',
        },
        {
          Sid: 'UsedByAlarms',
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Resource: '*',
          Condition: { StringEquals: { 'aws:SourceAccount': config.account } },
        },
      ],
    }),
  })
  const topic = new aws.sns.Topic('Alarms', { name: physicalName('Alarms'), kmsMasterKeyId: key.arn })
  config.channels.alarmEmails.forEach((endpoint, index) => {
    new aws.sns.TopicSubscription(`AlarmsEmail${index}`, { topic: topic.arn, protocol: 'email', endpoint })
  })
  return topic
}

/** All that a deployment does with a key, and enough to change its policy; who may is IAM's to say. */
const keyAdministration = [
  'kms:CancelKeyDeletion',
  'kms:CreateGrant',
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:EnableKeyRotation',
  'kms:GenerateDataKey',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateKeyDescription',
]
