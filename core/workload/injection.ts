import { type Finding, lookWith, mendWith, type Remedy } from '../findings.ts'
import type { ConfigMap, Container, ObjectMeta, Pod, PodSpec } from '../kubernetes.ts'
import { podIdentityService } from '../names.ts'
import { firstOf } from '../text/list.ts'
import { redact } from '../text/redact.ts'
import { command } from '../text/shell.ts'
import {
  containerCredentialsUri,
  containersOf,
  containerTokenFile,
  credentialFindings,
  credentialsUris,
  environmentOf,
  skipAnnotation,
  skippedContainers,
  tokenDirectory,
  tokenName,
  tokenPath,
  type Variable,
} from './environment.ts'
import { withoutEndpointMode } from './ipv6.ts'
import { fargateProfileLabel, otherCompute } from './placement.ts'
import { formatWorkloadRef, type WorkloadRef } from './workload.ts'

export interface ContainerInjection {
  name: string
  /** True where the pod's annotation excludes the container. */
  skipped: boolean
  /** Set where the template has no such container: another webhook has added it. */
  added?: true
  /** Both variables and the mount are there. */
  injected: boolean
  /** The parts that are not: variable names, `volume` or `volume mount`. */
  missing: string[]
  /** The address family of the agent, by the URI's value. */
  family?: 'ipv4' | 'ipv6'
}

export interface Injection {
  /** At least one container takes part, and every one that does is injected. */
  injected: boolean
  containers: ContainerInjection[]
}

/**
 * What the Pod Identity webhook has put into a pod, container by container: two variables, a projected token
 * volume with the agent's audience, and its mount. https://github.com/aws/amazon-eks-pod-identity-webhook
 * Where the template is given, its containers alone count: one that a later webhook adds comes without them where the
 * Pod Identity webhook is not asked again (reinvocationPolicy Never, Kubernetes' default).
 */
export const readInjection = (
  pod: { metadata?: ObjectMeta; spec?: PodSpec },
  template?: PodSpec | undefined,
): Injection => {
  const own = template && containersOf(template).map(({ name }) => name)
  const spec = pod.spec ?? { containers: [] }
  const skip = skippedContainers(pod)
  const volume = hasTokenVolume(spec)
  const containers = containersOf(spec).map((container): ContainerInjection => {
    const uri = container.env?.find(({ name }) => name === containerCredentialsUri)?.value
    const family = uri === credentialsUris.ipv4 ? 'ipv4' : uri === credentialsUris.ipv6 ? 'ipv6' : undefined
    const tokenFile = container.env?.find(({ name }) => name === containerTokenFile)?.value
    const missing = [
      ...(family ? [] : [containerCredentialsUri]),
      ...(tokenFile === tokenPath ? [] : [containerTokenFile]),
      ...(volume ? [] : ['volume']),
      ...(hasTokenMount(container) ? [] : ['volume mount']),
    ]
    return {
      name: container.name,
      skipped: skip.includes(container.name),
      ...(own && !own.includes(container.name) && { added: true as const }),
      injected: missing.length === 0,
      missing,
      ...(family && { family }),
    }
  })
  const concerned = containers.filter(({ skipped, added }) => !skipped && !added)
  return { injected: concerned.length > 0 && concerned.every(({ injected }) => injected), containers }
}

// The token's lifetime is jittered by the webhook, so it says nothing.
const hasTokenVolume = (spec: PodSpec): boolean =>
  spec.volumes?.some(
    ({ name, projected }) =>
      name === tokenName &&
      projected?.sources?.some(
        ({ serviceAccountToken }) => serviceAccountToken?.audience === podIdentityService,
      ),
  ) ?? false

const hasTokenMount = (container: Container): boolean =>
  container.volumeMounts?.some(({ name, mountPath }) => name === tokenName && mountPath === tokenDirectory) ??
  false

/** A pod that is to serve: neither on its way out nor run to its end. */
export const isLive = (pod: Pod): boolean =>
  pod.metadata?.deletionTimestamp === undefined &&
  pod.status?.phase !== 'Succeeded' &&
  pod.status?.phase !== 'Failed'

export interface InjectionContext {
  ref: WorkloadRef
  namespace: string
  /** Of the workload: its containers are to have the credentials, and no others. */
  template?: PodSpec | undefined
  /** The ConfigMaps that the containers read, as far as they could be read. */
  configMaps: readonly ConfigMap[]
}

export interface InjectionCheck {
  /** Every live pod is injected, there is at least one, and nothing outranks the credentials. */
  injected: boolean
  findings: Finding[]
}

/** Whether the live ones of these pods have the role's credentials, and use them. */
export const checkInjection = (pods: readonly Pod[], context: InjectionContext): InjectionCheck => {
  const live = pods.filter(isLive)
  const [first] = live
  if (!first) return { injected: false, findings: [unproven(context)] }
  const findings = [
    ...missingFindings(live, context),
    ...addedFindings(live, context),
    ...javaOnIpv6(first, context),
    ...merge(
      live.map((pod) => ({ pod, findings: outrankedIn(pod, context) })),
      live.length,
    ),
  ]
  return { injected: findings.every(({ severity }) => severity !== 'blocking'), findings }
}

const outrankedIn = (pod: Pod, context: InjectionContext): Finding[] =>
  credentialFindings({
    subject: formatWorkloadRef(context.ref),
    namespace: context.namespace,
    spec: pod.spec,
    skip: skippedContainers(pod),
    configMaps: context.configMaps,
    target: formatWorkloadRef(context.ref),
  })

