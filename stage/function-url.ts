import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Runtime } from '../adapters/runtime.ts'
import { create } from '../functions/integrations/http.ts'
import type { HttpEvent } from '../functions/support/http.ts'
import { realClock, type WorkClock } from '../local/clock.ts'

/** Stands where the function URL is: turns HTTP requests into Lambda's payload format 2.0 and back. */
export interface FunctionUrl {
  /** `http://127.0.0.1:PORT`, before /slack/commands, /slack/interactions and /hooks. */
  url: string
  close(): Promise<void>
}

export interface FunctionUrlOptions {
  runtime: Runtime
  /** The world's time, which stops while a request is on its way or worked on. */
  clock?: WorkClock
  /** 0 for a free one. */
  port?: number
}

/** Serves the function `http` on the loopback. */
export const serveFunctionUrl = async ({
  runtime,
  port = 0,
  clock = realClock(),
}: FunctionUrlOptions): Promise<FunctionUrl> => {
  const handler = create(runtime)
  const server = http.createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const answer = async () => {
      const event = await eventOf(request)
      // Lambda itself refuses what is over 6 MB.
      return event ? handler(event) : { statusCode: 413, headers: {}, body: '' }
    }
    const { statusCode, headers, body } = await clock.work(answer)
    response.writeHead(statusCode, headers).end(body)
  })
  clock.attend(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const mostBytes = 6 * 1024 * 1024

const eventOf = async (request: http.IncomingMessage): Promise<HttpEvent | undefined> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > mostBytes) return undefined
    chunks.push(chunk as Buffer)
  }
  const url = new URL(request.url ?? '/', 'http://localhost')
  return {
    rawPath: url.pathname,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(',')]),
    ),
    // Function URLs encode whatever is not declared as text; a body may hold any bytes.
    body: Buffer.concat(chunks).toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method: request.method ?? 'GET' } },
  }
}
