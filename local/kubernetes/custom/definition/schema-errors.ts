import { isObject } from '../../../json-object.ts'
import { ruleError } from '../../store/cel.ts'
import type { CustomSchema } from '../../store/resources.ts'
import { type FieldError, StatusError } from '../../store/status.ts'
import { forbiddenField, invalidValue, required, unsupported } from '../../store/validation/fields.ts'
import {
  additionalOf,
  branchesOf,
  elementSchema,
  ownFields,
  preserves,
  propertiesOf,
  textsIn,
} from '../schema.ts'
import { applySchemaDefaults } from '../values/defaults.ts'
import { prune } from '../values/prune.ts'
import { rulesOf } from '../values/rules.ts'
import { valueErrors } from '../values/validate.ts'
import { structuralErrors } from './structural.ts'

/** What is wrong with the schema of a definition's version. Throws 501 for a rule that is not understood here. */
export const definitionSchemaErrors = (
  schema: CustomSchema,
  path: string,
  { withStatus }: { withStatus: boolean },
): FieldError[] => {
  const foreign = withStatus ? Object.keys(schema).filter((field) => !beside.has(field)) : []
  const structural = structuralErrors(schema, path)
  return [
    ...(foreign.length > 0
      ? [
          invalidValue(
            path,
            schema,
            `only [${[...besideNames].join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`,
          ),
        ]
      : []),
    ...(schema.nullable === true
      ? [forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root')]
      : []),
    ...structural,
    ...(structural.length === 0 ? defaultErrors(schema, path, true) : []),
    ...levelErrors(schema, path, true),
  ]
}

/** What may stand at the root of a schema beside which a status is kept apart. */
const besideNames = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
]
const beside = new Set([
  ...besideNames.map((name) => name[0]?.toLowerCase() + name.slice(1)),
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
])

/** Defaults have to be what the schema takes, with no field that would be pruned. */
const defaultErrors = (schema: CustomSchema, path: string, root: boolean): FieldError[] => {
  const given = schema.default
  const own = given === undefined ? [] : wrongDefault(schema, given, `${path}.default`)
  const additional = additionalOf(schema)
  const items = elementSchema(schema)
  return [
    ...own,
    ...propertiesOf(schema)
      .filter(([name]) => !(root && ownFields.has(name)))
      .flatMap(([name, inner]) => defaultErrors(inner, `${path}.properties[${name}]`, false)),
    ...(items ? defaultErrors(items, `${path}.items`, false) : []),
    ...(isObject(additional)
      ? defaultErrors(additional as CustomSchema, `${path}.additionalProperties`, false)
      : []),
  ]
}

