import type { TableOptions } from '../printing/table.ts'
import { apiVersionOf, type KubernetesObject, resources } from '../store/resources.ts'
import { parseFieldSelector, parseLabelSelector } from '../store/selectors.ts'
import { badRequest, invalid, notFound, StatusError } from '../store/status.ts'
import type { StoreEvent } from '../store/store.ts'
import {
  asWatchEvent,
  bookmarkObject,
  scheduleBookmarks,
  type WatchEvent,
  type WatchScope,
} from '../store/watch.ts'
import type { ApiAnswer, ApiContext, ObjectRequest } from './api.ts'
import { isTrue } from './request-info.ts'
import { negotiate, type Representation } from './wire/negotiation.ts'
import { represent, representList } from './wire/represent.ts'

/** GET of one object. */
export const getObject = ({ store, clock }: ApiContext, request: ObjectRequest): ApiAnswer => {
  const { as } = negotiate(request.accept)
  const object = store.read(request.kind, request.namespace, request.name) as KubernetesObject
  return { status: 200, body: represent(request.kind, object, as, tableOptions(request, clock.now())) }
}

/** GET of a collection: selectors, pages (`limit`, `continue`) and old versions (`resourceVersionMatch`). */
export const listObjects = ({ store, cache, clock }: ApiContext, request: ObjectRequest): ApiAnswer => {
  const { kind, query } = request
  const { as } = negotiate(request.accept)
  const from = query.get('continue') ? readContinue(query.get('continue') ?? '') : undefined
  const version = from?.version ?? listVersion(query, store.resourceVersion)
  const matches = scopeOf(request)
  const all = (
    version === store.resourceVersion
      ? (store.list(kind) as KubernetesObject[])
      : pastObjects(cache, kind, version, from !== undefined)
  ).filter((object) => inNamespace(object, request.namespace) && matches.matches(object))
  const rest = from ? all.filter((object) => pageKey(object) > from.after) : all
  const limit = Number(query.get('limit') ?? 0)
  const page = limit > 0 ? rest.slice(0, limit) : rest
  const remaining = rest.length - page.length
  const last = page.at(-1)
  const selecting = query.get('labelSelector') || query.get('fieldSelector')
  const metadata = {
    resourceVersion: String(version),
    ...(remaining > 0 && last ? { continue: writeContinue(version, pageKey(last)) } : {}),
    ...(remaining > 0 && !selecting ? { remainingItemCount: remaining } : {}),
  }
  return {
    status: 200,
    body: representList(kind, page, metadata, as, tableOptions(request, clock.now())),
  }
}

/** The objects as they were; a page of them that has expired is refused in words of its own. */
const pastObjects = (
  cache: ApiContext['cache'],
  kind: ObjectRequest['kind'],
  version: number,
  paging: boolean,
): KubernetesObject[] => {
  try {
    return cache.objectsAt(kind, version)
  } catch (error) {
    if (!paging || !(error instanceof StatusError)) throw error
    throw new StatusError(410, 'Expired', expiredPage)
  }
}

const expiredPage =
  'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.'

const inNamespace = ({ metadata }: KubernetesObject, namespace: string | undefined): boolean =>
  namespace === undefined || metadata.namespace === namespace

