import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PreflightFailed } from '../../core/errors.ts'
import { redact } from '../../core/text/redact.ts'
import type { Graph } from '../../workflows/graph.ts'
import type { FleetSeen } from './fleet.ts'
import { type Assets, contentPolicy, pageText } from './page.ts'
import type { ListedRun, RawRun, ReadRun, RunAction, RunSource } from './source.ts'
import { streamTo } from './stream.ts'

export interface ConsoleOptions {
  sources: readonly RunSource[]
  graph: Graph
  assets: Assets
  /** What runs where, for the page of the fleet; absent where it cannot be asked. */
  fleet?: () => Promise<FleetSeen>
  /** 0 for a free one. */
  port: number
  /** How long between two looks at what is under way, in milliseconds. */
  everyMs: number
}

export interface RunningConsole {
  /** With the token, which whoever opens it needs. */
  url: string
  close(): Promise<void>
}

/** How many runs the list has. */
const mostRuns = 200

/** What an answer is besides its body: 404, 400 and their text. */
class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Serves the page on 127.0.0.1. Every address begins with a token that only this URL has; a request under another name
 * than this server's (DNS rebinding), of another page's, or without the token is refused and learns nothing.
 */
export const startConsole = async (options: ConsoleOptions): Promise<RunningConsole> => {
  const token = randomBytes(24).toString('base64url')
  const streams = new AbortController()
  let hosts: readonly string[] = []
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => fail(response, error))
  })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = admitted(request, hosts, token)
    if (request.method === 'POST') return send(response, await post(options, path, await bodyOf(request)))
    if (request.method !== 'GET') throw new Refusal(405, `${request.method} is not for this page`)
    if (path === '') {
      const data = {
        live: true,
        graph: options.graph,
        sources: options.sources.map(({ label }) => label),
        fleet: options.fleet !== undefined,
      }
      response.writeHead(200, {
        ...headers,
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': `${contentPolicy(options.assets, true)}; frame-ancestors 'none'`,
      })
      response.end(pageText(options.assets, 'podid console', data, true))
      return
    }
    if (path === 'runs/events')
      return streamTo(response, streams.signal, options.everyMs, () => listOf(options.sources))
    const [kind, run = '', what] = path.split('/').map(decodeURIComponent)
    if (kind === 'runs' && what === 'events')
      return streamTo(response, streams.signal, options.everyMs, newOf(options.sources, run))
    send(response, await get(options, kind ?? '', run, what))
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new PreflightFailed(
              `port ${options.port} of this machine cannot be had (${error.code}): choose another one with --port, or leave it out`,
            )
          : error,
      ),
    )
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  return {
    url: `http://127.0.0.1:${port}/${token}/`,
    close: () => {
      streams.abort()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const headers = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** The path after the token of a request that may be answered. */
const admitted = (
  { headers: { host = '', origin, 'sec-fetch-site': site }, url = '' }: IncomingMessage,
  hosts: readonly string[],
  token: string,
): string => {
  if (!hosts.includes(host)) throw new Refusal(403, 'this server answers under its own address only')
  if (origin !== undefined && !hosts.some((own) => origin === `http://${own}`))
    throw new Refusal(403, 'another page may not ask this server')
  if (site !== undefined && !['same-origin', 'none'].includes(String(site)))
    throw new Refusal(403, 'another page may not ask this server')
  const [, given = '', ...rest] = new URL(url, 'http://console').pathname.split('/')
  const [one, other] = [Buffer.from(given), Buffer.from(token)]
  if (one.length !== other.length || !timingSafeEqual(one, other))
    throw new Refusal(403, 'open the whole address that podid console has printed')
  return rest.join('/')
}

const listOf = async (sources: readonly RunSource[]): Promise<{ items: ListedRun[]; faults: string[] }> => {
  const faults: string[] = []
  const lists = await Promise.all(
    sources.map((source) =>
      source.list(mostRuns).catch((error: unknown) => {
        faults.push(`${source.label}: ${wordsOf(error)}`)
        return []
      }),
    ),
  )
  const items = lists
    .flat()
    .toSorted((one, other) => Date.parse(other.startedAt) - Date.parse(one.startedAt))
    .slice(0, mostRuns)
  return { items, faults }
}

const sourceOf = async (sources: readonly RunSource[], run: string) => {
  for (const source of sources) {
    const read = await source.read(run)
    if (read) return { source, read }
  }
  throw new Refusal(404, `there is no run ${run} in ${sources.map(({ label }) => label).join(' or ')}`)
}

/** Reads a run again and again: each time with the events that are new, and which place the first of them has. */
const newOf = (sources: readonly RunSource[], run: string) => {
  let sent = 0
  return async () => {
    const { events, ...rest } = (await sourceOf(sources, run)).read
    const from = sent
    sent = events.length
    return { ...rest, from, events: events.slice(from) }
  }
}

const actions: readonly string[] = ['approve', 'decline', 'undo', 'again']

const get = async (
  { sources, graph, assets, fleet }: ConsoleOptions,
  kind: string,
  run: string,
  what: string | undefined,
): Promise<unknown> => {
  if (kind === 'fleet' && fleet) return fleet()
  if (kind === 'runs' && run === '') return listOf(sources)
  if (kind !== 'runs') throw new Refusal(404, `there is nothing called ${kind}`)
  const { source, read } = await sourceOf(sources, run)
  if (what === undefined) return read
  if (what === 'raw') return source.raw(run)
  if (what === 'export') return new Exported(exportText(assets, graph, read, await source.raw(run)))
  const [, action] = /^question-(\w+)$/.exec(what) ?? []
  if (action && actions.includes(action)) return { changes: await source.question(run, action as RunAction) }
  throw new Refusal(404, `a run has nothing called ${what}`)
}

const post = async ({ sources }: ConsoleOptions, path: string, body: unknown): Promise<unknown> => {
  const [kind, run = '', what = ''] = path.split('/').map(decodeURIComponent)
  if (kind !== 'runs' || !actions.includes(what)) throw new Refusal(404, 'there is nothing to do there')
  const { source, read } = await sourceOf(sources, run)
  if (!read.actions.includes(what as RunAction))
    throw new Refusal(409, `${what} is not offered for ${run} now`)
  // A page of another site cannot send this without being asked first, which this server refuses.
  if ((body as { confirmed?: unknown } | null)?.confirmed !== true)
    throw new Refusal(400, 'it has to be confirmed')
  return source.act(run, what as RunAction)
}

/** A run as one document that needs no server. */
export const exportText = (assets: Assets, graph: Graph, read: ReadRun, raw: RawRun): string =>
  pageText(assets, 'podid run', { live: false, graph, read: { ...read, actions: [] }, raw }, false)

class Exported {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const send = (response: ServerResponse, body: unknown): void => {
  const html = body instanceof Exported
  response.writeHead(200, {
    ...headers,
    'content-type': html ? 'text/html; charset=utf-8' : 'application/json',
    ...(html ? { 'content-disposition': 'attachment; filename="run.html"' } : {}),
  })
  response.end(html ? body.text : JSON.stringify(body))
}

const fail = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent) return void response.end()
  const status = error instanceof Refusal ? error.status : 502
  response.writeHead(status, { ...headers, 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: wordsOf(error) }))
}

/** A failure for people, without what must not be seen. */
const wordsOf = (error: unknown): string => redact(error instanceof Error ? error.message : String(error))

const mostBody = 10_000

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  if (request.headers['content-type'] !== 'application/json') throw new Refusal(415, 'send JSON')
  let text = ''
  for await (const part of request) {
    text += String(part)
    if (text.length > mostBody) throw new Refusal(413, 'that is too long')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'that is no JSON')
  }
}
