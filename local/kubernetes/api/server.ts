import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { CallLog, type FaultAction } from '../../calls.ts'
import type { WorkClock } from '../../clock.ts'
import type { Trouble } from '../../trouble.ts'
import { startExtensions } from '../custom/extensions.ts'
import type { ResourceKind } from '../store/resources.ts'
import { badRequest, StatusError } from '../store/status.ts'
import type { Store } from '../store/store.ts'
import { WatchCache } from '../store/watch.ts'
import { type Authenticate, anonymous, type Identity, identify } from './access/identity.ts'
import { type Authorizer, forbidden, rbacAuthorizer, type UserInfo } from './access/rbac.ts'
import { serviceAccountTokens } from './access/service-account-tokens.ts'
import type { ApiContext, ApiRequest, LogSource } from './api.ts'
import { bootstrap, publishAuthority } from './bootstrap.ts'
import { noteOf } from './call-note.ts'
import { issueCertificate } from './certificate.ts'
import { noteStatus, noteUpdate } from './patch/managed-fields.ts'
import { requestInfo } from './request-info.ts'
import { breakOff, send, sendError } from './respond.ts'
import { route } from './routes.ts'
import { Watches } from './watches.ts'

export interface ApiServerOptions {
  store: Store
  /** Time for timestamps, watches and delays. */
  clock: WorkClock
  /** Where requests are noted, and the faults they suffer. */
  calls?: CallLog
  /** Whose token it is; an unknown one is a 401. */
  authenticate: Authenticate
  /** Who may do what; by default the roles and bindings in the store decide. */
  authorize?: Authorizer
  logs?: LogSource
  /** For how long webhooks keep a creation waiting, in milliseconds. */
  admissionDelay?: ApiContext['admissionDelay']
  /** Called before objects of a kind are read, to bring up to date what changes by time alone. */
  beforeRead?: (kind: ResourceKind) => void
  /** Called with requests that fail in a way that no API server knows. */
  trouble?: Trouble
  /** What `/version` says, `v1.36.2` by default. */
  version?: string
  /** 0, the default, for any free port. */
  port?: number
}

export interface ApiServer {
  url: string
  /** The authority that clients must trust, PEM. */
  caData: string
  server: Server
  watches: Watches
  /** While unavailable, open connections are reset and so is every new one. */
  setAvailable(available: boolean): void
  /** Makes every resourceVersion seen so far too old to watch from. */
  expireWatchCache(): void
  close(): Promise<void>
}

