import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { CallLog, type FaultAction } from '../calls.ts'
import type { LocalClock } from '../clock.ts'
import type { Answer, ApiContext, ApiRequest, LogSource, WatchAnswer } from './api.ts'
import { bootstrap } from './bootstrap.ts'
import { issueCertificate } from './certificate.ts'
import { mediaType, parseJson } from './decode.ts'
import { negotiate } from './negotiation.ts'
import { type Authorizer, forbidden, rbacAuthorizer, type UserInfo } from './rbac.ts'
import { serialize } from './represent.ts'
import { requestInfo } from './request-info.ts'
import { route } from './routes.ts'
import { StatusError } from './status.ts'
import type { Store } from './store.ts'
import { isObject } from './values.ts'
import { WatchCache } from './watch.ts'
import { Watches } from './watches.ts'

export interface ApiServerOptions {
  store: Store
  /** Time for timestamps, watches and delays; a virtual clock is touched by every request. */
  clock: LocalClock & { touch?(): void }
  /** Where requests are noted, and the faults they suffer. */
  calls?: CallLog
  /** Whose bearer token this is; undefined for nobody's, which is a 401. */
  authenticate: (token: string) => Promise<UserInfo | undefined>
  /** Who may do what; by default the roles and bindings in the store decide. */
  authorize?: Authorizer
  logs?: LogSource
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
  bootstrap(store)
  const { authority, certificate, key } = issueCertificate()
  const cache = new WatchCache(store)
  const watches = new Watches()
  const context: ApiContext = {
    store,
    clock,
    cache,
    authorize: options.authorize ?? rbacAuthorizer(store),
    logs: options.logs ?? (() => undefined),
    version: options.version ?? 'v1.36.2',
    address: () => `127.0.0.1:${portOf(server)}`,
  }
  const handle = requestHandler(context, watches, options)
  const server = createServer(
    { cert: certificate, key },
    (request, response) => void handle(request, response),
  )
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
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
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
  return {
    setAvailable: (value: boolean) => {
      available = value
      if (!available) for (const socket of open) socket.resetAndDestroy()
    },
  }
}

/** Breaks a connection once everything written so far is out: no end of the body, no answer. */
const breakOff = (response: ServerResponse): void => void response.socket?.destroySoon()

const requestHandler =
  (context: ApiContext, watches: Watches, { authenticate, calls = new CallLog(), clock }: ApiServerOptions) =>
  async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    clock.touch?.()
    try {
      const { request, known } = await readRequest(message, authenticate)
      const { call, fault } = calls.record(noteOf(request, clock.now()))
      response.on('close', () => {
        if (response.headersSent) call.status = response.statusCode
        clock.touch?.()
      })
      if (fault?.kind === 'cut') return breakOff(response)
      if (fault?.kind === 'delay') await clock.sleep(fault.ms)
      if (fault?.kind === 'error') throw faultStatus(fault)
      if (!known) throw new StatusError(401, 'Unauthorized', 'Unauthorized')
      const answer = await authorizedAnswer(context, request)
      if (fault?.kind === 'lose') return breakOff(response)
      send(response, request, answer, watches)
    } catch (error) {
      sendError(response, error)
    }
  }

