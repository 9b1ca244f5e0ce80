import { expect, it } from 'vitest'
import type { Deployment, ObjectMeta, Pod, PodSpec } from '../../../core/kubernetes.ts'
import { checkInjection } from '../../../core/workload/injection.ts'
import { type NotInjected, webhookRefuses, whyNotInjected } from '../../../core/workload/not-injected.ts'
import { judgeRefusal } from '../../../core/workload/refusal.ts'
import { checkWorkload } from '../../../core/workload/workload.ts'
import { podIdentityRegistration } from '../../../local/kubernetes/webhook/admission-webhooks.ts'
import { injectedContainer, injectedSpec, pod } from '../../support/pods.ts'

const service = { namespace: 'platform', name: 'webhook' }
const registered = (change: object = {}): Partial<NotInjected> => ({
  registration: { found: podIdentityRegistration(change) },
})
const served = (endpoints: { all: number; ready: number }): Partial<NotInjected> => ({
  registration: { found: podIdentityRegistration({ clientConfig: { service } }), endpoints },
})
const endpoints = 'kubectl get endpointslices -n platform -l kubernetes.io/service-name=webhook'
const describe = 'aws eks describe-pod-identity-association --cluster-name eks-workshop'

it.each<[why: string, change: Partial<NotInjected>, says: RegExp, commandOf: string]>([
  [
    'no registration',
    { registration: { found: undefined } },
    /: the cluster has no registration pod-identity-webhook of the Pod Identity webhook, so the API server asks nobody/,
    'kubectl get mutatingwebhookconfigurations',
  ],
  [
    'a registration without the webhook',
    { registration: { found: { metadata: { name: 'pod-identity-webhook' }, webhooks: [] } } },
    /: the registration pod-identity-webhook has no webhook iam-for-pods\.amazonaws\.com/,
    'kubectl get mutatingwebhookconfigurations',
  ],
  [
    'a registration without any webhook',
    { registration: { found: { metadata: { name: 'pod-identity-webhook' } } } },
    /: the registration pod-identity-webhook has no webhook iam-for-pods\.amazonaws\.com/,
    'kubectl get mutatingwebhookconfigurations',
  ],
  [
    'nobody has looked for the registration',
    {},
    /Its registration was not looked at; see whether it is there: /,
    "kubectl get mutatingwebhookconfigurations pod-identity-webhook -o 'custom-columns=NAME",
  ],
  [
    'a registration for some namespaces only',
    registered({ namespaceSelector: { matchLabels: { team: 'shop' } } }),
    /is limited by its namespaceSelector; where these leave the pod out, it is not asked, else the association/,
    'kubectl get mutatingwebhookconfigurations pod-identity-webhook -o yaml',
  ],
  [
    'failurePolicy Fail, and pods are made: the webhook was asked and answered',
    registered({ failurePolicy: 'Fail' }),
    /: the association a-1 has not reached the cluster; the Pod Identity webhook answers, since its failurePolicy is Fail/,
    describe,
  ],
  [
    'no failurePolicy is Fail, the API’s default',
    registered({ failurePolicy: undefined }),
    /the Pod Identity webhook answers/,
    describe,
  ],
  [
    'Ignore, by a service whose endpoints may not be listed',
    {
      registration: {
        found: podIdentityRegistration({ clientConfig: { service } }),
        endpoints: { notLookedAt: 'the EndpointSlices (403 Forbidden)' },
      },
    },
    /by the service platform\/webhook with failurePolicy Ignore: where that has no endpoint or does not answer.* Its endpoints were not looked at \(the EndpointSlices \(403 Forbidden\)\)/,
    endpoints,
  ],
  ...[undefined, { notLookedAt: undefined }].map((seen): [string, Partial<NotInjected>, RegExp, string] => [
    'Ignore, by a service whose endpoints nobody has looked for',
    {
      registration: {
        found: podIdentityRegistration({ clientConfig: { service } }),
        ...(seen && { endpoints: seen }),
      },
    },
    /Its endpoints were not looked at\. See its endpoints: /,
    endpoints,
  ]),
  [
    'Ignore, by a service without endpoints: it is down',
    served({ all: 0, ready: 0 }),
    /: the Pod Identity webhook is down: it is registered by the service platform\/webhook with failurePolicy Ignore, which has no endpoint, so/,
    endpoints,
  ],
  [
    'Ignore, by a service whose endpoints are not ready: it is down',
    served({ all: 2, ready: 0 }),
    /webhook is down: .*which has 2 endpoints, none of them ready, so/,
    endpoints,
  ],
  [
    'Ignore, by a service with endpoints: it may be slow, or the association is late',
    served({ all: 2, ready: 1 }),
    /: the association a-1 has not reached the cluster, or the Pod Identity webhook does not answer in time, .* which has 1 ready endpoint\./,
    endpoints,
  ],
  [
    'Ignore, by an address: down and not reached look alike from outside',
    registered(),
    /has not reached the cluster, or the Pod Identity webhook is down: it is registered at https:\/\/127\.0\.0\.1:23443\/mutate/,
    'aws logs filter-log-events --region us-west-2 --log-group-name /aws/eks/eks-workshop/cluster',
  ],
  [
    'some pods had the credentials: the webhook answers',
    { some: true },
    /: the association a-1 has not reached every API server; some of the pods had them/,
    describe,
  ],
  [
    'the registration may not be read',
    { registration: { notLookedAt: 'the registration (403 Forbidden)' } },
    /Its registration was not looked at \(the registration \(403 Forbidden\)\)/,
    "kubectl get mutatingwebhookconfigurations pod-identity-webhook -o 'custom-columns=NAME",
  ],
])('%s', (_why, change, says, commandOf) => {
  const message = whyNotInjected({
    cluster: 'eks-workshop',
    region: 'us-west-2',
    namespace: 'carts',
    serviceAccount: 'carts',
    associationId: 'a-1',
    waitedMs: 121_000,
    some: false,
    registration: { notLookedAt: undefined },
    ...change,
  })
  expect(message).toMatch(/^dry-run pods of carts\/carts still come back without credentials after 121 s: /)
  expect(message).toMatch(says)
  expect(message).toContain(`: ${commandOf}`)
})

