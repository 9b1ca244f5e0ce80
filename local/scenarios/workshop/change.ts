import { resources } from '../../kubernetes/store/resources.ts'
import type { Store } from '../../kubernetes/store/store.ts'
import type { World } from '../../world.ts'
import { workshop } from './account.ts'
import { agent } from './objects.ts'

/** Another starting point: what differs from the workshop's own. */
export interface Variant {
  /** One line for people. */
  description: string
  change(world: World): void
}

export const agentName = agent.metadata?.name ?? ''

/** What the workshop has always had. */
export const found = <T>(thing: T | undefined, what: string): T => {
  if (thing === undefined) throw new Error(`the workshop's ${what} is gone`)
  return thing
}
export const clusterOf = ({ clusters }: World) => found(clusters.get(workshop.cluster), 'cluster')
export const storeOf = (world: World): Store => clusterOf(world).store
export const eksCluster = ({ aws }: World) => found(aws.state.clusters.get(workshop.cluster), 'EKS cluster')
export const roleOfCarts = ({ aws }: World) => found(aws.state.roles.get(workshop.role), 'role')
export const withoutAgent = (world: World): void => {
  eksCluster(world).addons.delete(agentName)
  storeOf(world).delete(resources.daemonsets, 'kube-system', agentName)
}

type Deployment = ReturnType<typeof cartsOf>
const cartsOf = (world: World) => storeOf(world).read(resources.deployments, workshop.namespace, 'carts')
export const changeCarts =
  (change: (spec: NonNullable<Deployment['spec']>) => void): Variant['change'] =>
  (world) =>
    void storeOf(world).mutate(resources.deployments, workshop.namespace, 'carts', (draft) => {
      if (draft.spec) change(draft.spec)
      return draft
    })
