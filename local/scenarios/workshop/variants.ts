import type { Association } from '../../aws/index.ts'
import { resources } from '../../kubernetes/store/resources.ts'
import type { World } from '../../world.ts'
import { podIdentityTrust, roleArn, tableArn, workshop } from './account.ts'
import {
  agentName,
  changeCarts,
  eksCluster,
  found,
  roleOfCarts,
  storeOf,
  type Variant,
  withoutAgent,
} from './change.ts'
import { fromIrsa } from './from-irsa.ts'
import { aroundCarts } from './surroundings.ts'

const { namespace } = workshop

const policy = ({ aws }: World) =>
  found(
    [...aws.state.policies.values()].find(({ name }) => name === workshop.role),
    'policy',
  )
const grant = (onto: string[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: onto }],
  })

const trust =
  (statement: object): Variant['change'] =>
  (world) => {
    const [usual] = podIdentityTrust.Statement
    roleOfCarts(world).trust = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ ...usual, ...statement }],
    })
  }

const associate = (world: World, to: string, extra: Partial<Association> = {}): void =>
  void world.aws.state.addAssociation({
    clusterName: workshop.cluster,
    namespace,
    serviceAccount: workshop.serviceAccount,
    roleArn: to,
    ...extra,
  })
const otherRole = ({ aws }: World): string =>
  aws.state.addRole({ name: 'other', trust: podIdentityTrust }).arn