/** Serves a store as a Kubernetes API server does, over HTTPS on 127.0.0.1. */
export const startApiServer = async (options: ApiServerOptions): Promise<ApiServer> => {
  const { store, clock, port = 0 } = options
  store.ownership = ({ resource, object, previous, manager, subresource }) =>
    (subresource ? noteStatus : noteUpdate)(resource, previous, object, {
      name: manager,
      operation: 'Update',
      subresource,
      time: store.timestamp(),
    })
  bootstrap(store)
  const { authority, certificate, key } = issueCertificate()
  const stopPublishing = publishAuthority(store, authority)
  const stopExtensions = startExtensions({ store, clock, trouble: options.trouble ?? rethrow })
  const cache = new WatchCache(store)
  const watches = new Watches()
  const tokens = serviceAccountTokens(store, clock)
  const context: ApiContext = {
    store,
    clock,
    cache,
    authorize: options.authorize ?? rbacAuthorizer(store),
    authenticate: async (token) => (await options.authenticate(token)) ?? tokens.userOf(token),
    tokens,
    admissionDelay: options.admissionDelay ?? (() => 0),
    beforeRead: options.beforeRead ?? (() => {}),
    logs: options.logs ?? (() => undefined),
    version: options.version ?? 'v1.36.2',
    address: () => `127.0.0.1:${portOf(server)}`,
  }
  const handle = requestHandler(context, watches, options)
  const server = createServer(
    { cert: certificate, key },
    (request, response) => void clock.work(() => handle(request, response)),
  )
  clock.attend(server)
  server.keepAliveTimeout = 90_000 // as long as Go's servers keep idle connections
  const connections = trackConnections(server)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${portOf(server)}`,
    caData: authority,
    server,
    watches,
    setAvailable: connections.setAvailable,
    expireWatchCache: () => cache.expire(),
    close: async () => {
      stopPublishing()
      stopExtensions()
      const closed = once(server, 'close')
      server.close()
      connections.breakAll()
      await closed
    },
  }
}

const rethrow: Trouble = (_where, error) => {
  throw error
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

// Resetting works on the plain connection beneath TLS alone.
const trackConnections = (server: Server) => {
  const open = new Set<Socket>()
  let available = true
  server.on('connection', (socket: Socket) => {
    if (!available) return void socket.resetAndDestroy()
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  /** The server itself does not count connections that are still in their TLS handshake. */
  const breakAll = () => {
    for (const socket of open) socket.resetAndDestroy()
  }
  return {
    breakAll,
    setAvailable: (value: boolean) => {
      available = value
      if (!available) breakAll()
    },
  }
}

const requestHandler = (
  context: ApiContext,
  watches: Watches,
  { calls = new CallLog(), clock, trouble = () => {} }: ApiServerOptions,
) => {
  const answer = async (
    request: ApiRequest,
    identity: Identity | undefined,
    { call, fault }: ReturnType<CallLog['record']>,
    response: ServerResponse,
  ): Promise<void> => {
    if (fault?.kind === 'cut') return breakOff(response)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'delay') await clock.sleep(fault.ms)
    if (fault?.kind === 'garble') {
      response.writeHead(fault.status, { 'content-type': fault.contentType ?? 'text/html' }).end(fault.body)
      return
    }
    if (fault?.kind === 'error') throw faultStatus(fault)
    if (!identity) throw new StatusError(401, 'Unauthorized', 'Unauthorized')
    await authorize(context, request, identity)
    const answered = await route(context, request)
    call.applied = true
    if (fault?.kind === 'lose') breakOff(response)
    else send(response, request, answered, watches)
  }
  return async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (error: unknown) => {
      // A client that hangs up in the middle of its body is no failure of the server's.
      if (!(error instanceof StatusError) && message.complete)
        trouble(`${message.method} ${message.url}`, error)
      sendError(response, error)
    }
    try {
      const body = await readBody(message, response)
      const identity = await identify(message.headers, context.authenticate)
      const request = apiRequest(message, body, identity?.user ?? anonymous)
      const recorded = calls.record(noteOf(request, clock.now()))
      await answer(request, identity, recorded, response).catch(refuse)
      if (response.headersSent) recorded.call.status = response.statusCode
    } catch (error) {
      refuse(error)
    }
  }
}

const authorize = async (
  { authorize: decide }: ApiContext,
  { info }: ApiRequest,
  { user, sender, impersonations }: Identity,
): Promise<void> => {
  const needed = [
    ...impersonations.map((attributes) => ({ who: sender, attributes })),
    { who: user, attributes: info },
  ]
  for (const { who, attributes } of needed) {
    const { allowed, reason } = await decide(who, attributes)
    if (!allowed) throw forbidden(who, attributes, reason)
  }
}

const faultStatus = ({ status, code, message, headers }: FaultAction & { kind: 'error' }): StatusError => {
  const retryAfterSeconds = Number(
    Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'retry-after')?.[1],
  )
  return new StatusError(status, code, message ?? code, {
    ...(headers ? { headers } : {}),
    ...(retryAfterSeconds > 0 ? { details: { retryAfterSeconds } } : {}),
  })
}

/** As much as an API server reads of a body, in bytes. */
const largestBody = 3 * 1024 * 1024

const readBody = async (message: IncomingMessage, response: ServerResponse): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length
    if (size > largestBody) {
      // What is still to come is not waited for.
      response.setHeader('connection', 'close')
      throw new StatusError(
        413,
        'RequestEntityTooLarge',
        `Request entity too large: limit is ${largestBody}`,
        { details: {} },
      )
    }
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** The path and query of a request; 400 where they cannot be read. */
const readUrl = (text: string): URL => {
  try {
    const url = new URL(text.startsWith('/') ? `https://127.0.0.1${text}` : text)
    decodeURIComponent(url.pathname)
    return url
  } catch {
    throw badRequest(`invalid request URI ${JSON.stringify(text)}`)
  }
}

const apiRequest = (message: IncomingMessage, body: Buffer, user: UserInfo): ApiRequest => {
  const { pathname, searchParams } = readUrl(message.url ?? '/')
  const method = message.method ?? 'GET'
  return {
    method,
    path: pathname,
    query: searchParams,
    info: requestInfo(method, pathname, searchParams),
    user,
    accept: message.headers.accept,
    contentType: message.headers['content-type'],
    userAgent: message.headers['user-agent'],
    body,
  }
}
