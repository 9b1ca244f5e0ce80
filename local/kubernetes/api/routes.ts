import { apiVersionOf, type ResourceKind } from '../store/resources.ts'
import { methodNotAllowed, noSuchResource } from '../store/status.ts'
import { answerReview } from './access/review-answers.ts'
import { reviews } from './access/reviews.ts'
import type { ApiAnswer, ApiContext, ApiRequest, ObjectRequest } from './api.ts'
import { patchObject } from './patch/patch.ts'
import { getObject, listObjects, watchObjects } from './read.ts'
import { answerSubresource } from './subresources.ts'
import * as discovery from './wire/discovery.ts'
import { openApiDocument, openApiIndex, openApiV2 } from './wire/openapi.ts'
import { openApiProtobuf } from './wire/openapi-protobuf.ts'
import { createObject, deleteCollection, deleteObject, updateObject } from './write.ts'

/** Answers an authorized request; refusals are thrown as `StatusError`. */
export const route = (context: ApiContext, request: ApiRequest): ApiAnswer | Promise<ApiAnswer> => {
  const { resource } = request.info
  if (!resource) return answerPath(context, request)
  const { kinds } = context.store
  const kind = kinds.find(resource) ?? reviewNamed(resource)
  if (!kind) {
    if (discovery.resourceList(kinds.served, apiVersionOf(resource))) throw noSuchResource()
    return pageNotFound
  }
  if (kind.custom) return withDeprecation(kind.custom.deprecation, routeTo(context, request, kind))
  return routeTo(context, request, kind)
}

const reviewNamed = (asked: Pick<ResourceKind, 'group' | 'version' | 'plural'>): ResourceKind | undefined =>
  reviews.find(
    (kind) => kind.plural === asked.plural && kind.group === asked.group && kind.version === asked.version,
  )

const routeTo = (
  context: ApiContext,
  request: ApiRequest,
  kind: ResourceKind,
): ApiAnswer | Promise<ApiAnswer> => {
  const { resource } = request.info
  if (!resource) return pageNotFound
  if (kind.custom && !inScope(kind, request)) return pageNotFound
  const objectRequest: ObjectRequest = {
    ...request,
    kind,
    namespace: kind.namespaced ? resource.namespace : undefined,
    name: nameInPath(request),
    subresource: resource.subresource,
  }
  if (request.method === 'HEAD') throw methodNotAllowed()
  if (reviews.includes(kind)) return answerReview(context, objectRequest)
  if (resource.subresource !== undefined && resource.subresource !== 'status')
    return answerSubresource(context, objectRequest)
  const handler = handlers[request.info.verb]
  // What discovery says of a definition that goes is an advice; its objects can still be changed.
  const permitted = kind.custom !== undefined || (kind.verbs?.includes(request.info.verb) ?? true)
  if (!handler || !permitted || !methodFits(objectRequest)) throw methodNotAllowed()
  context.beforeRead(kind)
  return handler(context, objectRequest)
}

/** Whether a path names a namespace where the kind has them, and none where it has none. */
const inScope = ({ namespaced }: ResourceKind, { info }: ApiRequest): boolean => {
  const { namespace } = info.resource ?? {}
  if (!namespaced) return namespace === undefined
  return namespace !== undefined || ['list', 'watch', 'deletecollection'].includes(info.verb)
}

/** An answer with the warning of a version that is deprecated. */
const withDeprecation = async (
  deprecation: string | undefined,
  answer: ApiAnswer | Promise<ApiAnswer>,
): Promise<ApiAnswer> => {
  const answered = await answer
  if (deprecation === undefined || !('body' in answered)) return answered
  return { ...answered, warnings: [deprecation, ...(answered.warnings ?? [])] }
}

type Handler = (context: ApiContext, request: ObjectRequest) => ApiAnswer | Promise<ApiAnswer>

const handlers: Record<string, Handler | undefined> = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
}

/** Objects are written where they are, collections are not; both is the other way round for POST. */
const methodFits = ({ info, name, kind, subresource }: ObjectRequest): boolean => {
  if (subresource !== undefined && !kind.subresources.includes(subresource)) throw noSuchResource()
  if (info.verb === 'create') return name === '' && subresource === undefined
  if (info.verb === 'update' || info.verb === 'patch') return name !== ''
  return subresource === undefined || info.verb === 'get'
}

