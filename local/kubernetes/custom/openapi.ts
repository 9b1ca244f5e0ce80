import { isObject, type JsonObject } from '../../json-object.ts'
import { apiVersionOf, type CustomSchema, type ResourceKind } from '../store/resources.ts'
import {
  additionalOf,
  elementSchema,
  embeds,
  isIntOrString,
  preserves,
  propertiesOf,
  textsIn,
} from './schema.ts'

/** `io.cert-manager.v1.Certificate` of Certificate in cert-manager.io/v1. */
export const customSchemaName = ({ group, version, kind }: ResourceKind): string =>
  `${group.split('.').reverse().join('.')}.${version}.${kind}`

/** What differs between the two versions of OpenAPI. */
export interface CustomDialect {
  v2: boolean
  refer(name: string): JsonObject
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

const typeMeta = {
  apiVersion: {
    type: 'string',
    description:
      'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  },
  kind: {
    type: 'string',
    description:
      'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  },
}

const metadataDescription =
  "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"

/** A custom kind's schema as it is published: with the fields of every object, in the words of the version. */
export const customOpenApi = (
  { group, version, kind, custom }: ResourceKind & { custom: NonNullable<ResourceKind['custom']> },
  dialect: CustomDialect,
): JsonObject => {
  const { schema } = custom
  const marks = { 'x-kubernetes-group-version-kind': [{ group, version, kind }] }
  // A client that checks by v2 would refuse whatever is not named.
  if (dialect.v2 && preserves(schema)) return { type: 'object', ...marks }
  const published = dialect.v2 ? asV2(schema) : { ...schema }
  const properties = isObject(published.properties) ? published.properties : {}
  const metadata = { ...dialect.refer(objectMeta), description: metadataDescription }
  return { ...published, properties: { ...properties, ...typeMeta, metadata }, ...marks }
}

/** What OpenAPI v2 cannot say, or old clients cannot read, left out. */
const asV2 = (schema: CustomSchema): JsonObject => {
  const { allOf: _1, anyOf: _2, oneOf: _3, not: _4, nullable, ...rest } = schema
  if (nullable === true || preserves(schema) || isIntOrString(schema) || embeds(schema)) {
    const { type: _5, items: _6, properties: _7, additionalProperties: _8, ...plain } = rest
    return plain
  }
  const items = elementSchema(schema)
  const additional = additionalOf(schema)
  const nullables = propertiesOf(schema).flatMap(([name, inner]) => (inner.nullable === true ? [name] : []))
  const required = textsIn(schema.required).filter((name) => !nullables.includes(name))
  const { required: _9, ...open } = rest
  return {
    ...open,
    ...(required.length > 0 ? { required } : {}),
    ...(items ? { items: asV2(items) } : {}),
    ...(isObject(additional) ? { additionalProperties: asV2(additional as CustomSchema) } : {}),
    ...(schema.properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(propertiesOf(schema).map(([name, inner]) => [name, asV2(inner)])),
        }),
  }
}

/** What a description of a kind depends on, for names that change with it. */
export const customVersionText = (kind: ResourceKind): string =>
  kind.custom ? `${apiVersionOf(kind)} ${kind.kind} ${JSON.stringify(kind.custom.schema)}` : ''
