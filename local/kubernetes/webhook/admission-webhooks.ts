import type { LabelSelector, MutatingWebhookConfiguration } from '../../../core/kubernetes.ts'
import { type NewObject, type ResourceKind, resources } from '../store/resources.ts'
import { selects } from '../store/selectors.ts'
import { StatusError } from '../store/status.ts'
import type { AdmissionHook, Store, ValidationHook } from '../store/store.ts'

/** What answers in place of a webhook: changes an object, or throws a `StatusError` to refuse it. */
export type WebhookHandler = AdmissionHook

/** How a webhook is: it answers at once, or after some milliseconds, or not at all. */
export type WebhookCondition = 'up' | 'down' | { answersAfterMs: number }

/** The webhooks that a cluster's registrations name. */
export interface AdmissionWebhooks {
  /** Answers for the webhook of this name, such as `iam-for-pods.amazonaws.com`; the returned function ends that. */
  serve(name: string, handler: WebhookHandler): () => void
  /** Lets a webhook fall silent, be slow, or be well again. */
  setCondition(name: string, condition: WebhookCondition): void
  /** For how long, in milliseconds, the webhooks that are asked about the creation of such an object keep it waiting. */
  delayOf(resource: ResourceKind, object: NewObject): number
  /** Calls the mutating webhooks of a creation. */
  mutate: AdmissionHook
  /** Calls the validating webhooks. */
  validate: ValidationHook
}

type Registered = NonNullable<MutatingWebhookConfiguration['webhooks']>[number]

interface Request {
  operation: 'CREATE' | 'UPDATE'
  dryRun: boolean
  user?: string
}

/**
 * Admission webhooks as MutatingWebhookConfigurations and ValidatingWebhookConfigurations register them: rules,
 * selectors, failure policy, time limit and reinvocation are the registration's. What the webhooks do is said by
 * `serve`; one of which nothing was said cannot be reached, as if its service were not there. Mutating webhooks
 * are asked about creations alone. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 */
