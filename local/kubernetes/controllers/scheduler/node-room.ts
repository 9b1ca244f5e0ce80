import { podRequests } from '../../admission/quota-usage.ts'
import { compareQuantities, sumOfLists } from '../../store/quantity.ts'
import type { StoredPod } from '../pods.ts'
import type { StoredNode } from './fitting.ts'

interface Port {
  number: number
  protocol: string
  address: string
}

const everyAddress = '0.0.0.0'

/** The ports of its node that a pod takes for itself. */
const hostPorts = ({ spec }: StoredPod): Port[] =>
  [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, protocol = 'TCP', hostIP = everyAddress }) =>
      hostPort ? [{ number: hostPort, protocol, address: hostIP || everyAddress }] : [],
    ),
  )

const collide = (one: Port, other: Port): boolean =>
  one.number === other.number &&
  one.protocol === other.protocol &&
  (one.address === other.address || one.address === everyAddress || other.address === everyAddress)

/** What a node lacks for a pod beside those that are there, in the scheduler's words; empty where it fits. */
export const lacking = (pod: StoredPod, node: StoredNode, here: StoredPod[]): string[] => {
  const taken = here.flatMap(hostPorts)
  const allocatable = node.status?.allocatable ?? {}
  const requested = sumOfLists([pod, ...here].map(podRequests))
  const wanted = podRequests(pod)
  const short = ['cpu', 'ephemeral-storage', 'memory'].filter(
    (name) =>
      wanted[name] !== undefined &&
      allocatable[name] !== undefined &&
      compareQuantities(requested[name] ?? '0', allocatable[name]) > 0,
  )
  return [
    ...(hostPorts(pod).some((port) => taken.some((other) => collide(port, other)))
      ? ["node(s) didn't have free ports for the requested pod ports"]
      : []),
    ...(allocatable.pods !== undefined && here.length >= Number(allocatable.pods) ? ['Too many pods'] : []),
    ...short.map((name) => `Insufficient ${name}`),
  ]
}

/**
 * The pods that would have to leave a node so that a more important one fits, the least important first and no
 * more than needed; undefined where that would not help.
 */
export const victimsOn = (pod: StoredPod, node: StoredNode, here: StoredPod[]): StoredPod[] | undefined => {
  const priority = pod.spec.priority ?? 0
  if (pod.spec.preemptionPolicy === 'Never') return undefined
  const lesser = here.filter((one) => (one.spec.priority ?? 0) < priority)
  const staying = here.filter((one) => !lesser.includes(one))
  if (lesser.length === 0 || lacking(pod, node, staying).length > 0) return undefined
  const victims: StoredPod[] = []
  for (const one of lesser.toSorted((a, b) => (b.spec.priority ?? 0) - (a.spec.priority ?? 0))) {
    if (lacking(pod, node, [...staying, one]).length > 0) victims.unshift(one)
    else staying.push(one)
  }
  return victims
}
