import { restartAnnotation } from '../../../core/workload/restart.ts'
import { ec2Node } from '../../kubernetes/kubelet/nodes.ts'
import { resources } from '../../kubernetes/store/resources.ts'
import type { Scenario, World } from '../../world.ts'
import { seedAccount, workshop } from './account.ts'
import { application } from './application.ts'
import { agent, carts, cartsDynamodb, localConfig, services, tableConfig } from './objects.ts'

export { roleArn, tableArn, workshop } from './account.ts'

const minute = 60_000
const hour = 60 * minute
/** The page's cluster is 3 days and 21 hours old. */
const clusterAge = 93 * hour
/** When `carts` was given the real table, and began to fail. */
const brokenFor = 4 * minute

/**
 * The starting point of the page: the agent runs, role and policy are there, and `carts` crash-loops, since its pods
 * use the node's role. A pod of the earlier revision, which keeps its data in the cluster, still serves.
 */
export const workshopScenario: Scenario = {
  description: "the EKS workshop's carts service, crash-looping because it uses the node's role",
  historyMs: clusterAge,
  play: async (world) => {
    const { aws, clock, pace } = world
    seedAccount(aws.state, `arn:${aws.partition}:iam::${aws.account}:user/admin`)
    aws.tables.add(workshop.table, 'id', { idx_global_customerId: 'customerId' })
    const { store } = await world.addCluster(workshop.cluster, (objects) =>
      application(aws, objects, pace, workshop.cluster, clock),
    )
    for (const node of workshop.nodes)
      store.create(
        resources.nodes,
        ec2Node({ ...node, labels: { 'eks.amazonaws.com/nodegroup': 'default' }, now: store.timestamp() }),
      )
    store.create(resources.daemonsets, agent)
    followAddons(world)
    await clock.advance(hour)

    store.create(resources.namespaces, { metadata: { name: workshop.namespace } })
    store.create(resources.serviceaccounts, {
      metadata: { name: workshop.serviceAccount, namespace: workshop.namespace },
    })
    for (const service of services) store.create(resources.services, service)
    store.create(resources.configmaps, localConfig)
    store.create(resources.deployments, cartsDynamodb)
    store.create(resources.deployments, carts)
    await clock.advance(clusterAge - hour - brokenFor)

    store.update(resources.configmaps, tableConfig)
    restartCarts(world)
    await clock.advance(brokenFor)
  },
}

/** EKS puts the agent's DaemonSet on a cluster when the add-on is created or updated there, and takes it away with it. */
const followAddons = ({ aws, clusters }: World): void => {
  aws.state.addonChanges.subscribe(({ name, status, clusterName }) => {
    const store = clusters.get(clusterName)?.store
    if (!store || name !== agent.metadata?.name) return
    const there = store.get(resources.daemonsets, 'kube-system', name)
    if ((status === 'CREATING' || status === 'UPDATING') && !there) store.create(resources.daemonsets, agent)
    if (status === 'DELETING' && there) store.delete(resources.daemonsets, 'kube-system', name)
  })
}

/** What `kubectl rollout restart deployment/carts` does. */
const restartCarts = ({ clusters }: World): void => {
  const store = clusters.get(workshop.cluster)?.store
  store?.mutate(resources.deployments, workshop.namespace, 'carts', (draft) => {
    const metadata = draft.spec?.template.metadata
    if (metadata) {
      metadata.annotations = {
        ...metadata.annotations,
        [restartAnnotation]: store.timestamp(),
      }
    }
    return draft
  })
}
