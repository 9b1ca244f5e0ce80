import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Clock } from '../../../adapters/clock.ts'
import { AgentCheck } from '../../../core/agent.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import { Transient } from '../../../core/errors.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { ensureAgent } from '../../../functions/steps/ensure-agent.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { type ServedCluster, serveCluster } from '../../support/servers/served-cluster.ts'

let cluster: ServedCluster

const labels = { 'app.kubernetes.io/name': 'eks-pod-identity-agent' }
/** An agent that tolerates nothing, ready where it may run. */
beforeEach(async () => {
  cluster = await serveCluster({ held: true })
  const { store, clock } = cluster
  store.create(resources.clusterroles, {
    metadata: { name: 'podid' },
    rules: [{ apiGroups: ['', 'apps'], resources: ['*'], verbs: ['get', 'list'] }],
  })
  store.create(resources.clusterrolebindings, {
    metadata: { name: 'podid' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'podid' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'podid' }],
  })
  for (const { metadata } of store.list(resources.nodes).slice(0, 1))
    store.mutate(resources.nodes, undefined, metadata.name, (draft) => {
      draft.spec = { ...draft.spec, taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] }
      return draft
    })
  store.create(resources.daemonsets, {
    metadata: { name: 'eks-pod-identity-agent', namespace: 'kube-system', labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'agent', image: 'eks/eks-pod-identity-agent:v1' }] },
      },
    },
  })
  await clock.advance(10_000)
})
afterEach(() => cluster.close())

/** The limits that it has told of, in milliseconds since the epoch. */
const limits: unknown[] = []

const ensure = (
  workload: string,
  eks: ReturnType<Parameters<typeof ensureAgent>[0]> = {
    describeAgentAddon: async () => ({ status: 'ACTIVE', version: 'v1', issues: [] }),
    createAgentAddon: async () => {},
  },
  clock: Clock = cluster.clock,
) =>
  ensureAgent(
    () => eks,
    () => cluster.connection,
    { clock, progress: ({ detail }) => limits.push(detail?.until) },
  )({
    request: resolveRequest(
      {
        cluster: 'eks-workshop',
        namespace: 'carts',
        serviceAccount: 'carts',
        role: 'arn:aws:iam::123456789012:role/carts',
        workload,
        installAgent: true,
      },
      {
        arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
        startTime: '2026-11-23T06:00:00.000Z',
      },
    ),
    cluster: { name: 'eks-workshop', autoMode: false } as ReachableCluster,
    agent: AgentCheck.parse({
      action: 'wait',
      management: 'addon',
      version: 'v1',
      ready: 0,
      nodes: 3,
      findings: [],
    }),
    visits: 3,
  })

// Time stands still: a step that waited would never answer.
it('does not wait for a node whose taints keep the agent off', async () => {
  expect(await ensure('deployment/carts')).toMatchObject({
    state: 'ready',
    agent: { ready: 2, nodes: 3, repelled: 1 },
  })
  // The workflow calls twelve times at most, for fifty seconds each.
  expect(limits).toEqual([cluster.clock.now() + 9 * 50_000])
})

it('is not ready before every node has it that it can run on', async () => {
  const [one] = cluster.store.list(resources.pods, { labels: { matchLabels: labels } })
  cluster.store.updateStatus(resources.pods, one?.metadata.namespace, one?.metadata.name ?? '', (status) => {
    for (const condition of status.conditions ?? [])
      if (condition.type === 'Ready') condition.status = 'False'
    return status
  })
  let looks = 0
  const clock = { now: () => looks++ * 60_000, sleep: async () => {} }
  expect(await ensure('deployment/carts', undefined, clock)).toMatchObject({
    state: 'waiting',
    agent: { ready: 1, nodes: 3, repelled: 1 },
  })
})

it('does not wait for a node that is not ready', async () => {
  const [, second] = cluster.store.list(resources.nodes)
  cluster.controllers.kubelet.setNodeReady(second?.metadata.name ?? '', false)
  expect(await ensure('deployment/carts')).toMatchObject({
    state: 'ready',
    agent: { ready: 1, nodes: 2, repelled: 1 },
  })
})

it('knows the agent of Bottlerocket’s hybrid nodes by its DaemonSet’s label', async () => {
  const { store, clock } = cluster
  const hybrid = { 'app.kubernetes.io/name': 'eks-pod-identity-agent-hybrid-bottlerocket' }
  const nodeSelector = { 'eks.amazonaws.com/compute-type': 'hybrid' }
  for (const { metadata } of store.list(resources.nodes))
    store.mutate(resources.nodes, undefined, metadata.name, (draft) => {
      draft.metadata.labels = { ...draft.metadata.labels, ...nodeSelector }
      return draft
    })
  store.delete(resources.daemonsets, 'kube-system', 'eks-pod-identity-agent')
  store.create(resources.daemonsets, {
    metadata: { name: 'pia-hybrid-bottlerocket', namespace: 'kube-system', labels: hybrid },
    spec: {
      selector: { matchLabels: hybrid },
      template: {
        metadata: { labels: hybrid },
        spec: { nodeSelector, containers: [{ name: 'agent', image: 'mirror/agent:v1' }] },
      },
    },
  })
  await clock.advance(30_000)
  expect(await ensure('deployment/carts')).toMatchObject({
    state: 'ready',
    agent: { ready: 2, nodes: 3, repelled: 1 },
  })
})

it('ends where the workload may run on such a node only', async () => {
  const [tainted] = cluster.store.list(resources.nodes)
  const app = { app: 'carts' }
  cluster.store.create(resources.deployments, {
    metadata: { name: 'carts', namespace: 'carts' },
    spec: {
      selector: { matchLabels: app },
      template: {
        metadata: { labels: app },
        spec: {
          serviceAccountName: 'carts',
          containers: [{ name: 'carts', image: 'carts:1' }],
          nodeSelector: { 'kubernetes.io/hostname': tainted?.metadata.name ?? '' },
          tolerations: [{ operator: 'Exists' }],
        },
      },
    },
  })
  expect(await ensure('deployment/carts')).toMatchObject({
    state: 'failed',
    findings: [
      {
        code: 'agent-not-ready',
        found: expect.stringContaining('does not tolerate dedicated=gpu:NoSchedule'),
      },
    ],
  })
})

/** Lets a step go on at once that waits. */
const hurried: Clock = { now: () => 0, sleep: async () => {} }

it('does not take an add-on for missing that was installed and does not show yet', async () => {
  cluster.store.delete(resources.daemonsets, 'kube-system', 'eks-pod-identity-agent')
  const away = () =>
    void cluster.calls.inject({
      times: 100,
      action: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
    })
  const installs = ensure(
    'deployment/carts',
    {
      describeAgentAddon: async () => undefined,
      createAgentAddon: async () => away(),
    },
    hurried,
  )
  await expect(installs).rejects.toMatchObject({
    name: 'NotShown',
    message: expect.stringMatching(/^EKS answered that it installed the add-on, and does not show it yet; /),
  })
})

it('fails by what failed where EKS could not be looked at, or shows the add-on', async () => {
  cluster.store.delete(resources.daemonsets, 'kube-system', 'eks-pod-identity-agent')
  const gone = new Transient('EKS is away')
  let looks = 0
  const installs = ensure(
    'deployment/carts',
    {
      describeAgentAddon: async () => {
        if (looks++ > 0) throw gone
        return undefined
      },
      createAgentAddon: async () => {},
    },
    hurried,
  )
  await expect(installs).rejects.toBe(gone)
})
