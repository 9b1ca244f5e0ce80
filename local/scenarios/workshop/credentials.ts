import type { Container } from '../../../core/kubernetes.ts'
import type { AwsStandIn, RoleSession } from '../../aws/index.ts'
import type { PodBehaviour } from '../../kubernetes/kubelet/kubelet.ts'
import { resources } from '../../kubernetes/store/resources.ts'
import type { Store } from '../../kubernetes/store/store.ts'
import { instanceOf, type NodeAgents } from '../../node-agents.ts'
import { workshop } from './account.ts'

type Pod = Parameters<PodBehaviour>[0]
type Environment = Record<string, string>

export const nodeRole = (aws: AwsStandIn): string =>
  `arn:${aws.partition}:iam::${aws.account}:role/${workshop.nodeRole}`

const decoded = (data: Record<string, string> | undefined = {}): Environment =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  )

/** What there is in a namespace's ConfigMaps and Secrets, by name. */
const configIn = (store: Store, { metadata: { namespace } }: Pod) => ({
  configMap: (name: string | undefined): Environment =>
    name ? (store.get(resources.configmaps, namespace, name)?.data ?? {}) : {},
  secret: (name: string | undefined): Environment => {
    const secret = name ? store.get(resources.secrets, namespace, name) : undefined
    return { ...decoded(secret?.data), ...secret?.stringData }
  },
})

/** The container's variables as the kubelet would set them now: `envFrom` first, `env` on top. */
export const variablesIn = (store: Store, pod: Pod, container: Container): Environment => {
  const config = configIn(store, pod)
  const all = (container.envFrom ?? []).flatMap(({ configMapRef, secretRef, prefix = '' }) =>
    Object.entries({ ...config.configMap(configMapRef?.name), ...config.secret(secretRef?.name) }).map(
      ([name, value]) => [`${prefix}${name}`, value] as const,
    ),
  )
  const own = (container.env ?? []).map(({ name, value, valueFrom }) => {
    const { configMapKeyRef: map, secretKeyRef: secret } = valueFrom ?? {}
    const from = map ? config.configMap(map.name)[map.key] : secret && config.secret(secret.name)[secret.key]
    return [name, value ?? from ?? ''] as const
  })
  return Object.fromEntries([...all, ...own])
}

/** What a container finds when it starts, and what happens elsewhere when it asks. */
interface Found {
  session: RoleSession | { error: string }
  onRun?: () => void
}

/** The keys that the workshop's Secrets and files hold are nobody's. */
const invalidKeys: Found = { session: { error: 'The security token included in the request is invalid.' } }

/** The SDK's default chain, as far as a pod on EKS can satisfy it. */
export const credentialsOf = (
  { aws, store, agents, cluster }: { aws: AwsStandIn; store: Store; agents: NodeAgents; cluster: string },
  pod: Pod,
  container: Container,
): Found => {
  const environment = variablesIn(store, pod, container)
  if (environment.AWS_ACCESS_KEY_ID) return invalidKeys
  if (environment.AWS_ROLE_ARN && environment.AWS_WEB_IDENTITY_TOKEN_FILE) {
    const answer = aws.assumeWithWebIdentity({
      cluster,
      namespace: pod.metadata.namespace ?? '',
      serviceAccount: pod.spec.serviceAccountName ?? 'default',
      roleArn: environment.AWS_ROLE_ARN,
    })
    return { session: 'session' in answer ? answer.session : { error: answer.error } }
  }
  if (credentialsFile(store, pod, container, environment).includes('aws_access_key_id')) return invalidKeys
  if (!environment.AWS_CONTAINER_CREDENTIALS_FULL_URI)
    return { session: aws.state.session(nodeRole(aws), instanceOf(store, pod)) }
  const asked = agents.ask(pod)
  if (!asked)
    return { session: { error: 'Failed to load credentials from 169.254.170.23: connection refused' } }
  const { answer, write } = asked
  return { session: 'session' in answer ? answer.session : { error: answer.error }, onRun: write }
}

/** The text of the file in which the SDK looks for credentials, out of a mounted Secret or ConfigMap; empty without one. */
const credentialsFile = (
  store: Store,
  pod: Pod,
  { volumeMounts = [] }: Container,
  { AWS_SHARED_CREDENTIALS_FILE: named }: Environment,
): string => {
  const config = configIn(store, pod)
  for (const { name, mountPath, subPath } of volumeMounts) {
    const volume = pod.spec.volumes?.find((one) => one.name === name)
    const files = {
      ...config.secret(volume?.secret?.secretName),
      ...config.configMap(volume?.configMap?.name),
    }
    for (const [key, text] of Object.entries(files)) {
      if (subPath && subPath !== key) continue
      const path = subPath ? mountPath : `${mountPath.replace(/\/$/, '')}/${key}`
      if (named ? path === named : path.endsWith('/.aws/credentials')) return text
    }
  }
  return ''
}