/** The workshop as it might have been, by name: each is something that people run into. */
export const variants = {
  'agent-missing': {
    description: 'the Pod Identity agent is not installed',
    change: withoutAgent,
  },
  'agent-degraded': {
    description: 'the add-on is DEGRADED, and the agent runs nowhere',
    change: (world) => {
      const addon = found(eksCluster(world).addons.get(agentName), 'add-on')
      addon.status = 'DEGRADED'
      addon.issues = [
        {
          code: 'InsufficientNumberOfReplicas',
          message: 'The add-on is unhealthy because it does not have the desired number of replicas.',
        },
      ]
      storeOf(world).delete(resources.daemonsets, 'kube-system', agentName)
    },
  },
  'agent-incomplete': {
    description: 'the agent runs on two of the three nodes',
    change: (world) => {
      const [node] = storeOf(world).list(resources.nodes)
      storeOf(world).mutate(resources.daemonsets, 'kube-system', agentName, (draft) => {
        const required =
          draft.spec?.template.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
        required?.nodeSelectorTerms[0]?.matchExpressions?.push({
          key: 'kubernetes.io/hostname',
          operator: 'NotIn',
          values: [found(node, 'node').metadata.name],
        })
        return draft
      })
    },
  },
  'auto-mode': {
    description: 'the cluster runs in Auto Mode, whose nodes have the agent built in',
    change: (world) => {
      withoutAgent(world)
      eksCluster(world).autoMode = true
      for (const { metadata } of storeOf(world).list(resources.nodes))
        storeOf(world).mutate(resources.nodes, undefined, metadata.name, (draft) => {
          draft.metadata.labels = { ...draft.metadata.labels, 'eks.amazonaws.com/compute-type': 'auto' }
          return draft
        })
    },
  },
  'role-missing': {
    description: 'the role was never made',
    change: ({ aws }) => void aws.state.roles.delete(workshop.role),
  },
  'trust-without-tag-session': {
    description: "the role's trust lacks sts:TagSession, as the workshop's own once did",
    change: trust({ Action: 'sts:AssumeRole' }),
  },
  'trust-other-cluster': {
    description: "the role's trust is for another cluster",
    change: (world) =>
      trust({ Condition: { StringEquals: { 'aws:SourceArn': world.aws.state.clusterArn('eks-other') } } })(
        world,
      ),
  },
  'policy-without-index': {
    description: 'the policy covers the table and not its index',
    change: (world) => {
      found(policy(world).versions.get('v1'), 'policy version').document = grant([tableArn(world.aws.state)])
    },
  },
  'policy-fixed-not-default': {
    description: 'the policy was mended in a version that is not the default',
    change: (world) => {
      const table = tableArn(world.aws.state)
      const createdAt = world.aws.state.now()
      const { versions } = policy(world)
      versions.set('v1', { id: 'v1', document: grant([table]), createdAt })
      versions.set('v2', { id: 'v2', document: grant([table, `${table}/index/*`]), createdAt })
    },
  },
  'association-same-role': {
    description: 'the association is there already, and the pods are older',
    change: (world) => associate(world, roleArn(world.aws.state)),
  },
  'association-other-role': {
    description: 'an association with another role is there',
    change: (world) => associate(world, otherRole(world)),
  },
  'association-of-addon': {
    description: 'an add-on owns the association, with another role',
    change: (world) => {
      const addon = world.aws.state.addAddon(workshop.cluster, { name: 'carts-addon', version: 'v1.0.0' })
      const role = otherRole(world)
      associate(world, role, { ownerArn: addon.arn })
      associate(world, role, { ownerArn: addon.arn, serviceAccount: 'carts-exporter' })
    },
  },
  'other-service-account': {
    description: 'the Deployment runs under another ServiceAccount',
    change: changeCarts(({ template }) => {
      if (template.spec)
        Object.assign(template.spec, { serviceAccountName: 'default', serviceAccount: 'default' })
    }),
  },
  'workload-missing': {
    description: 'the Deployment is not there',
    change: (world) => void storeOf(world).delete(resources.deployments, namespace, 'carts'),
  },
  'workload-paused': {
    description: 'the Deployment is paused',
    change: changeCarts((spec) => {
      spec.paused = true
    }),
  },
  'service-account-missing': {
    description: 'the ServiceAccount is not there',
    change: (world) =>
      void storeOf(world).delete(resources.serviceaccounts, namespace, workshop.serviceAccount),
  },
  'static-keys': {
    description: "static AWS keys are in the container's environment",
    change: changeCarts(({ template }) => {
      const [container] = template.spec?.containers ?? []
      if (container)
        container.env = [
          { name: 'AWS_ACCESS_KEY_ID', value: 'AKIAEXAMPLE' },
          { name: 'AWS_SECRET_ACCESS_KEY', value: 'do-not-show-this' },
        ]
    }),
  },
  'static-keys-in-configmap': {
    description: "static AWS keys are in the ConfigMap behind the container's envFrom",
    change: (world) =>
      void storeOf(world).mutate(resources.configmaps, namespace, 'carts', (draft) => ({
        ...draft,
        data: { ...draft.data, AWS_ACCESS_KEY_ID: 'key' },
      })),
  },
  'keys-in-secret': {
    description: 'static AWS keys are in a Secret behind the container’s envFrom',
    change: (world) => {
      storeOf(world).create(resources.secrets, {
        metadata: { name: 'carts-keys', namespace },
        stringData: { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'do-not-show-this' },
      })
      changeCarts(({ template }) => {
        const [container] = template.spec?.containers ?? []
        container?.envFrom?.push({ secretRef: { name: 'carts-keys' } })
      })(world)
    },
  },
  'credentials-file': {
    description: 'a credentials file from a Secret is mounted where AWS SDKs look',
    change: (world) => {
      storeOf(world).create(resources.secrets, {
        metadata: { name: 'carts-aws', namespace },
        stringData: {
          credentials:
            '[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = do-not-show-this\n',
        },
      })
      changeCarts(({ template }) => {
        const [container] = template.spec?.containers ?? []
        container?.volumeMounts?.push({ name: 'aws', mountPath: '/home/carts/.aws', readOnly: true })
        template.spec?.volumes?.push({ name: 'aws', secret: { secretName: 'carts-aws' } })
      })(world)
    },
  },
  'agent-cut-off': {
    description: 'a NetworkPolicy lets the pods out to DNS alone, and not to the agent',
    change: (world) =>
      void storeOf(world).create(resources.networkpolicies, {
        metadata: { name: 'dns-only', namespace },
        spec: {
          podSelector: { matchLabels: { 'app.kubernetes.io/component': 'service' } },
          policyTypes: ['Egress'],
          egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }],
        },
      }),
  },
  'on-fargate': {
    description: 'the Deployment may run on Fargate only, by its affinity',
    change: changeCarts(({ template }) => {
      const expression = { key: 'eks.amazonaws.com/compute-type', operator: 'In', values: ['fargate'] }
      if (template.spec)
        template.spec.affinity = {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [expression] }],
            },
          },
        }
    }),
  },
  'node-role-without-eks-auth': {
    description: 'the role of the nodes may not ask EKS Auth for the pods',
    change: ({ aws }) => void aws.state.roles.get(workshop.nodeRole)?.inline.clear(),
  },
  'denied-by-scp': {
    description: 'a service control policy of the organization denies the table',
    change: ({ aws }) =>
      void aws.state.serviceControlPolicies.push({
        name: 'no-dynamodb',
        document: {
          Version: '2012-10-17',
          // As FullAWSAccess, which every account has from its organization, and what is taken from it.
          Statement: [
            { Effect: 'Allow', Action: '*', Resource: '*' },
            { Effect: 'Deny', Action: 'dynamodb:Query', Resource: '*' },
          ],
        },
      }),
  },
  'irsa-untrusted': {
    description: 'the ServiceAccount is annotated for IRSA with a role that does not trust it',
    change: (world) => {
      const arn = otherRole(world)
      storeOf(world).mutate(resources.serviceaccounts, namespace, workshop.serviceAccount, (draft) => {
        draft.metadata.annotations = { 'eks.amazonaws.com/role-arn': arn }
        return draft
      })
      changeCarts(({ template }) => {
        template.metadata = { ...template.metadata, annotations: { 'irsa/since': 'today' } }
      })(world)
    },
  },
  'from-irsa': fromIrsa,
  ...aroundCarts,
  'cluster-creating': {
    description: 'the cluster is CREATING for another eight minutes',
    change: (world) => {
      const cluster = eksCluster(world)
      cluster.status = 'CREATING'
      cluster.createdAt = new Date(world.clock.now() - 2 * 60_000)
      world.clock.after(8 * 60_000, () => {
        cluster.status = 'ACTIVE'
      })
    },
  },
  'cluster-failed': {
    description: "the cluster's creation has failed",
    change: (world) => {
      eksCluster(world).status = 'FAILED'
    },
  },
} as const satisfies Record<string, Variant>

export type VariantName = keyof typeof variants
