import { isDeepStrictEqual } from 'node:util'
import { isObject } from '../../../json-object.ts'
import type { CustomSchema } from '../../store/resources.ts'
import type { FieldError } from '../../store/status.ts'
import { forbiddenField, invalidValue, required } from '../../store/validation/fields.ts'
import {
  additionalOf,
  branchesOf,
  elementSchema,
  embeds,
  isIntOrString,
  preserves,
  propertiesOf,
  propertyOf,
} from '../schema.ts'
import { patternFault } from '../values/patterns.ts'

type Level = 'root' | 'item' | 'field'

/**
 * In what a schema is not structural, as the server wants all of them to be.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export const structuralErrors = (schema: CustomSchema, path: string): FieldError[] =>
  [...levelErrors(schema, 'root', path), ...missingErrors(schema, path)].sort((one, other) =>
    `${one.field}: ${one.message}` < `${other.field}: ${other.message}` ? -1 : 1,
  )

const levelErrors = (schema: CustomSchema, level: Level, path: string): FieldError[] => {
  const items = elementSchema(schema)
  const additional = additionalOf(schema)
  return [
    ...(schema.type === 'array' && !items && !Array.isArray(schema.items)
      ? [required(`${path}.items`, 'must be specified')]
      : []),
    ...(items ? levelErrors(items, 'item', `${path}.items`) : []),
    ...propertiesOf(schema).flatMap(([name, inner]) =>
      level === 'root' && name === 'metadata'
        ? metadataErrors(inner, `${path}.properties[metadata]`)
        : levelErrors(inner, 'field', `${path}.properties[${name}]`),
    ),
    ...(additional !== undefined && level === 'root'
      ? [forbiddenField(`${path}.additionalProperties`, 'must not be used at the root')]
      : []),
    ...(isObject(additional)
      ? levelErrors(additional as CustomSchema, 'field', `${path}.additionalProperties`)
      : []),
    ...typeErrors(schema, level, path),
    ...extensionErrors(schema, path),
    ...valueErrors(schema, path),
  ]
}

/** Of an object's metadata a schema may restrict the name alone. */
const metadataErrors = (schema: CustomSchema, path: string): FieldError[] => {
  const { type, properties, description: _, default: __, ...rest } = schema
  const named = Object.keys(isObject(properties) ? properties : {})
  const foreign =
    named.some((name) => name !== 'name' && name !== 'generateName') || Object.keys(rest).length > 0
  return [
    ...(type === 'object' ? [] : [invalidValue(`${path}.type`, type ?? '', 'must be object')]),
    ...(foreign
      ? [
          forbiddenField(
            path,
            'must not specify anything other than name and generateName, but metadata is implicitly specified',
          ),
        ]
      : []),
  ]
}

const withoutType: Record<Level, string> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

const typeErrors = (schema: CustomSchema, level: Level, path: string): FieldError[] => {
  const { type } = schema
  const field = `${path}.type`
  if (embeds(schema) && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true'
    return [type ? invalidValue(field, type, why) : required(field, why)]
  }
  if (!type && !isIntOrString(schema) && !preserves(schema)) return [required(field, withoutType[level])]
  return level === 'root' && type && type !== 'object'
    ? [invalidValue(field, type, 'must be object at the root')]
    : []
}

const extensionErrors = (schema: CustomSchema, path: string): FieldError[] => [
  ...(isIntOrString(schema) && preserves(schema)
    ? [
        invalidValue(
          `${path}.x-kubernetes-preserve-unknown-fields`,
          true,
          'must be false if x-kubernetes-int-or-string is true',
        ),
      ]
    : []),
  ...(embeds(schema) && !preserves(schema) && propertiesOf(schema).length === 0
    ? [
        required(
          `${path}.properties`,
          'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
        ),
      ]
    : []),
]

const intOrString = [{ type: 'integer' }, { type: 'string' }]

