import type { NormalizedSchema } from '@smithy/core/schema'
import { AwsFailure } from '../failure.ts'
import type { OperationModel } from './model.ts'
import { escapeXml, writeXml } from './query.ts'
import type { WireReply, WireRequest } from './wire.ts'
import { parseXml, readXml, xmlNameOf } from './xml.ts'

/** The member that is the body of a request or an answer, where one is. */
export const payloadOf = (schema: NormalizedSchema): [string, NormalizedSchema] | undefined =>
  schema.isStructSchema()
    ? [...schema.structIterator()].find(([, member]) => member.getMergedTraits().httpPayload)
    : undefined

/** What a request's body holds: bytes, or a structure in XML; and what follows bytes that came in chunks. */
export const readXmlBody = (
  { input }: OperationModel,
  request: Pick<WireRequest, 'body' | 'headers'>,
  unknown: Set<string>,
): Record<string, unknown> => {
  const [name, member] = payloadOf(input) ?? []
  const { body, trailers } = unchunked(request)
  const read = readTrailers(input, trailers, unknown)
  if (body.length === 0) return read
  if (name === undefined || member === undefined) {
    unknown.add('body')
    return read
  }
  return {
    ...read,
    [name]: member.isStructSchema() ? readXml(member, parseXml(body.toString()), unknown) : body,
  }
}

/** Trailers are members that would else have been headers. */
const readTrailers = (
  input: NormalizedSchema,
  trailers: ReadonlyMap<string, string>,
  unknown: Set<string>,
): Record<string, unknown> => {
  const members = input.isStructSchema() ? [...input.structIterator()] : []
  const read: Record<string, unknown> = {}
  for (const [header, value] of trailers) {
    const [name] = members.find(([, one]) => one.getMergedTraits().httpHeader?.toLowerCase() === header) ?? []
    if (name === undefined) unknown.add(header)
    else read[name] = value
  }
  return read
}

/**
 * A body in chunks as the SDKs send streams: each with its length in hexadecimal, and trailers (a checksum) after
 * the last. Chunks with signatures of their own are refused, because nothing here could verify them.
 */
const unchunked = ({
  body,
  headers,
}: Pick<WireRequest, 'body' | 'headers'>): { body: Buffer; trailers: Map<string, string> } => {
  const sum = String(headers['x-amz-content-sha256'] ?? '')
  if (!sum.startsWith('STREAMING-')) return { body, trailers: new Map() }
  if (sum !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    throw new AwsFailure('NotImplemented', `The stand-in does not read bodies of ${sum}`, { status: 501 })
  const parts: Buffer[] = []
  let at = 0
  while (at < body.length) {
    const end = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.subarray(at, end).toString('latin1'), 16)
    if (end < 0 || Number.isNaN(length))
      throw new AwsFailure('IncompleteBody', 'The request body is malformed', { status: 400 })
    at = end + 2
    if (length === 0) break
    parts.push(body.subarray(at, at + length))
    at += length + 2
  }
  const trailers = body
    .subarray(at)
    .toString('latin1')
    .matchAll(/^([\w-]+):[ \t]*(.*?)[ \t]*\r?$/gm)
  return {
    body: Buffer.concat(parts),
    trailers: new Map([...trailers].map(([, name = '', value = '']) => [name.toLowerCase(), value])),
  }
}

/** The answer of an operation: some members are headers, one may be the body, the rest is XML. */
export const xmlReply = (
  operation: OperationModel,
  output: unknown,
  { namespace, requestId }: { namespace: string; requestId: string },
): WireReply => {
  const source = (output ?? {}) as Record<string, unknown>
  const headers: Record<string, string> = {
    'x-amz-request-id': requestId,
    ...headersOf(operation.output, source),
  }
  const payload = payloadOf(operation.output)
  // Only an answer to a range says where in the object it is.
  const status = source.ContentRange === undefined ? operation.http.status : 206
  if (payload) {
    const body = source[payload[0]]
    return { status, headers, body: Buffer.isBuffer(body) ? body : '' }
  }
  const inBody = operation.output.isStructSchema()
    ? [...operation.output.structIterator()].filter(([, member]) => !isElsewhere(member))
    : []
  if (operation.http.method === 'HEAD' || inBody.length === 0) return { status, headers, body: '' }
  const root = String(operation.output.getMergedTraits().xmlName ?? `${operation.name}Result`)
  const text = inBody
    .map(([name, member]) => writeXml(member, xmlNameOf(name, member), source[name]))
    .join('')
  // The one answer that has no element around its only member.
  const unwrapped = operation.name === 'GetBucketLocation'
  const body = unwrapped
    ? text.replace(/^<(\w+)>/, `<$1 xmlns="${namespace}">`)
    : `<${root} xmlns="${namespace}">${text}</${root}>`
  return {
    status,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  }
}

const isElsewhere = (schema: NormalizedSchema): boolean => {
  const { httpHeader, httpPrefixHeaders, httpPayload } = schema.getMergedTraits()
  return Boolean(httpHeader ?? httpPrefixHeaders ?? httpPayload)
}

/** The members of an answer that are headers. */
export const headersOf = (
  schema: NormalizedSchema,
  source: Record<string, unknown>,
): Record<string, string> => {
  const headers: Record<string, string> = {}
  if (!schema.isStructSchema()) return headers
  for (const [name, member] of schema.structIterator()) {
    const value = source[name]
    const { httpHeader, httpPrefixHeaders } = member.getMergedTraits()
    if (value === undefined) continue
    if (httpHeader)
      headers[httpHeader.toLowerCase()] = value instanceof Date ? value.toUTCString() : String(value)
    if (typeof httpPrefixHeaders === 'string')
      for (const [key, text] of Object.entries(value as Record<string, string>))
        headers[`${httpPrefixHeaders}${key}`] = text
  }
  return headers
}

/** A refusal as S3 writes it; an answer to HEAD has no body. */
export const xmlFailure = (
  { code, message, fields }: Pick<AwsFailure, 'code' | 'message' | 'fields'>,
  { status, requestId, bodiless }: { status: number; requestId: string; bodiless: boolean },
): WireReply => {
  const more = Object.entries(fields).map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
  const error = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>${more.join('')}`
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${error}<RequestId>${requestId}</RequestId></Error>`
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body: bodiless || status === 304 ? '' : body,
  }
}
