/** What a request is about, read from its method, path and query; what authorization decides on. */
export interface RequestInfo {
  verb: string
  /** Set on requests for objects; absent on `/version`, `/apis` and the like. */
  resource?: {
    group: string
    version: string
    plural: string
    subresource?: string
    namespace?: string
    name?: string
  }
  path: string
}

const readVerbs: Record<string, string> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/**
 * Splits `/api/v1/…` and `/apis/group/version/…`. A collection's GET is a list, or a watch with `watch=true`;
 * a field selector on `metadata.name` names the object, which is how RBAC's resourceNames reach collections.
 */
export const requestInfo = (method: string, path: string, query: URLSearchParams): RequestInfo => {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent)
  const verb = readVerbs[method] ?? method.toLowerCase()
  const prefix = parts[0] === 'api' ? 2 : 3
  if ((parts[0] !== 'api' && parts[0] !== 'apis') || parts.length <= prefix) return { verb, path }
  const [group = '', version = ''] = prefix === 2 ? ['', parts[1]] : parts.slice(1)
  const legacyWatch = parts[prefix] === 'watch'
  const rest = parts.slice(legacyWatch ? prefix + 1 : prefix)
  const { namespace, plural, name, subresource } = locate(rest)
  if (plural === undefined) return { verb, path }
  const collection = legacyWatch || name === undefined
  const selected = name ?? (collection ? selectedName(query.get('fieldSelector')) : undefined)
  return {
    verb: collection || legacyWatch ? collectionVerb(verb, legacyWatch || isTrue(query.get('watch'))) : verb,
    path,
    resource: {
      group,
      version,
      plural,
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(selected === undefined ? {} : { name: selected }),
    },
  }
}

// `namespaces/carts/pods/x/log`, but also `namespaces/carts` and `namespaces/carts/status`.
const locate = (parts: string[]) => {
  const namespaced =
    parts[0] === 'namespaces' && parts.length > 2 && !namespaceSubresources.has(parts[2] ?? '')
  const [plural, name, subresource] = namespaced ? parts.slice(2) : parts
  const namespace = namespaced || parts[0] === 'namespaces' ? parts[1] : undefined
  return { namespace, plural, name, subresource }
}

const namespaceSubresources = new Set(['status', 'finalize'])

const collectionVerb = (verb: string, watch: boolean): string => {
  if (verb === 'get') return watch ? 'watch' : 'list'
  return verb === 'delete' ? 'deletecollection' : verb
}

const selectedName = (fieldSelector: string | null): string | undefined =>
  /(?:^|,)metadata\.name==?([^,]+)/.exec(fieldSelector ?? '')?.[1]

/** Go's notion of a true query parameter. */
export const isTrue = (value: string | null): boolean =>
  value !== null && !['0', 'false', 'f'].includes(value)
