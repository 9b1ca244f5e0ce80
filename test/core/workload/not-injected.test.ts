import { expect, it } from 'vitest'
import { type NotInjected, whyNotInjected } from '../../../core/workload/not-injected.ts'
import { podIdentityRegistration } from '../../../local/kubernetes/webhook/admission-webhooks.ts'

const registered = (change: object = {}): Partial<NotInjected> => ({
  registration: { found: podIdentityRegistration(change) },
})
const service = { namespace: 'platform', name: 'webhook' }
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
    'Ignore, by a service: it may have no endpoint',
    registered({ clientConfig: { service } }),
    /by the service platform\/webhook with failurePolicy Ignore: where that has no endpoint or does not answer/,
    'kubectl get endpointslices -n platform -l kubernetes.io/service-name=webhook',
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
