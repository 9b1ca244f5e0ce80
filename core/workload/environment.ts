import { advise, type Finding, lookWith, mendWith, type Remedy } from '../findings.ts'
import type { ConfigMap, Container, EnvVar, ObjectMeta, PodSpec } from '../kubernetes.ts'
import { podIdentityService } from '../names.ts'
import { command, type Words, words } from '../text/shell.ts'

/** Where a container got a variable, as a person looks for it. */
export type VariableSource =
  | { kind: 'env' }
  /** A key of it by itself. */
  | { kind: 'configMap'; name: string; key: string }
  /** All of a ConfigMap. */
  | { kind: 'envFrom'; name: string; key: string }
  | { kind: 'secret'; name: string; key: string }
  | { kind: 'fieldRef' }

export interface Variable {
  name: string
  /** Absent where the value lives in a Secret or could not be read. */
  value?: string | undefined
  source: VariableSource
}

/** A container's variables as they will be, and the sources that could not be looked into. */
export interface Environment {
  variables: Variable[]
  unread: { kind: 'configMap' | 'secret'; name: string }[]
}

/** Every container of a pod that runs code of the workload, init containers first. */
export const containersOf = (spec: PodSpec | undefined): Container[] => [
  ...(spec?.initContainers ?? []),
  ...(spec?.containers ?? []),
]

export const skipAnnotation = 'eks.amazonaws.com/skip-containers'

/** EKS's registration of the Pod Identity webhook leaves out pods with this label. */
export const skipLabel = 'eks.amazonaws.com/skip-pod-identity-webhook'

/**
 * The containers that a pod or a template asks the Pod Identity webhook to leave alone, as Go's csv reader reads the annotation's
 * first line: blanks count, so that `a, b` does not leave b alone, and a field in quotes is taken without them.
 * https://github.com/aws/amazon-eks-pod-identity-webhook (read at 3bf80a3)
 */
export const skippedContainers = (object: { metadata?: ObjectMeta } | undefined): string[] => {
  const [line = ''] = (object?.metadata?.annotations?.[skipAnnotation] ?? '').replace(/^\n+/, '').split('\n')
  const fields = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)]
  // A quote in the midst of a field is an error to the reader, and the webhook then leaves nothing alone.
  if (fields.map(([field]) => field).join('') !== line) return []
  return fields.flatMap(([, quoted, plain]) => quoted?.replaceAll('""', '"') || plain || [])
}

/**
 * What a container's env and envFrom come to: a later envFrom beats an earlier one, env beats envFrom.
 * Secrets are not read, so theirs stay unknown.
 */
export const environmentOf = (container: Container, configMaps: readonly ConfigMap[]): Environment => {
  const variables = new Map<string, Variable>()
  const unread: Environment['unread'] = []
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    if (secretRef?.name) unread.push({ kind: 'secret', name: secretRef.name })
    if (!configMapRef?.name) continue
    const configMap = configMaps.find(({ metadata }) => metadata?.name === configMapRef.name)
    if (!configMap) unread.push({ kind: 'configMap', name: configMapRef.name })
    for (const [key, value] of Object.entries(configMap?.data ?? {})) {
      const name = `${prefix}${key}`
      variables.set(name, {
        name,
        value,
        source: { kind: 'envFrom', name: configMapRef.name, key },
      })
    }
  }
  for (const entry of container.env ?? []) variables.set(entry.name, fromEnv(entry, configMaps))
  return { variables: [...variables.values()], unread }
}

const fromEnv = ({ name, value = '', valueFrom }: EnvVar, configMaps: readonly ConfigMap[]): Variable => {
  if (valueFrom?.secretKeyRef) {
    const { name: secret = '', key } = valueFrom.secretKeyRef
    return { name, source: { kind: 'secret', name: secret, key } }
  }
  if (valueFrom?.configMapKeyRef) {
    const { name: configMap = '', key } = valueFrom.configMapKeyRef
    const value = configMaps.find(({ metadata }) => metadata?.name === configMap)?.data?.[key]
    return { name, value, source: { kind: 'configMap', name: configMap, key } }
  }
  return valueFrom ? { name, source: { kind: 'fieldRef' } } : { name, value, source: { kind: 'env' } }
}

/** The names of the ConfigMaps that a pod's containers read variables from. */
export const configMapsRead = (spec: PodSpec): string[] =>
  [
    ...new Set(
      containersOf(spec).flatMap((container) => [
        ...(container.envFrom?.map(({ configMapRef }) => configMapRef?.name) ?? []),
        ...(container.env?.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name) ?? []),
      ]),
    ),
  ].filter((name) => name !== undefined)

export const containerCredentialsUri = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'
export const containerTokenFile = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'
/** The agent's link-local addresses, the same on every node. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
export const credentialsUris = {
  ipv4: 'http://169.254.170.23/v1/credentials',
  ipv6: 'http://[fd00:ec2::23]/v1/credentials',
} as const
/** The name of the projected volume, and of the token's file in it. */
export const tokenName = 'eks-pod-identity-token'
export const tokenDirectory = `/var/run/secrets/${podIdentityService}/serviceaccount`
export const tokenPath = `${tokenDirectory}/${tokenName}`

