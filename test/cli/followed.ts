import { EKSClient } from '@aws-sdk/client-eks'
import { AppsV1Api, KubeConfig } from '@kubernetes/client-node'
import type { Ended, Pointed } from '../support/command-line.ts'
import { type LocalHere, podidHere, startStageless } from '../support/commands/here.ts'
import { healCarts } from '../support/workloads.ts'

interface Followed {
  local: LocalHere<Pointed>
  apps: AppsV1Api
  eks: EKSClient
  /** Runs a command line in this process. Nobody follows it, and so its pods come and go at once. */
  here(...args: string[]): Promise<Ended>
}

/**
 * The stand-ins for tests that follow a run, with carts running well, and clients that look at what it changes. Pods
 * take as long to be ready as this process, on a loaded machine, takes to see that a run follows its rollout.
 */
export const startFollowed = async (): Promise<Followed> => {
  const local = await startStageless({ propagationMs: [200], startMs: 0, readyAfterMs: 0 })
  const { pace } = local.world
  await healCarts(local.world)
  const followed = { startMs: 800, readyAfterMs: 1000, stopMs: 800 }
  Object.assign(pace, followed)
  const { kubeconfig, awsEndpoint: endpoint, region, accessKeyId, secretAccessKey } = local.ready
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return {
    local,
    apps: config.makeApiClient(AppsV1Api),
    eks: new EKSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } }),
    here: async (...args) => {
      Object.assign(pace, { startMs: 0, readyAfterMs: 0, stopMs: 0 })
      try {
        return await podidHere(args, local.env)
      } finally {
        Object.assign(pace, followed)
      }
    },
  }
}
