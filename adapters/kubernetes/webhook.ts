import type { EndpointSlice, MutatingWebhookConfiguration } from '../../core/kubernetes.ts'
import {
  type SeenEndpoints,
  type SeenRegistration,
  webhookName,
  webhookRegistration,
} from '../../core/workload/not-injected.ts'
import type { Connection } from './connection.ts'
import { explaining, unseenText } from './explain.ts'

/** EKS's registration of the Pod Identity webhook with the endpoints of the service that it names, or why they could not be looked at. */
export const registrationOfWebhook = async (
  connection: Connection,
  signal?: AbortSignal,
): Promise<SeenRegistration> => {
  const { answer, unseen } = await explaining(signal, (ask) =>
    ask('the registration', async (limit) => ({
      found: await connection.find<MutatingWebhookConfiguration>({
        verb: 'get',
        version: 'admissionregistration.k8s.io/v1',
        resource: 'mutatingwebhookconfigurations',
        name: webhookRegistration,
        signal: limit,
      }),
    })),
  )
  if (!answer) return { notLookedAt: unseen.map(unseenText)[0] }
  const service = answer.found?.webhooks?.find(({ name }) => name === webhookName)?.clientConfig.service
  return service ? { ...answer, endpoints: await endpointsOf(connection, service, signal) } : answer
}

/** An endpoint that does not say whether it is ready counts as ready. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ready */
const endpointsOf = async (
  connection: Connection,
  { namespace, name }: { namespace: string; name: string },
  signal: AbortSignal | undefined,
): Promise<SeenEndpoints> => {
  const { answer: slices, unseen } = await explaining(signal, (ask) =>
    ask('the EndpointSlices', async (limit) => {
      const { items } = await connection.request<{ items: EndpointSlice[] }>({
        verb: 'list',
        version: 'discovery.k8s.io/v1',
        resource: 'endpointslices',
        namespace,
        query: { labelSelector: `kubernetes.io/service-name=${name}` },
        signal: limit,
      })
      return items
    }),
  )
  if (!slices) return { notLookedAt: unseen.map(unseenText)[0] }
  const endpoints = slices.flatMap(({ endpoints: some }) => some ?? [])
  return {
    all: endpoints.length,
    ready: endpoints.filter(({ conditions }) => conditions?.ready !== false).length,
  }
}
