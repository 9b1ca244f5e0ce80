import {
  about,
  containersIn,
  containersThat,
  hasOwnUsers,
  isWindows,
  named,
  type PodCheck,
  plural,
  quoted,
  setters,
  sorted,
} from './visit.ts'

const privilegeEscalation: PodCheck = (pod) =>
  isWindows(pod)
    ? undefined
    : about(
        'allowPrivilegeEscalation != false',
        containersThat(pod, (_container, security) => security.allowPrivilegeEscalation !== false),
        (who) => `${who} must set securityContext.allowPrivilegeEscalation=false`,
      )

const capabilities: PodCheck = (pod) => {
  if (isWindows(pod)) return undefined
  const keeping = containersThat(pod, (_container, security) => !security.capabilities?.drop?.includes('ALL'))
  const extra = (add: readonly string[] = []) => add.filter((name) => name !== 'NET_BIND_SERVICE')
  const adding = containersThat(pod, (_container, security) => extra(security.capabilities?.add).length > 0)
  const added = sorted(
    containersIn(pod).flatMap(({ securityContext }) => extra(securityContext?.capabilities?.add)),
  )
  const details = [
    ...(keeping.length > 0
      ? [`${named('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    ...(adding.length > 0
      ? [
          `${named('container', adding)} must not include ${quoted(added)} in securityContext.capabilities.add`,
        ]
      : []),
  ]
  return details.length > 0 ? { reason: 'unrestricted capabilities', detail: details.join('; ') } : undefined
}

const allowedVolumes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
  'image',
])

const volumeTypes: PodCheck = ({ spec }) => {
  const bad = (spec?.volumes ?? []).flatMap(({ name, ...sources }) => {
    const [type = 'unknown'] = Object.keys(sources)
    return allowedVolumes.has(type) ? [] : [{ name, type }]
  })
  if (bad.length === 0) return undefined
  const types = sorted(bad.map(({ type }) => type))
  return {
    reason: 'restricted volume types',
    detail: `${named(
      'volume',
      bad.map(({ name }) => name),
    )} ${bad.length === 1 ? 'uses' : 'use'} ${plural('restricted volume type', types)} ${quoted(types)}`,
  }
}

const runAsNonRoot: PodCheck = (pod) => {
  if (hasOwnUsers(pod)) return undefined
  const ofPod = pod.spec?.securityContext?.runAsNonRoot
  const refusing = containersThat(pod, (_container, security) => security.runAsNonRoot === false)
  const reason = 'runAsNonRoot != true'
  if (ofPod === false || refusing.length > 0)
    return {
      reason,
      detail: `${setters(ofPod === false, refusing)} must not set securityContext.runAsNonRoot=false`,
    }
  const silent = containersThat(pod, (_container, security) => security.runAsNonRoot === undefined)
  return ofPod
    ? undefined
    : about(reason, silent, (who) => `pod or ${who} must set securityContext.runAsNonRoot=true`)
}

const runAsUser: PodCheck = (pod) => {
  if (hasOwnUsers(pod)) return undefined
  const ofPod = pod.spec?.securityContext?.runAsUser === 0
  const names = containersThat(pod, (_container, security) => security.runAsUser === 0)
  return ofPod || names.length > 0
    ? { reason: 'runAsUser=0', detail: `${setters(ofPod, names)} must not set runAsUser=0` }
    : undefined
}

const seccomp: PodCheck = (pod) => {
  if (isWindows(pod)) return undefined
  const isValid = (type: string | undefined) => type === 'RuntimeDefault' || type === 'Localhost'
  const ofPod = pod.spec?.securityContext?.seccompProfile?.type
  const wrong = containersThat(
    pod,
    (_container, { seccompProfile }) => seccompProfile !== undefined && !isValid(seccompProfile.type),
  )
  const podIsWrong = ofPod !== undefined && !isValid(ofPod)
  if (podIsWrong || wrong.length > 0) {
    const values = containersIn(pod).flatMap(({ securityContext }) => {
      const type = securityContext?.seccompProfile?.type
      return type === undefined || isValid(type) ? [] : [type]
    })
    return {
      reason: 'seccompProfile',
      detail: `${setters(podIsWrong, wrong)} must not set securityContext.seccompProfile.type to ${quoted(sorted([...values, ...(podIsWrong ? [ofPod] : [])]))}`,
    }
  }
  const silent = containersThat(pod, (_container, security) => security.seccompProfile === undefined)
  return isValid(ofPod)
    ? undefined
    : about(
        'seccompProfile',
        silent,
        (who) =>
          `pod or ${who} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
      )
}

/** The checks that the level `restricted` has besides those of `baseline`, in the server's order. */
export const restrictedChecks: PodCheck[] = [
  privilegeEscalation,
  capabilities,
  volumeTypes,
  runAsNonRoot,
  runAsUser,
  seccomp,
]
