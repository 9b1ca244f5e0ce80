import type { MutatingWebhookConfiguration } from '../kubernetes.ts'
import { excerpt } from '../text/redact.ts'
import { command } from '../text/shell.ts'

/** EKS's registration of the Pod Identity webhook in each cluster, and the webhook's name in it. */
export const webhookRegistration = 'pod-identity-webhook'
export const webhookName = 'iam-for-pods.amazonaws.com'

/** What there is to tell by why dry-run pods come back without credentials. */
export interface NotInjected {
  cluster: string
  region: string
  namespace: string
  serviceAccount: string
  associationId: string
  /** For how long it was tried, in milliseconds. */
  waitedMs: number
  /** Whether one dry-run pod at least had the credentials. */
  some: boolean
  registration: SeenRegistration
}

/** The registration as the cluster has it: undefined where it has none; or why nobody looked. */
export type SeenRegistration =
  | { found: MutatingWebhookConfiguration | undefined; endpoints?: SeenEndpoints }
  | { notLookedAt: string | undefined }

/** The endpoints of the service that it names: how many there are, and how many of these are ready; or why nobody looked. */
export type SeenEndpoints = { all: number; ready: number } | { notLookedAt: string | undefined }

/**
 * Says why no pod is given credentials, as far as the webhook's registration shows it. An API server passes over a webhook that
 * does not answer where its failurePolicy is Ignore, and refuses the pod where it is Fail:
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy
 */
export const whyNotInjected = (facts: NotInjected): string =>
  `dry-run pods of ${facts.namespace}/${facts.serviceAccount} still come back without credentials after ${Math.round(facts.waitedMs / 1000)} s: ${reason(facts)}`

const reason = (facts: NotInjected): string => {
  const { registration, associationId } = facts
  const late = `the association ${associationId} has not reached`
  const association = command`aws eks describe-pod-identity-association --cluster-name ${facts.cluster} --region ${facts.region} --association-id ${associationId}`
  if (facts.some)
    return `${late} every API server; some of the pods had them, so the Pod Identity webhook answers. See whether it is as it should be: ${association}`
  if (!('found' in registration))
    return `${late} the cluster, or the Pod Identity webhook does not answer, which the API server passes over where its failurePolicy is Ignore. Its registration was not looked at${registration.notLookedAt ? ` (${excerpt(registration.notLookedAt)})` : ''}; see whether it is there: ${seeRegistration}`
  const webhook = registration.found?.webhooks?.find(({ name }) => name === webhookName)
  if (!webhook)
    return `${registration.found ? `the registration ${webhookRegistration} has no webhook ${webhookName}` : `the cluster has no registration ${webhookRegistration} of the Pod Identity webhook`}, so the API server asks nobody for credentials. See what is registered: kubectl get mutatingwebhookconfigurations`
  const limits = limitsOf(webhook)
  if (limits.length > 0)
    return `the registration of the Pod Identity webhook is limited by its ${limits.join(' and ')}; where these leave the pod out, it is not asked, else ${late} the cluster. See what it says: ${command`kubectl get mutatingwebhookconfigurations ${webhookRegistration} -o yaml`}`
  // The API's default is Fail.
  if (webhook.failurePolicy !== 'Ignore')
    return `${late} the cluster; the Pod Identity webhook answers, since its failurePolicy is Fail and the last pod was not refused. See whether it is as it should be: ${association}`
  const { service, url } = webhook.clientConfig
  return service
    ? `${byService(service, registration.endpoints, late)}. See its endpoints: ${command`kubectl get endpointslices -n ${service.namespace} -l ${`kubernetes.io/service-name=${service.name}`}`}`
    : `${late} the cluster, or the Pod Identity webhook is down: it is registered at ${url} with failurePolicy Ignore, so that the API server passes it over, and writes so in its log. Where that goes to CloudWatch, look there: ${command`aws logs filter-log-events --region ${facts.region} --log-group-name ${`/aws/eks/${facts.cluster}/cluster`} --log-stream-name-prefix kube-apiserver- --filter-pattern ${`"failing open" "${webhookName}"`}`}`
}

const byService = (
  service: { namespace: string; name: string },
  endpoints: SeenEndpoints | undefined,
  late: string,
): string => {
  const registered = `registered by the service ${service.namespace}/${service.name} with failurePolicy Ignore`
  if (!endpoints || 'notLookedAt' in endpoints)
    return `the Pod Identity webhook is ${registered}: where that has no endpoint or does not answer, the API server passes it over, else ${late} the cluster. Its endpoints were not looked at${endpoints?.notLookedAt ? ` (${excerpt(endpoints.notLookedAt)})` : ''}`
  if (endpoints.ready === 0)
    return `the Pod Identity webhook is down: it is ${registered}, which has ${endpoints.all === 0 ? 'no endpoint' : `${endpoints.all} ${endpoints.all === 1 ? 'endpoint' : 'endpoints'}, none of them ready`}, so that the API server passes it over`
  return `${late} the cluster, or the Pod Identity webhook does not answer in time, which the API server passes over: it is ${registered}, which has ${endpoints.ready} ready ${endpoints.ready === 1 ? 'endpoint' : 'endpoints'}`
}

/** What is said where no pod is made at all. */
export const webhookRefuses = (said: string, waitedMs: number): string =>
  `after ${Math.round(waitedMs / 1000)} s the API server still refuses every pod, since a webhook whose failurePolicy is Fail does not answer: ${said}`

const seeRegistration = command`kubectl get mutatingwebhookconfigurations ${webhookRegistration} -o ${'custom-columns=NAME:.metadata.name,POLICY:.webhooks[*].failurePolicy,URL:.webhooks[*].clientConfig.url'}`

type Webhook = NonNullable<MutatingWebhookConfiguration['webhooks']>[number]

/** What EKS's own registration does not have. Its object selector is for one label, which the check of the workload looks at. */
const limitsOf = ({ namespaceSelector, matchConditions }: Webhook): string[] => [
  ...(Object.values(namespaceSelector ?? {}).some((part) => Object.keys(part).length > 0)
    ? ['namespaceSelector']
    : []),
  ...(matchConditions?.length ? ['matchConditions'] : []),
]
