import { describe, expect, it } from 'vitest'
import type { MutatingWebhookConfiguration, Pod } from '../../../../core/kubernetes.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { StatusError } from '../../../../local/kubernetes/store/status.ts'
import {
  podIdentityRegistration,
  podIdentityWebhookName,
  registerPodIdentityWebhook,
  type WebhookCondition,
  type WebhookHandler,
} from '../../../../local/kubernetes/webhook/admission-webhooks.ts'
import { cluster } from '../support/cluster.ts'

type Registration = NonNullable<MutatingWebhookConfiguration['webhooks']>[number]

/** A handler that sets a variable in each container, once. */
const marks =
  (variable: string): WebhookHandler =>
  (_resource, object) => {
    const pod = object as Pod
    for (const container of pod.spec?.containers ?? [])
      if (!container.env?.some(({ name }) => name === variable))
        container.env = [...(container.env ?? []), { name: variable, value: 'yes' }]
    return pod
  }

const addsSidecar: WebhookHandler = (_resource, object) => {
  const pod = object as Pod
  if (!pod.spec?.containers.some(({ name }) => name === 'sidecar'))
    pod.spec?.containers.push({ name: 'sidecar', image: 's:1' })
  return pod
}

/** A cluster with the webhook of Pod Identity as registered, and another that adds a sidecar after it. */
const setUp = (change: Partial<Registration> = {}) => {
  const local = cluster()
  registerPodIdentityWebhook(local.store, local.webhooks, marks('INJECTED'))
  local.store.mutate(resources.mutatingwebhookconfigurations, undefined, 'pod-identity-webhook', (draft) => ({
    ...draft,
    ...podIdentityRegistration(change),
    metadata: draft.metadata,
  }))
  return local
}

const withSidecar = ({ store, webhooks }: ReturnType<typeof setUp>) => {
  const [webhook] = podIdentityRegistration({ name: 'sidecar.example.com' }).webhooks ?? []
  store.create(resources.mutatingwebhookconfigurations, {
    metadata: { name: 'sidecar-injector' },
    webhooks: webhook ? [webhook] : [],
  })
  webhooks.serve('sidecar.example.com', addsSidecar)
}

const create = ({ store }: ReturnType<typeof setUp>, labels: Record<string, string> = {}, dryRun = false) =>
  store.create(
    resources.pods,
    {
      metadata: { generateName: 'a-', namespace: 'carts', labels },
      spec: { containers: [{ name: 'app', image: 'a:1' }] },
    },
    { dryRun },
  )

const injected = (pod: ReturnType<typeof create>): string[] =>
  pod.spec.containers.filter(({ env }) => env?.length).map(({ name }) => name)

const failure = (run: () => unknown): StatusError => {
  try {
    run()
  } catch (error) {
    if (error instanceof StatusError) return error
  }
  throw new Error('nothing was refused')
}

it('injects as it is registered, into dry runs too', () => {
  const local = setUp()
  expect(injected(create(local))).toEqual(['app'])
  expect(injected(create(local, {}, true))).toEqual(['app'])
})

it('leaves pods alone whose label says so', () => {
  expect(injected(create(setUp(), { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' }))).toEqual([])
})

it('injects nothing once its registration is gone', () => {
  const local = setUp()
  local.store.delete(resources.mutatingwebhookconfigurations, undefined, 'pod-identity-webhook')
  expect(injected(create(local))).toEqual([])
})

it('keeps to the namespaces that the registration selects', () => {
  const local = setUp({ namespaceSelector: { matchLabels: { injection: 'on' } } })
  expect(injected(create(local))).toEqual([])
})

describe('a container that a later webhook adds', () => {
  it('is injected where the registration asks to be called again', () => {
    const local = setUp()
    withSidecar(local)
    expect(injected(create(local))).toEqual(['app', 'sidecar'])
  })

  it('comes without where it does not', () => {
    const local = setUp({ reinvocationPolicy: 'Never' })
    withSidecar(local)
    expect(injected(create(local))).toEqual(['app'])
  })
})

describe('a webhook that does not answer', () => {
  const cases: [WebhookCondition, string][] = [
    ['down', 'dial tcp 127.0.0.1:23443: connect: connection refused'],
    [{ answersAfterMs: 10_000 }, 'context deadline exceeded'],
  ]
  it.each(cases)('is passed over, or fails the creation: %j', (condition, why) => {
    const ignoring = setUp()
    ignoring.webhooks.setCondition(podIdentityWebhookName, condition)
    expect(injected(create(ignoring))).toEqual([])

    const failing = setUp({ failurePolicy: 'Fail' })
    failing.webhooks.setCondition(podIdentityWebhookName, condition)
    const { code, message } = failure(() => create(failing))
    expect(code).toBe(500)
    expect(message).toBe(
      `Internal error occurred: failed calling webhook "iam-for-pods.amazonaws.com": failed to call webhook: Post "https://127.0.0.1:23443/mutate?timeout=10s": ${why}`,
    )
  })

  it('is one whose service is not there', () => {
    const service = { name: 'policy', namespace: 'kyverno', path: '/mutate' }
    const local = setUp({ name: 'mutate.kyverno.svc', failurePolicy: 'Fail', clientConfig: { service } })
    expect(failure(() => create(local)).message).toMatch(
      'Post "https://policy.kyverno.svc:443/mutate?timeout=10s": service "policy" not found',
    )
  })

  it('keeps the creation waiting for as long as it takes', () => {
    const local = setUp()
    local.webhooks.setCondition(podIdentityWebhookName, { answersAfterMs: 3000 })
    expect(local.webhooks.delayOf(resources.pods, { metadata: { namespace: 'carts' } })).toBe(3000)
    expect(injected(create(local))).toEqual(['app'])
  })
})

it('turns a dry run down where the webhook has effects elsewhere', () => {
  const local = setUp({ sideEffects: 'Some' })
  const { code, message } = failure(() => create(local, {}, true))
  expect([code, message]).toEqual([
    400,
    'admission webhook "iam-for-pods.amazonaws.com" does not support dry run',
  ])
})

it('lets a validating webhook refuse', () => {
  const local = setUp()
  const [webhook] = podIdentityRegistration({ name: 'owners.example.com' }).webhooks ?? []
  local.store.create(resources.validatingwebhookconfigurations, {
    metadata: { name: 'owners' },
    webhooks: webhook ? [webhook] : [],
  })
  local.webhooks.serve('owners.example.com', () => {
    throw new StatusError(
      403,
      'Forbidden',
      'admission webhook "owners.example.com" denied the request: pods need an owner',
    )
  })
  expect(failure(() => create(local)).message).toMatch(/pods need an owner/)
})
