import type { Pod } from '../../../core/kubernetes.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import { isObject } from '../../json-object.ts'
import { customScale, withReplicas } from '../custom/scale.ts'
import { hangingLog } from '../kubelet/log.ts'
import { type KubernetesObject, type ResourceKind, resources, type Stored } from '../store/resources.ts'
import { selects } from '../store/selectors.ts'
import {
  badRequest,
  conflict,
  invalid,
  methodNotAllowed,
  noSuchResource,
  StatusError,
} from '../store/status.ts'
import { invalidValue } from '../store/validation/fields.ts'
import { apiAudience } from './access/service-account-tokens.ts'
import { type ApiAnswer, type ApiContext, isDryRun, type ObjectRequest } from './api.ts'
import { mergePatch } from './patch/merge.ts'
import { requireObject } from './read.ts'
import { isTrue } from './request-info.ts'
import { parseBody } from './wire/decode.ts'
import { tracked } from './write.ts'

/** Answers for `scale`, `log`, `token` and `eviction`; 404 for what a kind does not have. */
export const answerSubresource = (context: ApiContext, request: ObjectRequest): ApiAnswer => {
  const { kind, subresource = '', info } = request
  if (!kind.subresources.includes(subresource)) throw noSuchResource()
  if (subresource === 'scale') return answerScale(context, request)
  if (subresource === 'log' && info.verb === 'get') return answerLog(context, request)
  if (subresource === 'eviction' && info.verb === 'create') return answerEviction(context, request)
  if (subresource === 'token' && info.verb === 'create') return answerToken(context, request)
  throw methodNotAllowed()
}

interface Scalable extends KubernetesObject {
  spec: { replicas?: number; selector?: { matchLabels?: Record<string, string> } }
  status?: { replicas?: number }
}

const scaleOf = (kind: ResourceKind, object: Scalable) => {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const { replicas, statusReplicas, selector } = kind.custom?.scale
    ? customScale(kind.custom.scale, object)
    : ownScale(object)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: { replicas: statusReplicas ?? 0, ...(selector ? { selector } : {}) },
  }
}

