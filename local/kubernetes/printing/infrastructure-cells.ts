import type { Node, Service } from '../../../core/kubernetes.ts'
import type { Stored } from '../store/resources.ts'

const roleLabel = 'node-role.kubernetes.io/'

/** The cells of a node that are computed from several fields. */
export const nodeCells = ({ metadata, spec, status }: Stored<Node>) => {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const labels = Object.keys(metadata.labels ?? {})
  const address = (wanted: string) =>
    status?.addresses?.find(({ type }) => type === wanted)?.address ?? '<none>'
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return {
    status: spec.unschedulable ? `${state},SchedulingDisabled` : state,
    roles:
      labels
        .filter((label) => label.startsWith(roleLabel) && label.length > roleLabel.length)
        .map((label) => label.slice(roleLabel.length))
        .sort()
        .join(',') || '<none>',
    internalIp: address('InternalIP'),
    externalIp: address('ExternalIP'),
  }
}

/** The cells of a service that are computed from several fields. */
export const serviceCells = ({ spec, status }: Stored<Service>) => ({
  externalIp: externalIp(spec, status),
  ports:
    (spec.ports ?? [])
      .map(({ port, nodePort, protocol = 'TCP' }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
      .join(',') || '<none>',
})

const externalIp = (spec: Stored<Service>['spec'], status: Stored<Service>['status']): string => {
  if (spec.type === 'ExternalName') return spec.externalName ?? ''
  const given = spec.externalIPs?.join(',')
  if (spec.type !== 'LoadBalancer') return given || '<none>'
  const balancer = status?.loadBalancer?.ingress?.map(({ ip, hostname }) => ip || hostname).join(',')
  return [balancer, given].filter(Boolean).join(',') || '<pending>'
}
