import { expect, it } from 'vitest'
import type { StepProgress } from '../../../../adapters/runtime.ts'
import { type AgentAddon, AgentCheck } from '../../../../core/agent.ts'
import type { ReachableCluster } from '../../../../core/cluster.ts'
import { Transient } from '../../../../core/errors.ts'
import { type RequestInput, resolveRequest } from '../../../../core/request-input.ts'
import { ensureAgent } from '../../../../functions/steps/ensure-agent.ts'
import { type Said, scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'
import { type AgentScene, agentOn, agentSet, everywhere, node, sayOf } from '../agents.ts'

interface Given extends AgentScene {
  change?: Partial<RequestInput>
  /** What each look at EKS finds, the last of it from then on. */
  addons: (AgentAddon | undefined | Error)[]
  /** How long the first look at EKS takes, in milliseconds. */
  slowMs?: number
  /** What the cluster answers once the add-on was installed. */
  afterwards?: Said
  visits?: number
  signal?: AbortSignal
}
const ensured = async ({ change, addons, slowMs = 0, afterwards, visits, signal, ...scene }: Given) => {
  const clock = skippingClock()
  const started = clock.now()
  const said: StepProgress[] = []
  const created: unknown[] = []
  const signals = new Set<AbortSignal | undefined>()
  const left = [...addons]
  let looks = 0
  const say = sayOf(scene)
  const { connection } = scriptedConnection(clock, (request) => {
    if (request.resource === 'nodes') signals.add(request.signal)
    return (created.length > 0 && afterwards) || say(request)
  })
  const ending = ensureAgent(
    () => ({
      describeAgentAddon: async () => {
        if (looks++ === 0) await clock.sleep(slowMs)
        const found = left.length > 1 ? left.shift() : left[0]
        if (found instanceof Error) throw found
        return found
      },
      createAgentAddon: async (...given) => void created.push(given),
    }),
    () => connection,
    { clock, progress: (progress) => void said.push(progress), ...(signal && { signal }) },
  )({
    request: resolveRequest(
      {
        cluster: 'shop',
        namespace: 'carts',
        serviceAccount: 'carts',
        role: 'arn:aws:iam::123456789012:role/carts',
        workload: 'deployment/carts',
        installAgent: true,
        ...change,
      },
      {
        arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
        startTime: '2026-11-23T06:00:00.000Z',
      },
    ),
    cluster: { name: 'shop', autoMode: false } as ReachableCluster,
    agent: planned,
    ...(visits !== undefined && { visits }),
  })
  const outcome = await ending.catch((error: Error) => error)
  return { outcome, said, created, looks, started, signals: [...signals], tookMs: clock.now() - started }
}
const planned = AgentCheck.parse({
  action: 'install',
  management: 'none',
  version: null,
  ready: 0,
  nodes: 2,
  findings: [],
})

const active: AgentAddon = { status: 'ACTIVE', version: 'v1', issues: [] }
const creating: AgentAddon = { ...active, status: 'CREATING' }
const nodes = [node('one'), node('two')]
const there = { nodes, sets: [agentSet()], pods: [agentOn('one'), agentOn('two')] }
const arriving = { nodes, sets: [agentSet()], pods: [agentOn('one')] }
/** The agent is up wherever it may run, which is not everywhere. */
const repelled = {
  nodes: [node('one'), node('two', { taint: 'gpu' })],
  sets: [agentSet()],
  pods: [agentOn('one')],
}
const hybrid = {
  nodes: [node('one', { computeType: 'hybrid' }), node('two', { computeType: 'hybrid', taint: 'gpu' })],
  sets: [agentSet('agent-hybrid-bottlerocket', { label: 'eks-pod-identity-agent-hybrid-bottlerocket' })],
  pods: [agentOn('one', { set: 'agent-hybrid-bottlerocket' })],
}

// One call lasts fifty seconds, and looks every three.
it.each<[why: string, given: Given, state: string, tookMs: number, codes: string[]]>([
  ['it is up on every node', { ...there, addons: [active] }, 'ready', 0, []],
  [
    'it comes up: EKS says that it is being made until then',
    { ...there, addons: [creating, active] },
    'ready',
    0,
    [],
  ],
  [
    'a node that is not ready has no pods to wait for',
    { ...arriving, nodes: [node('one'), node('two', { away: true })], addons: [active] },
    'ready',
    0,
    [],
  ],
  ['it is not on every node yet', { ...arriving, addons: [active] }, 'waiting', 48_000, []],
  [
    'a node takes no pod of it, and no waiting brings one there',
    { ...repelled, addons: [active], workload: everywhere },
    'ready',
    0,
    ['warning agent-incomplete'],
  ],
  [
    'so does a hybrid node, whose DaemonSet has another name',
    { ...hybrid, addons: [active], workload: everywhere },
    'ready',
    0,
    ['warning agent-incomplete'],
  ],
  [
    'the workload has a pod on such a node, so that it would get nothing',
    { ...repelled, addons: [active], workload: everywhere, change: { workload: 'daemonset/carts' } },
    'failed',
    0,
    ['blocking agent-incomplete'],
  ],
  [
    'it is not up yet where it may be, whatever else is out of its reach',
    {
      ...repelled,
      nodes: [...repelled.nodes, node('three')],
      addons: [active],
      workload: everywhere,
      change: { workload: 'daemonset/carts' },
    },
    'waiting',
    48_000,
    [],
  ],
  [
    'it may get well where EKS calls it degraded, also where no node could show that',
    { nodes: [], sets: [agentSet()], addons: [{ ...active, status: 'DEGRADED' }] },
    'waiting',
    48_000,
    [],
  ],
  [
    'it is being made, and no node needs it that it could be on',
    { ...repelled, addons: [creating] },
    'waiting',
    48_000,
    [],
  ],
  [
    'another look would end after the time of a call',
    { ...arriving, addons: [active], slowMs: 2000 },
    'waiting',
    50_000,
    [],
  ],
])('waits for the agent or not: %s', async (_why, given, state, tookMs, codes) => {
  const { outcome, created, ...rest } = await ensured(given)
  if (outcome instanceof Error) throw outcome
  expect({ state: outcome.state, tookMs: rest.tookMs }).toEqual({ state, tookMs })
  expect(outcome.findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual(codes)
  expect(outcome).toMatchObject({ installed: false, agent: { action: 'install' } })
  expect(created).toEqual([])
})

it('installs it where there is none, and waits until EKS shows it', async () => {
  const given: Given = { nodes: [], addons: [undefined, active] }
  const version = 'v1.3.10-eksbuild.2'
  const configuration = { tolerations: [] }
  const { outcome, created, looks } = await ensured({
    ...given,
    change: { agentVersion: version, agentConfiguration: configuration },
  })
  expect(created).toEqual([['shop', 'run-1', { version, configuration }]])
  expect(outcome).toMatchObject({ state: 'ready', installed: true, summary: 'v1 on 0/0 nodes' })
  expect(looks).toBe(2)
})

it.each<[why: string, run: string | undefined, installed: boolean]>([
  ['this run, in a call whose answer was lost', 'run-1', true],
  ['another run', 'run-0', false],
  ['nobody that is known', undefined, false],
])('says that the add-on was installed by %s', async (_why, run, installed) => {
  const { outcome } = await ensured({ ...there, addons: [{ ...active, ...(run !== undefined && { run }) }] })
  expect(outcome).toMatchObject({ installed })
})

it('tells at each look what there is, and until when the workflow looks', async () => {
  const { said, started } = await ensured({
    ...arriving,
    addons: [creating, active],
    visits: 3,
    workload: everywhere,
  })
  const detail = { until: started + 9 * 50_000 }
  expect(said.slice(0, 2)).toEqual([
    { step: 'EnsureAgent', message: 'v1 on 1/2 nodes', detail },
    { step: 'EnsureAgent', message: 'v1 on 1/2 nodes', detail },
  ])
  const first = await ensured({
    ...there,
    pods: [],
    addons: [active],
    workload: everywhere,
  })
  expect(first.said[0]).toEqual({
    step: 'EnsureAgent',
    message: expect.stringMatching(/^it is ready on 0 of 2 nodes; missing on one, two, where pods of/),
    detail: { until: first.started + 12 * 50_000 },
  })
})

it('lets the call’s signal end what it asks', async () => {
  const { signal } = new AbortController()
  expect((await ensured({ ...there, addons: [active], signal })).signals).toEqual([signal])
})

const away = { failure: 503, message: 'away' }
it('does not take an add-on for missing that was installed and does not show yet', async () => {
  const { outcome } = await ensured({ nodes, addons: [undefined], afterwards: away })
  expect(outcome).toMatchObject({
    name: 'NotShown',
    message: expect.stringMatching(/^EKS answered that it installed the add-on, and does not show it yet; ./),
    cause: expect.objectContaining({ name: 'Transient' }),
  })
})

const gone = new Transient('EKS is away')
it.each<[why: string, given: Given, found: unknown]>([
  ['EKS could not be looked at', { nodes, addons: [undefined, gone] }, gone],
  [
    'EKS shows the add-on',
    { nodes, addons: [undefined, active], afterwards: away },
    expect.objectContaining({ name: 'Transient' }),
  ],
  ['it has installed nothing', { ...there, sets: [], addons: [gone] }, gone],
])('fails by what failed where %s', async (_why, given, found) => {
  expect((await ensured(given)).outcome).toEqual(found)
})
