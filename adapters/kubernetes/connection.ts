import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request as open } from 'node:https'
import { text as textOf } from 'node:stream/consumers'
import { createSecureContext, type SecureContext } from 'node:tls'
import { restateAwsError } from '../aws-errors.ts'
import { type Clock, systemClock } from '../clock.ts'
import { fewAtOnce } from '../concurrently.ts'
import { type CredentialsProvider, eksTokens, type TokenSource } from '../eks/token.ts'
import { withPatience } from '../patience.ts'
import { type Asked, isNotFound, readFailure, restateKubernetesError, UnreadableAnswer } from './errors.ts'

/** How to reach a cluster, from DescribeCluster. */
export interface ClusterAccess {
  name: string
  /** https://… */
  endpoint: string
  /** The CA's certificate, PEM in base64. */
  ca: string
  region: string
}

export interface KubernetesRequest {
  verb: 'get' | 'list' | 'watch' | 'patch' | 'create' | 'delete'
  /** `v1` or `apps/v1` */
  version: string
  /** Empty for the kinds that the version has. */
  resource: string
  namespace?: string
  name?: string
  subresource?: string
  query?: Record<string, string | undefined>
  body?: { contentType: string; content: unknown }
  signal?: AbortSignal | undefined
}

/**
 * One cluster's API. Objects come exactly as served, timestamps as strings, so that what is read, what is
 * watched and what was recorded look the same. Every method throws the names of core/errors.ts.
 */
export interface Connection {
  readonly cluster: string
  readonly clock: Clock
  request<T>(request: KubernetesRequest): Promise<T>
  /** As request, and undefined where there is no such object. */
  find<T>(request: KubernetesRequest): Promise<T | undefined>
  /** As request, for an answer that is not JSON. */
  text(request: KubernetesRequest): Promise<string>
  /**
   * Opens a watch: the lines of the answer, as they come. Its socket is closed when the reader stops and when the
   * request's signal is aborted, also before the first line is read.
   */
  lines(request: KubernetesRequest): Promise<AsyncIterable<string>>
  /** Closes every socket: the idle ones, and those of requests under way, which fail. */
  close(): Promise<void>
}

/** Within which an answer must be complete, a watch begun. Real time: a socket has no other, whatever a run's clock is. */
const answerWithinMs = 15_000

/** Shorter than the above, so that an error says which of the two took so long. */
const credentialsWithinMs = 10_000

/**
 * A step asks ten things at once. A socket takes three round trips to its first answer, and much computing on both sides:
 * reads beyond the first few wait for one that is open, for as long as a slow server would take to open another.
 */
const readsAtOnce = { bound: 4, waitMs: 100 }

/** A cluster, and the caller whose credentials these are. */
export interface ConnectionOptions {
  cluster: ClusterAccess
  credentials: CredentialsProvider
  /** A bearer token of another kind, in place of one that is signed with the credentials. */
  token?: (() => Promise<string>) | undefined
  clock: Clock
}

/** Connects to a cluster as its caller; opens nothing until the first request. */
export const connect = (options: ConnectionOptions): Connection => connector(options)()

/**
 * Makes connections to a cluster, each with sockets of its own. They share what does not belong to a socket: the
 * caller's token, and the CA, which takes longer to read than a request to be answered.
 */
export const connector = (options: ConnectionOptions): (() => Connection) => {
  const { cluster } = options
  let trusted: SecureContext | undefined
  const secureContext = (): SecureContext => {
    trusted ??= createSecureContext({ ca: Buffer.from(cluster.ca, 'base64') })
    return trusted
  }
  const tokens = eksTokens({
    cluster: cluster.name,
    region: cluster.region,
    credentials: options.credentials,
    // Signatures bear the machine's time, as the SDK's do, whatever clock a run lives on.
    clock: systemClock,
  })
  return () => connection(options, tokens, secureContext)
}

