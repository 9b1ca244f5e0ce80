import { describe, expect, it } from 'vitest'
import type { PodSpec } from '../../../core/kubernetes.ts'
import { hangingLog } from '../../../local/kubernetes/kubelet/log.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { StatusError } from '../../../local/kubernetes/store/status.ts'
import { cluster, healthy, type TestCluster } from './support/cluster.ts'

const first = 'ip-10-42-10-10.us-west-2.compute.internal'

const agentPort = [{ containerPort: 80, hostPort: 80 }]

const run = ({ store }: TestCluster, name: string, spec: Partial<PodSpec> = {}, labels = {}) =>
  store.create(resources.pods, {
    metadata: { name, namespace: 'carts', labels },
    spec: { containers: [{ name: 'c', image: 'c:1' }], ...spec },
  })

/** A pod that wants port 80 of its node. */
const onPort80 = (spec: Partial<PodSpec> = {}): Partial<PodSpec> => ({
  containers: [{ name: 'c', image: 'c:1', ports: agentPort }],
  ...spec,
})

const read = ({ store }: TestCluster, name: string) => store.read(resources.pods, 'carts', name)

const messagesAbout = (local: TestCluster, name: string, reason: string) =>
  local
    .events()
    .filter((event) => event.about === `Pod/${name}` && event.reason === reason)
    .map(({ message }) => message)

/** The one node that is left, so that it is clear where pods go. */
const alone = (local = cluster()) => {
  for (const { metadata } of local.store.list(resources.nodes))
    if (metadata.name !== first) local.store.delete(resources.nodes, undefined, metadata.name)
  return local
}

const setReady = ({ store }: TestCluster, status: 'True' | 'False' | 'Unknown', node = first) =>
  store.updateStatus(resources.nodes, undefined, node, ({ conditions = [], ...rest }) => ({
    ...rest,
    conditions: conditions.map((one) => (one.type === 'Ready' ? { ...one, status } : one)),
  }))

describe('host ports', () => {
  it('are taken once on each node', () => {
    const local = alone()
    run(local, 'one', onPort80())
    run(local, 'two', onPort80())
    local.clock.advance(3000)
    expect(read(local, 'one').spec.nodeName).toBe(first)
    expect(messagesAbout(local, 'two', 'FailedScheduling')).toEqual([
      "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
    ])
  })

  it('are free again when the pod that had them is gone', () => {
    const local = alone()
    run(local, 'one', onPort80())
    run(local, 'two', onPort80())
    local.clock.advance(3000)
    local.store.delete(resources.pods, 'carts', 'one')
    local.clock.advance(5000)
    expect(read(local, 'two').status?.phase).toBe('Running')
  })

  it('are taken from a pod that matters less', () => {
    const local = alone()
    run(local, 'lesser', onPort80())
    local.clock.advance(3000)
    run(local, 'agent', onPort80({ priorityClassName: 'system-node-critical' }))
    local.clock.advance(5000)
    expect(local.store.get(resources.pods, 'carts', 'lesser')).toBeUndefined()
    expect(messagesAbout(local, 'lesser', 'Preempted')[0]).toMatch(/^Preempted by pod \S+ on node ip-/)
    expect(read(local, 'agent').status?.phase).toBe('Running')
  })
})

it('schedules no more than a node has room for', () => {
  const local = alone()
  const containers = [{ name: 'c', image: 'c:1', resources: { requests: { cpu: '3' } } }]
  run(local, 'one', { containers })
  run(local, 'two', { containers })
  local.clock.advance(3000)
  expect(messagesAbout(local, 'two', 'FailedScheduling')[0]).toMatch(
    /^0\/1 nodes are available: 1 Insufficient cpu\./,
  )
})

describe('a node that is not ready', () => {
  it.each([
    ['False', 'not-ready'],
    ['Unknown', 'unreachable'],
  ] as const)('stays so, and is tainted: %s', (status, taint) => {
    const local = alone()
    setReady(local, status)
    run(local, 'late')
    local.clock.advance(60_000)
    const node = local.store.read(resources.nodes, undefined, first)
    expect(node.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe(status)
    expect(node.spec.taints).toEqual([
      { key: `node.kubernetes.io/${taint}`, effect: 'NoSchedule' },
      { key: `node.kubernetes.io/${taint}`, effect: 'NoExecute' },
    ])
    expect(read(local, 'late').spec.nodeName).toBeUndefined()
  })

  it('runs none of the pods that are bound to it before it is ready', () => {
    const local = alone()
    setReady(local, 'False')
    run(local, 'daemon', { tolerations: [{ operator: 'Exists' }] })
    local.clock.advance(5000)
    expect(read(local, 'daemon').spec.nodeName).toBe(first)
    expect(read(local, 'daemon').status?.phase).toBe('Pending')
    expect(messagesAbout(local, 'daemon', 'NetworkNotReady')[0]).toMatch(/^network is not ready/)
    setReady(local, 'True')
    local.clock.advance(5000)
    expect(read(local, 'daemon').status?.phase).toBe('Running')
    expect(local.store.read(resources.nodes, undefined, first).spec.taints).toBeUndefined()
  })

  it('loses the taint of a cordon when it is uncordoned, and keeps its owner’s', () => {
    const local = alone()
    const change = (spec: object) =>
      local.store.mutate(resources.nodes, undefined, first, (draft) => ({
        ...draft,
        spec: { ...draft.spec, ...spec },
      }))
    const gpu = { key: 'gpu', effect: 'NoSchedule' }
    change({ unschedulable: true, taints: [gpu] })
    local.clock.advance(10)
    const taints = () => local.store.read(resources.nodes, undefined, first).spec.taints
    expect(taints()).toEqual([gpu, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }])
    change({ unschedulable: false })
    local.clock.advance(10)
    expect(taints()).toEqual([gpu])
  })
})

