import { randomBytes, timingSafeEqual } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PreflightFailed } from '../../core/errors.ts'
import { redact } from '../../core/text/redact.ts'
import type { Graph } from '../../workflows/graph.ts'
import type { FleetSeen } from './fleet.ts'
import { type Assets, contentPolicy, pageText } from './page.ts'
import type { ListedRun, RawRun, ReadRun, RunAction, RunLog, RunSource, StartInput } from './source.ts'
import { type LookPace, streamTo } from './stream.ts'

export interface ConsoleOptions {
  sources: readonly RunSource[]
  graphs: Graphs
  assets: Assets
  /** What runs where, for the page of the fleet; absent where no cluster is to be looked at. */
  fleet?: () => Promise<FleetSeen>
  /** The bindings that podid.yaml declares, as inputs of runs; absent where there is no such file. */
  declared?: () => Promise<readonly StartableBinding[]>
  /** A failure for people. */
  words?: (error: Error) => string
  /** 0 for a free one. */
  port: number
  /** How long between two looks at what is under way, in milliseconds, while nothing changes. */
  everyMs: number
}

/** The workflows of a run, and of a rollout. */
export type Graphs = Readonly<Record<ListedRun['kind'], Graph>>

/** A binding by its name in podid.yaml. */
export interface StartableBinding {
  name: string
  input: StartInput
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
  const { words = ({ message }: Error) => message } = options
  const wordsOf = (error: unknown): string => redact(error instanceof Error ? words(error) : String(error))
  const looks: LookPace = { everyMs: options.everyMs, asked: new EventEmitter(), words: wordsOf }
  looks.asked.setMaxListeners(0)
  let hosts: readonly string[] = []
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => fail(response, error, wordsOf(error)))
  })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = admitted(request, hosts, token)
    if (request.method === 'POST') {
      send(response, await post(options, path, await bodyOf(request)))
      looks.asked.emit('look')
      return
    }
    if (request.method !== 'GET') throw new Refusal(405, `${request.method} is not for this page`)
    if (path === '') {
      const data = {
        live: true,
        graphs: options.graphs,
        sources: labelsOf(options.sources),
        starts: options.sources.flatMap(({ label, starts }) => (starts ? [label] : [])),
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
      return streamTo(response, streams.signal, looks, () => listOf(options.sources, wordsOf))
    const [kind, run = '', what] = path.split('/').map(decodeURIComponent)
    if (kind === 'runs' && what === 'events')
      return streamTo(response, streams.signal, looks, newOf(options.sources, run))
    send(response, await get(options, wordsOf, { kind: kind ?? '', run, what }))
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

const labelsOf = (sources: readonly RunSource[]): string[] => [...new Set(sources.map(({ label }) => label))]

const listOf = async (
  sources: readonly RunSource[],
  wordsOf: (error: unknown) => string,
): Promise<{ items: ListedRun[]; faults: string[] }> => {
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
  return { items, faults: [...new Set(faults)] }
}

/** @throws what a source has failed by, where no other one has the run */
const sourceOf = async (sources: readonly RunSource[], run: string) => {
  let fault: unknown
  for (const source of sources) {
    const read = await source.read(run).catch((error: unknown) => {
      fault ??= error
      return undefined
    })
    if (read) return { source, read }
  }
  throw fault ?? new Refusal(404, `there is no run ${run} in ${labelsOf(sources).join(' or ')}`)
}

/** Reads a run again and again: each time with the events that are new, and which place the first of them has. */
const newOf = (sources: readonly RunSource[], run: string) => {
  let sent = 0
  let its = sources
  return async () => {
    const { source, read } = await sourceOf(its, run)
    its = [source]
    const { events, ...rest } = read
    const from = sent
    sent = events.length
    return { ...rest, from, events: events.slice(from) }
  }
}

const actions: readonly string[] = ['approve', 'decline', 'undo', 'again']

const get = async (
  { sources, graphs, assets, fleet, declared }: ConsoleOptions,
  wordsOf: (error: unknown) => string,
  { kind, run, what }: { kind: string; run: string; what: string | undefined },
): Promise<unknown> => {
  if (kind === 'fleet' && fleet) return fleet()
  if (kind === 'declared') return (await declared?.()) ?? []
  if (kind === 'runs' && run === '') return listOf(sources, wordsOf)
  if (kind !== 'runs') throw new Refusal(404, `there is nothing called ${kind}`)
  const { source, read } = await sourceOf(sources, run)
  if (what === undefined) return read
  if (what === 'raw') return source.raw(run)
  if (what === 'log') return source.log(run)
  if (what === 'export')
    return new Exported(
      exportText(assets, graphs, { read, raw: await source.raw(run), log: await source.log(run) }),
    )
  const [, action = '', wave] = /^question-([a-z]+)(?:-(\d+))?$/.exec(what) ?? []
  if (actions.includes(action)) {
    const which = waveOf(read, action, wave === undefined ? undefined : Number(wave))
    return { changes: await source.question(run, action as RunAction, which) }
  }
  throw new Refusal(404, `a run has nothing called ${what}`)
}

const post = async (options: ConsoleOptions, path: string, body: unknown): Promise<unknown> => {
  const { sources } = options
  if (path === 'start') return start(options, body)
  const [kind, run = '', what = ''] = path.split('/').map(decodeURIComponent)
  if (kind !== 'runs' || !actions.includes(what)) throw new Refusal(404, 'there is nothing to do there')
  const { source, read } = await sourceOf(sources, run)
  if (!read.actions.includes(what as RunAction))
    throw new Refusal(409, `${what} is not offered for ${run} now`)
  // A page of another site cannot send this without being asked first, which this server refuses.
  const { confirmed, wave } = (body ?? {}) as { confirmed?: unknown; wave?: unknown }
  if (confirmed !== true) throw new Refusal(400, 'it has to be confirmed')
  return source.act(run, what as RunAction, waveOf(read, what, wave))
}

/** The wave that a request names, of which it asks for the undoing alone. @throws where that is not offered */
const waveOf = (
  { listed, changedWaves = [] }: ReadRun,
  action: string,
  wave: unknown,
): number | undefined => {
  if (wave === undefined) return undefined
  if (action === 'undo' && changedWaves.includes(wave as number)) return wave as number
  throw new Refusal(409, `${action} is not offered for wave ${String(wave)} of ${listed.run}`)
}

/** What a run is started with where no file declares its binding. */
const startFields = ['cluster', 'region', 'namespace', 'serviceAccount', 'role', 'workload', 'approval']

/** Starts a run where that was confirmed, and else says what it would change. */
const start = async ({ sources, declared }: ConsoleOptions, body: unknown): Promise<unknown> => {
  const { where, binding, fields, confirmed } = (body ?? {}) as Record<string, unknown>
  const starts = sources.find((source) => source.starts && source.label === where)?.starts
  if (!starts) throw new Refusal(409, `no run may be started in ${String(where)} from here`)
  const input =
    binding === undefined
      ? fieldsOf(fields)
      : (await declared?.())?.find(({ name }) => name === binding)?.input
  if (!input) throw new Refusal(404, `podid.yaml has no binding ${String(binding)}`)
  return confirmed === true ? starts.act(input) : { changes: await starts.question(input) }
}

const fieldsOf = (given: unknown): StartInput =>
  Object.fromEntries(
    Object.entries((given ?? {}) as object).filter(
      ([name, value]) => startFields.includes(name) && typeof value === 'string' && value !== '',
    ),
  )

/** All that a page without a server shows. */
export interface SavedRun {
  read: ReadRun
  raw: RawRun
  log: RunLog
}

/** A run as one document that needs no server. */
export const exportText = (assets: Assets, graphs: Graphs, { read, raw, log }: SavedRun): string =>
  pageText(
    assets,
    'podid run',
    { live: false, graph: graphs[read.listed.kind], read: { ...read, actions: [] }, raw, log },
    false,
  )

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

const fail = (response: ServerResponse, error: unknown, text: string): void => {
  if (response.headersSent) return void response.end()
  const status = error instanceof Refusal ? error.status : 502
  response.writeHead(status, { ...headers, 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: text }))
}

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
