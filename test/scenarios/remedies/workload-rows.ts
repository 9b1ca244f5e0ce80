import type { StatefulSet } from '../../../core/kubernetes.ts'
import { credentialFindings } from '../../../core/workload/environment.ts'
import { checkInjection } from '../../../core/workload/injection.ts'
import { migrationFindings } from '../../../core/workload/migration.ts'
import { judgeRefusal, untriedFor } from '../../../core/workload/refusal.ts'
import { checkRestartKept } from '../../../core/workload/restart.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { roleArn, workshop } from '../../../local/scenarios/workshop/index.ts'
import { cartsPods, type Workshop } from '../../support/run.ts'
import {
  associated,
  cartsObject,
  changingCarts,
  nameOf,
  namespace,
  policy,
  type Row,
  type Rows,
  ref,
  usual,
  type WorldChange,
  workshopRole,
} from './row.ts'

type Strategy = NonNullable<NonNullable<StatefulSet['spec']>['updateStrategy']>
const statefulSet =
  (strategy: Strategy): WorldChange =>
  ({ cluster: { store } }) => {
    const { template } = store.read(resources.deployments, namespace, 'carts').spec ?? {}
    if (!template) throw new Error('carts has no template')
    store.create(resources.statefulsets, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'carts-db', namespace },
      spec: {
        serviceName: 'carts-db',
        selector: { matchLabels: template.metadata?.labels ?? {} },
        template,
        updateStrategy: strategy,
      },
    })
  }

const environment =
  (change: (container: object) => object): NonNullable<Row['findings']> =>
  (world) => {
    const [container] = cartsObject(world).spec?.template.spec?.containers ?? []
    if (!container) throw new Error('carts has no container')
    return credentialFindings({
      subject: 'deployment/carts',
      namespace,
      spec: { containers: [{ ...container, ...change(container) }] },
      skip: [],
      configMaps: [],
      target: 'deployment/carts',
    })
  }

const injection = (
  pods: Row['findings'] extends never ? never : (world: Workshop) => ReturnType<typeof cartsPods>,
) =>
  ((world) =>
    checkInjection(pods(world), {
      ref,
      namespace,
      configMaps: world.cluster.store.list(resources.configmaps),
    }).findings) satisfies NonNullable<Row['findings']>

const refusal =
  (message: string): NonNullable<Row['findings']> =>
  (world) => [judgeRefusal({ ref, namespace, workload: cartsObject(world), message })]

const limits: WorldChange = ({ cluster: { store } }) => {
  store.create(resources.resourcequotas, {
    metadata: { name: 'compute', namespace },
    spec: { hard: { pods: '100' } },
  })
  store.create(resources.limitranges, {
    metadata: { name: 'sizes', namespace },
    spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] },
  })
  store.create(resources.validatingadmissionpolicies, {
    metadata: { name: 'labels.example.com' },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
      validations: [{ expression: 'true' }],
    },
  })
}