it('leaves a pod Terminating that cannot be stopped, until it is taken out by force', () => {
  const local = cluster(() => ({ startMs: 100, readyAfterMs: 100, unstoppable: true }))
  run(local, 'stuck')
  local.clock.advance(1000)
  local.store.delete(resources.pods, 'carts', 'stuck')
  local.clock.advance(3600_000)
  expect(read(local, 'stuck').metadata.deletionTimestamp).toBeDefined()
  local.store.delete(resources.pods, 'carts', 'stuck', { gracePeriodSeconds: 0 })
  expect(local.store.get(resources.pods, 'carts', 'stuck')).toBeUndefined()
})

describe('logs', () => {
  const started = () => {
    const local = alone(cluster((...asked) => ({ ...healthy(...asked), log: 'hello\n' })))
    run(local, 'talks')
    local.clock.advance(5000)
    const logs = () => local.kubelet.logs({ namespace: 'carts', name: 'talks' }, 'c')
    return { ...local, logs }
  }
  const failure = (read: () => unknown): Partial<StatusError> => {
    try {
      read()
    } catch (error) {
      if (error instanceof StatusError) return error
    }
    return {}
  }

  it('are served, fail or never come, as the node’s kubelet is', () => {
    const { kubelet, logs } = started()
    expect(logs()).toBe('hello\n')
    kubelet.setLogs(first, 'failing')
    expect(failure(logs)).toMatchObject({ code: 500, reason: 'InternalError' })
    kubelet.setLogs(first, 'hanging')
    expect(logs()).toBe(hangingLog)
    kubelet.setLogs(first, 'served')
    expect(logs()).toBe('hello\n')
  })

  it('cannot be had from a node that does not report', () => {
    const { kubelet, logs } = started()
    kubelet.setNodeReady(first, false)
    expect(failure(logs).message).toBe(
      'Get "https://10.42.10.10:10250/containerLogs/carts/talks/c": dial tcp 10.42.10.10:10250: i/o timeout',
    )
  })

  it('begin where they are asked to, and end where they are asked to', () => {
    const { kubelet, clock } = started()
    const ask = (options: object) => kubelet.logs({ namespace: 'carts', name: 'talks' }, 'c', options)
    expect(ask({ sinceTime: clock.now() })).toBe('')
    expect(ask({ sinceTime: clock.now() - 60_000 })).toBe('hello\n')
    expect(ask({ limitBytes: 2 })).toBe('he')
  })
})

describe('Fargate', () => {
  const profiled = () => {
    const local = cluster()
    local.fargate.addProfile({ name: 'fp', selectors: [{ namespace: 'carts', labels: { on: 'fargate' } }] })
    return local
  }

  it('gives each pod that a profile selects a node of its own, and takes it away with the pod', () => {
    const local = profiled()
    run(local, 'serverless', {}, { on: 'fargate' })
    run(local, 'ordinary')
    local.clock.advance(20_000)
    expect(read(local, 'serverless').spec.nodeName).toBeUndefined()
    local.clock.advance(20_000)
    const pod = read(local, 'serverless')
    expect(pod.spec.nodeName).toMatch(/^fargate-ip-10-42-[\d-]+\.us-west-2\.compute\.internal$/)
    expect(pod.metadata.labels).toMatchObject({ 'eks.amazonaws.com/fargate-profile': 'fp' })
    expect(pod.status?.phase).toBe('Running')
    expect(read(local, 'ordinary').spec.nodeName).toMatch(/^ip-/)
    local.store.delete(resources.pods, 'carts', 'serverless')
    local.clock.advance(5000)
    expect(local.store.list(resources.nodes)).toHaveLength(3)
  })

  it('lets no other pod onto its nodes', () => {
    const local = profiled()
    run(local, 'serverless', {}, { on: 'fargate' })
    local.clock.advance(40_000)
    for (const { metadata } of local.store.list(resources.nodes))
      if (metadata.name.startsWith('ip-')) local.store.delete(resources.nodes, undefined, metadata.name)
    run(local, 'ordinary')
    local.clock.advance(5000)
    expect(messagesAbout(local, 'ordinary', 'FailedScheduling')[0]).toMatch(
      /1 node\(s\) had untolerated taint/,
    )
  })

  it('says what it does not take', () => {
    const local = profiled()
    run(local, 'host', onPort80({ hostNetwork: true }), { on: 'fargate' })
    local.clock.advance(60_000)
    expect(messagesAbout(local, 'host', 'FailedScheduling')).toEqual([
      'Pod not supported on Fargate: fields not supported: HostNetwork, HostPort',
    ])
  })
})
