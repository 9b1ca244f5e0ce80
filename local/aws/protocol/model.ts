import * as accessAnalyzer from '@aws-sdk/client-accessanalyzer'
import * as cloudtrail from '@aws-sdk/client-cloudtrail'
import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as eks from '@aws-sdk/client-eks'
import * as events from '@aws-sdk/client-eventbridge'
import * as iam from '@aws-sdk/client-iam'
import * as states from '@aws-sdk/client-sfn'
import * as sns from '@aws-sdk/client-sns'
import * as sts from '@aws-sdk/client-sts'
import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticErrorSchema, StaticOperationSchema, StaticStructureSchema } from '@smithy/types'

/** A service as its credential scope names it. */
export type ServiceName =
  | 'eks'
  | 'iam'
  | 'sts'
  | 'states'
  | 'events'
  | 'dynamodb'
  | 'sns'
  | 'cloudtrail'
  | 'access-analyzer'
  | 's3'
  | 'ssm'
  | 'sqs'
  | 'lambda'
  | 'logs'

/** What the SDK's runtime schemas say of one operation. */
export interface OperationModel {
  name: string
  input: NormalizedSchema
  output: NormalizedSchema
  /** How the operation is addressed, for REST protocols. */
  http: {
    method: string
    path: RegExp
    labels: readonly string[]
    /** Query parameters, and their values, that tell it from others at the same path. */
    query: ReadonlyMap<string, string>
    status: number
  }
}

/** The members that a structure must have: its schema lists them first. */
export const requiredMembers = (structure: NormalizedSchema): readonly string[] => {
  const schema = structure.getSchema()
  if (!Array.isArray(schema)) return []
  const [, , , , members, , count] = schema as unknown as StaticStructureSchema
  return (members ?? []).slice(0, count ?? 0)
}

/** What a failure looks like on the wire. */
export interface ErrorModel {
  wireCode: string
  status: number
}

/** One service, as much of it as a server needs to read requests and write answers. */
export interface ServiceModel {
  name: ServiceName
  protocol: 'restJson' | 'restXml' | 'query' | 'json'
  contentType: string
  /** Namespace of the XML answers, or the prefix of `__type` in JSON ones. */
  namespace: string
  operations: ReadonlyMap<string, OperationModel>
  errors: ReadonlyMap<string, ErrorModel>
}

// Values of the first slot of a schema, see StaticSchema in @smithy/types.
const OPERATION = 9
const ERROR = -3

const isSchema = (value: unknown, kind: number): boolean => Array.isArray(value) && value[0] === kind

const traitsOf = (schema: StaticErrorSchema | StaticOperationSchema): Record<string, unknown> =>
  typeof schema[3] === 'object' ? { ...schema[3] } : {}

const pathPattern = (uri: string): Pick<OperationModel['http'], 'path' | 'labels' | 'query'> => {
  const labels: string[] = []
  const source = uri
    .replace(/\?.*$/, '')
    .replace(/\{(\w+)(\+?)\}/g, (_all, label: string, greedy: string) => {
      labels.push(label)
      return greedy ? '(.+)' : '([^/]+)'
    })
  const query = new Map(new URLSearchParams(uri.split('?')[1] ?? ''))
  // It only names the operation, and not every client sends it.
  query.delete('x-id')
  return { path: new RegExp(`^${source}/?$`), labels, query }
}

const operationModel = (schema: StaticOperationSchema): OperationModel => {
  const [method, uri, status] = (traitsOf(schema).http ?? ['POST', '/', 200]) as [string, string, number]
  const [input, output] = [NormalizedSchema.of(schema[4]), NormalizedSchema.of(schema[5])]
  const http = { method, status, ...pathPattern(uri) }
  return {
    name: schema[2],
    input,
    output,
    http: schema[1] === 'com.amazonaws.s3' ? ofS3(http, uri, input) : http,
  }
}

/**
 * S3's paths say nothing of the bucket, which is in the host or, as at every endpoint by address, before the path.
 * Many operations share a path, and the parameters that one must have tell it from the others.
 */
const ofS3 = (http: OperationModel['http'], uri: string, input: NormalizedSchema): OperationModel['http'] => {
  const members = new Map(input.isStructSchema() ? [...input.structIterator()] : [])
  const required = requiredMembers(input).flatMap(
    (name) => members.get(name)?.getMergedTraits().httpQuery ?? [],
  )
  const { path, labels } = members.has('Bucket')
    ? pathPattern(`/{Bucket}${uri.replace(/^\/(?=\?|$)/, '')}`)
    : http
  return {
    ...http,
    path,
    labels,
    query: new Map([...required.map((name) => [name, ''] as const), ...http.query]),
  }
}

const errorModel = (schema: StaticErrorSchema): ErrorModel => {
  const traits = traitsOf(schema) as { httpError?: number; awsQueryError?: [string, number] }
  const [wireCode, queryStatus] = traits.awsQueryError ?? [schema[2], undefined]
  return { wireCode, status: queryStatus ?? traits.httpError ?? 400 }
}

/**
 * Labels match anything, so `/clusters/{name}/addons` must be tried before `/clusters/{name}`'s siblings, and what
 * asks for a query parameter before what does not.
 */
const mostSpecificFirst = (a: OperationModel, b: OperationModel): number =>
  b.http.query.size - a.http.query.size || literalLength(b) - literalLength(a)

