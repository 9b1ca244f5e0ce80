import type { Pod } from '../../../../core/kubernetes.ts'
import { type KubernetesObject, resources } from '../../store/resources.ts'
import type { Labels } from '../../store/selectors.ts'
import { forbiddenObject, invalid } from '../../store/status.ts'
import type { Store, ValidationHook } from '../../store/store.ts'
import { unsupported } from '../../store/validation/fields.ts'
import { podIn } from '../pod-in.ts'
import { baselineChecks, overlappingChecks } from './baseline.ts'
import { restrictedChecks } from './restricted.ts'
import { type PodCheck, plural, type Violation } from './visit.ts'

const levels = ['privileged', 'baseline', 'restricted'] as const
type Level = (typeof levels)[number]
type Mode = 'enforce' | 'audit' | 'warn'

interface Policy {
  level: Level
  /** As messages name it: `restricted:latest`. */
  name: string
}

const checksOf: Record<Level, PodCheck[]> = {
  privileged: [],
  baseline: [...baselineChecks, ...overlappingChecks],
  restricted: [...baselineChecks, ...restrictedChecks],
}

const labelOf = (mode: Mode): string => `pod-security.kubernetes.io/${mode}`

/** What a namespace's labels say; whatever they name, the checks are those of the newest version. */
const policyOf = (labels: Labels, mode: Mode): Policy => {
  const level = levels.find((one) => one === labels?.[labelOf(mode)]) ?? 'privileged'
  return { level, name: `${level}:${labels?.[`${labelOf(mode)}-version`] ?? 'latest'}` }
}

/**
 * Pod Security admission: a namespace's labels say at which level pods are refused, and at which a warning is
 * given, for pods and for workloads alike. https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export const podSecurity =
  (store: Store): ValidationHook =>
  ({ resource, object, previous, operation, warn }) => {
    if (resource === resources.namespaces) return checkNamespace(store, object, previous, warn)
    const pod = podIn(resource, object)?.pod
    if (!pod || (operation === 'UPDATE' && sameImages(pod, previous && podIn(resource, previous)?.pod)))
      return
    const labels = store.get(resources.namespaces, undefined, object.metadata.namespace ?? '')?.metadata
      .labels
    const enforced = policyOf(labels, 'enforce')
    const violated = resource === resources.pods ? violations(pod, enforced) : []
    if (violated.length > 0)
      throw forbiddenObject(
        resource,
        object.metadata.name,
        `violates PodSecurity "${enforced.name}": ${inDetail(violated)}`,
      )
    const warned = policyOf(labels, 'warn')
    const warnings = violations(pod, warned)
    if (warnings.length > 0) warn(`would violate PodSecurity "${warned.name}": ${inDetail(warnings)}`)
  }

const violations = (pod: Pod, { level }: Policy): Violation[] =>
  checksOf[level].flatMap((check) => check(pod) ?? [])

const inDetail = (all: Violation[]): string =>
  all.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')

const sameImages = (pod: Pod, previous: Pod | undefined): boolean => {
  const images = ({ spec }: Pod) =>
    [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ image }) => image).join(' ')
  return previous !== undefined && images(pod) === images(previous)
}

/** Levels that do not exist are refused; a stricter one warns of the pods that are there already. */
const checkNamespace = (
  store: Store,
  { metadata }: KubernetesObject,
  previous: KubernetesObject | undefined,
  warn: (text: string) => void,
): void => {
  const errors = (['enforce', 'audit', 'warn'] as const).flatMap((mode) => {
    const given = metadata.labels?.[labelOf(mode)]
    return given === undefined || levels.some((one) => one === given)
      ? []
      : [unsupported(`metadata.labels[${labelOf(mode)}]`, given, [...levels])]
  })
  if (errors.length > 0) throw invalid(resources.namespaces, metadata.name, errors)
  const enforced = policyOf(metadata.labels, 'enforce')
  if (!previous || enforced.name === policyOf(previous.metadata.labels, 'enforce').name) return
  const byReasons = new Map<string, string[]>()
  for (const pod of store.list(resources.pods, { namespace: metadata.name })) {
    const reasons = violations(pod as Pod, enforced)
      .map(({ reason }) => reason)
      .join(', ')
    if (reasons) byReasons.set(reasons, [...(byReasons.get(reasons) ?? []), pod.metadata.name])
  }
  if (byReasons.size === 0) return
  warn(
    `existing pods in namespace "${metadata.name}" violate the new PodSecurity enforce level "${enforced.name}"`,
  )
  const lines = [...byReasons].map(([reasons, [first, ...others]]) => {
    const more = others.length > 0 ? ` (and ${others.length} other ${plural('pod', others)})` : ''
    return `${first}${more}: ${reasons}`
  })
  for (const line of lines.sort()) warn(line)
}