/**
 * What SDKs look at before the container credentials that Pod Identity provides, or instead of them.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
const outranking: { what: string; names: string[] }[] = [
  { what: 'static keys', names: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] },
  { what: 'a profile', names: ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'] },
  { what: 'IRSA credentials', names: ['AWS_WEB_IDENTITY_TOKEN_FILE'] },
  {
    what: 'other container credentials',
    names: ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', containerCredentialsUri, containerTokenFile],
  },
]

const podIdentityValues = new Set<string | undefined>([...Object.values(credentialsUris), tokenPath])

const outranks = ({ value }: Variable): boolean => value !== '' && !podIdentityValues.has(value)

/** What a container has that SDKs use before, or in place of, the credentials of Pod Identity. */
export interface OtherCredentials {
  container: string
  /** `static keys`, `IRSA credentials`, … */
  what: string
}

/** Other credentials in a pod's environment, container by container. */
export const otherCredentials = (
  pod: { metadata?: ObjectMeta; spec?: PodSpec },
  configMaps: readonly ConfigMap[],
): OtherCredentials[] => {
  const skip = skippedContainers(pod)
  return containersOf(pod.spec)
    .filter(({ name }) => !skip.includes(name))
    .flatMap((container) => {
      const { variables } = environmentOf(container, configMaps)
      return outranking
        .filter(({ names }) => variables.some((entry) => names.includes(entry.name) && outranks(entry)))
        .map(({ what }) => ({ container: container.name, what }))
    })
}

export interface CredentialQuestion {
  /** What the findings are about: `deployment/carts`, or a pod. */
  subject: string
  namespace: string
  spec: PodSpec | undefined
  /** Containers that the Pod Identity webhook leaves alone, which may hold what they like. */
  skip: readonly string[]
  configMaps: readonly ConfigMap[]
  /** The object whose template a remedy changes: `deployment/carts`. */
  target: string
}

/** What in a pod's environment would be used in place of the role, container by container. */
export const credentialFindings = (question: CredentialQuestion): Finding[] =>
  containersOf(question.spec)
    .filter(({ name }) => !question.skip.includes(name))
    .flatMap((container) => {
      const environment = environmentOf(container, question.configMaps)
      return [
        ...outranking.flatMap(({ what, names }) =>
          bySource(
            environment.variables.filter((entry) => names.includes(entry.name) && outranks(entry)),
          ).map((variables) => outranked(question, container, what, variables)),
        ),
        ...environment.unread.map((source) => notRead(question, container, source)),
        ...credentialFiles(question, container, environment),
        ...proxies(question, container, environment),
      ]
    })

/** Files in which SDKs look for credentials before they ask the agent; what they hold is not seen from outside. */
const credentialFiles = (
  { subject, namespace, target }: CredentialQuestion,
  container: Container,
  { variables }: Environment,
): Finding[] => {
  const named = variables
    .filter(
      ({ name, value }) => ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE'].includes(name) && value !== '',
    )
    .map(({ name, value }) => `${name}${value ? `=${value}` : ''}`)
  const mounted = container.volumeMounts
    ?.filter(({ mountPath }) => /\/\.aws(?:\/(?:credentials|config)?)?$/.test(mountPath))
    .map(({ name, mountPath }) => `volume ${name} at ${mountPath}`)
  const files = [...named, ...(mounted ?? [])]
  if (files.length === 0) return []
  return [
    {
      code: 'credential-file',
      severity: 'warning',
      subject,
      found: `container ${container.name} has files in which AWS SDKs look for credentials (${files.join(', ')}); they were not looked into, and credentials in there would win over the role`,
      remedy: lookWith(
        'See whether they hold credentials; only names of settings are shown.',
        command`kubectl exec ${target} -n ${namespace} -c ${container.name} -- sh -c ${'cat "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}" "${AWS_CONFIG_FILE:-$HOME/.aws/config}" 2>/dev/null | sed "s/=.*//"'}`,
      ),
    },
  ]
}

/** A proxy for http is asked for the agent's address too, unless that is excepted, and cannot reach it. */
const proxies = (
  { subject, namespace, target }: CredentialQuestion,
  container: Container,
  { variables }: Environment,
): Finding[] => {
  const setting = (name: string) =>
    variables.find((variable) => variable.name.toUpperCase() === name && variable.value !== '')
  const proxy = setting('HTTP_PROXY') ?? setting('ALL_PROXY')
  const except = setting('NO_PROXY')
  if (!proxy || (except && except.value === undefined)) return []
  const names = (except?.value ?? '').split(',').map((name) => name.trim())
  if (
    names.some((name) =>
      ['*', '169.254.170.23', '169.254.0.0/16', '169.254.', '[fd00:ec2::23]', 'fd00:ec2::23'].includes(name),
    )
  )
    return []
  return [
    {
      code: 'proxy-before-agent',
      severity: 'warning',
      subject,
      found: `container ${container.name} has ${proxy.name} and no exception for 169.254.170.23 in NO_PROXY; SDKs that honour it would ask the proxy for credentials, which cannot reach the agent`,
      remedy: mendWith(
        'Except the agent from the proxy.',
        command`kubectl set env ${target} -n ${namespace} -c ${container.name} ${`NO_PROXY=${[...names.filter((name) => name !== ''), '169.254.170.23', '[fd00:ec2::23]'].join(',')}`}`,
      ),
    },
  ]
}