const ref = { kind: 'Deployment', name: 'carts' } as const
const plain: PodSpec = { containers: [{ name: 'carts' }, { name: 'proxy' }] }
const workload = (metadata: ObjectMeta): Deployment => ({
  kind: 'Deployment',
  metadata: { name: 'carts' },
  spec: {
    replicas: 1,
    selector: {},
    template: { metadata, spec: { ...plain, serviceAccountName: 'carts' } },
  },
})
const checked = (metadata: ObjectMeta): string =>
  checkWorkload({
    ref,
    namespace: 'carts',
    serviceAccount: 'carts',
    serviceAccountObject: {},
    workload: workload(metadata),
    ifMissing: 'fail',
  })
    .map(({ found }) => found)
    .join()
const inPods = (...pods: Pod[]): string =>
  checkInjection(pods, { ref, namespace: 'carts', template: plain, configMaps: [] })
    .findings.map(({ found }) => found)
    .join()
const dryRuns = (change: Partial<NotInjected>): string =>
  whyNotInjected({
    cluster: 'eks-workshop',
    region: 'us-west-2',
    namespace: 'carts',
    serviceAccount: 'carts',
    associationId: 'a-1',
    waitedMs: 121_000,
    some: false,
    registration: { notLookedAt: undefined },
    ...change,
  })
const silent = 'failed calling webhook "iam-for-pods.amazonaws.com": connection refused'

