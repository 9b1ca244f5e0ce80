import type { MutatingWebhookConfiguration } from '../../core/kubernetes.ts'
import { type SeenRegistration, webhookRegistration } from '../../core/workload/not-injected.ts'
import type { Connection } from './connection.ts'
import { explaining } from './explain.ts'

/** EKS's registration of the Pod Identity webhook, or why it could not be looked at. */
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
  return answer ?? { notLookedAt: unseen[0] }
}
