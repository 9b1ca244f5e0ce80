import { agentAddon } from '../../core/agent.ts'
import type { ClusterStandIn } from '../../local/cluster.ts'
import { ec2Node } from '../../local/kubernetes/kubelet/nodes.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { podIdentityTrust, tableArn, workshop } from '../../local/scenarios/workshop/account.ts'
import { application } from '../../local/scenarios/workshop/application.ts'
import { agent } from '../../local/scenarios/workshop/objects.ts'
import { startWorld, type World, type WorldOptions } from '../../local/world.ts'

/** How large a fleet is. */
export interface FleetSize {
  clusters: number
  /** Deployments of one pod, each with a ServiceAccount of its own, on each cluster. */
  workloads: number
  /** Pods of each Deployment. */
  replicas: number
}

const namespace = 'shop'
const settleMs = 60_000
/** Kubernetes schedules no more than 110 pods on a node: https://kubernetes.io/docs/setup/best-practices/cluster-large/ */
const podsPerNode = 100

/** `fleet-07` */
const clusterName = (at: number): string => `fleet-${String(at).padStart(2, '0')}`
/** `app-3` */
export const workloadName = (at: number): string => `app-${at}`

/** Clusters whose workloads live by the node's role, each with a role of its own ready. Times are virtual. */
export const startFleet = (size: FleetSize, options: WorldOptions = {}): Promise<World> =>
  startWorld(
    {
      description: 'a fleet',
      historyMs: 2 * settleMs,
      play: async (world) => {
        const { aws, clock } = world
        aws.state.addRole({
          name: workshop.nodeRole,
          trust: ec2Trust,
          inline: { agent: forAgent, table: tableUse(world) },
        })
        for (let at = 1; at <= size.clusters; at++) await addCluster(world, clusterName(at), at, size)
        await clock.advance(settleMs)
        for (const cluster of world.clusters.values())
          for (let at = 1; at <= size.workloads; at++) deploy(cluster, workloadName(at), size.replicas)
        await clock.advance(settleMs)
      },
    },
    { time: 'jump', ...options },
  )

const ec2Trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

const forAgent = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'eks-auth:AssumeRoleForPodIdentity', Resource: '*' }],
}

const tableUse = ({ aws }: World) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'dynamodb:*',
      Resource: [tableArn(aws.state), `${tableArn(aws.state)}/index/*`],
    },
  ],
})

const addCluster = async (
  world: World,
  name: string,
  at: number,
  { workloads, replicas }: FleetSize,
): Promise<void> => {
  const { aws, pace } = world
  const nodes = Math.max(2, Math.ceil((workloads * replicas * 1.25) / podsPerNode))
  aws.state.addCluster({ name })
  aws.state.addNodegroup(name, {
    name: 'general',
    roleArn: `arn:${aws.partition}:iam::${aws.account}:role/${workshop.nodeRole}`,
    size: nodes,
  })
  aws.state.addAddon(name, { name: agentAddon })
  aws.state.addAccessEntry(name, {
    principalArn: `arn:${aws.partition}:iam::${aws.account}:user/admin`,
    clusterPolicies: ['AmazonEKSClusterAdminPolicy'],
  })
  const { store } = await world.addCluster(name, (objects) => application(aws, objects, pace, name))
  for (let node = 1; node <= nodes; node++)
    store.create(
      resources.nodes,
      ec2Node({
        address: `10.${at}.${node}.1`,
        zone: `${aws.region}a`,
        labels: { 'eks.amazonaws.com/nodegroup': 'general' },
        now: store.timestamp(),
      }),
    )
  store.create(resources.daemonsets, agent)
  store.create(resources.namespaces, { metadata: { name: namespace } })
  for (let workload = 1; workload <= workloads; workload++)
    aws.state.addRole({
      name: roleName(name, workloadName(workload)),
      trust: podIdentityTrust,
      inline: { table: tableUse(world) },
    })
}

const roleName = (cluster: string, workload: string): string => `${cluster}_${workload}`

const deploy = ({ store }: ClusterStandIn, name: string, replicas: number): void => {
  store.create(resources.serviceaccounts, { metadata: { name, namespace } })
  store.create(resources.deployments, {
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          serviceAccountName: name,
          containers: [
            {
              name: 'carts',
              image: 'public.ecr.aws/aws-containers/retail-store-sample-cart:1.2.1',
              env: [{ name: 'RETAIL_CART_PERSISTENCE_DYNAMODB_TABLE_NAME', value: workshop.table }],
            },
          ],
        },
      },
    },
  })
}

/** podid.yaml with a binding for each of a cluster's workloads, on every cluster, for the first `bindings` of all. */
export const fleetConfig = ({ aws }: Pick<World, 'aws'>, { workloads }: FleetSize) => ({
  account: aws.account,
  region: aws.region,
  bindings: Object.fromEntries(
    Array.from({ length: workloads }, (_, at) => {
      const name = workloadName(at + 1)
      return [
        name,
        {
          cluster: 'fleet-*',
          namespace,
          serviceAccount: name,
          role: `{cluster}_${name}`,
          workload: `deployment/${name}`,
          needs: [{ use: 'dynamodb-read-write', table: tableArn(aws.state) }],
        },
      ]
    }),
  ),
})
