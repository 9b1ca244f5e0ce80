import type { Container } from '../../../../core/kubernetes.ts'
import {
  about,
  containersIn,
  containersThat,
  named,
  type PodCheck,
  plural,
  quoted,
  setters,
  sorted,
} from './visit.ts'

const defaultCapabilities = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
)

const safeSysctls = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
])

const seLinuxTypes = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'])

const capabilities: PodCheck = (pod) => {
  const added = ({ securityContext }: Container) =>
    (securityContext?.capabilities?.add ?? []).filter((name) => !defaultCapabilities.has(name))
  const bad = containersIn(pod).filter((container) => added(container).length > 0)
  return about(
    'non-default capabilities',
    bad.map(({ name }) => name),
    (who) =>
      `${who} must not include ${quoted(sorted(bad.flatMap(added)))} in securityContext.capabilities.add`,
  )
}

const hostNamespaces: PodCheck = ({ spec }) => {
  const set = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec?.[field])
  return set.length > 0
    ? { reason: 'host namespaces', detail: set.map((field) => `${field}=true`).join(', ') }
    : undefined
}

const hostPathVolumes: PodCheck = ({ spec }) => {
  const names = (spec?.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name)
  return names.length > 0 ? { reason: 'hostPath volumes', detail: named('volume', names) } : undefined
}

const hostPorts: PodCheck = (pod) => {
  const ports = ({ ports = [] }: Container) =>
    ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []))
  const bad = containersIn(pod).filter((container) => ports(container).length > 0)
  const all = sorted(bad.flatMap(ports))
  return about(
    'hostPort',
    bad.map(({ name }) => name),
    (who) => `${who} ${bad.length === 1 ? 'uses' : 'use'} ${plural('hostPort', all)} ${all.join(', ')}`,
  )
}

interface Action {
  httpGet?: { host?: string }
  tcpSocket?: { host?: string }
}

const probeHosts: PodCheck = (pod) => {
  const hosts = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): string[] =>
    [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(
      (action) => {
        const { httpGet, tcpSocket } = (action ?? {}) as Action
        return [httpGet?.host, tcpSocket?.host].filter((host): host is string => Boolean(host))
      },
    )
  const bad = containersIn(pod).filter((container) => hosts(container).length > 0)
  const all = sorted(bad.flatMap(hosts))
  return about(
    'probe or lifecycle host',
    sorted(bad.map(({ name }) => name)),
    (who) =>
      `${who} ${bad.length === 1 ? 'uses' : 'use'} ${plural('probe or lifecycle host', all)} ${quoted(all)}`,
  )
}

const privileged: PodCheck = (pod) =>
  about(
    'privileged',
    containersThat(pod, (_container, security) => security.privileged === true),
    (who) => `${who} must not set securityContext.privileged=true`,
  )

const procMount: PodCheck = (pod) =>
  about(
    'procMount',
    containersThat(pod, (_container, { procMount: mount }) => mount !== undefined && mount !== 'Default'),
    (who) => `${who} must not set securityContext.procMount to "Unmasked"`,
  )

const seLinux: PodCheck = (pod) => {
  const wrong = (type: string | undefined) => !seLinuxTypes.has(type ?? '')
  const podType = pod.spec?.securityContext?.seLinuxOptions?.type
  const names = containersThat(pod, (_container, security) => wrong(security.seLinuxOptions?.type))
  if (!wrong(podType) && names.length === 0) return undefined
  const types = [
    ...(wrong(podType) ? [podType ?? ''] : []),
    ...containersIn(pod).flatMap(({ securityContext }) => {
      const type = securityContext?.seLinuxOptions?.type
      return wrong(type) ? [type ?? ''] : []
    }),
  ]
  return {
    reason: 'seLinuxOptions',
    detail: `${setters(wrong(podType), names)} set forbidden securityContext.seLinuxOptions: ${plural('type', sorted(types))} ${quoted(sorted(types))}`,
  }
}

const seccomp: PodCheck = (pod) => {
  const unconfined = (context: { seccompProfile?: { type: string } } | undefined) =>
    context?.seccompProfile?.type === 'Unconfined'
  const names = containersThat(pod, (_container, security) => unconfined(security))
  const podSets = unconfined(pod.spec?.securityContext)
  return podSets || names.length > 0
    ? {
        reason: 'seccompProfile',
        detail: `${setters(podSets, names)} must not set securityContext.seccompProfile.type to "Unconfined"`,
      }
    : undefined
}

const sysctls: PodCheck = ({ spec }) => {
  const names = (spec?.securityContext?.sysctls ?? [])
    .map(({ name }) => name)
    .filter((name) => !safeSysctls.has(name))
  return names.length > 0 ? { reason: 'forbidden sysctls', detail: names.join(', ') } : undefined
}

const hostProcess: PodCheck = (pod) => {
  const names = containersThat(pod, (_container, security) => security.windowsOptions?.hostProcess === true)
  const podSets = pod.spec?.securityContext?.windowsOptions?.hostProcess === true
  return podSets || names.length > 0
    ? {
        reason: 'hostProcess',
        detail: `${setters(podSets, names)} must not set securityContext.windowsOptions.hostProcess=true`,
      }
    : undefined
}

/** The checks of the level `baseline`, in the server's order. */
export const baselineChecks: PodCheck[] = [
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  probeHosts,
  privileged,
  procMount,
  seLinux,
  sysctls,
  hostProcess,
]

/** Checks of `baseline` that `restricted` has in a stricter form. */
export const overlappingChecks: PodCheck[] = [capabilities, seccomp]