const pageKey = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`

const scopeOf = ({ kind, namespace, query, info, name }: ObjectRequest): WatchScope => {
  const labels = parseLabelSelector(query.get('labelSelector'))
  const fields = parseFieldSelector(kind, query.get('fieldSelector'))
  const named = name || (query.get('fieldSelector') ? undefined : info.resource?.name)
  return {
    resource: kind,
    namespace,
    matches: (object) =>
      labels(object.metadata.labels) && fields(object) && (!named || object.metadata.name === named),
  }
}

/** The version a list reads: the newest, unless `resourceVersionMatch=Exact` asks for another. */
const listVersion = (query: URLSearchParams, current: number): number => {
  const asked = query.get('resourceVersion')
  const match = query.get('resourceVersionMatch')
  if (!asked) {
    if (match)
      throw listOptionsInvalid(
        'resourceVersionMatch',
        'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
      )
    return current
  }
  const version = parseVersion(asked)
  if (version > current) throw tooLarge(version, current)
  return match === 'Exact' ? version : current
}

const listOptionsInvalid = (field: string, message: string): StatusError =>
  invalid({ kind: 'ListOptions', group: 'meta.k8s.io' }, '', [
    { field, reason: 'FieldValueForbidden', message },
  ])

const parseVersion = (text: string): number => {
  if (!/^\d+$/.test(text)) throw badRequest(`invalid resource version: ${unreadableVersion(text)}`)
  return Number(text)
}

const unreadableVersion = (text: string): string =>
  `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`

const tooLarge = (asked: number, current: number): StatusError =>
  new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
    headers: { 'retry-after': '1' },
  })

const writeContinue = (version: number, after: string): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: `${after}\0` })).toString('base64url')

const readContinue = (token: string): { version: number; after: string } => {
  const text = Buffer.from(token, 'base64url').toString('latin1')
  const refuse = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`)
  let read: { v?: string; rv?: number; start?: string }
  try {
    read = JSON.parse(text) as typeof read
  } catch {
    const [first = ''] = text
    throw refuse(
      /^[[{"]/.test(first) || first === ''
        ? 'unexpected end of JSON input'
        : `invalid character '${first}' looking for beginning of value`,
    )
  }
  if (read.v !== 'meta.k8s.io/v1')
    throw refuse(`server does not recognize this encoded version ${JSON.stringify(read.v ?? '')}`)
  if (!read.start) throw refuse('encoded start key empty (version meta.k8s.io/v1)')
  return { version: read.rv ?? 0, after: read.start.replace(/\0$/, '') }
}

const tableOptions = ({ query }: ObjectRequest, now: number): TableOptions => {
  const include = query.get('includeObject')
  return {
    now,
    include: include === 'Object' || include === 'None' ? include : 'Metadata',
    header: true,
  }
}

/**
 * A watch on a collection. Without a resourceVersion, or from 0, it begins with what is there; from a version
 * on, with what happened since, and from one too old with an ERROR event and a clean close.
 */
export const watchObjects = (context: ApiContext, request: ObjectRequest): ApiAnswer => {
  const { kind, namespace } = request
  const { as } = negotiate(request.accept)
  const scope = scopeOf(request)
  checkWatchOptions(request.query)
  return {
    status: 200,
    watch: {
      kind,
      namespace,
      start: (send, end) => stream(context, request, { scope, as, send, end }),
    },
  }
}

interface Streaming {
  scope: WatchScope
  as: Representation['as']
  send: (event: WatchEvent) => void
  end: () => void
}

const stream = (context: ApiContext, request: ObjectRequest, streaming: Streaming): (() => void) => {
  const { store, clock } = context
  const { scope, send, end } = streaming
  const past = initialEvents(context, request, scope)
  const show = shower(request, streaming.as, () => clock.now())
  const future = futureVersion(request, store.resourceVersion)
  const stops: (() => void)[] = []
  const stop = () => {
    for (const cancel of stops.splice(0)) cancel()
  }
  const finish = () => {
    stop()
    end()
  }
  const { custom } = request.kind
  stops.push(
    store.subscribe((event) => {
      // With its definition a kind goes, and there is nothing left to watch.
      if (custom && event.type === 'DELETED' && isDefinition(event, custom.definition)) finish()
      if (event.resourceVersion <= future) return
      const watchEvent = asWatchEvent(scope, event)
      if (watchEvent) send(show(watchEvent))
    }),
  )
  for (const event of past) send(show(event))
  if (past.some(({ type }) => type === 'ERROR')) {
    finish()
    return stop
  }
  const timeoutSeconds = Number(request.query.get('timeoutSeconds') ?? 0) || undefined
  if (timeoutSeconds !== undefined) stops.push(clock.after(timeoutSeconds * 1000, finish))
  if (isTrue(request.query.get('allowWatchBookmarks')))
    stops.push(
      scheduleBookmarks(clock, timeoutSeconds, () => send(show(bookmark(request, store.resourceVersion)))),
    )
  return stop
}

const isDefinition = ({ resource, object }: StoreEvent, name: string): boolean =>
  resource === resources.customresourcedefinitions && object.metadata.name === name

/** A watch from the future sends nothing until its version has come. */
const futureVersion = ({ query }: ObjectRequest, current: number): number => {
  const asked = Number(query.get('resourceVersion') ?? 0)
  return asked > current ? asked : 0
}

const checkWatchOptions = (query: URLSearchParams): void => {
  const version = query.get('resourceVersion') || '0'
  // A watch has no refusal for this, and answers an internal error.
  if (!/^\d+$/.test(version)) throw new StatusError(500, undefined, unreadableVersion(version))
  if (query.has('sendInitialEvents') && query.get('resourceVersionMatch') !== 'NotOlderThan')
    throw listOptionsInvalid(
      'resourceVersionMatch',
      'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    )
}

const initialEvents = (context: ApiContext, request: ObjectRequest, scope: WatchScope): WatchEvent[] => {
  const { store, cache } = context
  const { query, kind } = request
  const sendsInitial = query.get('sendInitialEvents')
  const version = Number(query.get('resourceVersion') ?? 0)
  const present = (): WatchEvent[] =>
    (store.list(kind, { namespace: scope.namespace }) as KubernetesObject[])
      .filter(scope.matches)
      .map((object) => ({ type: 'ADDED', object }))
  if (sendsInitial === 'true') {
    if (!isTrue(query.get('allowWatchBookmarks'))) return present()
    return [...present(), bookmark(request, store.resourceVersion, { 'k8s.io/initial-events-end': 'true' })]
  }
  if (version === 0 && sendsInitial !== 'false') return present()
  if (version > store.resourceVersion || sendsInitial === 'false') return []
  try {
    return cache.since(scope, version)
  } catch (error) {
    if (error instanceof StatusError) return [{ type: 'ERROR', object: error.body() }]
    throw error
  }
}

const bookmark = (
  { kind }: ObjectRequest,
  version: number,
  annotations?: Record<string, string>,
): WatchEvent => ({
  type: 'BOOKMARK',
  object: bookmarkObject(kind, apiVersionOf(kind), version, annotations),
})

/** Puts events into the asked representation; of a watch's tables only the first names its columns. */
const shower = (request: ObjectRequest, as: Representation['as'], now: () => number) => {
  let header = true
  return (event: WatchEvent): WatchEvent => {
    if (event.type === 'ERROR' || (event.type === 'BOOKMARK' && as === 'object')) return event
    const options = { ...tableOptions(request, now()), header }
    header = false
    return {
      type: event.type,
      object: represent(request.kind, event.object as KubernetesObject, as, options),
    }
  }
}

/** 404 unless the object is there; for subresources that answer about an object. */
export const requireObject = ({ store }: ApiContext, request: ObjectRequest): KubernetesObject => {
  const object = store.get(request.kind, request.namespace, request.name)
  if (!object) throw notFound(request.kind, request.name)
  return object as KubernetesObject
}
