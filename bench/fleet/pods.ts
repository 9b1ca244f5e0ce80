import { agentAddon } from '../../core/agent.ts'
import { callQuotas } from '../../core/fleet/waves/quotas.ts'
import { startAws } from '../../local/aws/index.ts'
import { CallLog } from '../../local/calls.ts'
import { realClock } from '../../local/clock.ts'
import { startApiServer } from '../../local/kubernetes/api/server.ts'
import { ec2Node } from '../../local/kubernetes/kubelet/nodes.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { Store } from '../../local/kubernetes/store/store.ts'
import { podIdentityTrust, workshop } from '../../local/scenarios/workshop/account.ts'

/** What was asked of the fleet. */
export interface AskedOfFleet {
  calls: Record<string, number>
  pages: number
  throttled: Record<string, number>
}

/** Clusters in real time that serve pods without running any. */
export interface ServedFleet {
  /** In which a command looks at it. */
  env: NodeJS.ProcessEnv
  seen(): AskedOfFleet
  close(): Promise<void>
}

const podsOfWorkload = 10
/** Every second workload is associated, so that each of a cluster's associations has to be described. */
const isAssociated = (workload: number): boolean => workload % 2 === 0

/** Serves so many clusters with so many pods, behind limits like EKS's and those of an API server. */
export const servePods = async ({
  clusters,
  podsOfEach,
}: {
  clusters: number
  podsOfEach: number
}): Promise<ServedFleet> => {
  const clock = realClock()
  const calls = new CallLog()
  const aws = await startAws({ clock, calls })
  const { eks } = callQuotas
  calls.limit({ service: 'eks', perSecond: eks.rate.perSecond, burst: eks.rate.perSecond })
  // Of all clusters together; of a single one it is a burst now and then.
  calls.limit({ service: 'kubernetes', perSecond: 50, burst: 50 })
  const seen: AskedOfFleet = { calls: {}, pages: 0, throttled: {} }
  calls.onCall(({ service, operation }) => {
    seen.calls[service] = (seen.calls[service] ?? 0) + 1
    if (operation.startsWith('list ')) seen.pages++
  })
  aws.state.addRole({ name: workshop.nodeRole, trust: podIdentityTrust })
  const roleArn = aws.state.addRole({ name: 'app', trust: podIdentityTrust }).arn
  const servers: { close(): Promise<void> }[] = []
  for (let at = 1; at <= clusters; at++) {
    const name = `fleet-${at}`
    const cluster = aws.state.addCluster({ name })
    aws.state.addNodegroup(name, {
      name: 'general',
      roleArn: `arn:${aws.partition}:iam::${aws.account}:role/${workshop.nodeRole}`,
      size: 5,
    })
    aws.state.addAddon(name, { name: agentAddon })
    aws.state.addAccessEntry(name, {
      principalArn: `arn:${aws.partition}:iam::${aws.account}:user/admin`,
      clusterPolicies: ['AmazonEKSClusterAdminPolicy'],
    })
    const store = new Store({ clock })
    for (let workload = 1; workload <= podsOfEach / podsOfWorkload; workload++) {
      fill(store, workload)
      if (isAssociated(workload))
        aws.state.addAssociation({
          clusterName: name,
          namespace: 'shop',
          serviceAccount: `app-${workload}`,
          roleArn,
        })
    }
    const api = await startApiServer({
      store,
      clock,
      calls,
      authenticate: async (token) =>
        aws.authenticateToken(token, name) && { username: 'admin', groups: ['system:masters'] },
    })
    cluster.endpoint = api.url
    cluster.certificateAuthority = Buffer.from(api.caData).toString('base64')
    servers.push(api)
  }
  return {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    seen: () => {
      for (const [call, count] of calls.refused) {
        const [service = ''] = call.split(' ')
        seen.throttled[service] = (seen.throttled[service] ?? 0) + count
      }
      return seen
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.close()))
      await aws.close()
    },
  }
}

/** A Deployment's ReplicaSet and its pods, as they stand once they run. */
const fill = (store: Store, workload: number): void => {
  const [name, namespace] = [`app-${workload}`, 'shop']
  if (workload === 1) {
    store.create(resources.namespaces, { metadata: { name: namespace } })
    for (let node = 1; node <= 5; node++)
      store.create(
        resources.nodes,
        ec2Node({
          address: `10.0.${node}.1`,
          zone: 'us-west-2a',
          labels: { 'eks.amazonaws.com/nodegroup': 'general' },
          now: store.timestamp(),
        }),
      )
  }
  store.create(resources.serviceaccounts, { metadata: { name, namespace } })
  const labels = { app: name }
  const template = {
    metadata: { labels },
    spec: {
      serviceAccountName: name,
      containers: [
        { name: 'app', image: 'registry.example/app:1', env: [{ name: 'TABLE', value: 'x'.repeat(2000) }] },
      ],
    },
  }
  const set = store.create(resources.replicasets, {
    metadata: { name: `${name}-1`, namespace },
    spec: { replicas: podsOfWorkload, selector: { matchLabels: labels }, template },
  })
  for (let pod = 1; pod <= podsOfWorkload; pod++)
    store.create(resources.pods, {
      metadata: {
        name: `${name}-1-${pod}`,
        namespace,
        labels,
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: set.metadata.name,
            uid: set.metadata.uid,
            controller: true,
          },
        ],
      },
      spec: { ...template.spec, nodeName: `ip-10-0-${(pod % 5) + 1}-1.us-west-2.compute.internal` },
    })
}
