import { ec2Node } from '../kubernetes/kubelet/nodes.ts'
import { resources } from '../kubernetes/store/resources.ts'
import type { World } from '../world.ts'
import { application } from './workshop/application.ts'
import { agent } from './workshop/objects.ts'

/**
 * Gives each cluster that somebody creates from now on its API server, with a node and the Pod Identity agent. A
 * cluster becomes active after `creationMs`, in the place of EKS's eight minutes and more.
 */
export const serveNewClusters = (world: World, creationMs: number): void => {
  const { behaviour, clusterChanges } = world.aws.state
  const served = new Map<string, { endpoint: string; certificateAuthority: string }>()
  behaviour.clusterCreationMs = creationMs
  behaviour.clusterOutcome = (name) => served.get(name) ?? {}
  clusterChanges.subscribe(({ name, status }) => {
    if (status !== 'CREATING' || world.clusters.has(name)) return
    void world
      .addCluster(name, (objects) => application(world.aws, objects, world.pace, name))
      .then(({ store, api }) => {
        served.set(name, {
          endpoint: api.url,
          certificateAuthority: Buffer.from(api.caData).toString('base64'),
        })
        const place = { address: '10.42.0.1', zone: `${world.aws.region}a` }
        store.create(resources.nodes, ec2Node({ ...place, now: store.timestamp() }))
        store.create(resources.daemonsets, agent)
      })
  })
}
