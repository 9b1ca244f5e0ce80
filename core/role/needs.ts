import * as z from 'zod'
import { quote } from '../text/quote.ts'
import { Need } from './need.ts'
import { anything, type WorkloadNeeds } from './workload-need.ts'
import { workloadNeeds } from './workload-needs.ts'

/** An ARN of one service and one type of resource; `shape` shows a reader what it looks like. */
const arnOf = (service: string, resource: string, shape: string) =>
  z.string().regex(new RegExp(`^arn:aws[\\w-]*:${service}:[\\w*-]*:(?:\\d{12})?:${resource}$`), {
    error: ({ input }) => `${quote(input)} is not ${shape}`,
  })

const TableArn = arnOf(
  'dynamodb',
  'table/[\\w.*?-]+',
  'a table ARN, such as arn:aws:dynamodb:us-west-2:123456789012:table/Items',
)
const BucketArn = arnOf('s3', '[a-z0-9.*?-]+', 'a bucket ARN, such as arn:aws:s3:::carts-images')
const QueueArn = arnOf('sqs', '[\\w.*?-]+', 'a queue ARN, such as arn:aws:sqs:us-west-2:123456789012:orders')
const TopicArn = arnOf('sns', '[\\w.*?-]+', 'a topic ARN, such as arn:aws:sns:us-west-2:123456789012:orders')
const SecretArn = arnOf(
  'secretsmanager',
  'secret:\\S+',
  'a secret ARN, such as arn:aws:secretsmanager:us-west-2:123456789012:secret:carts-??????',
)
const ParameterArn = arnOf(
  'ssm',
  'parameter/\\S+',
  'a parameter ARN, such as arn:aws:ssm:us-west-2:123456789012:parameter/carts/*',
)
const KeyArn = arnOf(
  'kms',
  'key/[\\w*?-]+',
  'a key ARN, such as arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
)

/** Where the objects are: all of a bucket, or those whose keys start with the prefix. */
const bucketFields = { bucket: BucketArn, prefix: z.string().default('') }

/** Asking for an object that is not there is answered with 403 instead of 404 to who may not list. */
const listBucket = (bucket: string): Need => ({ actions: ['s3:ListBucket'], resources: [bucket] })

/** What is worth having, and stops nothing where it is missing. */
const optional = (resource: string, ...actions: string[]): Need => ({
  actions,
  resources: [resource],
  optional: true,
})

const readyMade = <Fields extends z.ZodRawShape>(
  schema: z.ZodObject<Fields>,
  needs: (fields: z.output<z.ZodObject<Fields>>) => Need[],
) => ({ schema, expand: (input: unknown): Need[] => needs(schema.parse(input)) })

const named = <const Name extends string, Fields extends z.ZodRawShape>(use: Name, fields: Fields) =>
  z.strictObject({ use: z.literal(use), ...fields })

