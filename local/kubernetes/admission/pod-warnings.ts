import type { Container, Pod, PodSpec } from '../../../core/kubernetes.ts'
import type { ValidationHook } from '../store/store.ts'
import { podIn } from './pod-in.ts'

const appArmor = 'container.apparmor.security.beta.kubernetes.io/'

const deprecatedLabels: Record<string, string | undefined> = {
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
}

/** Warns, in the server's words, of what a pod or a template says that is deprecated or that hides itself. */
export const podWarnings: ValidationHook = ({ resource, object, warn }) => {
  const found = podIn(resource, object)
  for (const warning of found ? warningsOf(found.path, found.pod) : []) warn(warning)
}

const warningsOf = (path: string, { metadata, spec }: Pod): string[] => [
  ...Object.keys(metadata?.annotations ?? {})
    .filter((key) => key.startsWith(appArmor))
    .map(
      (key) =>
        `${path}metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
    ),
  ...Object.keys(spec?.nodeSelector ?? {}).flatMap((key) => {
    const why = deprecatedLabels[key]
    return why ? [`${path}spec.nodeSelector[${key}]: ${why}`] : []
  }),
  ...(['containers', 'initContainers'] as const).flatMap((field) =>
    ((spec as PodSpec)[field] ?? []).flatMap((container, index) =>
      containerWarnings(`${path}spec.${field}[${index}]`, container),
    ),
  ),
]

const containerWarnings = (path: string, { env = [] }: Container): string[] =>
  env.flatMap(({ name }, index) =>
    env.findIndex((other) => other.name === name) < index
      ? [
          `${path}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`,
        ]
      : [],
  )

/** A pod with the field that stands for each AppArmor annotation of its containers. */
export const withAppArmor = (pod: Pod): Pod => {
  const annotations = pod.metadata?.annotations ?? {}
  if (!pod.spec || !Object.keys(annotations).some((key) => key.startsWith(appArmor))) return pod
  const profiled = (container: Container): Container => {
    const annotation = annotations[`${appArmor}${container.name}`]
    const profile = annotation && profileOf(annotation)
    if (!profile || container.securityContext?.appArmorProfile) return container
    return { ...container, securityContext: { ...container.securityContext, appArmorProfile: profile } }
  }
  const { containers, initContainers } = pod.spec
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(profiled),
      ...(initContainers ? { initContainers: initContainers.map(profiled) } : {}),
    },
  }
}

const profileOf = (annotation: string) => {
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  const [kind, ...name] = annotation.split('/')
  return kind === 'localhost' ? { type: 'Localhost', localhostProfile: name.join('/') } : undefined
}