type Some<One> = readonly [One, ...One[]]

const bySource = (variables: readonly Variable[]): Some<Variable>[] => [
  ...(Map.groupBy(variables, ({ source }) =>
    'name' in source ? `${source.kind} ${source.name}` : source.kind,
  ).values() as Iterable<Some<Variable>>),
]

const outranked = (
  { subject, namespace, target, spec }: CredentialQuestion,
  container: Container,
  what: string,
  variables: Some<Variable>,
): Finding => {
  const [first] = variables
  if (isByIrsaWebhook(container, first))
    return {
      code: 'credentials-outranked',
      severity: 'blocking',
      subject,
      found: `container ${container.name} has its credentials by IRSA: the webhook put ${first.name} into it when its pod was made, by the annotation of its ServiceAccount; AWS SDKs use ${what} before the credentials of Pod Identity, or in place of them`,
      remedy: advise(
        'A pod that is made while the association is there gets the credentials of Pod Identity in place of these: podid enable makes the association and restarts the workload, podid migrate does so step by step.',
      ),
    }
  return {
    code: 'credentials-outranked',
    severity: 'blocking',
    subject,
    found: `container ${container.name} gets ${variables.map(({ name }) => name).join(' and ')} from ${describeSource(first.source)}; AWS SDKs use ${what} before the credentials of Pod Identity, or in place of them`,
    remedy: keysOfItsOwn(
      container,
      removal(variables, words`${target} -n ${namespace} -c ${container.name}`, namespace),
      containersOf(spec).length,
    ),
  }
}

/**
 * Whether the Pod Identity webhook has given a container its web identity: no template has the variable then, and nothing
 * can take it out of one. https://github.com/aws/amazon-eks-pod-identity-webhook (read at 3bf80a3)
 */
const isByIrsaWebhook = ({ volumeMounts }: Container, { source, value }: Variable): boolean | undefined =>
  volumeMounts?.some(({ name }) => name === 'aws-iam-token') &&
  source.kind === 'env' &&
  value === irsaTokenPath

/** Where the webhook mounts the token of IRSA. */
const irsaTokenPath = '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'

/** One of several containers may be meant to have other credentials than the role's. */
const keysOfItsOwn = ({ name }: Container, remedy: Remedy, containers: number): Remedy =>
  containers > 1
    ? {
        ...remedy,
        advice: `${remedy.advice} If ${name} is meant to have keys of its own, exclude it instead: the template’s annotation ${skipAnnotation}: ${name}.`,
      }
    : remedy

const describeSource = (source: VariableSource): string => {
  switch (source.kind) {
    case 'configMap':
      return `ConfigMap ${source.name} (env)`
    case 'envFrom':
      return `ConfigMap ${source.name} (envFrom)`
    case 'secret':
      return `Secret ${source.name} (env)`
    default:
      return 'its own env'
  }
}

const removal = (variables: Some<Variable>, container: Words, namespace: string): Remedy => {
  const [{ source }] = variables
  if (source.kind !== 'envFrom') {
    return mendWith(
      'Take the variables out of the container.',
      command`kubectl set env ${container} ${variables.map(({ name }) => `${name}-`)}`,
    )
  }
  const patch = variables.map((variable) => ({
    op: 'remove',
    path: `/data/${(variable.source as { key: string }).key}`,
  }))
  return mendWith(
    'Take the variables out of the ConfigMap; whatever else reads it loses them too.',
    command`kubectl patch configmap ${source.name} -n ${namespace} --type json -p ${JSON.stringify(patch)}`,
  )
}

const notRead = (
  { subject, namespace }: CredentialQuestion,
  container: Container,
  { kind, name }: Environment['unread'][number],
): Finding => ({
  code: kind === 'secret' ? 'secret-not-read' : 'config-map-not-read',
  severity: 'info',
  subject,
  found: `container ${container.name} takes its environment from ${kind === 'secret' ? 'Secret' : 'ConfigMap'} ${name}, which was not looked into; AWS keys in there would win over the role`,
  remedy: lookWith(
    'See whether it has any; only names are shown.',
    command`kubectl get ${kind.toLowerCase()} ${name} -n ${namespace} -o json | grep -o '"AWS_[A-Z_]*"' || echo 'no AWS variable in it'`,
  ),
})
