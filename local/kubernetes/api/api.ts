import type { LocalClock } from '../../clock.ts'
import type { HangingLog, LogOptions } from '../kubelet/log.ts'
import type { NewObject, ResourceKind } from '../store/resources.ts'
import { invalid } from '../store/status.ts'
import type { Store } from '../store/store.ts'
import type { WatchCache } from '../store/watch.ts'
import type { Authenticate } from './access/identity.ts'
import type { Authorizer, UserInfo } from './access/rbac.ts'
import type { ServiceAccountTokens } from './access/service-account-tokens.ts'
import type { RequestInfo } from './request-info.ts'

/** One request, authenticated and read, on its way through the server. */
export interface ApiRequest {
  method: string
  path: string
  query: URLSearchParams
  info: RequestInfo
  user: UserInfo
  accept: string | undefined
  contentType: string | undefined
  userAgent: string | undefined
  body: Buffer
}

/** A request for objects of a kind that is served here. */
export interface ObjectRequest extends ApiRequest {
  kind: ResourceKind
  namespace: string | undefined
  /** The object named in the path; empty for collections. */
  name: string
  subresource: string | undefined
}

/** What a request gets: a document, a plain text, or a watch that the transport streams. */
export type ApiAnswer =
  | { status: number; body: unknown; warnings?: string[]; headers?: Record<string, string> }
  | { status: number; text: string | Buffer; contentType: string }
  | { status: number; watch: WatchAnswer }
  /** Nothing, until the client gives up. */
  | { status: number; never: true }

/** A watch to stream: `start` sends events until `end`, and returns how to stop it. */
export interface WatchAnswer {
  kind: ResourceKind
  namespace: string | undefined
  start(send: (event: { type: string; object: unknown }) => void, end: () => void): () => void
}

/** Fetches a container's log; undefined where the container has none. */
export type LogSource = (
  pod: { namespace: string; name: string },
  container: string,
  options: LogOptions,
) => string | HangingLog | undefined

/** What the routes work on. */
export interface ApiContext {
  store: Store
  clock: LocalClock
  cache: WatchCache
  authorize: Authorizer
  authenticate: Authenticate
  tokens: ServiceAccountTokens
  /** For how long webhooks keep a creation waiting, in milliseconds. */
  admissionDelay: (kind: ResourceKind, object: NewObject) => number
  /** Brings up to date what changes by time alone, before a kind is read. */
  beforeRead: (kind: ResourceKind) => void
  logs: LogSource
  version: string
  /** `127.0.0.1:6443`. */
  address: () => string
}

/** Whether a request only asks what would happen; 422 for a `dryRun` other than All. */
export const isDryRun = (query: URLSearchParams, options: string): boolean => {
  const asked = query.getAll('dryRun')
  if (asked.some((value) => value !== 'All'))
    throw invalid({ kind: options, group: 'meta.k8s.io' }, '', [
      {
        field: 'dryRun',
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: ${JSON.stringify(asked)}: supported values: "All"`,
      },
    ])
  return asked.length > 0
}

/** The name under which a client's changes are noted: what it says, or the first word of its User-Agent. */
export const fieldManagerOf = ({ query, userAgent }: ApiRequest): string =>
  query.get('fieldManager') ?? (userAgent?.split('/')[0] || 'unknown')
