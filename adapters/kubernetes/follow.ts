import { AccessDenied, Transient } from '../../core/errors.ts'
import type { ListMeta, ObjectMeta, Status } from '../../core/kubernetes.ts'
import type { Clock } from '../clock.ts'
import type { Connection } from './connection.ts'
import {
  ApiFailure,
  type Asked,
  restateKubernetesError,
  retryAfterOf,
  statusOf,
  UnreadableAnswer,
} from './errors.ts'

interface ApiObject {
  metadata?: ObjectMeta
}

/** One thing that a follower came to know; `resourceVersion` is where another follower can go on. */
export type Sighting<T> =
  | { kind: 'object'; object: T; resourceVersion: string }
  | { kind: 'absent'; resourceVersion: string }
  | { kind: 'bookmark'; resourceVersion: string }
  | { kind: 'trouble'; error: Error }

export interface FollowRequest {
  connection: Connection
  /** The object's place: version, resource, namespace, name. */
  object: { version: string; resource: string; namespace: string; name: string }
  /** Where an earlier follower stopped; without it the object is read first. */
  from?: string | undefined
  signal: AbortSignal
}

/** A watch that says nothing for so long may be dead; a busy server sends a bookmark every minute at best. */
const silenceMs = 30_000
/** A fresh access entry answers 401 or 403 for some seconds. */
const deniedForMs = 30_000

/**
 * Every state of one object from now on, until the signal ends it: a read, then a watch on its collection with
 * a field selector (all that a role limited by resourceNames may watch). A watch that is closed, cut or too old
 * is taken up again where it ended; after silence or 410 the object is read anew. Throws AccessDenied when that
 * lasts, and at once what no repetition would cure.
 */
export async function* followObject<T extends ApiObject>(
  request: FollowRequest,
): AsyncGenerator<Sighting<T>> {
  const { clock } = request.connection
  const denials = patience(clock)
  let from = request.from
  let failures = 0
  while (true) {
    const openedAt = clock.now()
    let error: Error | undefined
    try {
      if (from === undefined) {
        const read = await readObject<T>(request)
        from = read.resourceVersion
        yield read
      }
      for await (const sighting of watchObject<T>(request, from)) {
        from = sighting.resourceVersion
        failures = 0
        denials.forget()
        yield sighting
      }
    } catch (caught) {
      request.signal.throwIfAborted()
      error = caught as Error
    }
    if (error instanceof Silence || statusOf(error) === 410) {
      from = undefined
    } else if (error) {
      denials.judge(error)
      yield { kind: 'trouble', error }
    }
    if (clock.now() - openedAt >= steadyMs) failures = 0
    await clock.sleep(Math.max(retryAfterOf(error) ?? 0, pauseMs(failures++)), request.signal)
  }
}

/** Bears what passes: a fault of the moment for ever, a denial for a while. Throws everything else. */
const patience = (clock: Clock) => {
  let deniedSince: number | undefined
  return {
    forget: () => {
      deniedSince = undefined
    },
    judge: (error: Error): void => {
      if (error instanceof Transient) return
      if (!(error instanceof AccessDenied)) throw error
      deniedSince ??= clock.now()
      if (clock.now() - deniedSince >= deniedForMs) throw error
    },
  }
}

/** A watch that held for so long was a good one, whatever ended it. */
const steadyMs = 1000

/** At once after the first end, then ever slower, yet quick enough to see a server that comes back. */
const pauseMs = (failures: number): number => (failures === 0 ? 0 : Math.min(2000, 125 * 2 ** failures))

/** Nothing was received on a watch for too long. */
class Silence extends Error {}

const collectionOf = ({ object }: FollowRequest) => ({
  version: object.version,
  resource: object.resource,
  namespace: object.namespace,
})

const selectorOf = ({ object }: FollowRequest): string => `metadata.name=${object.name}`

const readObject = async <T>(request: FollowRequest): Promise<Sighting<T> & { resourceVersion: string }> => {
  const list = await request.connection.request<{ metadata?: ListMeta; items: T[] }>({
    verb: 'list',
    ...collectionOf(request),
    query: { fieldSelector: selectorOf(request) },
    signal: request.signal,
  })
  const resourceVersion = list.metadata?.resourceVersion ?? ''
  const [object] = list.items
  return object ? { kind: 'object', object, resourceVersion } : { kind: 'absent', resourceVersion }
}

type Seen<T> = Exclude<Sighting<T>, { kind: 'trouble' }>

async function* watchObject<T extends ApiObject>(
  request: FollowRequest,
  from: string,
): AsyncGenerator<Seen<T>> {
  const { connection } = request
  const ended = new AbortController()
  const lines = await connection.lines({
    verb: 'watch',
    ...collectionOf(request),
    query: { fieldSelector: selectorOf(request), resourceVersion: from, allowWatchBookmarks: 'true' },
    signal: AbortSignal.any([request.signal, ended.signal]),
  })
  try {
    for await (const line of withinSilence(lines, request)) yield sightingOf<T>(line, request)
  } finally {
    ended.abort()
  }
}

/** Passes lines on, and throws Silence where the next one takes too long. */
async function* withinSilence(lines: AsyncIterable<string>, request: FollowRequest): AsyncGenerator<string> {
  const { clock } = request.connection
  const iterator = lines[Symbol.asyncIterator]()
  while (true) {
    const received = new AbortController()
    const silence = clock.sleep(silenceMs, AbortSignal.any([received.signal, request.signal])).then(
      () => {
        throw new Silence('the watch has gone silent')
      },
      () => new Promise<never>(() => {}),
    )
    const next = iterator.next()
    try {
      const { done, value } = await Promise.race([next, silence])
      if (done) return
      yield value
    } finally {
      received.abort()
      next.catch(() => {})
    }
  }
}

const sightingOf = <T extends ApiObject>(line: string, request: FollowRequest): Seen<T> => {
  const { type, object } = parseEvent<T>(line, request)
  if (type === 'ERROR') throw restateError(object as Status, request)
  const resourceVersion = (object as ApiObject).metadata?.resourceVersion ?? ''
  if (type === 'BOOKMARK') return { kind: 'bookmark', resourceVersion }
  return type === 'DELETED'
    ? { kind: 'absent', resourceVersion }
    : { kind: 'object', object: object as T, resourceVersion }
}

const parseEvent = <T>(line: string, request: FollowRequest): { type: string; object: T | Status } => {
  try {
    const event: { type?: unknown; object?: unknown } = JSON.parse(line)
    if (typeof event.type === 'string' && typeof event.object === 'object' && event.object !== null)
      return event as { type: string; object: T | Status }
  } catch {
    // Distinguished from an event below.
  }
  throw restateKubernetesError(asked(request), new UnreadableAnswer(line))
}

const asked = ({ connection, object }: FollowRequest): Asked => ({
  verb: 'watch',
  subject: `${object.resource} "${object.name}"`,
  cluster: connection.cluster,
})

const restateError = (status: Status, request: FollowRequest): Error =>
  restateKubernetesError(
    asked(request),
    new ApiFailure(status.code ?? 500, status.reason ?? '', status.message ?? ''),
  )