/**
 * Needs by name. Which action goes with which type of resource is the Service Authorization Reference's:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const catalogue = {
  /** list_amazondynamodb.html: only Query and Scan take an index. */
  'dynamodb-read-write': readyMade(named('dynamodb-read-write', { table: TableArn }), ({ table }) => [
    {
      actions: [
        'dynamodb:DeleteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:Scan',
        'dynamodb:UpdateItem',
      ],
      resources: [table],
    },
    { actions: ['dynamodb:Query', 'dynamodb:Scan'], resources: [`${table}/index/*`] },
    optional(
      table,
      'dynamodb:BatchGetItem',
      'dynamodb:BatchWriteItem',
      'dynamodb:ConditionCheckItem',
      'dynamodb:DescribeTable',
    ),
  ]),
  /** list_amazons3.html */
  's3-read': readyMade(named('s3-read', bucketFields), ({ bucket, prefix }) => [
    { actions: ['s3:GetObject'], resources: [`${bucket}/${prefix}*`] },
    listBucket(bucket),
  ]),
  /** list_amazons3.html: uploads in parts ask for PutObject, and for AbortMultipartUpload where they fail. */
  's3-read-write': readyMade(named('s3-read-write', bucketFields), ({ bucket, prefix }) => [
    {
      actions: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      resources: [`${bucket}/${prefix}*`],
    },
    listBucket(bucket),
    optional(`${bucket}/${prefix}*`, 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'),
  ]),
  /** list_amazonsqs.html: the batch operations are authorised by the single ones' actions. */
  'sqs-consume': readyMade(named('sqs-consume', { queue: QueueArn }), ({ queue }) => [
    {
      actions: [
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
        'sqs:ReceiveMessage',
      ],
      resources: [queue],
    },
  ]),
  /** list_amazonsqs.html */
  'sqs-produce': readyMade(named('sqs-produce', { queue: QueueArn }), ({ queue }) => [
    { actions: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'], resources: [queue] },
  ]),
  /** list_amazonsns.html */
  'sns-publish': readyMade(named('sns-publish', { topic: TopicArn }), ({ topic }) => [
    { actions: ['sns:Publish'], resources: [topic] },
  ]),
  /** list_awssecretsmanager.html */
  'secrets-manager-read': readyMade(named('secrets-manager-read', { secret: SecretArn }), ({ secret }) => [
    { actions: ['secretsmanager:GetSecretValue'], resources: [secret] },
    optional(secret, 'secretsmanager:DescribeSecret'),
  ]),
  /** list_awssystemsmanager.html */
  'ssm-parameters': readyMade(named('ssm-parameters', { parameter: ParameterArn }), ({ parameter }) => [
    { actions: ['ssm:GetParameters'], resources: [parameter] },
    optional(parameter, 'ssm:GetParameter', 'ssm:GetParametersByPath'),
  ]),
  /** list_awskeymanagementservice.html: what envelope encryption asks of a key. */
  'kms-use': readyMade(named('kms-use', { key: KeyArn }), ({ key }) => [
    { actions: ['kms:Decrypt'], resources: [key] },
    optional(key, 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'),
  ]),
}

interface ReadyMade {
  schema: z.ZodObject
  expand: (input: unknown) => Need[]
}

/** The well-known workloads' needs, as schemas by name. */
const workloads = Object.entries(workloadNeeds).map(([use, workload]: [string, WorkloadNeeds]) => {
  const { about, core, optional: more } = workload
  const schema = z.strictObject({
    use: z.literal(use),
    ...(about && {
      [about.field]: z.string().regex(about.pattern, {
        error: ({ input }) => `${quote(input)} is no ${about.field} for ${use}, such as ${about.example}`,
      }),
    }),
  })
  const expand = (input: unknown): Need[] => {
    const fields = schema.parse(input) as Record<string, string>
    const resource = about ? (fields[about.field] as string) : anything
    const extra = more?.(resource) ?? []
    return [...core(resource), ...extra.map((one): Need => ({ ...one, optional: true }))]
  }
  return { schema, expand, use }
})

const readyMades: Readonly<Record<string, ReadyMade>> = {
  ...catalogue,
  ...Object.fromEntries(workloads.map((workload) => [workload.use, workload])),
}

/** The names of the ready-made needs. */
export const readyMadeNames = Object.keys(readyMades)

/** The field that holds what each ready-made need is about. */
export const readyMadeFields: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(readyMades).map(([name, { schema }]) => [
    name,
    Object.keys(schema.shape).find((field) => field !== 'use') ?? '',
  ]),
)

/** A need as a binding writes it: its actions and resources, or (with `use`) a ready-made one by name. */
export const NeedInput = z.discriminatedUnion(
  'use',
  [
    Need.extend({ use: z.undefined().optional() }),
    catalogue['dynamodb-read-write'].schema,
    catalogue['s3-read'].schema,
    catalogue['s3-read-write'].schema,
    catalogue['sqs-consume'].schema,
    catalogue['sqs-produce'].schema,
    catalogue['sns-publish'].schema,
    catalogue['secrets-manager-read'].schema,
    catalogue['ssm-parameters'].schema,
    catalogue['kms-use'].schema,
    ...workloads.map(({ schema }) => schema),
  ],
  {
    error: (issue) =>
      issue.code === 'invalid_union'
        ? `use names no ready-made need; these are: ${readyMadeNames.join(', ')}`
        : undefined,
  },
)
export type NeedInput = z.input<typeof NeedInput>

const plainNeed = ({ actions, resources, grantedBy, optional }: Need): Need => ({
  actions,
  resources,
  ...(grantedBy && { grantedBy }),
  ...(optional && { optional }),
})

/**
 * Spells out the ready-made needs; the others stay as they are.
 * @param partition where the workload is: the catalogue is written for `aws`
 */
export const expandNeeds = (needs: readonly NeedInput[], partition = 'aws'): Need[] =>
  needs.flatMap((need) =>
    need.use === undefined
      ? [plainNeed(need)]
      : (readyMades[need.use] as ReadyMade).expand(need).map((one) => ({
          ...one,
          resources: one.resources.map((arn) => arn.replace(/^arn:aws:/, `arn:${partition}:`)),
        })),
  )
