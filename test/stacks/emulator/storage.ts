import { capital, inRegion, lastPart, type Making } from './shapes.ts'

const queueUrl = 'https://sqs.us-west-2.amazonaws.com/111122223333'

/** What keeps data, and carries it. */
export const makingStorage: Making = {
  'aws:cloudwatch/logGroup:LogGroup': ({ name, retentionInDays }) => [
    ['logs', 'create_log_group', { logGroupName: name }],
    ['logs', 'put_retention_policy', { logGroupName: name, retentionInDays }],
  ],
  'aws:dynamodb/table:Table': ({
    name,
    billingMode,
    hashKey,
    attributes,
    serverSideEncryption,
    deletionProtectionEnabled,
    pointInTimeRecovery,
    ttl,
  }) => [
    [
      'dynamodb',
      'create_table',
      {
        TableName: name,
        BillingMode: billingMode,
        KeySchema: [{ AttributeName: hashKey, KeyType: 'HASH' }],
        AttributeDefinitions: (attributes as { name: string; type: string }[]).map((one) => ({
          AttributeName: one.name,
          AttributeType: one.type,
        })),
        SSESpecification: capital(serverSideEncryption),
        DeletionProtectionEnabled: deletionProtectionEnabled,
      },
    ],
    ['dynamodb', 'update_time_to_live', { TableName: name, TimeToLiveSpecification: capital(ttl) }],
    [
      'dynamodb',
      'update_continuous_backups',
      {
        TableName: name,
        PointInTimeRecoverySpecification: {
          PointInTimeRecoveryEnabled: (pointInTimeRecovery as { enabled: boolean }).enabled,
        },
      },
    ],
  ],
  'aws:sqs/queue:Queue': ({ name, sqsManagedSseEnabled, messageRetentionSeconds }) => [
    [
      'sqs',
      'create_queue',
      {
        QueueName: name,
        Attributes: {
          SqsManagedSseEnabled: String(sqsManagedSseEnabled),
          MessageRetentionPeriod: String(messageRetentionSeconds),
        },
      },
    ],
  ],
  'aws:sqs/queuePolicy:QueuePolicy': ({ queueUrl: url, policy }) => [
    [
      'sqs',
      'set_queue_attributes',
      { QueueUrl: `${queueUrl}/${lastPart(url)}`, Attributes: { Policy: policy } },
    ],
  ],
  'aws:sns/topic:Topic': ({ name, kmsMasterKeyId }) => [
    ['sns', 'create_topic', { Name: name, Attributes: { KmsMasterKeyId: String(kmsMasterKeyId) } }],
  ],
  'aws:sns/topicSubscription:TopicSubscription': ({ topic, protocol, endpoint }) => [
    ['sns', 'subscribe', { TopicArn: topic, Protocol: protocol, Endpoint: endpoint }],
  ],
  'aws:s3/bucketV2:BucketV2': ({ bucket }) => [['s3', 'create_bucket', inRegion(bucket)]],
  'aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2': ({
    bucket,
    rules,
  }) => [
    [
      's3',
      'put_bucket_encryption',
      {
        Bucket: bucket,
        ServerSideEncryptionConfiguration: {
          Rules: (rules as { applyServerSideEncryptionByDefault: { sseAlgorithm: string } }[]).map(
            ({ applyServerSideEncryptionByDefault: { sseAlgorithm } }) => ({
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: sseAlgorithm },
            }),
          ),
        },
      },
    ],
  ],
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': ({ bucket, ...block }) => [
    ['s3', 'put_public_access_block', { Bucket: bucket, PublicAccessBlockConfiguration: capital(block) }],
  ],
  'aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2': ({ bucket, rules }) => [
    [
      's3',
      'put_bucket_lifecycle_configuration',
      {
        Bucket: bucket,
        LifecycleConfiguration: {
          Rules: (rules as { id: string }[]).map(({ id, ...rule }) => ({
            ID: id,
            ...(capital(rule) as Record<string, unknown>),
          })),
        },
      },
    ],
  ],
  'aws:s3/bucketObjectv2:BucketObjectv2': ({ bucket, key }) => [
    // Any code: Lambda's own check of it is not this test's.
    ['s3', 'put_object', { Bucket: bucket, Key: key, Body: 'code' }],
  ],
}