const authorizedAnswer = async (context: ApiContext, request: ApiRequest): Promise<Answer> => {
  const { allowed, reason } = await context.authorize(request.user, request.info)
  if (!allowed) throw forbidden(request.user, request.info, reason)
  return route(context, request)
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

/** Reads a request; `known` is false where its token is nobody's, for whom it then stands as anonymous. */
const readRequest = async (
  message: IncomingMessage,
  authenticate: ApiServerOptions['authenticate'],
): Promise<{ request: ApiRequest; known: boolean }> => {
  const { pathname, searchParams } = new URL(message.url ?? '/', 'https://127.0.0.1')
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const method = message.method ?? 'GET'
  const token = /^Bearer\s+(\S+)$/i.exec(message.headers.authorization ?? '')?.[1]
  const user = token === undefined ? undefined : await authenticate(token)
  const request = {
    method,
    path: pathname,
    query: searchParams,
    info: requestInfo(method, pathname, searchParams),
    user: user ? withGroup(user, 'system:authenticated') : anonymous,
    accept: message.headers.accept,
    contentType: message.headers['content-type'],
    userAgent: message.headers['user-agent'],
    body: Buffer.concat(chunks),
  }
  return { request, known: token === undefined || user !== undefined }
}

const anonymous: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

const withGroup = (user: UserInfo, group: string): UserInfo =>
  user.groups.includes(group) ? user : { ...user, groups: [...user.groups, group] }

const writingVerbs = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

const noteOf = ({ info, user, query, path, body, contentType }: ApiRequest, at: number) => {
  const { verb, resource } = info
  const target = resource ? [resource.plural, resource.subresource].filter(Boolean).join('/') : path
  const sent = bodyFacts(contentType, body)
  const asks = query.has('dryRun') || sent.dryRun || target.startsWith('selfsubject')
  return {
    service: 'kubernetes' as const,
    operation: `${verb} ${target}`,
    write: resource !== undefined && writingVerbs.has(verb) && !asks,
    principal: user.username,
    subject: [resource?.namespace, resource?.name ?? sent.name].filter(Boolean).join('/'),
    at,
  }
}

/** What only the body says: the name of what is created, and that a deletion is a dry run. */
const bodyFacts = (contentType: string | undefined, body: Buffer): { name?: string; dryRun: boolean } => {
  if (body.length === 0 || mediaType(contentType) !== 'application/json') return { dryRun: false }
  try {
    const sent = parseJson(body.toString())
    if (!isObject(sent)) return { dryRun: false }
    const { metadata, dryRun } = sent
    const name = isObject(metadata) ? (metadata.name ?? metadata.generateName) : undefined
    return { ...(typeof name === 'string' ? { name } : {}), dryRun: dryRun !== undefined }
  } catch {
    return { dryRun: false } // a malformed body is refused later, and still a call
  }
}

const noCache = { 'cache-control': 'no-cache, private' }

const send = (response: ServerResponse, request: ApiRequest, answer: Answer, watches: Watches): void => {
  if ('watch' in answer) stream(response, request, answer.watch, watches)
  else if ('text' in answer)
    finish(response, answer.status, answer.text, { 'content-type': answer.contentType })
  else sendDocument(response, request, answer)
}

const sendDocument = (
  response: ServerResponse,
  request: ApiRequest,
  { status, body, warnings = [], headers = {} }: Extract<Answer, { body: unknown }>,
): void => {
  const { format } = request.info.resource ? negotiate(request.accept) : { format: 'json' as const }
  const warning = warnings.map((text) => `299 - ${JSON.stringify(text)}`)
  finish(response, status, serialize(body, format), {
    'content-type': `application/${format}`,
    ...(warning.length > 0 ? { warning } : {}),
    ...headers,
  })
}

const sendError = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent || response.destroyed) {
    breakOff(response)
    return
  }
  const status =
    error instanceof StatusError
      ? error
      : new StatusError(500, 'InternalError', `Internal error occurred: ${String(error)}`)
  // What could not be negotiated is answered by another writer, which indents.
  const text = status.code === 406 ? JSON.stringify(status.body(), null, 2) : serialize(status.body(), 'json')
  finish(response, status.code, text, {
    'content-type': 'application/json',
    ...status.headers,
  })
}

/** Go's server announces the length of what fits its buffer, and sends the rest in chunks. */
const chunkedFrom = 2048

const finish = (
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string | string[]>,
): void => {
  const length = Buffer.byteLength(text)
  response.writeHead(status, {
    ...noCache,
    ...headers,
    ...(length < chunkedFrom ? { 'content-length': length } : {}),
  })
  response.end(text)
}

const stream = (
  response: ServerResponse,
  { user }: ApiRequest,
  { kind, namespace, start }: WatchAnswer,
  watches: Watches,
): void => {
  const watch = {
    resource: kind.plural,
    namespace,
    username: user.username,
    sent: 0,
    cut: () => breakOff(response),
  }
  const forget = watches.add(watch)
  response.writeHead(200, { ...noCache, 'content-type': 'application/json' })
  response.flushHeaders()
  const stop = start(
    (event) => {
      if (response.destroyed || response.writableEnded || !watches.permits(watch, event)) return
      response.write(`${JSON.stringify(event)}\n`)
    },
    () => response.end(),
  )
  response.on('close', () => {
    stop()
    forget()
  })
}
