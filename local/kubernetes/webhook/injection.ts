import type { Container, EnvVar, Pod, PodSpec, Volume, VolumeMount } from '../../../core/kubernetes.ts'
import { podIdentityService } from '../../../core/names.ts'
import { credentialsUris, tokenDirectory, tokenName } from '../../../core/workload/environment.ts'

export type IpFamily = 'ipv4' | 'ipv6'

const podIdentity = {
  name: tokenName,
  audience: podIdentityService,
  directory: tokenDirectory,
  file: tokenName,
}

const webIdentity = {
  name: 'aws-iam-token',
  audience: 'sts.amazonaws.com',
  directory: '/var/run/secrets/eks.amazonaws.com/serviceaccount',
  file: 'token',
}

const annotationDomain = 'eks.amazonaws.com'
const shortestExpiration = 3600

interface Injection {
  name: string
  directory: string
  audience: string
  file: string
  expirationSeconds: number
  region: string
  regionalSts: boolean
  /** The variables that belong together: if a container sets one of them, it gets none. */
  variables: EnvVar[]
}

/**
 * The pod with what an association gives it: variables, the token's volume and its mounts, and the label that
 * webhooks since v0.6.15 leave. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
 */
export const injectPodIdentity = (
  pod: Pod,
  { region, ipFamily, expirationSeconds }: { region: string; ipFamily: IpFamily; expirationSeconds: number },
): Pod => {
  const injected = inject(pod, {
    ...podIdentity,
    expirationSeconds,
    region,
    regionalSts: true,
    variables: [
      {
        name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
        value: credentialsUris[ipFamily],
      },
      {
        name: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
        value: `${podIdentity.directory}/${podIdentity.file}`,
      },
    ],
  })
  const labels = { ...pod.metadata?.labels, [`${annotationDomain}/pod-identity`]: 'enabled' }
  return { ...injected, metadata: { ...injected.metadata, labels } }
}

/**
 * The pod with what an IRSA annotation gives it. The ServiceAccount's annotations may set the token's audience
 * and lifetime and turn the regional STS endpoint off; the pod's may set the lifetime.
 */
export const injectWebIdentity = (
  pod: Pod,
  { region, roleArn, annotations }: { region: string; roleArn: string; annotations: Record<string, string> },
): Pod =>
  inject(pod, {
    ...webIdentity,
    audience: annotations[`${annotationDomain}/audience`] ?? webIdentity.audience,
    expirationSeconds: expirationFrom(pod.metadata?.annotations) ?? expirationFrom(annotations) ?? 86_400,
    region,
    regionalSts: annotations[`${annotationDomain}/sts-regional-endpoints`] !== 'false',
    variables: [
      { name: 'AWS_ROLE_ARN', value: roleArn },
      { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${webIdentity.directory}/${webIdentity.file}` },
    ],
  })

const expirationFrom = (annotations: Record<string, string> = {}): number | undefined => {
  const seconds = Number.parseInt(annotations[`${annotationDomain}/token-expiration`] ?? '', 10)
  return Number.isNaN(seconds) ? undefined : Math.max(seconds, shortestExpiration)
}

const inject = (pod: Pod, injection: Injection): Pod => {
  const spec: PodSpec = pod.spec ?? { containers: [] }
  const skipped = skippedContainers(pod)
  const injected = (containers: Container[]) =>
    containers.map((container) =>
      skipped.has(container.name) ? container : injectContainer(container, injection),
    )
  const volumes = spec.volumes ?? []
  return {
    ...pod,
    spec: {
      ...spec,
      containers: injected(spec.containers),
      ...(spec.initContainers ? { initContainers: injected(spec.initContainers) } : {}),
      volumes: volumes.some(({ name }) => name === injection.name)
        ? volumes
        : [tokenVolume(injection), ...volumes],
    },
  }
}

const skippedContainers = ({ metadata }: Pod): Set<string> =>
  new Set(csvFields(metadata?.annotations?.[`${annotationDomain}/skip-containers`] ?? ''))

/** One line of comma-separated values as Go's reader takes it: blanks belong to the names, quotes do not. */
const csvFields = (line: string): string[] =>
  (line.match(/(?:"(?:[^"]|"")*"|[^,])+/g) ?? []).map((field) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  )

const injectContainer = (container: Container, injection: Injection): Container => ({
  ...container,
  env: [...(container.env ?? []), ...missingVariables(container, injection)],
  volumeMounts: container.volumeMounts?.some(({ name }) => name === injection.name)
    ? container.volumeMounts
    : [...(container.volumeMounts ?? []), tokenMount(injection)],
})

/** What is set in `env` stays as it is; what comes through `envFrom` is not looked at. */
const missingVariables = (
  { env = [] }: Container,
  { region, regionalSts, variables }: Injection,
): EnvVar[] => {
  const sets = (...names: string[]) => env.some(({ name }) => names.includes(name))
  return [
    ...(regionalSts && !sets('AWS_STS_REGIONAL_ENDPOINTS')
      ? [{ name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' }]
      : []),
    ...(sets('AWS_REGION', 'AWS_DEFAULT_REGION')
      ? []
      : ['AWS_DEFAULT_REGION', 'AWS_REGION'].map((name) => ({ name, value: region }))),
    ...(sets(...variables.map(({ name }) => name)) ? [] : variables),
  ]
}

const tokenVolume = ({ name, audience, expirationSeconds, file }: Injection): Volume => ({
  name,
  projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds, path: file } }] },
})

const tokenMount = ({ name, directory }: Injection): VolumeMount => ({
  name,
  readOnly: true,
  mountPath: directory,
})