/** The ways in which pods come to be without credentials, and what is said of each. */
const ways: [way: string, said: string, as: RegExp][] = [
  [
    'no pod injected',
    inPods(pod({ spec: plain })),
    /^1 of 1 pods have no Pod Identity credentials: .*container carts, lacks/,
  ],
  [
    'some pods injected',
    inPods(pod({ spec: injectedSpec(plain) }), pod({ spec: plain })),
    /^1 of 2 pods have no Pod Identity credentials/,
  ],
  [
    'some containers injected',
    inPods(
      pod({
        spec: {
          ...injectedSpec(plain),
          containers: [injectedContainer({ name: 'carts' }), { name: 'proxy' }],
        },
      }),
    ),
    /credentials: [^,;]*, container proxy, lacks AWS_CONTAINER_CREDENTIALS_FULL_URI[^;]*$/,
  ],
  [
    'skipped by the label',
    checked({ labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' } }),
    /^its template has the label eks\.amazonaws\.com\/skip-pod-identity-webhook/,
  ],
  [
    'skipped by the annotation',
    checked({ annotations: { 'eks.amazonaws.com/skip-containers': 'carts,proxy' } }),
    /^its template's annotation eks\.amazonaws\.com\/skip-containers excludes every container \(carts, proxy\)/,
  ],
  [
    'a pod that was made with the annotation',
    inPods(
      pod({ spec: plain, metadata: { annotations: { 'eks.amazonaws.com/skip-containers': 'carts,proxy' } } }),
    ),
    /excludes all its containers by the annotation/,
  ],
  [
    'the webhook down, with Ignore',
    dryRuns(served({ all: 0, ready: 0 })),
    /: the Pod Identity webhook is down: it is registered by the service/,
  ],
  [
    'the webhook down or not reached, with Ignore, by an address',
    dryRuns(registered()),
    /or the Pod Identity webhook is down: it is registered at/,
  ],
  [
    'the webhook down with Fail, before anything is changed',
    judgeRefusal({ ref, namespace: 'carts', workload: workload({}), message: silent }).found,
    /^the cluster refuses new pods of it: failed calling webhook/,
  ],
  [
    'the webhook down with Fail, while it was waited for',
    webhookRefuses(silent, 121_000),
    /^after 121 s the API server still refuses every pod, since a webhook whose failurePolicy is Fail does not answer/,
  ],
  [
    'the association late',
    dryRuns(registered({ failurePolicy: 'Fail' })),
    /has not reached the cluster; the Pod Identity webhook answers/,
  ],
  [
    'the webhook not registered',
    dryRuns({ registration: { found: undefined } }),
    /has no registration pod-identity-webhook/,
  ],
]

it.each(ways)('has a message of its own for %s', (way, said, as) => {
  expect(said).toMatch(as)
  const others = ways.filter(([other, , its]) => other !== way && its.test(said))
  expect(others.map(([other]) => other)).toEqual([])
})

it.each<[why: string, registration: NotInjected['registration'], says: string]>([
  [
    'one of two endpoints',
    { found: podIdentityRegistration({ clientConfig: { service } }), endpoints: { all: 1, ready: 0 } },
    'which has 1 endpoint, none of them ready, so that',
  ],
  [
    'two endpoints',
    { found: podIdentityRegistration({ clientConfig: { service } }), endpoints: { all: 2, ready: 0 } },
    'which has 2 endpoints, none of them ready, so that',
  ],
  [
    'two ready ones',
    { found: podIdentityRegistration({ clientConfig: { service } }), endpoints: { all: 3, ready: 2 } },
    'which has 2 ready endpoints.',
  ],
  [
    'one ready one',
    { found: podIdentityRegistration({ clientConfig: { service } }), endpoints: { all: 3, ready: 1 } },
    'which has 1 ready endpoint.',
  ],
  [
    'another webhook before it',
    {
      found: {
        webhooks: [
          { name: 'x', failurePolicy: 'Fail' } as never,
          ...(podIdentityRegistration({ failurePolicy: 'Ignore' }).webhooks ?? []),
        ],
      },
    },
    `--filter-pattern '"failing open" "iam-for-pods.amazonaws.com"'`,
  ],
  [
    'conditions and namespaces that limit it',
    {
      found: podIdentityRegistration({
        namespaceSelector: { matchLabels: { a: 'b' } },
        matchConditions: [{ name: 'x', expression: 'true' }],
      }),
    },
    'is limited by its namespaceSelector and matchConditions;',
  ],
  [
    'selectors that limit nothing',
    { found: podIdentityRegistration({ namespaceSelector: { matchLabels: {} }, failurePolicy: 'Fail' }) },
    'the Pod Identity webhook answers',
  ],
])('tells of %s', (_why, registration, says) => {
  expect(
    whyNotInjected({
      cluster: 'shop',
      region: 'us-west-2',
      namespace: 'n',
      serviceAccount: 's',
      associationId: 'a-1',
      waitedMs: 1000,
      some: false,
      registration,
    }),
  ).toContain(says)
})
