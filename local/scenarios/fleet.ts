import { agentAddon } from '../../core/agent.ts'
import type { PodSpec } from '../../core/kubernetes.ts'
import { irsaAnnotation } from '../../core/workload/workload.ts'
import type { ClusterStandIn } from '../cluster.ts'
import { ec2Node } from '../kubernetes/kubelet/nodes.ts'
import { resources } from '../kubernetes/store/resources.ts'
import type { Scenario, World } from '../world.ts'
import { podIdentityTrust, tableArn, workshop } from './workshop/account.ts'
import { application } from './workshop/application.ts'
import { workshopScenario } from './workshop/index.ts'
import { agent } from './workshop/objects.ts'

const settleMs = 60_000

/**
 * The workshop's cluster and three more, as a company has them after some years: roles by IRSA, one of which trusts no pods any more, the
 * node's role, static keys in a Secret, pods on Fargate, and one workload that has moved to Pod Identity.
 */
export const fleetScenario: Scenario = {
  description: 'four clusters with IRSA, node roles, static keys and Fargate side by side',
  historyMs: workshopScenario.historyMs + settleMs,
  play: async (world) => {
    await workshopScenario.play(world)
    const [blue, green, data] = await Promise.all(
      ['shop-blue', 'shop-green', 'data'].map((name, at) => addCluster(world, name, at + 1)),
    )
    if (!blue || !green || !data) throw new Error('a cluster of the fleet did not start')

    for (const cluster of [blue, green]) {
      const role = irsaRole(world, cluster, { name: `${cluster.name}-orders`, serviceAccount: 'orders' })
      deploy(cluster, { name: 'orders', replicas: 2, irsa: role })
    }
    const untrusting = irsaRole(world, blue, { name: 'shop-blue-payments', serviceAccount: 'payment' })
    deploy(blue, { name: 'payments', irsa: untrusting })
    deploy(green, { name: 'search', replicas: 2 })
    green.store.create(resources.secrets, {
      metadata: { name: 'reports-aws', namespace: 'shop' },
      stringData: { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' },
    })
    deploy(green, { name: 'reports', keysFrom: 'reports-aws' })

    world.aws.state.addRole({
      name: 'data-etl',
      trust: podIdentityTrust,
      inline: { table: tablePolicy(world) },
    })
    world.aws.state.addAssociation({
      clusterName: data.name,
      namespace: 'shop',
      serviceAccount: 'etl',
      roleArn: `arn:${world.aws.partition}:iam::${world.aws.account}:role/data-etl`,
    })
    data.controllers.fargate.addProfile({
      name: 'batch',
      selectors: [{ namespace: 'shop', labels: { app: 'batch' } }],
    })
    await world.clock.advance(settleMs / 2)
    deploy(data, { name: 'etl' })
    deploy(data, { name: 'batch' })
    await world.clock.advance(settleMs / 2)
  },
}

const tablePolicy = ({ aws }: World) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Table',
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Query'],
      Resource: [tableArn(aws.state), `${tableArn(aws.state)}/index/*`],
    },
  ],
})

/** A cluster with two nodes of a managed node group, the agent, and a namespace. */
const addCluster = async (world: World, name: string, subnet: number): Promise<ClusterStandIn> => {
  const { aws, pace } = world
  aws.state.addCluster({
    name,
    roleArn: `arn:${aws.partition}:iam::${aws.account}:role/${workshop.cluster}-cluster`,
    tags: { team: name.startsWith('shop') ? 'shop' : 'data' },
  })
  aws.state.addNodegroup(name, {
    name: 'general',
    roleArn: `arn:${aws.partition}:iam::${aws.account}:role/${workshop.nodeRole}`,
    size: 2,
  })
  aws.state.addAddon(name, { name: agentAddon })
  aws.state.addAccessEntry(name, {
    principalArn: `arn:${aws.partition}:iam::${aws.account}:user/admin`,
    clusterPolicies: ['AmazonEKSClusterAdminPolicy'],
  })
  const cluster = await world.addCluster(name, (objects) => application(aws, objects, pace, name))
  for (const at of [1, 2])
    cluster.store.create(
      resources.nodes,
      ec2Node({
        address: `10.${50 + subnet}.0.${at}`,
        zone: `${aws.region}${'ab'[at - 1]}`,
        labels: { 'eks.amazonaws.com/nodegroup': 'general' },
        now: cluster.store.timestamp(),
      }),
    )
  cluster.store.create(resources.daemonsets, agent)
  cluster.store.create(resources.namespaces, { metadata: { name: 'shop' } })
  return cluster
}

/** A role that a ServiceAccount of the cluster may assume by the cluster's OIDC issuer. */
const irsaRole = (
  world: World,
  { name: clusterName }: ClusterStandIn,
  { name, serviceAccount }: { name: string; serviceAccount: string },
): string => {
  const { aws } = world
  const issuer = aws.state.clusters.get(clusterName)?.oidcIssuer.replace('https://', '')
  return aws.state.addRole({
    name,
    trust: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: `arn:${aws.partition}:iam::${aws.account}:oidc-provider/${issuer}` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              [`${issuer}:sub`]: `system:serviceaccount:shop:${serviceAccount}`,
              [`${issuer}:aud`]: 'sts.amazonaws.com',
            },
          },
        },
      ],
    },
    inline: { table: tablePolicy(world) },
  }).arn
}

/** A Deployment of the carts service under another name, with a ServiceAccount of its own. */
const deploy = (
  { store }: ClusterStandIn,
  {
    name,
    replicas = 1,
    irsa,
    keysFrom,
  }: { name: string; replicas?: number; irsa?: string; keysFrom?: string },
): void => {
  store.create(resources.serviceaccounts, {
    metadata: { name, namespace: 'shop', ...(irsa ? { annotations: { [irsaAnnotation]: irsa } } : {}) },
  })
  const key = (variable: string) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: keysFrom ?? '', key: variable } },
  })
  const spec: PodSpec = {
    serviceAccountName: name,
    containers: [
      {
        name: 'carts',
        image: 'public.ecr.aws/aws-containers/retail-store-sample-cart:1.2.1',
        env: [
          { name: 'RETAIL_CART_PERSISTENCE_DYNAMODB_TABLE_NAME', value: workshop.table },
          ...(keysFrom ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map(key) : []),
        ],
      },
    ],
  }
  store.create(resources.deployments, {
    metadata: { name, namespace: 'shop' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec },
    },
  })
}