/** The name that a path ends in; a name that only a field selector gives is none. */
const nameInPath = ({ info, path }: ApiRequest): string => {
  const { resource, verb } = info
  if (!resource?.name || verb === 'list' || verb === 'deletecollection') return ''
  if (verb === 'watch' && !path.includes('/watch/')) return ''
  return resource.name
}

const pageNotFound: ApiAnswer = {
  status: 404,
  text: '404 page not found\n',
  contentType: 'text/plain; charset=utf-8',
}

const ok: ApiAnswer = { status: 200, text: 'ok', contentType: 'text/plain; charset=utf-8' }

const healthPaths = /^\/(?:healthz|livez|readyz)(?:\/[\w-]+)?$/

const answerPath = (context: ApiContext, request: ApiRequest): ApiAnswer => {
  const path = request.path.replace(/\/$/, '') || '/'
  if (healthPaths.test(path)) return healthAnswer(path, request.query)
  if (path === '/version') return { status: 200, body: discovery.versionInfo(context.version) }
  if (path === '/') return { status: 200, body: { paths: rootPaths(context) } }
  if (path === '/openapi/v2') return openApiV2Answer(context, request.accept ?? '')
  if (path === '/openapi/v3')
    return {
      status: 200,
      body: openApiIndex(context.version, context.store.kinds.served),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    }
  if (path.startsWith('/openapi/v3/')) {
    const body = openApiDocument(
      path.slice('/openapi/v3/'.length),
      context.version,
      context.store.kinds.served,
    )
    return body ? { status: 200, body } : pageNotFound
  }
  return discoveryAnswer(context, path, request.accept ?? '') ?? pageNotFound
}

/** One document of everything, in JSON or in the protobuf that kubectl asks for. */
const openApiV2Answer = ({ store, version }: ApiContext, accept: string): ApiAnswer => {
  const document = openApiV2(version, store.kinds.served)
  if (!/application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/.test(accept))
    return { status: 200, body: document }
  return {
    status: 200,
    text: openApiProtobuf(document),
    contentType: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  }
}

const healthAnswer = (path: string, query: URLSearchParams): ApiAnswer =>
  query.has('verbose')
    ? {
        status: 200,
        text: `[+]ping ok\n[+]log ok\n${path.slice(1)} check passed\n`,
        contentType: 'text/plain; charset=utf-8',
      }
    : ok

const discoveryAnswer = (context: ApiContext, path: string, accept: string): ApiAnswer | undefined => {
  if (path === '/api' || path === '/apis') {
    const aggregated = aggregatedAnswer(context, path, accept)
    if (aggregated) return aggregated
    return {
      status: 200,
      body:
        path === '/api'
          ? discovery.coreVersions(context.address())
          : discovery.groupList(context.store.kinds.served),
    }
  }
  const [, prefix, ...rest] = path.split('/')
  if (prefix !== 'api' && prefix !== 'apis') return undefined
  const body =
    prefix === 'apis' && rest.length === 1
      ? discovery.groupDocument(context.store.kinds.served, rest[0] ?? '')
      : discovery.resourceList(context.store.kinds.served, rest.join('/'))
  return body && { status: 200, body }
}

const aggregatedAnswer = (
  { store }: ApiContext,
  path: '/api' | '/apis',
  accept: string,
): ApiAnswer | undefined => {
  const version = /g=apidiscovery\.k8s\.io;v=(v2beta1|v2);as=APIGroupDiscoveryList/.exec(accept)?.[1]
  if (version !== 'v2' && version !== 'v2beta1') return undefined
  return {
    status: 200,
    body: discovery.aggregatedDiscovery(store.kinds.served, path, version),
    headers: {
      'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    },
  }
}

const rootPaths = ({ store }: ApiContext): string[] => [
  '/api',
  '/api/v1',
  '/apis',
  ...discovery
    .groupList(store.kinds.served)
    .groups.flatMap(({ name, versions }) => [
      `/apis/${name}`,
      ...versions.map(({ groupVersion }) => `/apis/${groupVersion}`),
    ])
    .sort(),
  '/healthz',
  '/livez',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
]
