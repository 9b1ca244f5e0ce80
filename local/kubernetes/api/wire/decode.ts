import { parse as parseYaml } from 'yaml'
import { isObject, type JsonObject } from '../../../json-object.ts'
import { badRequest, StatusError } from '../../store/status.ts'
import { fromProtobuf } from './protobuf.ts'
import { fieldShape, fieldsOf, itemShape, type Shape } from './schema.ts'

/** Reads a request's body by its media type; 400 where it cannot be read, 415 where the type is unknown. */
export const parseBody = (contentType: string | undefined, body: Buffer): unknown => {
  switch (mediaType(contentType)) {
    case 'application/json':
      return parseJson(body.toString())
    case 'application/yaml':
      return parseYamlText(body.toString())
    case 'application/vnd.kubernetes.protobuf':
      return fromProtobuf(body)
    default:
      throw new StatusError(
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      )
  }
}

/** `application/json` of `application/json; charset=utf-8`; JSON where a request does not say. */
export const mediaType = (contentType: string | undefined): string =>
  (contentType ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? ''

/** Parses JSON with Go's words for the commonest error. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    const ended = /end of JSON input|Expected property name|position \d+ \(line/.test(String(error))
    throw badRequest(
      ended && isCutShort(text) ? 'unexpected end of JSON input' : `invalid JSON: ${String(error)}`,
    )
  }
}

// A text is cut short when closing what it opened would take it further.
const isCutShort = (text: string): boolean => {
  const withoutStrings = text.replace(/"(?:[^"\\]|\\.)*"/g, '')
  const count = (pattern: RegExp) => withoutStrings.match(pattern)?.length ?? 0
  return text.trim() === '' || count(/[{[]/g) > count(/[}\]]/g) || withoutStrings.includes('"')
}

const isTimestamp = (tag: unknown): boolean => isObject(tag) && String(tag.tag).endsWith(':timestamp')

/** Parses YAML, of which JSON is a part; 400 where malformed. */
export const parseYamlText = (text: string): unknown => {
  try {
    // As Go's reader does it: YAML 1.1, where `y` and `on` are true, but times stay the texts they are.
    return parseYaml(text, {
      version: '1.1',
      customTags: (tags) => tags.filter((tag) => tag !== 'timestamp' && !isTimestamp(tag)),
    })
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: ${String(error)}`)
  }
}

/** A value as its type reads it, and the paths of fields that the type does not have. */
export interface Conformed {
  value: unknown
  unknownFields: string[]
}

/** A value that its type cannot hold. */
export class TypeMismatch extends Error {
  /** Go's name of the type found: `number`, or as a decoder of maps calls it `int64`. */
  readonly found: { json: string; go: string }
  readonly wanted: string
  readonly owner: string
  readonly path: string

  constructor(value: unknown, wanted: string, owner: string, path: string) {
    const found = goTypes(value)
    super(`json: cannot unmarshal ${found.json} into Go struct field ${owner}.${path} of type ${wanted}`)
    this.name = 'TypeMismatch'
    this.found = found
    this.wanted = wanted
    this.owner = owner
    this.path = path
  }
}

/** Reads a value as a shape: drops nulls and unknown fields; throws TypeMismatch where a type does not fit. */
export const conform = (shape: Shape, given: unknown): Conformed => {
  const unknownFields: string[] = []
  const walk = (at: Shape, value: unknown, path: string, owner: string): unknown => {
    switch (at.is) {
      case 'anything':
        return value
      case 'list':
        if (!Array.isArray(value)) throw new TypeMismatch(value, '[]', owner, path)
        return value.map((element, index) => walk(itemShape(at), element, `${path}[${index}]`, owner))
      case 'map':
        if (!isObject(value)) throw new TypeMismatch(value, 'map[string]string', owner, path)
        return mapFields(value, (key, inner) => walk(at.value, inner, path === '' ? key : path, owner))
      case 'object':
        return walkObject(at.type, value, path, owner)
      default:
        if (typeof value !== at.is) throw new TypeMismatch(value, goScalars[at.is], owner, path)
        return value
    }
  }
  const walkObject = (type: string, value: unknown, path: string, owner: string): unknown => {
    if (!isObject(value)) throw new TypeMismatch(value, goName(type), owner, path)
    const fields = fieldsOf(type)
    if (!fields) return value
    return mapFields(value, (key, inner) => {
      const innerPath = path === '' ? key : `${path}.${key}`
      if (fields.has(key))
        return walk(fieldShape({ is: 'object', type }, key), inner, innerPath, goName(type))
      unknownFields.push(innerPath)
      return undefined
    })
  }
  return { value: walk(shape, given, '', ''), unknownFields }
}

const mapFields = (object: JsonObject, change: (key: string, value: unknown) => unknown): JsonObject => {
  const changed: JsonObject = {}
  for (const [key, value] of Object.entries(object)) {
    const next = value === null ? undefined : change(key, value)
    if (next !== undefined) changed[key] = next
  }
  return changed
}

const goScalars = { string: 'string', number: 'int32', boolean: 'bool' }

const goName = (type: string): string => type.replace(/^(Core)?V\d+/, '')

/** What Go's decoder of JSON calls a value, and the type in which one of maps holds it. */
export const goTypes = (value: unknown): { json: string; go: string } => {
  if (value === null) return { json: 'null', go: '<nil>' }
  if (Array.isArray(value)) return { json: 'array', go: '[]interface {}' }
  if (typeof value === 'number') return { json: 'number', go: Number.isInteger(value) ? 'int64' : 'float64' }
  if (typeof value === 'boolean') return { json: 'bool', go: 'bool' }
  if (typeof value === 'string') return { json: 'string', go: 'string' }
  return { json: 'object', go: 'map[string]interface {}' }
}

/** A value as Go's `%v` prints it, which is how the API server quotes a strategic merge patch. */
export const goFormat = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(goFormat).join(' ')}]`
  if (!isObject(value)) return value === null ? '<nil>' : String(value)
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${key}:${goFormat(value[key])}`)
  return `map[${fields.join(' ')}]`
}
