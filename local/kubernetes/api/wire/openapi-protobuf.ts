import type { Schema } from './openapi-schemas.ts'

/**
 * A document of OpenAPI v2 in the protobuf that kubectl asks for, and takes nothing else:
 * the messages and numbers of gnostic's openapiv2/OpenAPIv2.proto, as far as clients read them.
 */
export const openApiProtobuf = (document: {
  swagger: string
  info: { title: string; version: string }
  paths: Record<string, Schema>
  definitions: Record<string, Schema>
}): Buffer =>
  Buffer.concat([
    text(1, document.swagger),
    message(2, text(1, document.info.title), text(2, document.info.version)),
    message(8, ...named(2, document.paths, pathItem)),
    message(9, ...named(1, document.definitions, schema)),
  ])

const pathItem = (item: Schema): Buffer =>
  Buffer.concat(
    methodNumbers.map(([method, number]) =>
      item[method] ? message(number, operation(item[method] as Schema)) : nothing,
    ),
  )

const methodNumbers: [string, number][] = [
  ['get', 2],
  ['put', 3],
  ['post', 4],
  ['delete', 5],
  ['patch', 8],
]

const operation = (given: Schema): Buffer =>
  Buffer.concat([
    text(5, given.operationId),
    // A parameter is one of several forms, each inside the other: here always one in the query.
    ...(given.parameters as Schema[]).map((parameter) =>
      message(8, message(1, message(2, message(3, queryParameter(parameter))))),
    ),
    ...extensions(13, given),
  ])

const queryParameter = (parameter: Schema): Buffer =>
  Buffer.concat([
    text(2, parameter.in),
    text(4, parameter.name),
    text(6, parameter.type),
    flag(20, parameter.uniqueItems),
  ])

const schema = (given: Schema): Buffer =>
  Buffer.concat([
    text(1, given.$ref),
    text(2, given.format),
    text(4, given.description),
    ...((given.required as string[] | undefined) ?? []).map((name) => text(19, name)),
    additional(given.additionalProperties),
    given.type ? message(22, text(1, given.type)) : nothing,
    given.items ? message(23, message(1, schema(given.items as Schema))) : nothing,
    given.properties ? message(25, ...named(1, given.properties as Record<string, Schema>, schema)) : nothing,
    ...extensions(31, given),
  ])

/** Either a schema, or whether anything goes. */
const additional = (given: unknown): Buffer => {
  if (given === true) return message(21, flag(2, true))
  return given ? message(21, message(1, schema(given as Schema))) : nothing
}

const named = (number: number, values: Record<string, Schema>, write: (value: Schema) => Buffer): Buffer[] =>
  Object.entries(values).map(([name, value]) => message(number, text(1, name), message(2, write(value))))

/** What begins with `x-`, as YAML; JSON is that. */
const extensions = (number: number, given: Schema): Buffer[] =>
  Object.entries(given)
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, value]) => message(number, text(1, name), message(2, text(2, JSON.stringify(value)))))

const nothing = Buffer.alloc(0)

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]

const message = (number: number, ...parts: Buffer[]): Buffer => {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(length)]), ...parts])
}

const text = (number: number, value: unknown): Buffer =>
  typeof value === 'string' ? message(number, Buffer.from(value)) : nothing

const flag = (number: number, value: unknown): Buffer =>
  value === true ? Buffer.from([...varint(number << 3), 1]) : nothing
