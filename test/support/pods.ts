import type { Container, Pod, PodSpec } from '../../core/kubernetes.ts'

/** A container as the Pod Identity webhook leaves it. */
export const injectedContainer = (container: Container, family: 'ipv4' | 'ipv6' = 'ipv4'): Container => ({
  ...container,
  env: [
    ...(container.env ?? []),
    {
      name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      value: `http://${family === 'ipv4' ? '169.254.170.23' : '[fd00:ec2::23]'}/v1/credentials`,
    },
    {
      name: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
      value: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token',
    },
  ],
  volumeMounts: [
    ...(container.volumeMounts ?? []),
    {
      name: 'eks-pod-identity-token',
      mountPath: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount',
      readOnly: true,
    },
  ],
})

/** A pod spec as the webhook leaves it. */
export const injectedSpec = (spec: PodSpec, family: 'ipv4' | 'ipv6' = 'ipv4'): PodSpec => ({
  ...spec,
  containers: spec.containers.map((container) => injectedContainer(container, family)),
  ...(spec.initContainers && {
    initContainers: spec.initContainers.map((container) => injectedContainer(container, family)),
  }),
  volumes: [
    ...(spec.volumes ?? []),
    {
      name: 'eks-pod-identity-token',
      projected: {
        sources: [
          {
            serviceAccountToken: {
              audience: 'pods.eks.amazonaws.com',
              expirationSeconds: 80123,
              path: 'eks-pod-identity-token',
            },
          },
        ],
      },
    },
  ],
})

/** A running pod of `carts`, changed as a test needs it. */
export const pod = (
  changes: { metadata?: Pod['metadata']; spec?: PodSpec; status?: Pod['status'] } = {},
): Pod => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: {
    name: 'carts-6d9f-x7k2p',
    namespace: 'carts',
    creationTimestamp: '2026-01-01T00:01:00Z',
    ...changes.metadata,
  },
  spec: changes.spec ?? injectedSpec({ containers: [{ name: 'carts' }] }),
  status: changes.status ?? { phase: 'Running' },
})