/** What may not be said under `allOf`, `anyOf`, `oneOf` and `not`: they only restrict values. */
const valueErrors = (schema: CustomSchema, path: string, skipAnyOf = false): FieldError[] => {
  const either = skipAnyOf || isDeepStrictEqual(schema.anyOf, intOrString)
  const [first] = branchesOf(schema, 'allOf')
  const firstEither = isDeepStrictEqual(first?.anyOf, intOrString)
  const fault = typeof schema.pattern === 'string' ? patternFault(schema.pattern) : undefined
  return [
    ...(either ? [] : nestedIn(schema, 'anyOf', path)),
    ...branchesOf(schema, 'allOf').flatMap((branch, index) =>
      nestedErrors(branch, `${path}.allOf[${index}]`, index === 0 && firstEither),
    ),
    ...nestedIn(schema, 'oneOf', path),
    ...(isObject(schema.not) ? nestedErrors(schema.not, `${path}.not`) : []),
    ...(fault
      ? [
          invalidValue(
            `${path}.pattern`,
            schema.pattern,
            `must be a valid regular expression, but isn't: ${fault}`,
          ),
        ]
      : []),
  ]
}

const nestedIn = (schema: CustomSchema, junctor: 'anyOf' | 'oneOf', path: string): FieldError[] =>
  branchesOf(schema, junctor).flatMap((branch, index) => nestedErrors(branch, `${path}.${junctor}[${index}]`))

const nestedForbidden: [string, string][] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

const nestedErrors = (schema: CustomSchema, path: string, skipAnyOf = false): FieldError[] => [
  ...valueErrors(schema, path, skipAnyOf),
  ...(elementSchema(schema) ? nestedErrors(elementSchema(schema) ?? {}, `${path}.items`) : []),
  ...propertiesOf(schema).flatMap(([name, inner]) => nestedErrors(inner, `${path}.properties[${name}]`)),
  ...nestedForbidden.flatMap(([field, why]) =>
    schema[field] ? [forbiddenField(`${path}.${field}`, why)] : [],
  ),
  ...(propertyOf(schema, 'metadata')
    ? [forbiddenField(`${path}.properties[metadata]`, 'must not be specified in a nested context')]
    : []),
]

/** What is restricted under a junctor has to be specified outside of it too. */
const missingErrors = (schema: CustomSchema, path: string): FieldError[] => {
  const items = elementSchema(schema)
  const additional = additionalOf(schema)
  const branches = [
    ...(['allOf', 'anyOf', 'oneOf'] as const).flatMap((junctor) =>
      branchesOf(schema, junctor).map((branch, index) => ({ branch, at: `${path}.${junctor}[${index}]` })),
    ),
    ...(isObject(schema.not) ? [{ branch: schema.not as CustomSchema, at: `${path}.not` }] : []),
  ]
  return [
    ...branches.flatMap(({ branch, at }) => unspecified(branch, schema, at, path)),
    ...propertiesOf(schema).flatMap(([name, inner]) => missingErrors(inner, `${path}.properties[${name}]`)),
    ...(items ? missingErrors(items, `${path}.items`) : []),
    ...(isObject(additional)
      ? missingErrors(additional as CustomSchema, `${path}.additionalProperties`)
      : []),
  ]
}

const unspecified = (branch: CustomSchema, outside: CustomSchema, at: string, path: string): FieldError[] => [
  ...propertiesOf(branch).flatMap(([name, inner]) => {
    const place = `${path}.properties[${name}]`
    const found = propertyOf(outside, name)
    if (found) return unspecified(inner, found, `${at}.properties[${name}]`, place)
    return [required(place, `because it is defined in ${at}.properties[${name}]`)]
  }),
  ...(elementSchema(branch)
    ? elementSchema(outside)
      ? unspecified(elementSchema(branch) ?? {}, elementSchema(outside) ?? {}, `${at}.items`, `${path}.items`)
      : [required(`${path}.items`, `because it is defined in ${at}.items`)]
    : []),
]
