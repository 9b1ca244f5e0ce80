import type { IncomingHttpHeaders } from 'node:http'
import { AwsFailure } from '../failure.ts'
import { readJson } from './json.ts'
import type { OperationModel, ServiceModel } from './model.ts'
import { readForm } from './query.ts'
import { payloadOf, readXmlBody } from './rest-xml.ts'
import { readText } from './text.ts'
import type { WireRequest } from './wire.ts'

/** Finds the operation that a request addresses; throws the service's own error for one it does not have. */
export const findOperation = (service: ServiceModel, request: WireRequest): OperationModel => {
  if (service.protocol === 'restJson' || service.protocol === 'restXml') return findByPath(service, request)
  if (service.protocol === 'json') {
    const name = String(request.headers['x-amz-target']).split('.').pop() ?? ''
    const operation = service.operations.get(name)
    if (!operation) throw new AwsFailure('UnknownOperationException', '', { status: 400 })
    return operation
  }
  const form = formOf(request)
  const operation = service.operations.get(form.get('Action') ?? '')
  if (operation) return operation
  const asked = `Could not find operation ${form.get('Action')} for version ${form.get('Version')}`
  throw new AwsFailure('InvalidAction', asked, { status: 400 })
}

const findByPath = (service: ServiceModel, { method, url, headers }: WireRequest): OperationModel => {
  for (const operation of service.operations.values()) {
    const { http } = operation
    const fits =
      http.method === method && http.path.test(url.pathname) && isAsked(http.query, url.searchParams)
    // S3's copies are told from its writes by the object that they copy.
    const copies = operation.name.includes('Copy') && service.protocol === 'restXml'
    if (fits && copies === (copies && headers['x-amz-copy-source'] !== undefined)) return operation
  }
  throw new AwsFailure('UnknownOperationException', `No operation for ${method} ${url.pathname}`, {
    status: 404,
  })
}

const isAsked = (wanted: ReadonlyMap<string, string>, asked: URLSearchParams): boolean =>
  [...wanted].every(([name, value]) => (value === '' ? asked.has(name) : asked.get(name) === value))

const formOf = ({ method, url, body }: WireRequest): URLSearchParams =>
  new URLSearchParams(method === 'GET' ? url.search : body.toString())

/** What a request carries, by its operation's schema. */
export interface ReadInput {
  /** Unvalidated beyond the types that the schema gives. */
  input: Record<string, unknown>
  /** Names of what it carries besides, which the schema does not know. */
  unknown: string[]
}

/** Reads the operation's input; throws SerializationException where it is not of the schema's form. */
export const readInput = (
  service: ServiceModel,
  operation: OperationModel,
  request: WireRequest,
): ReadInput => {
  const unknown = new Set<string>()
  const input =
    service.protocol === 'query'
      ? readForm(operation.input, formOf(request), unknown)
      : service.protocol === 'restXml'
        ? readXmlBody(operation, request, unknown)
        : readBody(operation, request.body, unknown)
  if (service.protocol === 'restJson' || service.protocol === 'restXml')
    Object.assign(input, readBindings(operation, request, unknown))
  return { input, unknown: [...unknown] }
}

const readBody = (operation: OperationModel, body: Buffer, unknown: Set<string>): Record<string, unknown> => {
  if (body.length === 0) return {}
  const [payload, member] = payloadOf(operation.input) ?? []
  if (payload !== undefined && member?.isBlobSchema()) return { [payload]: body }
  try {
    const parsed: unknown = JSON.parse(body.toString())
    return (readJson(operation.input, parsed, unknown) ?? {}) as Record<string, unknown>
  } catch (error) {
    if (error instanceof AwsFailure) throw error
    // RangeError: nested too deep to be read.
    throw new AwsFailure('SerializationException', `The body cannot be read: ${String(error)}`, {
      status: 400,
    })
  }
}

/** The members that REST carries outside of the body: path labels, query parameters, headers. */
const readBindings = (
  operation: OperationModel,
  { url, headers }: WireRequest,
  unknown: Set<string>,
): Record<string, unknown> => {
  const read: Record<string, unknown> = {}
  const strange = new Set(url.searchParams.keys())
  const labels = operation.http.path.exec(url.pathname) ?? []
  operation.http.labels.forEach((label, index) => {
    read[label] = decodeLabel(labels[index + 1] ?? '')
  })
  for (const [name, member] of operation.input.structIterator()) {
    const { httpQuery, httpHeader, httpPrefixHeaders } = member.getMergedTraits()
    if (httpQuery && strange.delete(httpQuery))
      read[name] = member.isListSchema()
        ? url.searchParams.getAll(httpQuery)
        : readText(member, url.searchParams.get(httpQuery) ?? '')
    const header = httpHeader && headers[httpHeader.toLowerCase()]
    if (header)
      read[name] = member.isListSchema() ? String(header).split(/, */) : readText(member, String(header))
    const prefixed = typeof httpPrefixHeaders === 'string' ? withPrefix(headers, httpPrefixHeaders) : {}
    if (Object.keys(prefixed).length > 0) read[name] = prefixed
  }
  for (const name of strange) if (name !== 'x-id' && !operation.http.query.has(name)) unknown.add(name)
  return read
}

const withPrefix = (headers: IncomingHttpHeaders, prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), String(value)]),
  )

const decodeLabel = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AwsFailure('InvalidParameterException', `The path is not well encoded at '${text}'`, {
      status: 400,
    })
  }
}
