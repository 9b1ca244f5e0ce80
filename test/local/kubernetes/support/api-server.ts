import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { CallLog } from '../../../../local/calls.ts'
import { type VirtualClock, virtualClock } from '../../../../local/clock.ts'
import type { UserInfo } from '../../../../local/kubernetes/api/access/rbac.ts'
import type { LogSource } from '../../../../local/kubernetes/api/api.ts'
import { type ApiServer, startApiServer } from '../../../../local/kubernetes/api/server.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { Store } from '../../../../local/kubernetes/store/store.ts'

/** The users of the recordings, by token. */
const users: Record<string, UserInfo | undefined> = {
  'admin-token': { username: 'admin', groups: ['system:masters'] },
  'restricted-token': { username: 'restricted-reader', groups: [] },
  'restarter-token': { username: 'carts-restarter', uid: 'u-restarter', groups: ['carts-restarters'] },
  'nobody-token': { username: 'nobody', groups: [] },
}

export interface RawRequest {
  method?: string
  path: string
  headers?: Record<string, string>
  /** Sent as it is when a string, else as JSON. */
  body?: unknown
}

export interface RawAnswer {
  status: number
  headers: IncomingMessage['headers']
  text: string
  /** The text as JSON, or the text where it is none. */
  body: unknown
}

export interface ServedStore {
  server: ApiServer
  store: Store
  clock: VirtualClock
  calls: CallLog
  /** Sends a request over HTTPS, as the administrator unless its headers say otherwise. */
  send(request: RawRequest): Promise<RawAnswer>
  /** Opens a request and hands over its response as it begins. */
  open(request: RawRequest): Promise<IncomingMessage>
}

export const admin = { authorization: 'Bearer admin-token' }

/** A server over an empty store with the namespace `carts`, on a clock that jumps when all is quiet. */
export const serveStore = async ({
  start = Date.UTC(2026, 10, 23, 2, 22, 20),
  logs,
}: {
  start?: number
  logs?: LogSource
} = {}): Promise<ServedStore> => {
  const clock = virtualClock({ start })
  const store = new Store({ clock })
  const calls = new CallLog()
  const authenticate = async (token: string) => users[token]
  const server = await startApiServer({ store, clock, calls, authenticate, ...(logs ? { logs } : {}) })
  store.create(resources.namespaces, { metadata: { name: 'carts' } })
  const open = (request: RawRequest) => openRequest(server, request, false)
  return { server, store, clock, calls, open, send: requester(server) }
}

/** Sends requests to a server, and reads their answers: over connections that are kept, as clients do. */
export const requester = (server: ApiServer) => {
  const agent = new Agent({ keepAlive: true })
  return async (request: RawRequest): Promise<RawAnswer> =>
    readAnswer(await openRequest(server, request, agent))
}

const openRequest = async (
  { url, caData }: ApiServer,
  { method = 'GET', path, headers = admin, body }: RawRequest,
  agent: Agent | false,
): Promise<IncomingMessage> => {
  const request = httpsRequest(new URL(path, url), { method, headers, ca: caData, agent })
  request.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  request.on('error', () => {}) // from here on the response reports what breaks
  return response
}

const readAnswer = async (response: IncomingMessage): Promise<RawAnswer> => {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return { status: response.statusCode ?? 0, headers: response.headers, text, body: asJson(text) }
}

const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
