// The client's transport alone: its index brings some 1,700 modules along, which take longer to load than most runs work.
import {
  HttpMethod,
  RequestContext,
  type ResponseContext,
} from '@kubernetes/client-node/dist/gen/http/http.js'
import { IsomorphicFetchHttpLibrary } from '@kubernetes/client-node/dist/gen/http/isomorphic-fetch.js'
import { Agent } from 'undici'
import { type Clock, systemClock } from '../clock.ts'
import { type CredentialsProvider, eksTokens } from '../eks/token.ts'
import { type ApiFailure, type Asked, readFailure, restateKubernetesError, statusOf } from './errors.ts'

/** How to reach a cluster, from DescribeCluster. */
export interface ClusterAccess {
  name: string
  /** https://… */
  endpoint: string
  /** The CA's certificate, PEM in base64. */
  ca: string
  region: string
}

export interface ApiRequest {
  verb: 'get' | 'list' | 'watch' | 'patch' | 'create'
  /** `v1` or `apps/v1` */
  version: string
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
  request<T>(request: ApiRequest): Promise<T>
  /** As request, and undefined where there is no such object. */
  find<T>(request: ApiRequest): Promise<T | undefined>
  /** As request, for an answer that is not JSON. */
  text(request: ApiRequest): Promise<string>
  /** Opens a watch: the lines of the answer, as they come. Aborting the request's signal ends it. */
  lines(request: ApiRequest): Promise<AsyncIterable<string>>
  close(): Promise<void>
}

/** A socket's patience is real time, even where the clock that a run lives on is not. */
const answerWithinMs = 15_000

/** Connects to a cluster as the caller whose credentials these are; opens nothing until the first request. */
export const connect = (options: {
  cluster: ClusterAccess
  credentials: CredentialsProvider
  clock: Clock
}): Connection => {
  const { cluster, clock } = options
  const tokens = eksTokens({
    cluster: cluster.name,
    region: cluster.region,
    credentials: options.credentials,
    // Signatures bear the machine's time, as the SDK's do, whatever clock a run lives on.
    clock: systemClock,
  })
  // One for all requests, so that they share a TLS connection.
  const dispatcher = new Agent({ connect: { ca: Buffer.from(cluster.ca, 'base64') } })
  const http = new IsomorphicFetchHttpLibrary()

  const send = async (request: ApiRequest, signal: AbortSignal): Promise<ResponseContext> => {
    const context = new RequestContext(cluster.endpoint + pathOf(request), methods[request.verb])
    context.setHeaderParam('Accept', 'application/json')
    context.setHeaderParam('User-Agent', 'podid')
    if (request.body) {
      context.setHeaderParam('Content-Type', request.body.contentType)
      context.setBody(JSON.stringify(request.body.content))
    }
    context.setSignal(signal)
    context.setHeaderParam('Authorization', `Bearer ${await tokens.get()}`)
    context.setDispatcher(dispatcher)
    const response = await http.send(context).toPromise()
    if (response.httpStatusCode < 300) return response
    if (response.httpStatusCode === 401) tokens.forget()
    throw await failure(response)
  }

  const text = async (request: ApiRequest): Promise<string> => {
    try {
      const patience = AbortSignal.timeout(answerWithinMs)
      const response = await send(
        request,
        request.signal ? AbortSignal.any([request.signal, patience]) : patience,
      )
      return await response.body.text()
    } catch (error) {
      request.signal?.throwIfAborted()
      throw restateKubernetesError(asked(request), error)
    }
  }
  const asked = (request: ApiRequest): Asked => ({
    verb: request.verb,
    subject: subjectOf(request),
    cluster: cluster.name,
  })
  const json = async <T>(request: ApiRequest): Promise<T> => JSON.parse(await text(request)) as T

  return {
    cluster: cluster.name,
    clock,
    request: json,
    text,
    find: async (request) => {
      try {
        return await json(request)
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw error
      }
    },
    lines: async (request) => {
      const opening = new AbortController()
      const impatience = setTimeout(
        () => opening.abort(new Error(`nothing heard for ${answerWithinMs / 1000} s`)),
        answerWithinMs,
      )
      try {
        const signal = request.signal ? AbortSignal.any([request.signal, opening.signal]) : opening.signal
        const response = await send(request, signal)
        return linesOf(response.body.stream(), asked(request), request.signal)
      } catch (error) {
        request.signal?.throwIfAborted()
        throw restateKubernetesError(asked(request), error)
      } finally {
        clearTimeout(impatience)
      }
    },
    close: () => dispatcher.destroy(),
  }
}

const methods = {
  get: HttpMethod.GET,
  list: HttpMethod.GET,
  watch: HttpMethod.GET,
  patch: HttpMethod.PATCH,
  create: HttpMethod.POST,
} as const

const pathOf = ({ version, resource, namespace, name, subresource, query, verb }: ApiRequest): string => {
  const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`
  const parts = [namespace && `namespaces/${encodeURIComponent(namespace)}`, resource, name, subresource]
  const path = [root, ...parts.filter((part) => part !== undefined)].join('/')
  const parameters = Object.entries({ ...query, ...(verb === 'watch' && { watch: 'true' }) })
  const given = parameters.filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path
}

/** `deployments "carts" in namespace carts`, the way the API server's own messages name things. */
const subjectOf = ({ resource, subresource, name, namespace, query }: ApiRequest): string => {
  const selector = query?.fieldSelector ?? query?.labelSelector
  return [
    subresource ? `${resource}/${subresource}` : resource,
    name ? `"${name}"` : selector ? `(${selector})` : undefined,
    namespace && `in namespace ${namespace}`,
  ]
    .filter(Boolean)
    .join(' ')
}

const failure = async (response: ResponseContext): Promise<ApiFailure> =>
  readFailure(response.httpStatusCode, response.headers, await response.body.text())

async function* linesOf(
  stream: ReadableStream<Uint8Array> | null,
  asked: Asked,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  if (!stream) return
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines.filter((line) => line.trim() !== '')
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw restateKubernetesError(asked, error)
  }
}
