import type { ServerResponse } from 'node:http'
import { StatusError } from '../store/status.ts'
import type { ApiAnswer, ApiRequest, WatchAnswer } from './api.ts'
import type { Watches } from './watches.ts'
import { negotiate } from './wire/negotiation.ts'
import { serialize } from './wire/represent.ts'

/** Breaks a connection once everything written so far is out: no end of the body, no answer. */
export const breakOff = (response: ServerResponse): void => void response.socket?.destroySoon()

const noCache = { 'cache-control': 'no-cache, private' }

/** Writes an answer, or begins to stream its watch. */
export const send = (
  response: ServerResponse,
  request: ApiRequest,
  answer: ApiAnswer,
  watches: Watches,
): void => {
  if ('never' in answer) return
  if ('watch' in answer) stream(response, request, answer.watch, watches)
  else if ('text' in answer)
    finish(response, answer.status, answer.text, { 'content-type': answer.contentType })
  else sendDocument(response, request, answer)
}

const sendDocument = (
  response: ServerResponse,
  request: ApiRequest,
  { status, body, warnings = [], headers = {} }: Extract<ApiAnswer, { body: unknown }>,
): void => {
  const { format } = request.info.resource ? negotiate(request.accept) : { format: 'json' as const }
  const warning = warnings.map((text) => `299 - ${JSON.stringify(text.replace(/[^\x20-\x7e]/g, '?'))}`)
  finish(response, status, serialize(body, format), {
    'content-type': `application/${format}`,
    ...(warning.length > 0 ? { warning } : {}),
    ...headers,
  })
}

/** Writes a refusal; what is no `StatusError` is an internal error. */
export const sendError = (response: ServerResponse, error: unknown): void => {
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
  text: string | Buffer,
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

/**
 * As much of a watch, in bytes, as is held for a client that does not read it. The API server closes a watch
 * whose buffer is full too ("forcing watcher close due to unresponsiveness", its cacher's cache_watcher.go).
 */
const mostUnread = 16 * 1024 * 1024

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
      if (response.writableLength > mostUnread) response.destroy()
    },
    () => response.end(),
  )
  response.on('close', () => {
    stop()
    forget()
  })
}