/** What the checks of workload, rollout and pods find. */
export const workloadRows = {
  'workload-service-account-differs': [{ why: 'another ServiceAccount', scenario: 'other-service-account' }],
  'service-account-missing': [{ why: 'no ServiceAccount', scenario: 'service-account-missing' }],
  'irsa-annotation': [
    {
      why: 'an IRSA annotation',
      change: ({ cluster: { store } }) =>
        void store.mutate(resources.serviceaccounts, namespace, workshop.serviceAccount, (draft) => ({
          ...draft,
          metadata: {
            ...draft.metadata,
            annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/irsa' },
          },
        })),
    },
  ],
  'credentials-outranked': [
    { why: 'static keys', scenario: 'static-keys' },
    { why: 'static keys in a ConfigMap', scenario: 'static-keys-in-configmap' },
  ],
  'proxy-before-agent': [
    {
      why: 'a proxy',
      change: changingCarts(({ template }) => {
        const [container] = template.spec?.containers ?? []
        if (container) container.env = [{ name: 'HTTP_PROXY', value: 'http://proxy.example.com:3128' }]
      }),
    },
  ],
  'credential-file': [
    {
      why: 'a credential file',
      looks: true,
      unserved: /exec|upgrade|not (?:found|implemented)/i,
      findings: environment(() => ({
        env: [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: '/etc/aws/credentials' }],
      })),
    },
  ],
  'secret-not-read': [
    {
      why: 'a Secret in the environment',
      looks: true,
      change: (world) => {
        world.cluster.store.create(resources.secrets, {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'settings', namespace },
          data: { COLOUR: 'Ymx1ZQ==' },
        })
        return changingCarts(({ template }) => {
          const [container] = template.spec?.containers ?? []
          if (container) container.envFrom = [{ secretRef: { name: 'settings' } }]
        })(world)
      },
    },
  ],
  'config-map-not-read': [
    { why: 'a ConfigMap that podid may not read', looks: true, findings: environment(() => ({})) },
  ],
  'workload-missing': [{ why: 'no workload', scenario: 'workload-missing', looks: true }],
  'workload-paused': [{ why: 'a paused Deployment', scenario: 'workload-paused' }],
  'workload-scaled-to-zero': [
    {
      why: 'no replicas',
      change: changingCarts((spec) => {
        spec.replicas = 0
      }),
    },
    {
      why: 'a DaemonSet that fits no node',
      looks: true,
      change: ({ cluster: { store } }) => {
        const { template } = store.read(resources.deployments, namespace, 'carts').spec ?? {}
        if (!template?.spec) throw new Error('carts has no template')
        store.create(resources.daemonsets, {
          apiVersion: 'apps/v1',
          kind: 'DaemonSet',
          metadata: { name: 'carts-cache', namespace },
          spec: {
            selector: { matchLabels: { app: 'carts-cache' } },
            template: {
              metadata: { labels: { app: 'carts-cache' } },
              spec: { ...template.spec, nodeSelector: { disk: 'none' } },
            },
          },
        })
      },
      input: { workload: 'daemonset/carts-cache' },
    },
  ],
  'workload-on-delete': [
    {
      why: 'pods that are replaced by hand',
      change: statefulSet({ type: 'OnDelete' }),
      input: { workload: 'statefulset/carts-db' },
    },
  ],
  'workload-partitioned': [
    {
      why: 'pods that a partition leaves out',
      change: statefulSet({ type: 'RollingUpdate', rollingUpdate: { partition: 2 } }),
      input: { workload: 'statefulset/carts-db' },
    },
  ],
  'injection-skipped': [
    {
      why: 'all containers left out',
      change: changingCarts(({ template }) => {
        const names = template.spec?.containers.map(({ name }) => name) ?? []
        template.metadata = {
          ...template.metadata,
          annotations: { 'eks.amazonaws.com/skip-containers': names.join(',') },
        }
      }),
    },
    {
      why: 'a label that keeps the webhook away',
      change: changingCarts(({ template }) => {
        template.metadata = {
          ...template.metadata,
          labels: { ...template.metadata?.labels, 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' },
        }
      }),
    },
  ],
  'injection-missing': [
    {
      why: 'pods older than the association',
      scenario: 'association-same-role',
      findings: injection(cartsPods),
    },
    {
      why: 'some pods older than the association',
      change: async (world) => {
        const { store } = world.cluster
        changingCarts((spec) => {
          spec.replicas = 2
        })(world)
        await world.clock.sleep(60_000)
        associated()(world)
        await world.clock.sleep(60_000)
        const [pod] = cartsPods(world)
        if (pod) store.delete(resources.pods, namespace, nameOf(pod))
        await world.clock.sleep(60_000)
      },
      findings: injection(cartsPods),
    },
  ],
  'injection-unproven': [{ why: 'no pod', looks: true, findings: injection(() => []) }],
  'pods-refused': [
    ['a quota that is full', 'exceeded quota: compute, requested: pods=1, used: pods=100, limited: pods=99'],
    ['a quota that needs requests', 'failed quota: compute: must specify cpu for: carts'],
    ['a limit', 'maximum cpu usage per Container is 2, but limit is 4'],
    ['Pod Security', 'violates PodSecurity "restricted:latest": privileged'],
    ['a policy', "ValidatingAdmissionPolicy 'labels.example.com' with binding 'b' denied request: no"],
    ['a webhook', 'admission webhook "pods.example.com" denied the request: no'],
  ].map(([why = '', message = '']) => ({
    why,
    looks: true as const,
    change: limits,
    findings: refusal(message),
  })),
  'pods-untried': [
    {
      why: 'podid may create no pods',
      findings: ({ cluster: { store } }) =>
        store.get(resources.rolebindings, namespace, 'podid-probe')
          ? []
          : [untriedFor(ref, namespace, 'pods is forbidden')],
    },
  ],
  'migration-pods-left': [
    {
      why: 'pods that are older than the association, at the end of a migration',
      scenario: 'from-irsa',
      input: { migrate: 'irsa', finish: true },
      change: async (world) => {
        workshopRole(world).trust = policy(usual)
        associated()(world)
        await world.clock.sleep(10_000)
      },
    },
    {
      why: 'pods that could not be listed, at the end of a migration',
      looks: true,
      findings: ({ aws }) =>
        migrationFindings({
          request: {
            cluster: workshop.cluster,
            region: aws.region,
            account: aws.account,
            namespace,
            serviceAccount: workshop.serviceAccount,
            role: roleArn(aws.state),
            finish: true,
          },
          serviceAccount: undefined,
          owners: [],
          pods: [],
          unseen: ['pods: denied'],
        }),
    },
  ],
  'others-run-on': [
    {
      why: 'another Deployment under the ServiceAccount',
      change: async (world) => {
        associated()(world)
        const { store } = world.cluster
        store.mutate(resources.deployments, namespace, 'carts-dynamodb', (draft) => {
          if (draft.spec?.template.spec) draft.spec.template.spec.serviceAccountName = workshop.serviceAccount
          return draft
        })
        // Before the association has reached the webhook.
        await world.clock.sleep(2000)
      },
    },
  ],
  'restart-undone': [
    {
      why: 'a restart that somebody takes away',
      looks: true,
      findings: (world) =>
        checkRestartKept(cartsObject(world), {
          ref,
          namespace,
          annotation: 'podid/restarted-at',
          values: ['never'],
          writtenAt: null,
        }),
    },
  ],
} satisfies Rows