/** Pods of one template have the same finding: it is reported once, with their number. */
const merge = (found: { pod: Pod; findings: Finding[] }[], all: number): Finding[] => {
  const seen = new Map<string, { finding: Finding; pods: Set<string> }>()
  for (const { pod, findings } of found) {
    for (const finding of findings) {
      const key = `${finding.code} ${finding.found}`
      const entry = seen.get(key) ?? { finding, pods: new Set() }
      entry.pods.add(nameOf(pod))
      seen.set(key, entry)
    }
  }
  return [...seen.values()].map(({ finding, pods }) =>
    pods.size === all ? finding : { ...finding, found: `${finding.found} (in ${listed([...pods])})` },
  )
}

const missingFindings = (live: Pod[], context: InjectionContext): Finding[] => {
  const lacking = live.filter((pod) => !readInjection(pod, context.template).injected)
  const fargate = lacking.filter((pod) => pod.metadata?.labels?.[fargateProfileLabel])
  const missed = lacking.filter((pod) => !fargate.includes(pod))
  const subject = formatWorkloadRef(context.ref)
  const findings: Finding[] = []
  if (fargate.length > 0)
    findings.push({
      code: 'compute-unsupported',
      severity: 'blocking',
      subject,
      found: `${listed(fargate.map(nameOf))} run on Fargate, where EKS Pod Identity does not work`,
      remedy: otherCompute,
    })
  if (missed.length > 0)
    findings.push({
      code: 'injection-missing',
      severity: 'blocking',
      subject,
      found: `${missed.length} of ${live.length} pods have no Pod Identity credentials: ${missed
        .slice(0, 5)
        .map((pod) => whatIsMissing(pod, context.template))
        .join('; ')}`,
      remedy: anew(missed, live, context),
    })
  return findings
}

/** Pods get the credentials only when they are created. */
const anew = (missed: Pod[], live: Pod[], { ref, namespace }: InjectionContext): Remedy =>
  missed.length < live.length && missed.length <= 5
    ? mendWith('Have them made anew.', command`kubectl delete pod ${missed.map(nameOf)} -n ${namespace}`)
    : mendWith(
        'Have its pods made anew.',
        command`kubectl rollout restart ${formatWorkloadRef(ref)} -n ${namespace}`,
      )

/** Another webhook's containers without the credentials: said, since they may be meant to have them. */
const addedFindings = (live: Pod[], { ref, template }: InjectionContext): Finding[] => {
  const names = new Set(
    live.flatMap((pod) =>
      readInjection(pod, template)
        .containers.filter(({ added, skipped, injected }) => added && !skipped && !injected)
        .map(({ name }) => name),
    ),
  )
  if (names.size === 0) return []
  return [
    {
      code: 'added-container-without-credentials',
      severity: 'info',
      subject: formatWorkloadRef(ref),
      found: `its pods have containers without the credentials that are not in its template: ${[...names].join(', ')}; another webhook has added them after the Pod Identity webhook was asked`,
    },
  ]
}

const javaOnIpv6 = (first: Pod, { ref, template, configMaps }: InjectionContext): Finding[] => {
  const { containers } = readInjection(first, template)
  const asked = containersOf(first.spec).filter((container) =>
    containers.some(({ name, family, added }) => name === container.name && family === 'ipv6' && !added),
  )
  return withoutEndpointMode(formatWorkloadRef(ref), asked, configMaps, 'the agent’s address is IPv6')
}

const whatIsMissing = (pod: Pod, template: PodSpec | undefined): string => {
  const containers = readInjection(pod, template).containers.filter(({ added }) => !added)
  if (containers.every(({ skipped }) => skipped)) {
    return `${nameOf(pod)} excludes all its containers by the annotation ${skipAnnotation}`
  }
  return containers
    .filter(({ skipped, injected }) => !skipped && !injected)
    .map(({ name, missing }) => `${nameOf(pod)}, container ${name}, lacks ${missing.join(', ')}`)
    .join('; ')
}

const unproven = (context: InjectionContext): Finding => ({
  code: 'injection-unproven',
  severity: 'blocking',
  subject: formatWorkloadRef(context.ref),
  found: 'no live pod of the current revision, so nothing shows that new pods get the credentials',
  remedy: lookWith('See which pods there are.', command`kubectl get pods -n ${context.namespace}`),
})

const nameOf = (pod: Pod): string => pod.metadata?.name ?? 'a pod without name'

const listed = (names: string[]): string => `${names.length === 1 ? 'pod' : 'pods'} ${firstOf(names, 5)}`

const credentialName =
  /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|(?:DEFAULT_)?PROFILE|ROLE_ARN|WEB_IDENTITY_TOKEN_FILE|CONTAINER_\w+)$/

/**
 * A pod's credential variables by container and name, for showing what changed. Keys and secrets are masked,
 * file names and ARNs are not; containers without any are left out.
 */
export const credentialVariables = (
  pod: { spec?: PodSpec },
  configMaps: readonly ConfigMap[],
): Record<string, Record<string, string>> => {
  const containers = containersOf(pod.spec).map((container): [string, Record<string, string>] => {
    const variables = environmentOf(container, configMaps).variables.filter(({ name }) =>
      credentialName.test(name),
    )
    return [container.name, Object.fromEntries(variables.map((variable) => [variable.name, shown(variable)]))]
  })
  return Object.fromEntries(containers.filter(([, variables]) => Object.keys(variables).length > 0))
}

const shown = ({ name, value, source }: Variable): string => {
  if (source.kind === 'secret') return `(in Secret ${source.name})`
  if (value === undefined) return '(not read)'
  if (value === '') return ''
  if (name === 'AWS_ACCESS_KEY_ID') return `${value.slice(0, 4)}…`
  return /SECRET|_TOKEN$/.test(name) ? '(hidden)' : redact(value)
}
