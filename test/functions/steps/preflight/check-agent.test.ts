import { expect, it } from 'vitest'
import type { AgentAddon } from '../../../../core/agent.ts'
import type { ReachableCluster } from '../../../../core/cluster.ts'
import type { Pod } from '../../../../core/kubernetes.ts'
import { type RequestInput, resolveRequest } from '../../../../core/request-input.ts'
import { checkAgent } from '../../../../functions/steps/check-agent.ts'
import { scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'
import { type AgentScene, agentOn, agentSet, everywhere, node, sayOf } from '../agents.ts'

interface Given extends AgentScene {
  change?: Partial<RequestInput>
  addon?: AgentAddon
  autoMode?: boolean
}
const active: AgentAddon = { status: 'ACTIVE', version: 'v1', issues: [] }
const nodes = [node('one'), node('two')]

const checked = async ({ change, addon, autoMode = false, ...scene }: Given) => {
  const { connection, asked } = scriptedConnection(skippingClock(), sayOf(scene))
  const step = await checkAgent(
    () => ({ describeAgentAddon: async () => addon }),
    () => connection,
    {},
  )({
    request: resolveRequest(
      {
        cluster: 'shop',
        namespace: 'carts',
        serviceAccount: 'carts',
        role: 'arn:aws:iam::123456789012:role/carts',
        workload: 'deployment/carts',
        ...change,
      },
      {
        arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
        startTime: '2026-11-23T06:00:00.000Z',
      },
    ),
    cluster: { name: 'shop', autoMode } as ReachableCluster,
  })
  return {
    step,
    codes: step.findings.map(({ code, severity }) => `${severity} ${code}`),
    listed: asked.filter((one) => one === 'list pods').length,
  }
}

const onPort80: Pod = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: { nodeName: 'one', containers: [{ name: 'web', ports: [{ containerPort: 80, hostPort: 80 }] }] },
}
const install = { installAgent: true }

// Pods are listed once for those of the agent's DaemonSets, and everywhere only where something is to be installed.
it.each<[why: string, given: Given, action: string, codes: string[], listed: number]>([
  ['none, and the run may not install it', { nodes }, 'none', ['blocking agent-missing'], 0],
  [
    'none, and the run may: it looks who holds its ports',
    { nodes, change: install },
    'install',
    ['info agent-missing'],
    1,
  ],
  [
    'none, and a pod that would be evicted',
    { nodes, change: install, pods: [onPort80] },
    'none',
    ['blocking agent-port-taken'],
    1,
  ],
  [
    'an add-on that has no pod yet: nobody’s ports are asked for',
    { nodes, change: install, addon: { ...active, status: 'CREATING' }, pods: [onPort80] },
    'wait',
    ['info agent-arriving'],
    0,
  ],
  [
    'one that was installed by hand, on its ports',
    { nodes, change: install, sets: [agentSet()], pods: [agentOn('one'), agentOn('two'), onPort80] },
    'none',
    ['info agent-self-managed'],
    1,
  ],
  [
    'the add-on on every node',
    { nodes, addon: active, sets: [agentSet()], pods: [agentOn('one'), agentOn('two')] },
    'none',
    [],
    1,
  ],
])('finds %s', async (_why, given, action, codes, listed) => {
  const found = await checked(given)
  expect([found.step.action, found.codes, found.listed]).toEqual([action, codes, listed])
})

const half = { nodes, addon: active, sets: [agentSet()], pods: [agentOn('one')] }
const seen = 'it is ready on 1 of 2 nodes; missing on two'
const lost = 'Pods there would get no credentials'
it.each<[why: string, given: Given, severity: string, found: string]>([
  [
    'no workload, so that every node counts',
    { ...half, change: { workload: undefined } },
    'warning',
    `${seen}. ${lost}`,
  ],
  ['a workload that is not there', half, 'warning', `${seen}. ${lost}`],
  [
    'a workload that may run there',
    { ...half, workload: everywhere },
    'warning',
    `${seen}, where pods of deployment/carts may run. ${lost}`,
  ],
  [
    'a DaemonSet, which has a pod there',
    { ...half, workload: everywhere, change: { workload: 'daemonset/carts' } },
    'blocking',
    `${seen}, where pods of daemonset/carts may run. ${lost}`,
  ],
])('says of a node without the agent: %s', async (_why, given, severity, found) => {
  expect((await checked(given)).step.findings).toMatchObject([{ severity, found }])
})

it('says nothing of a node without the agent where the workload cannot run', async () => {
  const workload = { spec: { template: { spec: { containers: [], nodeName: 'one' } } } }
  expect((await checked({ ...half, workload })).codes).toEqual([])
})

it('says what is missing, and how to have it, by the cluster and its region', async () => {
  expect((await checked({ nodes })).step.findings).toMatchObject([
    {
      found: 'neither the add-on eks-pod-identity-agent nor a DaemonSet of the agent is on shop',
      remedy: {
        command:
          'aws eks create-addon --cluster-name shop --region us-west-2 --addon-name eks-pod-identity-agent',
      },
    },
  ])
})

it('finds the agent in the nodes of Auto Mode', async () => {
  expect((await checked({ nodes: [], autoMode: true })).codes).toEqual(['info agent-built-in'])
})

it('says in a line what there is', async () => {
  expect((await checked(half)).step.summary).toBe('v1 on 1/2 nodes')
})