const ownScale = ({ spec, status }: Scalable) => ({
  replicas: spec.replicas,
  statusReplicas: status?.replicas,
  selector: Object.entries(spec.selector?.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join(','),
})

/** The same object with so many replicas wanted. */
const scaledTo = (kind: ResourceKind, object: Scalable, replicas: number): Scalable =>
  kind.custom?.scale
    ? withReplicas(kind.custom.scale, object, replicas)
    : { ...object, spec: { ...object.spec, replicas } }

const answerScale = (context: ApiContext, request: ObjectRequest): ApiAnswer => {
  const { kind, name, info, query, contentType, body } = request
  const current = requireObject(context, request) as Scalable
  if (info.verb === 'get') return { status: 200, body: scaleOf(kind, current) }
  if (info.verb !== 'update' && info.verb !== 'patch') throw methodNotAllowed()
  const dryRun = isDryRun(query, info.verb === 'patch' ? 'PatchOptions' : 'UpdateOptions')
  const given = parseBody(info.verb === 'patch' ? 'application/json' : contentType, body)
  const wanted = info.verb === 'patch' ? mergePatch(scaleOf(kind, current), given) : given
  if (!isObject(wanted) || !isObject(wanted.spec)) throw badRequest('a Scale has a spec')
  const { metadata, spec } = wanted
  const version = isObject(metadata) ? metadata.resourceVersion : undefined
  if (version && version !== current.metadata.resourceVersion) throw conflict(kind, name)
  const replicas = Number(spec.replicas ?? 0)
  const next = scaledTo(kind, current, replicas)
  const scaled = context.store.update(kind, tracked(context, request, current, next), { dryRun })
  return { status: 200, body: scaleOf(kind, scaled as unknown as Scalable) }
}

/**
 * Evicts a pod, as a drain does: a deletion that the budgets of disruptions may refuse for now.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
const answerEviction = ({ store }: ApiContext, request: ObjectRequest): ApiAnswer => {
  const { namespace, name, contentType, body, query, user } = request
  const pod = store.read(resources.pods, namespace, name)
  const given = parseBody(contentType, body)
  const options = isObject(given) && isObject(given.deleteOptions) ? given.deleteOptions : {}
  const asked = Array.isArray(options.dryRun) ? options.dryRun.map(String) : []
  const dryRun = isDryRun(
    new URLSearchParams([...query, ...asked.map((value): [string, string] => ['dryRun', value])]),
    'DeleteOptions',
  )
  const budgets = store
    .list(resources.poddisruptionbudgets, { namespace })
    .filter(({ spec }) => spec.selector && selects(spec.selector, pod.metadata.labels))
  if (budgets.length > 1)
    throw new StatusError(
      500,
      'InternalError',
      'Internal error occurred: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    )
  const [budget] = budgets
  if (budget && isReady(pod) && !budget.status?.disruptionsAllowed)
    throw new StatusError(
      429,
      'TooManyRequests',
      "Cannot evict pod as it would violate the pod's disruption budget.",
      {
        details: {
          causes: [
            {
              reason: 'DisruptionBudget',
              message: `The disruption budget ${budget.metadata.name} needs ${budget.status?.desiredHealthy ?? 0} healthy pods and has ${budget.status?.currentHealthy ?? 0} currently`,
            },
          ],
        },
      },
    )
  const grace = options.gracePeriodSeconds
  store.delete(resources.pods, namespace, name, {
    dryRun,
    user: user.username,
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
  })
  return {
    status: 201,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  }
}

const answerLog = (context: ApiContext, request: ObjectRequest): ApiAnswer => {
  const pod = requireObject(context, request) as unknown as Stored<Pod>
  const { query } = request
  const names = pod.spec.containers.map(({ name }) => name)
  const container = query.get('container') ?? (names.length === 1 ? names[0] : undefined)
  if (container === undefined)
    throw badRequest(
      `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]`,
    )
  if (![...names, ...(pod.spec.initContainers ?? []).map(({ name }) => name)].includes(container))
    throw badRequest(`container ${container} is not valid for pod ${pod.metadata.name}`)
  const previous = isTrue(query.get('previous'))
  const text = context.logs({ namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }, container, {
    previous,
    timestamps: isTrue(query.get('timestamps')),
    ...(query.has('tailLines') ? { tailLines: Number(query.get('tailLines')) } : {}),
    ...(query.has('sinceTime') ? { sinceTime: Date.parse(query.get('sinceTime') ?? '') } : {}),
    ...(query.has('limitBytes') ? { limitBytes: Number(query.get('limitBytes')) } : {}),
    ...(query.has('sinceSeconds') ? { sinceSeconds: Number(query.get('sinceSeconds')) } : {}),
  })
  if (text === undefined) throw noLog(pod, container, previous)
  if (text === hangingLog) return { status: 200, never: true }
  return { status: 200, text, contentType: 'text/plain' }
}

const noLog = (pod: Stored<Pod>, container: string, previous: boolean): Error => {
  if (previous)
    return badRequest(`previous terminated container "${container}" in pod "${pod.metadata.name}" not found`)
  const status = pod.status?.containerStatuses?.find(({ name }) => name === container)
  const reason = status?.state?.waiting?.reason ?? 'ContainerCreating'
  return badRequest(`container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${reason}`)
}

const answerToken = (context: ApiContext, request: ObjectRequest): ApiAnswer => {
  const { metadata } = requireObject(context, request)
  const given = parseBody(request.contentType, request.body)
  const spec = isObject(given) && isObject(given.spec) ? given.spec : {}
  const expirationSeconds = lifetimeOf(spec.expirationSeconds ?? 3600)
  const audiences = Array.isArray(spec.audiences) ? spec.audiences.map(String) : [apiAudience]
  const expires = Math.floor(context.clock.now() / 1000) + expirationSeconds
  return {
    status: 201,
    body: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
        creationTimestamp: context.store.timestamp(),
      },
      spec: { audiences, expirationSeconds, boundObjectRef: null },
      status: {
        token: context.tokens.issue(metadata, audiences, expires),
        expirationTimestamp: context.store.timestamp(expirationSeconds),
      },
    },
  }
}

/** Between ten minutes and 2^32 seconds; 400 or 422 for what no token can live. */
const lifetimeOf = (seconds: unknown): number => {
  if (typeof seconds !== 'number' || !Number.isInteger(seconds))
    throw badRequest(
      `TokenRequest in version "v1" cannot be handled as a TokenRequest: json: cannot unmarshal ${typeof seconds} into Go struct field TokenRequestSpec.spec.expirationSeconds of type int64`,
    )
  const refuse = (why: string) =>
    invalid({ kind: 'TokenRequest', group: 'authentication.k8s.io' }, '', [
      invalidValue('spec.expirationSeconds', seconds, why),
    ])
  if (seconds < 600) throw refuse('may not specify a duration less than 10 minutes')
  if (seconds > 2 ** 32) throw refuse('may not specify a duration larger than 2^32 seconds')
  return seconds
}