export const admissionWebhooks = (store: Store): AdmissionWebhooks => {
  const handlers = new Map<string, WebhookHandler>()
  const conditions = new Map<string, WebhookCondition>()

  const registered = (
    kind: ResourceKind,
    resource: ResourceKind,
    object: NewObject,
    operation: Request['operation'],
  ): Registered[] =>
    (store.list(kind) as MutatingWebhookConfiguration[])
      .flatMap(({ webhooks = [] }) => webhooks)
      .filter((webhook) => concerns(store, webhook, resource, object, operation))

  /** Why a webhook cannot be asked; undefined where it can. */
  const silence = ({ name, timeoutSeconds = 10, clientConfig }: Registered): string | undefined => {
    const condition = conditions.get(name) ?? 'up'
    const timedOut = typeof condition === 'object' && condition.answersAfterMs >= timeoutSeconds * 1000
    if (handlers.has(name) && condition !== 'down' && !timedOut) return undefined
    const address = addressOf(clientConfig)
    const why = timedOut ? 'context deadline exceeded' : unreachable(store, clientConfig)
    return `failed calling webhook "${name}": failed to call webhook: Post "${address}?timeout=${timeoutSeconds}s": ${why}`
  }

  /** Asks one webhook; the object comes back as it was where nobody answers and that is to be ignored. */
  const call = (
    webhook: Registered,
    resource: ResourceKind,
    object: NewObject,
    request: Request & { reinvocation?: boolean },
  ): NewObject => {
    const { name, failurePolicy, sideEffects } = webhook
    if (request.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun')
      throw new StatusError(400, 'BadRequest', `admission webhook "${name}" does not support dry run`)
    const silent = silence(webhook)
    if (silent === undefined) return handlers.get(name)?.(resource, object, request) ?? object
    if (failurePolicy === 'Ignore') return object
    throw new StatusError(500, 'InternalError', `Internal error occurred: ${silent}`, {
      details: { causes: [{ message: silent }] },
    })
  }

  return {
    serve: (name, handler) => {
      handlers.set(name, handler)
      return () => void (handlers.get(name) === handler && handlers.delete(name))
    },
    setCondition: (name, condition) => void conditions.set(name, condition),
    delayOf: (resource, object) =>
      registered(resources.mutatingwebhookconfigurations, resource, object, 'CREATE')
        .map(({ name, timeoutSeconds = 10 }) => {
          const condition = conditions.get(name)
          return typeof condition === 'object' ? Math.min(condition.answersAfterMs, timeoutSeconds * 1000) : 0
        })
        .reduce((sum, delay) => sum + delay, 0),
    mutate: (resource, given, request) => {
      if (request.operation !== 'CREATE') return given
      const webhooks = registered(resources.mutatingwebhookconfigurations, resource, given, 'CREATE')
      const [only] = webhooks
      if (only && webhooks.length === 1) return call(only, resource, given, request)
      let object = given
      const called: { webhook: Registered; left: string }[] = []
      for (const webhook of webhooks) {
        object = call(webhook, resource, object, request)
        called.push({ webhook, left: JSON.stringify(object) })
      }
      // Once more for those that ask for it, where a later one has changed what they left.
      for (const { webhook, left } of called)
        if (webhook.reinvocationPolicy === 'IfNeeded' && left !== JSON.stringify(object))
          object = call(webhook, resource, object, { ...request, reinvocation: true })
      return object
    },
    validate: ({ resource, object, operation, dryRun, user }) => {
      const request = { operation, dryRun, ...(user === undefined ? {} : { user }) }
      for (const webhook of registered(
        resources.validatingwebhookconfigurations,
        resource,
        object,
        operation,
      ))
        call(webhook, resource, object, request)
    },
  }
}

const concerns = (
  store: Store,
  { rules = [], namespaceSelector, objectSelector }: Registered,
  resource: ResourceKind,
  object: NewObject,
  operation: Request['operation'],
): boolean => {
  // Webhooks are never asked about the registrations of webhooks and policies.
  if (resource.group === 'admissionregistration.k8s.io') return false
  return (
    rules.some((rule) => ruleFits(rule, resource, operation)) &&
    selects(objectSelector as LabelSelector | undefined, object.metadata?.labels) &&
    selects(namespaceSelector as LabelSelector | undefined, namespaceLabels(store, resource, object))
  )
}

/** The labels of the namespace that an object is in, or is. */
export const namespaceLabels = (store: Store, resource: ResourceKind, object: NewObject) => {
  if (resource === resources.namespaces) return object.metadata?.labels
  const name = object.metadata?.namespace ?? 'default'
  return resource.namespaced ? store.get(resources.namespaces, undefined, name)?.metadata.labels : undefined
}

interface Rule {
  operations?: string[]
  apiGroups?: string[]
  apiVersions?: string[]
  resources?: string[]
  scope?: string
}

/** Whether a rule of a webhook or a policy is about writes of a kind. */
export const ruleFits = (rule: Rule, resource: ResourceKind, operation: Request['operation']): boolean => {
  const has = (list: string[] | undefined, value: string) =>
    list?.some((one) => one === '*' || one === value) ?? false
  const scoped =
    rule.scope === undefined || rule.scope === '*' || (rule.scope === 'Namespaced') === resource.namespaced
  return (
    scoped &&
    has(rule.operations, operation) &&
    has(rule.apiGroups, resource.group) &&
    has(rule.apiVersions, resource.version) &&
    (has(rule.resources, resource.plural) || (rule.resources?.includes('*/*') ?? false))
  )
}

const addressOf = ({ url, service }: Registered['clientConfig']): string =>
  url ?? `https://${service?.name}.${service?.namespace}.svc:${service?.port ?? 443}${service?.path ?? '/'}`

const unreachable = (store: Store, { url, service }: Registered['clientConfig']): string => {
  if (service && !store.get(resources.services, service.namespace, service.name))
    return `service "${service.name}" not found`
  if (service) return `no endpoints available for service "${service.name}"`
  const { hostname, port } = new URL(url ?? 'https://127.0.0.1')
  return /^[\d.]+$/.test(hostname)
    ? `dial tcp ${hostname}:${port || 443}: connect: connection refused`
    : `dial tcp: lookup ${hostname}: no such host`
}

/** How EKS registers the webhook of Pod Identity, of which a cluster may say otherwise. */
export const podIdentityRegistration = (change: Partial<Registered> = {}): MutatingWebhookConfiguration => ({
  metadata: { name: 'pod-identity-webhook' },
  webhooks: [
    {
      name: podIdentityWebhookName,
      admissionReviewVersions: ['v1beta1'],
      clientConfig: { url: 'https://127.0.0.1:23443/mutate', caBundle: '' },
      failurePolicy: 'Ignore',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {
        matchExpressions: [{ key: 'eks.amazonaws.com/skip-pod-identity-webhook', operator: 'DoesNotExist' }],
      },
      reinvocationPolicy: 'IfNeeded',
      rules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: '*' },
      ],
      sideEffects: 'None',
      timeoutSeconds: 10,
      ...change,
    },
  ],
})

export const podIdentityWebhookName = 'iam-for-pods.amazonaws.com'

/** Registers the webhook of Pod Identity as EKS does, and lets `handler` answer for it. */
export const registerPodIdentityWebhook = (
  store: Store,
  webhooks: AdmissionWebhooks,
  handler: WebhookHandler,
): void => {
  webhooks.serve(podIdentityWebhookName, handler)
  store.create(resources.mutatingwebhookconfigurations, podIdentityRegistration())
}
