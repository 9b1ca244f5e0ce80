import { escapeXml } from './query.ts'
import type { WireReply, WireRequest } from './wire.ts'

/** Services whose REST answers are XML, by their names in credential scopes; of S3 alone without a wrapper. */
const REST_XML = new Set(['cloudfront', 's3', 's3-object-lambda', 's3-outposts', 's3express', 'route53'])

/**
 * An error in a form that a client of a service which is not served here can read: the request shows which
 * protocol its client speaks.
 */
export const failForClientOf = (
  service: string,
  request: Pick<WireRequest, 'headers'>,
  { code, message, status }: { code: string; message: string; status: number },
  requestId: string,
): WireReply => {
  const error = { code, message, requestId }
  const { type, body, headers = {} } = documentFor(service, request, error)
  return { status, headers: { 'content-type': type, 'x-amzn-requestid': requestId, ...headers }, body }
}

interface ErrorText {
  code: string
  message: string
  requestId: string
}

const documentFor = (
  service: string,
  { headers }: Pick<WireRequest, 'headers'>,
  error: ErrorText,
): { type: string; body: string | Buffer; headers?: Record<string, string> } => {
  if (headers['smithy-protocol'] === 'rpc-v2-cbor')
    return {
      type: 'application/cbor',
      body: cborMap({ __type: error.code, message: error.message }),
      headers: { 'smithy-protocol': 'rpc-v2-cbor' },
    }
  const xml = `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`
  if (service === 'ec2') {
    const errors = `<Errors><Error>${xml}</Error></Errors>`
    return {
      type: 'text/xml',
      body: `<Response>${errors}<RequestID>${error.requestId}</RequestID></Response>`,
    }
  }
  if (service.startsWith('s3'))
    return { type: 'application/xml', body: `<Error>${xml}<RequestId>${error.requestId}</RequestId></Error>` }
  const form = String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  if (form || REST_XML.has(service)) {
    const inner = `<Error><Type>Receiver</Type>${xml}</Error>`
    return {
      type: 'text/xml',
      body: `<ErrorResponse>${inner}<RequestId>${error.requestId}</RequestId></ErrorResponse>`,
    }
  }
  return {
    type: headers['x-amz-target'] ? 'application/x-amz-json-1.1' : 'application/json',
    body: JSON.stringify({ __type: error.code, message: error.message }),
    headers: { 'x-amzn-errortype': error.code },
  }
}

/** A map of texts in CBOR (RFC 8949, section 3.1): at most 23 entries, texts below 64 KiB. */
const cborMap = (entries: Record<string, string>): Buffer => {
  const texts = Object.entries(entries).flat().map(cborText)
  return Buffer.concat([Buffer.from([0xa0 + texts.length / 2]), ...texts])
}

const cborText = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x79, bytes.length >> 8, bytes.length & 0xff]), bytes])
}
