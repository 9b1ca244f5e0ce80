import { isObject, type JsonObject } from '../../json-object.ts'
import { applyDefaults } from '../store/defaults/defaults.ts'
import { type KubernetesObject, type NewObject, type ResourceKind, resources } from '../store/resources.ts'
import { parseFieldSelector, parseLabelSelector } from '../store/selectors.ts'
import { badRequest, conflict, invalid, methodNotAllowed, notFound } from '../store/status.ts'
import type { DeleteOptions, WriteOptions } from '../store/store.ts'
import { invalidValue, unsupported } from '../store/validation/fields.ts'
import { asWire } from '../store/values.ts'
import { type ApiAnswer, type ApiContext, fieldManagerOf, isDryRun, type ObjectRequest } from './api.ts'
import { readObject } from './body.ts'
import { noteUpdate } from './patch/managed-fields.ts'
import { parseBody } from './wire/decode.ts'
import { negotiate } from './wire/negotiation.ts'
import { represent, representList } from './wire/represent.ts'

/** An object after a write, in the representation that its writer asked for. */
export const written = (
  { clock }: ApiContext,
  request: ObjectRequest,
  object: KubernetesObject,
  { status = 200, warnings = [] }: { status?: number; warnings?: string[] } = {},
): ApiAnswer => {
  const { as } = negotiate(request.accept)
  const table = { now: clock.now(), include: 'Metadata', header: true } as const
  return { status, warnings, body: represent(request.kind, object, as, table) }
}

/** How a request writes; what admission warns of is added to `warnings`. */
export const writeOptions = (
  { user }: ObjectRequest,
  dryRun: boolean,
  warnings: string[],
): Required<Omit<WriteOptions, 'manager'>> => ({
  dryRun,
  user: user.username,
  groups: user.groups,
  warn: (text) => void warnings.push(text),
})

/** POST to a collection. */
export const createObject = (context: ApiContext, request: ObjectRequest): ApiAnswer | Promise<ApiAnswer> => {
  if (request.name) throw methodNotAllowed()
  const dryRun = isDryRun(request.query, 'CreateOptions')
  const { object, warnings } = readObject(request)
  const placed = inNamespaceOf(request, object)
  const options = writeOptions(request, dryRun, warnings)
  const sent = tracked(context, request, undefined, placed)
  const { view } = request.kind
  const create = () => {
    const created = view
      ? context.store.create(view.of, view.read(sent), options)
      : context.store.create(request.kind, sent, options)
    return written(context, request, created as KubernetesObject, { status: 201, warnings })
  }
  const delay = context.admissionDelay(request.kind, placed)
  return delay > 0 ? context.clock.sleep(delay).then(create) : create()
}

/** PUT: replaces an object. */
export const updateObject = (context: ApiContext, request: ObjectRequest): ApiAnswer => {
  const dryRun = isDryRun(request.query, 'UpdateOptions')
  const { object, warnings } = readObject(request)
  const placed = named(request, inNamespaceOf(request, object))
  const options = writeOptions(request, dryRun, warnings)
  const current = context.store.read(request.kind, request.namespace, request.name) as KubernetesObject
  if (conditionalUpdates(request.kind) && !placed.metadata?.resourceVersion)
    throw invalid(request.kind, request.name, [
      invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
    ])
  const updated =
    request.subresource === 'status'
      ? context.store.replaceStatus(request.kind, placed, { ...options, manager: fieldManagerOf(request) })
      : context.store.update(request.kind, tracked(context, request, current, placed), options)
  return written(context, request, updated as KubernetesObject, { warnings })
}

/** Whether whoever replaces an object has to say which version of it. */
const conditionalUpdates = (kind: ResourceKind): boolean =>
  kind.custom !== undefined || kind === resources.customresourcedefinitions

/** An object with the fields noted that its writer changes. */
export const tracked = <T extends NewObject>(
  { store }: ApiContext,
  request: ObjectRequest,
  before: KubernetesObject | undefined,
  after: T,
): T => {
  const { kind, subresource } = request
  const settled = asWire(after)
  applyDefaults(kind, settled)
  const managedFields = noteUpdate(kind, before, settled, {
    name: fieldManagerOf(request),
    operation: 'Update',
    subresource,
    time: store.timestamp(),
  })
  const { managedFields: _given, ...metadata } = after.metadata ?? {}
  return { ...after, metadata: { ...metadata, ...(managedFields.length > 0 ? { managedFields } : {}) } }
}

