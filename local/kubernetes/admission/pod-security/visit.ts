import type { Container, Pod, SecurityContext } from '../../../../core/kubernetes.ts'

/** What a check finds in a pod, as PodSecurity words it: a reason, and what of the pod is meant. */
export interface Violation {
  reason: string
  detail: string
}

export type PodCheck = (pod: Pod) => Violation | undefined

/** Init containers first, as the server visits them. */
export const containersIn = ({ spec }: Pod): Container[] => [
  ...(spec?.initContainers ?? []),
  ...(spec?.containers ?? []),
]

/** The names of the containers that a test picks out. */
export const containersThat = (
  pod: Pod,
  test: (container: Container, security: SecurityContext) => boolean,
): string[] =>
  containersIn(pod)
    .filter((container) => test(container, container.securityContext ?? {}))
    .map(({ name }) => name)

export const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

/** Distinct, in the order of the alphabet. */
export const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort()

/** `container "a"`, or `containers "a", "b"`. */
export const named = (word: string, names: readonly string[]): string =>
  `${plural(word, names)} ${quoted(names)}`

export const plural = (word: string, of: readonly unknown[]): string => (of.length === 1 ? word : `${word}s`)

/** A violation of containers, where there are any. */
export const about = (
  reason: string,
  names: readonly string[],
  detail: (containers: string) => string,
): Violation | undefined =>
  names.length > 0 ? { reason, detail: detail(named('container', names)) } : undefined

/** Whoever sets something to a bad value: the pod, containers, or both. */
export const setters = (pod: boolean, containers: readonly string[]): string =>
  [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [named('container', containers)] : [])].join(' and ')

/** Such pods need not say what only Linux knows. */
export const isWindows = ({ spec }: Pod): boolean => spec?.os?.name === 'windows'

/** Root in a user namespace of its own is nobody outside of it. */
export const hasOwnUsers = ({ spec }: Pod): boolean => spec?.hostUsers === false
