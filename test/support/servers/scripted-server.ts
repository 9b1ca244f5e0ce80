import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** One answer of a scripted server; `cut` breaks the connection instead. */
export interface Scripted {
  status?: number
  headers?: Record<string, string>
  body?: string
  cut?: boolean
  /** Nothing is answered until the client gives up. */
  silent?: boolean
}

/** What a scripted server was sent. */
export interface ReceivedRequest {
  method: string
  path: string
  headers: http.IncomingHttpHeaders
  body: string
}

/** A server that gives the answers of a script in their order, the last one for ever, or what is said of a request. */
export const scriptedServer = async (script: Scripted[] | ((request: ReceivedRequest) => Scripted)) => {
  const received: ReceivedRequest[] = []
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const sent = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    received.push(sent)
    const next =
      typeof script === 'function' ? script(sent) : script[Math.min(received.length, script.length) - 1]
    if (next?.cut) return request.socket.destroy()
    if (next?.silent) return
    response.writeHead(next?.status ?? 200, next?.headers).end(next?.body ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
