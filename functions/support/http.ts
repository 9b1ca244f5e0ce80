import * as z from 'zod'

/** A request to a function URL, in payload format 2.0, as far as it is looked at. */
export const HttpEvent = z.object({
  rawPath: z.string().optional(),
  headers: z.record(z.string(), z.string().optional()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
  requestContext: z.object({ http: z.object({ method: z.string().optional() }).optional() }).optional(),
})
export type HttpEvent = z.input<typeof HttpEvent>

/** The answer of a function URL. */
export interface HttpAnswer {
  statusCode: number
  headers: Record<string, string>
  body: string
}

/** A request that is refused: its status, and a sentence without secrets. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly status: number
  readonly headers: Record<string, string>
  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** All valid messages are far below these limits. */
const mostBytes = 64 * 1024
const mostDepth = 16

/** The very bytes that were sent, which are what a signature is about. */
export const bodyOf = ({ body = '', isBase64Encoded = false }: HttpEvent): Buffer => {
  if (body.length > (mostBytes * 4) / 3 + 4) throw tooLarge()
  if (isBase64Encoded && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(body)) {
    throw new HttpRefusal(400, 'the body is not base64')
  }
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : Buffer.from(body)
  if (bytes.length > mostBytes) throw tooLarge()
  return bytes
}

const tooLarge = () => new HttpRefusal(413, `the body is larger than ${mostBytes} bytes`)

/** Bytes as text. */
export const textOf = (body: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new HttpRefusal(400, 'the body is not UTF-8')
  }
}

/** JSON text as data; what is nested deeper than any message of ours is not even parsed. */
export const jsonOf = (text: string): unknown => {
  if (depthOf(text) > mostDepth)
    throw new HttpRefusal(400, `the JSON is nested deeper than ${mostDepth} levels`)
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpRefusal(400, 'the body is not JSON')
  }
}

const depthOf = (text: string): number => {
  let depth = 0
  let deepest = 0
  // Strings may hold brackets; what is between quotes does not count.
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (mark === '{' || mark === '[') deepest = Math.max(deepest, ++depth)
    else if (mark === '}' || mark === ']') depth--
  }
  return deepest
}

/** Refuses a content type other than the one this path takes. */
export const requireType = (headers: HttpEvent['headers'], type: string): void => {
  const sent = header(headers, 'content-type').split(';')[0]?.trim().toLowerCase()
  if (sent !== type) throw new HttpRefusal(415, `the content type must be ${type}`)
}

/** A header's value, or an empty text; function URLs give header names in lower case. */
export const header = (headers: HttpEvent['headers'], name: string): string => headers?.[name] ?? ''

export const answer = (
  statusCode: number,
  data: unknown,
  headers: Record<string, string> = {},
): HttpAnswer => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(data),
})
