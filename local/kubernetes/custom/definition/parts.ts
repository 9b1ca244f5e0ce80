import { isObject, type JsonObject } from '../../../json-object.ts'
import type { CustomSchema } from '../../store/resources.ts'
import type { FieldError } from '../../store/status.ts'
import { duplicate, invalidValue, required, tooMany } from '../../store/validation/fields.ts'
import { propertyOf } from '../schema.ts'

const pathErrors = (path: string, field: string): FieldError[] =>
  path.startsWith('.') ? [] : [invalidValue(field, path, 'must be a simple json path starting with .')]

/** What is wrong with the paths of a scale. */
export const subresourceErrors = (subresources: unknown, path: string): FieldError[] => {
  if (!isObject(subresources) || !isObject(subresources.scale)) return []
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = subresources.scale
  const under = (value: unknown, name: string, places: string[], words: string): FieldError[] => {
    const field = `${path}.scale.${name}`
    if (typeof value !== 'string' || value === '') return [required(field)]
    const errors = pathErrors(value, field)
    if (errors.length > 0 || places.some((place) => value.startsWith(place))) return errors
    return [invalidValue(field, value, `should be a json path under ${words}`)]
  }
  return [
    ...under(specReplicasPath, 'specReplicasPath', ['.spec.'], '.spec'),
    ...under(statusReplicasPath, 'statusReplicasPath', ['.status.'], '.status'),
    ...(labelSelectorPath
      ? under(labelSelectorPath, 'labelSelectorPath', ['.spec.', '.status.'], 'either .spec or .status')
      : []),
  ]
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

/** What is wrong with printer columns. */
export const columnErrors = (columns: unknown, path: string): FieldError[] =>
  (Array.isArray(columns) ? columns.filter(isObject) : []).flatMap((column, index) => {
    const { name, type, format, jsonPath } = column
    const at = `${path}[${index}]`
    const types = `must be one of ${columnTypes.join(',')}`
    return [
      ...(name ? [] : [required(`${at}.name`)]),
      ...(type ? [] : [required(`${at}.type`, types)]),
      ...(type && !columnTypes.includes(String(type)) ? [invalidValue(`${at}.type`, type, types)] : []),
      ...(format && !columnFormats.includes(String(format))
        ? [invalidValue(`${at}.format`, format, `must be one of ${columnFormats.join(',')}`)]
        : []),
      ...(jsonPath ? pathErrors(String(jsonPath), `${at}.JSONPath`) : [required(`${at}.JSONPath`)]),
    ]
  })

/** How many fields of a kind selectors may name. */
const mostSelectable = 8

/** What is wrong with the fields that selectors may name. */
export const selectableErrors = (
  { selectableFields, schema }: { selectableFields?: { jsonPath: string }[]; schema?: JsonObject | object },
  path: string,
): FieldError[] => {
  const root = (schema as { openAPIV3Schema?: CustomSchema } | undefined)?.openAPIV3Schema ?? {}
  const seen = new Set<string>()
  const errors = (selectableFields ?? []).flatMap(({ jsonPath }, index) => {
    const at = `${path}[${index}].jsonPath`
    if (!jsonPath) return [required(at)]
    const names = jsonPath.replace(/^\./, '').split('.')
    const found = names.reduce<CustomSchema | undefined>(
      (schema, name) => schema && propertyOf(schema, name),
      root,
    )
    const twice = seen.has(jsonPath)
    seen.add(jsonPath)
    if (names[0] === 'metadata') return [invalidValue(at, jsonPath, 'must not point to fields in metadata')]
    if (!found) return [invalidValue(at, jsonPath, 'is an invalid path: does not refer to a valid field')]
    return [
      ...(['string', 'boolean', 'integer'].includes(String(found.type))
        ? []
        : [
            invalidValue(
              at,
              jsonPath,
              'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
            ),
          ]),
      ...(twice ? [duplicate(at, jsonPath)] : []),
    ]
  })
  return seen.size > mostSelectable ? [...errors, tooMany(path, seen.size, mostSelectable)] : errors
}