const inNamespaceOf = ({ kind, namespace }: ObjectRequest, object: NewObject): NewObject => {
  const given = object.metadata?.namespace
  if (kind.namespaced && given && given !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  return namespace === undefined || !kind.namespaced
    ? object
    : { ...object, metadata: { ...object.metadata, namespace } }
}

const named = ({ name }: ObjectRequest, object: NewObject): NewObject => {
  const given = object.metadata?.name
  if (given && given !== name)
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
  return { ...object, metadata: { ...object.metadata, name } }
}

/** Kinds of which a deletion answers the object itself. */
const returnsDeleted = new Set(['pods', 'services', 'serviceaccounts'])

/** DELETE of one object; what is not deleted at once is answered as it is. */
export const deleteObject = (context: ApiContext, request: ObjectRequest): ApiAnswer => {
  const { store } = context
  const { kind, namespace, name } = request
  const { preconditions, ...options } = deleteOptions(request)
  const current = store.get(kind, namespace, name) as KubernetesObject | undefined
  if (!current) throw notFound(kind, name)
  checkPreconditions(request, current, preconditions)
  const deleted = store.delete(kind, namespace, name, options) as KubernetesObject
  const remains = options.dryRun
    ? deleted.metadata.deletionTimestamp !== undefined
    : store.get(kind, namespace, name) !== undefined
  if (remains || (!kind.custom && returnsDeleted.has(kind.plural))) return written(context, request, deleted)
  return {
    status: 200,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name,
        ...(kind.group ? { group: kind.group } : {}),
        kind: kind.plural,
        uid: current.metadata.uid,
      },
    },
  }
}

/** DELETE of a collection, or of what selectors pick out of it. */
export const deleteCollection = ({ store, clock }: ApiContext, request: ObjectRequest): ApiAnswer => {
  const { kind, namespace, query } = request
  const options = deleteOptions(request)
  const matches = parseFieldSelector(kind, query.get('fieldSelector'))
  const deleted = (
    store.list(kind, {
      namespace,
      labels: parseLabelSelector(query.get('labelSelector')),
    }) as KubernetesObject[]
  )
    .filter(matches)
    .map(({ metadata }) => store.delete(kind, metadata.namespace, metadata.name, options) as KubernetesObject)
  const metadata = { resourceVersion: String(store.resourceVersion) }
  const table = { now: clock.now(), include: 'Metadata', header: true } as const
  return {
    status: 200,
    body: representList(kind, deleted, metadata, negotiate(request.accept).as, table),
  }
}

interface Preconditions {
  uid?: string
  resourceVersion?: string
}

const deleteOptions = (request: ObjectRequest): DeleteOptions & { preconditions?: Preconditions } => {
  const { query, body, contentType, user } = request
  const given = body.length > 0 ? parseBody(contentType, body) : {}
  const options: JsonObject = isObject(given) ? given : {}
  const inBody = Array.isArray(options.dryRun) ? options.dryRun.map(String) : []
  const asked = new URLSearchParams([...query, ...inBody.map((value): [string, string] => ['dryRun', value])])
  const grace = options.gracePeriodSeconds ?? query.get('gracePeriodSeconds')
  const propagation = options.propagationPolicy ?? query.get('propagationPolicy')
  checkPropagation(propagation)
  return {
    dryRun: isDryRun(asked, 'DeleteOptions'),
    user: user.username,
    ...(grace === undefined || grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(isPropagation(propagation) ? { propagation } : {}),
    ...(isObject(options.preconditions) ? { preconditions: options.preconditions } : {}),
  }
}

const isPropagation = (value: unknown): value is NonNullable<DeleteOptions['propagation']> =>
  value === 'Background' || value === 'Foreground' || value === 'Orphan'

const checkPropagation = (value: unknown): void => {
  if (value === undefined || value === null || isPropagation(value)) return
  const supported = ['Foreground', 'Background', 'Orphan', 'nil']
  throw invalid({ kind: 'DeleteOptions', group: 'meta.k8s.io' }, '', [
    unsupported('propagationPolicy', value, supported),
  ])
}

const checkPreconditions = (
  { kind, name }: ObjectRequest,
  { metadata }: KubernetesObject,
  { uid, resourceVersion }: Preconditions = {},
): void => {
  // Here the server names the kind where it otherwise names the resource.
  const named = { ...kind, plural: kind.kind }
  if (uid && uid !== metadata.uid)
    throw conflict(
      named,
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    )
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    )
}
