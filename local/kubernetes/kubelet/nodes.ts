import type { Node } from '../../../core/kubernetes.ts'

/**
 * An EC2 node of a cluster as it has joined: ready, labelled with its zone, known by its private name.
 * `address` is its private IPv4 address.
 */
export const ec2Node = ({
  address,
  zone,
  labels = {},
  now,
}: {
  address: string
  zone: string
  labels?: Record<string, string>
  /** The time, RFC 3339. */
  now: string
}): Node => {
  const region = zone.slice(0, -1)
  const name = `ip-${address.replaceAll('.', '-')}.${region}.compute.internal`
  const healthy = (type: string, reason: string, message: string, status = 'False') => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  })
  const resources = { cpu: '4', memory: '15896980Ki', pods: '58' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'node.kubernetes.io/instance-type': 'm5.xlarge',
        'topology.kubernetes.io/region': region,
        'topology.kubernetes.io/zone': zone,
        ...labels,
      },
    },
    spec: { providerID: `aws:///${zone}/i-${address.replaceAll('.', '').padStart(17, '0')}` },
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: 'InternalIP', address },
        { type: 'InternalDNS', address: name },
        { type: 'Hostname', address: name },
      ],
      conditions: [
        healthy('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        healthy('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        healthy('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        healthy('Ready', 'KubeletReady', 'kubelet is posting ready status', 'True'),
      ],
      nodeInfo: {
        architecture: 'amd64',
        operatingSystem: 'linux',
        osImage: 'Amazon Linux 2023',
        kernelVersion: '6.12.40-64.114.amzn2023.x86_64',
        kubeletVersion: 'v1.36.2-eks-1552ad0',
        kubeProxyVersion: '',
        containerRuntimeVersion: 'containerd://2.1.4',
        machineID: '',
        systemUUID: '',
        bootID: '',
      },
    },
  }
}

/** The node that Fargate makes for one pod: nothing else may run on it. */
export const fargateNode = (options: { address: string; zone: string; now: string }): Node => {
  const compute = 'eks.amazonaws.com/compute-type'
  const node = ec2Node({ ...options, labels: { [compute]: 'fargate' } })
  const name = `fargate-${node.metadata?.name}`
  const { 'node.kubernetes.io/instance-type': _none, ...labels } = node.metadata?.labels ?? {}
  return {
    ...node,
    metadata: { ...node.metadata, name, labels: { ...labels, 'kubernetes.io/hostname': name } },
    spec: {
      providerID: `aws:///${options.zone}/${name}`,
      taints: [{ key: compute, value: 'fargate', effect: 'NoSchedule' }],
    },
  }
}
