import { controllerNeeds } from './controller-needs.ts'
import { anything, arn, need, type WorkloadNeeds } from './workload-need.ts'

const bucket = {
  field: 'bucket',
  pattern: /^arn:aws[\w-]*:s3:::[a-z0-9.*?-]+$/,
  example: 'arn:aws:s3:::carts-images',
}
const zone = {
  field: 'zone',
  pattern: /^arn:aws[\w-]*:route53:::hostedzone\/[\w*?]+$/,
  example: 'arn:aws:route53:::hostedzone/Z0123456789',
}
const objects = (of: string) => `${of}/*`
const partitionOf = (of: string) => of.split(':')[1] as string

/** Core is what the project's documented policy must have for the workload's daily work. */
export const workloadNeeds = {
  'dynamodb-table-read-write': {
    about: arn('table', 'dynamodb', 'table/[\\w.*?-]+', 'table/Items'),
    core: (table) => [
      need(table, 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
    ],
    optional: (table) => [need(table, 'dynamodb:DescribeTable', 'dynamodb:Query', 'dynamodb:Scan')],
    source: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html',
  },
  'dynamodb-stream-read': {
    about: arn('stream', 'dynamodb', 'table/[\\w.*?-]+/stream/\\S+', 'table/Items/stream/*'),
    core: (stream) => [
      need(stream, 'dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'),
    ],
    optional: () => [need(anything, 'dynamodb:ListStreams')],
    source:
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaDynamoDBExecutionRole.html',
  },
  'kinesis-consume': {
    about: arn('stream', 'kinesis', 'stream/[\\w.*?-]+', 'stream/orders'),
    core: (stream) => [need(stream, 'kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards')],
    optional: (stream) => [need(stream, 'kinesis:DescribeStream', 'kinesis:DescribeStreamSummary')],
    source: 'https://docs.aws.amazon.com/streams/latest/dev/kcl-iam-permissions.html',
  },
  'ecr-pull': {
    about: arn('repository', 'ecr', 'repository/\\S+', 'repository/carts'),
    core: (repository) => [
      need(anything, 'ecr:GetAuthorizationToken'),
      need(repository, 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'),
    ],
    optional: (repository) => [need(repository, 'ecr:BatchCheckLayerAvailability')],
    source:
      'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEC2ContainerRegistryPullOnly.html',
  },
  'bedrock-invoke': {
    about: {
      field: 'model',
      pattern: /^arn:aws[\w-]*:bedrock:[\w*-]*:(?:\d{12}|\*)?:\S+$/,
      example: 'arn:aws:bedrock:us-west-2::foundation-model/*',
    },
    core: (model) => [need(model, 'bedrock:InvokeModel')],
    optional: (model) => [need(model, 'bedrock:InvokeModelWithResponseStream')],
    source: 'https://docs.aws.amazon.com/bedrock/latest/userguide/inference-prereq.html',
  },
  loki: {
    about: bucket,
    core: (of) => [
      need(of, 's3:ListBucket'),
      need(objects(of), 's3:DeleteObject', 's3:GetObject', 's3:PutObject'),
    ],
    source: 'https://grafana.com/docs/loki/latest/setup/install/helm/deployment-guides/aws/',
  },
  tempo: {
    about: bucket,
    core: (of) => [
      need(of, 's3:ListBucket'),
      need(objects(of), 's3:DeleteObject', 's3:GetObject', 's3:PutObject'),
    ],
    optional: (of) => [need(objects(of), 's3:GetObjectTagging', 's3:PutObjectTagging')],
    source: 'https://grafana.com/docs/tempo/latest/configuration/hosted-storage/s3/',
  },
  velero: {
    about: bucket,
    core: (of) => [
      need(of, 's3:ListBucket'),
      need(
        objects(of),
        's3:AbortMultipartUpload',
        's3:DeleteObject',
        's3:GetObject',
        's3:ListMultipartUploadParts',
        's3:PutObject',
      ),
    ],
    optional: () => [
      need(
        anything,
        'ec2:CreateSnapshot',
        'ec2:CreateTags',
        'ec2:CreateVolume',
        'ec2:DeleteSnapshot',
        'ec2:DescribeSnapshots',
        'ec2:DescribeVolumes',
      ),
    ],
    source:
      'https://github.com/vmware-tanzu/velero-plugin-for-aws/blob/main/README.md#set-permissions-for-velero',
  },
  'external-dns': {
    about: zone,
    core: (of) => [
      need(of, 'route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets'),
      need(anything, 'route53:ListHostedZones'),
    ],
    optional: (of) => [need(of, 'route53:ListTagsForResources')],
    source: 'https://github.com/kubernetes-sigs/external-dns/blob/master/docs/tutorials/aws.md#iam-policy',
  },
  'cert-manager': {
    about: zone,
    core: (of) => [
      need(`arn:${partitionOf(of)}:route53:::change/*`, 'route53:GetChange'),
      need(of, 'route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets'),
    ],
    optional: () => [need(anything, 'route53:ListHostedZonesByName')],
    source: 'https://cert-manager.io/docs/configuration/acme/dns01/route53/',
  },
  'external-secrets': {
    about: arn('secret', 'secretsmanager', 'secret:\\S+', 'secret:carts-??????'),
    core: (secret) => [need(secret, 'secretsmanager:GetSecretValue')],
    optional: (secret) => [
      need(
        secret,
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetResourcePolicy',
        'secretsmanager:ListSecretVersionIds',
      ),
    ],
    source:
      'https://github.com/external-secrets/external-secrets/blob/main/docs/provider/aws-secrets-manager.md#iam-policy',
  },
  ...controllerNeeds,
} satisfies Record<string, WorkloadNeeds>
