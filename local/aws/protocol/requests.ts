import type { IncomingHttpHeaders } from 'node:http'
import { AwsFailure } from '../failure.ts'
import { readJson } from './json.ts'
import type { OperationModel, ServiceModel } from './model.ts'
import { readForm } from './query.ts'
import { readText } from './text.ts'

/** An HTTP request with its body already read. */
export interface WireRequest {
  method: string
  url: URL
  headers: IncomingHttpHeaders
  body: Buffer
}

/** Finds the operation that a request addresses; throws the service's own error for one it does not have. */
export const findOperation = (service: ServiceModel, request: WireRequest): OperationModel => {
  if (service.protocol === 'restJson') return findByPath(service, request)
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

const findByPath = (service: ServiceModel, { method, url }: WireRequest): OperationModel => {
  for (const operation of service.operations.values())
    if (operation.http.method === method && operation.http.path.test(url.pathname)) return operation
  throw new AwsFailure('UnknownOperationException', `No operation for ${method} ${url.pathname}`, {
    status: 404,
  })
}

const formOf = ({ method, url, body }: WireRequest): URLSearchParams =>
  new URLSearchParams(method === 'GET' ? url.search : body.toString())

/** Reads the operation's input, unvalidated beyond the types that its schema gives. */
export const readInput = (
  service: ServiceModel,
  operation: OperationModel,
  request: WireRequest,
): Record<string, unknown> => {
  if (service.protocol === 'query')
    return readForm(operation.input, formOf(request)) as Record<string, unknown>
  const input = readBody(operation, request.body)
  return service.protocol === 'restJson' ? { ...input, ...readBindings(operation, request) } : input
}

const readBody = (operation: OperationModel, body: Buffer): Record<string, unknown> => {
  if (body.length === 0) return {}
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString())
  } catch (error) {
    throw new AwsFailure('SerializationException', `The body is not JSON: ${String(error)}`, { status: 400 })
  }
  return (readJson(operation.input, parsed) ?? {}) as Record<string, unknown>
}

/** The members that REST carries outside of the body: path labels, query parameters, headers. */
const readBindings = (operation: OperationModel, { url, headers }: WireRequest): Record<string, unknown> => {
  const read: Record<string, unknown> = {}
  const labels = operation.http.path.exec(url.pathname) ?? []
  operation.http.labels.forEach((label, index) => {
    read[label] = decodeLabel(labels[index + 1] ?? '')
  })
  for (const [name, member] of operation.input.structIterator()) {
    const { httpQuery, httpHeader } = member.getMergedTraits()
    if (httpQuery && url.searchParams.has(httpQuery))
      read[name] = member.isListSchema()
        ? url.searchParams.getAll(httpQuery)
        : readText(member, url.searchParams.get(httpQuery) ?? '')
    const header = httpHeader && headers[httpHeader.toLowerCase()]
    if (header) read[name] = readText(member, String(header))
  }
  return read
}

const decodeLabel = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AwsFailure('InvalidParameterException', `The path is not well encoded at '${text}'`, {
      status: 400,
    })
  }
}