const literalLength = (operation: OperationModel): number =>
  operation.http.path.source.replace(/\(.*?\)/g, '').length

const serviceModel = (
  about: Pick<ServiceModel, 'name' | 'protocol' | 'contentType' | 'namespace'>,
  exported: Record<string, unknown>,
): ServiceModel => {
  const values = Object.values(exported)
  const operations = values
    .filter((value) => isSchema(value, OPERATION))
    .map((value) => operationModel(value as StaticOperationSchema))
    .sort(mostSpecificFirst)
  const errors = values
    .filter((value) => isSchema(value, ERROR))
    .map((value) => value as StaticErrorSchema)
    .map((schema): [string, ErrorModel] => [schema[2], errorModel(schema)])
  return {
    ...about,
    operations: new Map(operations.map((operation) => [operation.name, operation])),
    errors: new Map(errors),
  }
}

/** Those that few ask for and whose clients take long to load: they are read when they are asked for. */
type LateService = 's3' | 'ssm' | 'sqs' | 'lambda' | 'logs'

const serviceModels: Readonly<Record<Exclude<ServiceName, LateService>, ServiceModel>> = {
  eks: serviceModel(
    {
      name: 'eks',
      protocol: 'restJson',
      contentType: 'application/json',
      namespace: 'com.amazonaws.eks',
    },
    eks,
  ),
  iam: serviceModel(
    {
      name: 'iam',
      protocol: 'query',
      contentType: 'text/xml',
      namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    },
    iam,
  ),
  sts: serviceModel(
    {
      name: 'sts',
      protocol: 'query',
      contentType: 'text/xml',
      namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    },
    sts,
  ),
  states: serviceModel(
    {
      name: 'states',
      protocol: 'json',
      contentType: 'application/x-amz-json-1.0',
      namespace: 'com.amazonaws.sfn',
    },
    states,
  ),
  events: serviceModel(
    {
      name: 'events',
      protocol: 'json',
      contentType: 'application/x-amz-json-1.1',
      namespace: 'com.amazonaws.eventbridge',
    },
    events,
  ),
  dynamodb: serviceModel(
    {
      name: 'dynamodb',
      protocol: 'json',
      contentType: 'application/x-amz-json-1.0',
      namespace: 'com.amazonaws.dynamodb.v20120810',
    },
    dynamodb,
  ),
  sns: serviceModel(
    {
      name: 'sns',
      protocol: 'query',
      contentType: 'text/xml',
      namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    },
    sns,
  ),
  cloudtrail: serviceModel(
    {
      name: 'cloudtrail',
      protocol: 'json',
      contentType: 'application/x-amz-json-1.1',
      namespace: 'com.amazonaws.cloudtrail',
    },
    cloudtrail,
  ),
  'access-analyzer': serviceModel(
    {
      name: 'access-analyzer',
      protocol: 'restJson',
      contentType: 'application/json',
      namespace: 'com.amazonaws.accessanalyzer',
    },
    accessAnalyzer,
  ),
}

/** The model of a service that is served. */
export const modelOf = async (name: ServiceName): Promise<ServiceModel> =>
  isLate(name) ? lateModels[name]() : serviceModels[name]

const isLate = (name: ServiceName): name is LateService => Object.hasOwn(lateModels, name)

const once = (make: () => Promise<ServiceModel>): (() => Promise<ServiceModel>) => {
  let made: Promise<ServiceModel> | undefined
  return () => {
    made ??= make()
    return made
  }
}

const lateModels: Readonly<Record<LateService, () => Promise<ServiceModel>>> = {
  s3: once(async () =>
    serviceModel(
      {
        name: 's3',
        protocol: 'restXml',
        contentType: 'application/xml',
        namespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
      },
      await import('@aws-sdk/client-s3'),
    ),
  ),
  ssm: once(async () =>
    serviceModel(
      {
        name: 'ssm',
        protocol: 'json',
        contentType: 'application/x-amz-json-1.1',
        namespace: 'com.amazonaws.ssm',
      },
      await import('@aws-sdk/client-ssm'),
    ),
  ),
  sqs: once(async () =>
    serviceModel(
      {
        name: 'sqs',
        protocol: 'json',
        contentType: 'application/x-amz-json-1.0',
        namespace: 'com.amazonaws.sqs',
      },
      await import('@aws-sdk/client-sqs'),
    ),
  ),
  lambda: once(async () =>
    serviceModel(
      {
        name: 'lambda',
        protocol: 'restJson',
        contentType: 'application/json',
        namespace: 'com.amazonaws.lambda',
      },
      await import('@aws-sdk/client-lambda'),
    ),
  ),
  logs: once(async () =>
    serviceModel(
      {
        name: 'logs',
        protocol: 'json',
        contentType: 'application/x-amz-json-1.1',
        namespace: 'com.amazonaws.cloudwatchlogs',
      },
      await import('@aws-sdk/client-cloudwatch-logs'),
    ),
  ),
}

/** Every service that is served, by the name in the request's credential scope. */
export const servedServices: readonly ServiceName[] = [
  ...(Object.keys(serviceModels) as ServiceName[]),
  ...(Object.keys(lateModels) as ServiceName[]),
]

export const isServed = (name: string | undefined): name is ServiceName =>
  servedServices.some((service) => service === name)
