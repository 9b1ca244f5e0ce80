import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Clock } from '../../../adapters/clock.ts'
import { systemClock } from '../../../adapters/clock.ts'
import { type Connection, connect } from '../../../adapters/kubernetes/connection.ts'
import { issueCertificate } from '../../../local/kubernetes/api/certificate.ts'

export interface ServedRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: unknown
  /** The plain connection beneath TLS, which alone can be reset. */
  socket: Socket
}

type Answer = (request: ServedRequest, response: ServerResponse) => void

/** An HTTPS server with answers by script, for what a well-behaved API server does not do. */
export const serveKubernetes = async (answer: Answer) => {
  const { authority, certificate, key } = issueCertificate()
  const requests: ServedRequest[] = []
  const open = new Map<number | undefined, Socket>()
  let connections = 0
  let noneOpen = () => {}
  const server = createServer({ cert: certificate, key }, async (incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'https://localhost')
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const request = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: text ? JSON.parse(text) : undefined,
      socket: open.get(incoming.socket.remotePort) as Socket,
    }
    requests.push(request)
    answer(request, response)
  })
  server.on('connection', (socket: Socket) => {
    const { remotePort } = socket
    connections++
    open.set(remotePort, socket)
    socket.on('close', () => {
      open.delete(remotePort)
      if (open.size === 0) noneOpen()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cluster = {
    name: 'eks-workshop',
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: Buffer.from(authority).toString('base64'),
    region: 'us-west-2',
  }
  return {
    cluster,
    requests,
    connections: () => connections,
    /** Resolves once the clients have closed every connection. */
    deserted: () =>
      new Promise<void>((resolve) => {
        noneOpen = resolve
        if (open.size === 0) resolve()
      }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type KubernetesServer = Awaited<ReturnType<typeof serveKubernetes>>

/** Connects as a caller whose keys are other ones each time somebody asks for them. */
export const connectTo = (
  server: Pick<KubernetesServer, 'cluster'>,
  clock: Clock = systemClock,
): Connection => {
  let rotation = 0
  const credentials = async () => ({ accessKeyId: `AKIA${rotation++}EXAMPLE`, secretAccessKey: 'example' })
  return connect({ cluster: server.cluster, credentials, clock })
}

/** Answers JSON, as the API server does. */
export const json = (
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
