import type { JsonObject } from '../../../json-object.ts'
import { badRequest } from '../../store/status.ts'
import { protobufFields } from './protobuf-fields.ts'
import { fieldsOf, type Shape, shapeOf } from './schema.ts'

const magic = Buffer.from('k8s\0', 'latin1')

/**
 * Reads a body of media type application/vnd.kubernetes.protobuf. 400 for kinds that are not read here, and for a
 * field of a newer API: what is not known would be lost.
 */
export const fromProtobuf = (body: Buffer): JsonObject => {
  if (!body.subarray(0, 4).equals(magic))
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  const envelope = entriesOf(body.subarray(4))
  const typeMeta = entriesOf(bytesOf(envelope[1]))
  const [apiVersion, kind] = [textOf(typeMeta[1]), textOf(typeMeta[2])]
  const type = typeOf(apiVersion, kind)
  if (protobufFields[type] === undefined)
    throw badRequest(`${kind} is not read from protobuf by this server; send JSON`)
  return { apiVersion, kind, ...readMessage(bytesOf(envelope[2]), type, type) }
}

const typeOf = (apiVersion: string, kind: string): string => {
  if (kind === 'TokenRequest') return 'AuthenticationV1TokenRequest'
  if (kind === 'DeleteOptions') return 'V1DeleteOptions'
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const shape = shapeOf({ kind, group: group ?? '', version: version ?? '' })
  return shape.is === 'object' ? shape.type : kind
}

/** The fields of a message whose numbers stand in the table as `numbered`, and whose shapes are those of `type`. */
const readMessage = (bytes: Buffer, numbered: string, type: string): JsonObject => {
  const names = protobufFields[numbered]?.split(' ') ?? []
  const shapes = fieldsOf(type)
  const object: JsonObject = {}
  for (const { number, value } of wireFields(bytes)) {
    const entry = names[number - 1]
    if (entry === undefined || entry === '-' || entry === '') {
      if (isSet(value))
        throw badRequest(`field ${number} of ${type} is not read from protobuf by this server`)
      continue
    }
    if (entry.startsWith('>')) {
      Object.assign(object, readMessage(bytesOf(value), entry.slice(1), type))
      continue
    }
    const [name = '', mark] = entry.split(':')
    const shape = shapes?.get(name) ?? { is: 'anything' }
    const decoded = decodeField(value, shape, mark)
    if (shape.is === 'list') object[name] = [...((object[name] as unknown[] | undefined) ?? []), decoded]
    else if (shape.is === 'map')
      object[name] = { ...(object[name] as object | undefined), ...(decoded as object) }
    else if (decoded !== undefined && decoded !== '') object[name] = decoded
  }
  return object
}

type WireValue = number | Buffer

const decodeField = (value: WireValue, shape: Shape, mark: string | undefined): unknown => {
  if (shape.is === 'map') {
    const { 1: key, 2: inner = empty } = entriesOf(bytesOf(value))
    return { [textOf(key)]: decodeValue(inner, shape.value, mark) }
  }
  return decodeValue(value, shape.is === 'list' ? shape.item : shape, mark)
}

const decodeValue = (value: WireValue, shape: Shape, mark: string | undefined): unknown => {
  const written = mark && writings[mark]
  if (written) return written(value)
  if (mark === '0' && value === 0) return undefined
  if (shape.is === 'object') return readMessage(bytesOf(value), shape.type, shape.type)
  if (shape.is === 'boolean') return value !== 0
  return typeof value === 'number' ? value : value.toString()
}

/** The ways of writing that the models do not know, by their mark in the table. */
const writings: Record<string, ((value: WireValue) => unknown) | undefined> = {
  bytes: (value) => bytesOf(value).toString('base64'),
  Time: (value) => timeOf(value, 0),
  MicroTime: (value) => timeOf(value, 6),
  Quantity: (value) => textOf(entriesOf(bytesOf(value))[1]),
  IntOrString: (value) => {
    const { 1: type, 2: number = 0, 3: text } = entriesOf(bytesOf(value))
    return type === 1 ? textOf(text) : number
  },
  RawExtension: (value) => jsonOf(entriesOf(bytesOf(value))[1]),
  FieldsV1: (value) => jsonOf(entriesOf(bytesOf(value))[1]),
  ExtraValue: (value) => [...wireFields(bytesOf(value))].map((field) => textOf(field.value)),
}

const timeOf = (value: WireValue, digits: number): string | undefined => {
  const { 1: seconds, 2: nanos = 0 } = entriesOf(bytesOf(value))
  if (typeof seconds !== 'number') return undefined
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  return digits === 0 ? `${whole}Z` : `${whole}.${String(nanos).padStart(9, '0').slice(0, digits)}Z`
}

const jsonOf = (value: WireValue | undefined): unknown => {
  const text = textOf(value)
  return text === '' ? undefined : JSON.parse(text)
}

const empty = Buffer.alloc(0)

const bytesOf = (value: WireValue | undefined): Buffer => {
  if (typeof value === 'number') throw badRequest('proto: wrong wireType')
  return value ?? empty
}

const textOf = (value: WireValue | undefined): string => bytesOf(value).toString()

/** The last value of each field. */
const entriesOf = (bytes: Buffer): Record<number, WireValue> =>
  Object.fromEntries([...wireFields(bytes)].map(({ number, value }) => [number, value]))

/** Go's writer sends numbers, texts and messages of what is not set, too. */
const isSet = (value: WireValue): boolean => {
  if (typeof value === 'number') return value !== 0
  try {
    return value.length > 0 && [...wireFields(value)].some((field) => isSet(field.value))
  } catch {
    return true // a text
  }
}

const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 }

function* wireFields(bytes: Buffer): Generator<{ number: number; value: WireValue }> {
  let at = 0
  const varint = (): number => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw badRequest('unexpected EOF')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, value))
    }
  }
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > bytes.length) throw badRequest('unexpected EOF')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const key = varint()
    const wireType = key & 7
    const number = key >> 3
    if (wireType === wireTypes.varint) yield { number, value: varint() }
    else if (wireType === wireTypes.bytes) yield { number, value: take(varint()) }
    else if (wireType === wireTypes.fixed64) yield { number, value: take(8) }
    else if (wireType === wireTypes.fixed32) yield { number, value: take(4) }
    else throw badRequest(`proto: illegal wireType ${wireType}`)
  }
}