const connection = (
  options: ConnectionOptions,
  tokens: TokenSource,
  secureContext: () => SecureContext,
): Connection => {
  const { cluster, clock } = options
  // One for all requests, so that they share TLS connections; an idle one lets the process end.
  let opened: Agent | undefined
  let closed = false
  const agent = (): Agent => {
    if (closed) throw new Error('the connection was closed')
    opened ??= new Agent({ keepAlive: true, secureContext: secureContext() })
    return opened
  }

  const token = (): Promise<string> =>
    withPatience(credentialsWithinMs, undefined, (signal) =>
      within(signal, (options.token ?? tokens.get)()),
    ).catch((error: unknown) => {
      throw restateAwsError(error, `signing a token for cluster ${cluster.name}`)
    })

  const send = async (request: KubernetesRequest, signal: AbortSignal): Promise<IncomingMessage> => {
    const authorization = `Bearer ${await within(signal, token())}`
    const method = methods[request.verb]
    const content = request.body && JSON.stringify(request.body.content)
    const sent = open(cluster.endpoint + pathOf(request), {
      agent: agent(),
      method,
      headers: {
        accept: 'application/json',
        'user-agent': 'podid',
        authorization,
        ...(request.body && { 'content-type': request.body.contentType }),
        // Node gives a DELETE no length by itself, nor a transfer coding.
        ...(content !== undefined && { 'content-length': Buffer.byteLength(content) }),
      },
    })
    let answer: IncomingMessage | undefined
    // Not left to Node's own `signal`: it destroys the socket with an AbortError, which was seen to go unheard and end
    // the process where a watch was given up just as the server ended it.
    const giveUp = () => (answer ?? sent).destroy()
    signal.addEventListener('abort', giveUp)
    sent.on('response', (response) => {
      answer = response
    })
    sent.on('close', () => signal.removeEventListener('abort', giveUp))
    // A reset in the midst of an answer is an error of its request as well; who reads the answer meets it there.
    sent.on('error', () => {})
    sent.end(content)
    try {
      const [response] = await once(sent, 'response')
      return response
    } catch (error) {
      if (method === 'GET' && sent.reusedSocket && isReset(error)) return send(request, signal)
      throw error
    }
  }

  const answerTo = async (request: KubernetesRequest, signal: AbortSignal): Promise<IncomingMessage> => {
    const answer = await send(request, signal)
    const { statusCode = 0, headers } = answer
    if (statusCode < 300) return answer
    if (statusCode === 401) tokens.forget()
    throw readFailure(statusCode, headers, await textOf(answer))
  }

  /** Does a part of a request within the time limit; restates what it throws. */
  const limited = async <T>(
    request: KubernetesRequest,
    act: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), answerWithinMs)
    try {
      return await act(request.signal ? AbortSignal.any([request.signal, late.signal]) : late.signal)
    } catch (error) {
      request.signal?.throwIfAborted()
      throw restateKubernetesError(
        asked(request),
        late.signal.aborted ? new Error(`it took longer than ${answerWithinMs / 1000} s`) : error,
      )
    } finally {
      clearTimeout(timer)
    }
  }

  const asked = (request: KubernetesRequest): Asked => ({
    verb: request.verb,
    subject: subjectOf(request),
    cluster: cluster.name,
  })
  const text = (request: KubernetesRequest): Promise<string> =>
    limited(request, async (signal) => textOf(await answerTo(request, signal)))
  const read = fewAtOnce(readsAtOnce.bound, readsAtOnce.waitMs)
  const json = <T>(request: KubernetesRequest): Promise<T> => {
    const ask = () =>
      limited(request, async (signal) => objectIn<T>(request, await textOf(await answerTo(request, signal))))
    return methods[request.verb] === 'GET' ? read(ask) : ask()
  }

  return {
    cluster: cluster.name,
    clock,
    request: json,
    text,
    find: async (request) => {
      try {
        return await json(request)
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    lines: async (request) => {
      const answer = await limited(request, (signal) => answerTo(request, signal))
      return linesOf(answer, asked(request), request.signal)
    },
    close: async () => {
      closed = true
      opened?.destroy()
    },
  }
}

/** What a provider of credentials is waited for, too: it may ask a service that does not answer. */
const within = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> => {
  const aborted = Promise.withResolvers<never>()
  const give = () => aborted.reject(signal.reason)
  if (signal.aborted) give()
  signal.addEventListener('abort', give)
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', give))
}

/**
 * The object, or the list, that an answer holds. A list without items is one whose items are not there to be read,
 * unless they are null, as Go writes an empty list.
 */
const objectIn = <T>({ verb }: KubernetesRequest, text: string): T => {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    throw new UnreadableAnswer(text)
  }
  if (typeof answer !== 'object' || answer === null || !('metadata' in answer))
    throw new UnreadableAnswer(text)
  if (verb !== 'list') return answer as T
  const { items } = answer as { items?: unknown }
  if (items === null) return { ...answer, items: [] } as T
  if (!Array.isArray(items)) throw new UnreadableAnswer(text)
  return answer as T
}

/**
 * The server had closed an idle connection just when it was to be used again, as it does while Lambda has frozen
 * the function. What only reads is asked again; the last such connection gone, a new one is opened.
 */
const isReset = (error: unknown): boolean =>
  ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')

const methods = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  patch: 'PATCH',
  create: 'POST',
  delete: 'DELETE',
} as const

const pathOf = ({
  version,
  resource,
  namespace,
  name,
  subresource,
  query,
  verb,
}: KubernetesRequest): string => {
  const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`
  const parts = [namespace && `namespaces/${encodeURIComponent(namespace)}`, resource, name, subresource]
  const path = [root, ...parts.filter((part) => part)].join('/')
  const parameters = Object.entries({ ...query, ...(verb === 'watch' && { watch: 'true' }) })
  const given = parameters.filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path
}

/** `deployments "carts" in namespace carts`, the way the API server's own messages name things. */
const subjectOf = ({ version, resource, subresource, name, namespace, query }: KubernetesRequest): string => {
  if (resource === '') return `the kinds of ${version}`
  const selector = query?.fieldSelector ?? query?.labelSelector
  return [
    subresource ? `${resource}/${subresource}` : resource,
    name ? `"${name}"` : selector ? `(${selector})` : undefined,
    namespace && `in namespace ${namespace}`,
  ]
    .filter(Boolean)
    .join(' ')
}

async function* linesOf(
  answer: IncomingMessage,
  asked: Asked,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  let rest = ''
  try {
    for await (const chunk of answer.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      yield* lines.filter((line) => line.trim() !== '')
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw restateKubernetesError(asked, error)
  }
}
