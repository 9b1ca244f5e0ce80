import type { IncomingHttpHeaders } from 'node:http'

/** An HTTP request with its body already read. */
export interface WireRequest {
  method: string
  url: URL
  headers: IncomingHttpHeaders
  body: Buffer
}

/** An HTTP answer, ready to be sent. */
export interface WireReply {
  status: number
  headers: Record<string, string>
  body: string | Buffer
}
