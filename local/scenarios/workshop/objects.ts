import { agentAddon } from '../../../core/agent.ts'
import type { ConfigMap, DaemonSet, Deployment, Service } from '../../../core/kubernetes.ts'
import { workshop } from './account.ts'

const { namespace } = workshop

const labelsOf = (instance: string, component: string) => ({
  'app.kubernetes.io/name': 'carts',
  'app.kubernetes.io/instance': instance,
  'app.kubernetes.io/component': component,
})

/** The configuration before this module of the workshop: a database in the cluster, with keys that only it takes. */
export const localConfig: ConfigMap = {
  metadata: { name: 'carts', namespace },
  data: {
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    RETAIL_CART_PERSISTENCE_PROVIDER: 'dynamodb',
    RETAIL_CART_PERSISTENCE_DYNAMODB_ENDPOINT: 'http://carts-dynamodb:8000',
    RETAIL_CART_PERSISTENCE_DYNAMODB_CREATE_TABLE: 'true',
    RETAIL_CART_PERSISTENCE_DYNAMODB_TABLE_NAME: 'Items',
  },
}

/** The configuration the module starts from: the real table, and credentials by whatever the pod has. */
export const tableConfig: ConfigMap = {
  metadata: { name: 'carts', namespace },
  data: {
    RETAIL_CART_PERSISTENCE_PROVIDER: 'dynamodb',
    RETAIL_CART_PERSISTENCE_DYNAMODB_TABLE_NAME: workshop.table,
  },
}

const hardened = {
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 1000,
}

export const carts: Deployment = {
  metadata: { name: 'carts', namespace, labels: { 'app.kubernetes.io/created-by': 'eks-workshop' } },
  spec: {
    replicas: 1,
    selector: { matchLabels: labelsOf('carts', 'service') },
    template: {
      metadata: { labels: labelsOf('carts', 'service') },
      spec: {
        serviceAccountName: workshop.serviceAccount,
        securityContext: { fsGroup: 1000 },
        containers: [
          {
            name: 'carts',
            image: 'public.ecr.aws/aws-containers/retail-store-sample-cart:1.2.1',
            envFrom: [{ configMapRef: { name: 'carts' } }],
            ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
            readinessProbe: {
              httpGet: { path: '/actuator/health/readiness', port: 8080 },
              initialDelaySeconds: 15,
              periodSeconds: 3,
            },
            resources: { limits: { memory: '1Gi' }, requests: { cpu: '250m', memory: '1Gi' } },
            securityContext: hardened,
            volumeMounts: [{ name: 'tmp-volume', mountPath: '/tmp' }],
          },
        ],
        volumes: [{ name: 'tmp-volume', emptyDir: { medium: 'Memory' } }],
      },
    },
  },
}

export const cartsDynamodb: Deployment = {
  metadata: { name: 'carts-dynamodb', namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: labelsOf('carts', 'dynamodb') },
    template: {
      metadata: { labels: labelsOf('carts', 'dynamodb') },
      spec: {
        containers: [
          {
            name: 'dynamodb',
            image: 'public.ecr.aws/aws-dynamodb-local/aws-dynamodb-local:1.25.1',
            ports: [{ name: 'dynamodb', containerPort: 8000, protocol: 'TCP' }],
          },
        ],
      },
    },
  },
}

const service = (name: string, component: string, port: number): Service => ({
  metadata: { name, namespace },
  spec: {
    type: 'ClusterIP',
    selector: labelsOf('carts', component),
    ports: [{ name: 'http', port, targetPort: port, protocol: 'TCP' }],
  },
})
export const services: Service[] = [
  service('carts', 'service', 80),
  service('carts-dynamodb', 'dynamodb', 8000),
]

const agentLabels = {
  'app.kubernetes.io/name': agentAddon,
  'app.kubernetes.io/instance': agentAddon,
}

/** The agent as the add-on installs it. */
export const agent: DaemonSet = {
  metadata: { name: agentAddon, namespace: 'kube-system', labels: agentLabels },
  spec: {
    selector: { matchLabels: agentLabels },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
    template: {
      metadata: { labels: agentLabels },
      spec: {
        hostNetwork: true,
        priorityClassName: 'system-node-critical',
        tolerations: [{ operator: 'Exists' }],
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
                    { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] },
                    {
                      key: 'eks.amazonaws.com/compute-type',
                      operator: 'NotIn',
                      values: ['fargate', 'hybrid', 'auto'],
                    },
                  ],
                },
              ],
            },
          },
        },
        containers: [
          {
            name: agentAddon,
            image: `602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/${agentAddon}:v0.1.36`,
            args: ['--port', '80', '--cluster-name', workshop.cluster, '--probe-port', '2703'],
            ports: [
              { name: 'proxy', containerPort: 80, protocol: 'TCP' },
              { name: 'probes-port', containerPort: 2703, protocol: 'TCP' },
            ],
          },
        ],
      },
    },
  },
}
