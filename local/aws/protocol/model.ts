import * as cloudtrail from '@aws-sdk/client-cloudtrail'
import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as eks from '@aws-sdk/client-eks'
import * as events from '@aws-sdk/client-eventbridge'
import * as iam from '@aws-sdk/client-iam'
import * as states from '@aws-sdk/client-sfn'
import * as sns from '@aws-sdk/client-sns'
import * as sts from '@aws-sdk/client-sts'
import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types'

/** A service as its credential scope names it. */
export type ServiceName = 'eks' | 'iam' | 'sts' | 'states' | 'events' | 'dynamodb' | 'sns' | 'cloudtrail'

/** What the SDK's runtime schemas say of one operation. */
export interface OperationModel {
  name: string
  input: NormalizedSchema
  output: NormalizedSchema
  /** How the operation is addressed, for REST protocols. */
  http: { method: string; path: RegExp; labels: readonly string[]; status: number }
}

/** What a failure looks like on the wire. */
export interface ErrorModel {
  wireCode: string
  status: number
}

/** One service, as much of it as a server needs to read requests and write answers. */
export interface ServiceModel {
  name: ServiceName
  protocol: 'restJson' | 'query' | 'json'
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

const pathPattern = (uri: string): { path: RegExp; labels: string[] } => {
  const labels: string[] = []
  const source = uri
    .replace(/\?.*$/, '')
    .replace(/\{(\w+)(\+?)\}/g, (_all, label: string, greedy: string) => {
      labels.push(label)
      return greedy ? '(.+)' : '([^/]+)'
    })
  return { path: new RegExp(`^${source}/?$`), labels }
}

const operationModel = (schema: StaticOperationSchema): OperationModel => {
  const [method, uri, status] = (traitsOf(schema).http ?? ['POST', '/', 200]) as [string, string, number]
  return {
    name: schema[2],
    input: NormalizedSchema.of(schema[4]),
    output: NormalizedSchema.of(schema[5]),
    http: { method, status, ...pathPattern(uri) },
  }
}

const errorModel = (schema: StaticErrorSchema): ErrorModel => {
  const traits = traitsOf(schema) as { httpError?: number; awsQueryError?: [string, number] }
  const [wireCode, queryStatus] = traits.awsQueryError ?? [schema[2], undefined]
  return { wireCode, status: queryStatus ?? traits.httpError ?? 400 }
}

/** Labels match anything, so `/clusters/{name}/addons` must be tried before `/clusters/{name}`'s siblings. */
const mostSpecificFirst = (a: OperationModel, b: OperationModel): number =>
  literalLength(b) - literalLength(a)

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

/** The services that are served, by the name in the request's credential scope. */
export const serviceModels: Readonly<Record<ServiceName, ServiceModel>> = {
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
}
