import { EKSClient } from '@aws-sdk/client-eks'
import { AppsV1Api, KubeConfig } from '@kubernetes/client-node'
import { type LocalHere, startLocalHere } from '../support/commands/here.ts'

/**
 * The stand-ins for tests that follow a run, and clients that look at what it changes. Pods take as long to be ready
 * as this process, on a loaded machine, takes to see that a run follows its rollout.
 */
export const startFollowed = async (): Promise<{ local: LocalHere; apps: AppsV1Api; eks: EKSClient }> => {
  const local = await startLocalHere({ propagationMs: [200], readyAfterMs: 1000 })
  const { kubeconfig, awsEndpoint: endpoint, region, accessKeyId, secretAccessKey } = local.ready
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return {
    local,
    apps: config.makeApiClient(AppsV1Api),
    eks: new EKSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } }),
  }
}
