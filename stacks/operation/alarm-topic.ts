import type { Config } from '../../core/config.ts'
import { partitionOf } from '../../core/partitions/partitions.ts'
import { physicalName } from '../function.ts'

/** CloudWatch may publish to a topic only if its key says so, which the key that AWS manages for SNS does not. */
export const alarmTopic = (config: Config): aws.sns.Topic => {
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