const wrongDefault = (schema: CustomSchema, given: unknown, path: string): FieldError[] => {
  const wrapped = { type: 'object', properties: { value: schema } }
  const { unknownFields } = prune(wrapped, { value: given })
  if (unknownFields.length > 0) return [invalidValue(path, given, 'must be pruned')]
  const complete = { value: structuredClone(given) }
  applySchemaDefaults(wrapped, complete)
  return valueErrors(schema, complete.value, path)
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

const unsupportedFields = [
  'id',
  'additionalItems',
  'patternProperties',
  'definitions',
  'dependencies',
  '$ref',
]

const levelErrors = (schema: CustomSchema, path: string, root = false): FieldError[] => {
  const additional = additionalOf(schema)
  const items = elementSchema(schema)
  return [
    ...(schema.type !== undefined && !types.includes(String(schema.type))
      ? [unsupported(`${path}.type`, schema.type, types)]
      : []),
    ...unsupportedFields.flatMap((field) =>
      schema[field] === undefined ? [] : [forbiddenField(`${path}.${field}`, `${field} is not supported`)],
    ),
    ...(Array.isArray(schema.items)
      ? [forbiddenField(`${path}.items`, 'items must be a schema object and not an array')]
      : []),
    ...(schema.uniqueItems === true
      ? [
          forbiddenField(
            `${path}.uniqueItems`,
            'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
          ),
        ]
      : []),
    ...(additional !== undefined && additional !== true && propertiesOf(schema).length > 0
      ? [
          forbiddenField(
            `${path}.additionalProperties`,
            'additionalProperties and properties are mutual exclusive',
          ),
        ]
      : []),
    ...extensionErrors(schema, path),
    ...ruleTextErrors(schema, path),
    ...(root
      ? propertiesOf(schema)
          .filter(([name, inner]) => ownFields.has(name) && inner.default !== undefined)
          .map(([name]) =>
            forbiddenField(`${path}.properties[${name}].default`, `must not be set in top-level ${name}`),
          )
      : []),
    ...propertiesOf(schema).flatMap(([name, inner]) => levelErrors(inner, `${path}.properties[${name}]`)),
    ...(items ? levelErrors(items, `${path}.items`) : []),
    ...(isObject(additional) ? levelErrors(additional as CustomSchema, `${path}.additionalProperties`) : []),
    ...(['allOf', 'anyOf', 'oneOf'] as const).flatMap((junctor) =>
      branchesOf(schema, junctor).flatMap((branch, index) =>
        levelErrors(branch, `${path}.${junctor}[${index}]`),
      ),
    ),
    ...(isObject(schema.not) ? levelErrors(schema.not, `${path}.not`) : []),
  ]
}

const extensionErrors = (schema: CustomSchema, path: string): FieldError[] => {
  const mapType = schema['x-kubernetes-map-type']
  const listType = schema['x-kubernetes-list-type']
  const keys = textsIn(schema['x-kubernetes-list-map-keys'])
  const ofType = (field: string, wanted: string) => {
    const words = `must be ${wanted} if ${field} is specified`
    if (schema.type === undefined) return [required(`${path}.type`, words)]
    return schema.type === wanted ? [] : [invalidValue(`${path}.type`, schema.type, words)]
  }
  const oneOf = (field: string, value: unknown, allowed: string[]) =>
    allowed.includes(String(value)) ? [] : [unsupported(`${path}.${field}`, value, allowed)]
  return [
    ...(schema['x-kubernetes-preserve-unknown-fields'] !== undefined && !preserves(schema)
      ? [
          invalidValue(
            `${path}.x-kubernetes-preserve-unknown-fields`,
            schema['x-kubernetes-preserve-unknown-fields'],
            'must be true or undefined',
          ),
        ]
      : []),
    ...(mapType === undefined
      ? []
      : [
          ...ofType('x-kubernetes-map-type', 'object'),
          ...oneOf('x-kubernetes-map-type', mapType, ['atomic', 'granular']),
        ]),
    ...(listType === undefined
      ? []
      : [
          ...ofType('x-kubernetes-list-type', 'array'),
          ...oneOf('x-kubernetes-list-type', listType, ['atomic', 'set', 'map']),
        ]),
    ...(keys.length > 0 && listType !== 'map'
      ? [
          listType === undefined
            ? required(
                `${path}.x-kubernetes-list-type`,
                'must be map if x-kubernetes-list-map-keys is non-empty',
              )
            : invalidValue(
                `${path}.x-kubernetes-list-type`,
                listType,
                'must be map if x-kubernetes-list-map-keys is non-empty',
              ),
        ]
      : []),
    ...(listType === 'map' ? listMapErrors(schema, keys, path) : []),
  ]
}

const listMapErrors = (schema: CustomSchema, keys: string[], path: string): FieldError[] => {
  const items = elementSchema(schema) ?? {}
  const known = new Map(propertiesOf(items))
  const needed = textsIn(items.required)
  return [
    ...(keys.length === 0
      ? [required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map')]
      : []),
    ...(items.type === 'object'
      ? []
      : [
          invalidValue(
            `${path}.items.type`,
            items.type ?? '',
            "must be object if parent array's x-kubernetes-list-type is map",
          ),
        ]),
    ...keys.flatMap((key) => {
      const inner = known.get(key)
      if (!inner)
        return [
          invalidValue(
            `${path}.x-kubernetes-list-map-keys`,
            keys,
            'entries must all be names of item properties',
          ),
        ]
      return needed.includes(key) || inner.default !== undefined
        ? []
        : [
            required(
              `${path}.items.properties[${key}].default`,
              'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
            ),
          ]
    }),
  ]
}

const ruleTextErrors = (schema: CustomSchema, path: string): FieldError[] =>
  rulesOf(schema).flatMap((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`
    if (!rule.rule.trim()) return [required(`${at}.rule`, 'rule is not specified')]
    if (rule.optionalOldSelf) throw notUnderstood(`${at}.optionalOldSelf`, 'optionalOldSelf')
    for (const [field, expression] of [
      ['rule', rule.rule],
      ['messageExpression', rule.messageExpression],
    ] as const) {
      const why = expression ? ruleError(expression) : undefined
      // The language here has fewer functions than Kubernetes': a rule that it does not know may well be right.
      if (why && /overload|unknown variable|not found/i.test(why)) throw notUnderstood(`${at}.${field}`, why)
      if (why) return [invalidValue(`${at}.${field}`, expression, why)]
    }
    return []
  })

const notUnderstood = (where: string, why: string): StatusError =>
  new StatusError(501, 'NotImplemented', `${where} is not understood by this server: ${why}`)
