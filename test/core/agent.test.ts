import { expect, it } from 'vitest'
import { type AgentFacts, assessAgent, isAgentName } from '../../core/agent.ts'

const node = (name: string, covered = true, computeType?: string) => ({
  name,
  covered,
  ...(computeType ? { computeType } : {}),
})
const facts = (change: Partial<AgentFacts> = {}): AgentFacts => ({
  cluster: 'eks-workshop',
  region: 'us-west-2',
  autoMode: false,
  addon: { status: 'ACTIVE', version: 'v1.3.10-eksbuild.2', issues: [] },
  daemonSets: [{ name: 'eks-pod-identity-agent', desired: 3, ready: 3 }],
  nodes: [node('a'), node('b'), node('c')],
  ...change,
})
const absent = { addon: undefined, daemonSets: [] }
const issue = { code: 'InsufficientNumberOfReplicas', message: 'too few pods are ready' }
const degraded = { status: 'DEGRADED', version: 'v1.3.10-eksbuild.2', issues: [issue] }

type Row = [why: string, facts: AgentFacts, action: string, management: string, findings: string[]]
const rows: Row[] = [
  ['the add-on, ready everywhere', facts(), 'none', 'addon', []],
  [
    'no agent at all',
    facts({ ...absent, nodes: [node('a', false)] }),
    'none',
    'none',
    ['agent-missing blocking'],
  ],
  [
    'installed by Helm: DescribeAddon knows nothing of it',
    facts({ addon: undefined }),
    'none',
    'self-managed',
    ['agent-self-managed info'],
  ],
  [
    'Auto Mode: the agent is part of the node, and there is no DaemonSet',
    facts({ ...absent, autoMode: true, nodes: [node('a', false, 'auto')] }),
    'none',
    'built-in',
    ['agent-built-in info'],
  ],
  [
    'Auto Mode with an ordinary node beside it, which has no agent',
    facts({ ...absent, autoMode: true, nodes: [node('a', false, 'auto'), node('b', false)] }),
    'none',
    'none',
    ['agent-missing blocking'],
  ],
  [
    'one node of three without: nodes come and go, so it is worth a look and no obstacle',
    facts({ nodes: [node('a'), node('b'), node('c', false)] }),
    'none',
    'addon',
    ['agent-incomplete warning'],
  ],
  [
    'ready nowhere',
    facts({ nodes: [node('a', false), node('b', false)] }),
    'none',
    'addon',
    ['agent-not-ready blocking'],
  ],
  [
    'degraded, with nodes uncovered',
    facts({ addon: degraded, nodes: [node('a'), node('b', false)] }),
    'none',
    'addon',
    ['agent-unhealthy blocking', 'agent-incomplete warning'],
  ],
  [
    'degraded in EKS’s eyes, and ready on every node',
    facts({ addon: degraded }),
    'none',
    'addon',
    ['agent-unhealthy warning'],
  ],
  [
    'going away while it still runs',
    facts({ addon: { ...degraded, status: 'DELETING' } }),
    'none',
    'addon',
    ['agent-unhealthy blocking'],
  ],
  [
    'just being installed by somebody: wait for it',
    facts({ addon: { ...degraded, status: 'CREATING', issues: [] }, nodes: [node('a', false)] }),
    'wait',
    'addon',
    ['agent-arriving info'],
  ],
  [
    'just being installed, and ready on one node of two: wait for the other',
    facts({
      addon: { ...degraded, status: 'CREATING', issues: [] },
      nodes: [node('a', true), node('b', false)],
    }),
    'wait',
    'addon',
    ['agent-arriving info'],
  ],
  [
    'just being installed, and ready on every node already',
    facts({
      addon: { ...degraded, status: 'CREATING', issues: [] },
      nodes: [node('a', true), node('b', true)],
    }),
    'none',
    'addon',
    [],
  ],
  [
    'being updated, and running',
    facts({ addon: { ...degraded, status: 'UPDATING', issues: [] } }),
    'none',
    'addon',
    [],
  ],
  [
    'no node yet: nothing shows that it works, and nothing could run',
    facts({ nodes: [] }),
    'none',
    'addon',
    ['agent-without-nodes warning'],
  ],
  [
    'Fargate nodes take no agent and need none',
    facts({ nodes: [node('a'), node('f', false, 'fargate')] }),
    'none',
    'addon',
    [],
  ],
  [
    'hybrid nodes have their own DaemonSet, where it is installed',
    facts({
      daemonSets: [{ name: 'eks-pod-identity-agent-hybrid', desired: 1, ready: 0 }],
      nodes: [node('h', false, 'hybrid')],
    }),
    'none',
    'addon',
    ['agent-not-ready blocking'],
  ],
  [
    'Bottlerocket’s hybrid nodes have a DaemonSet of their own name',
    facts({
      daemonSets: [{ name: 'eks-pod-identity-agent-hybrid-bottlerocket', desired: 1, ready: 1 }],
      nodes: [node('h', true, 'hybrid')],
    }),
    'none',
    'addon',
    [],
  ],
  [
    'a hybrid node without a DaemonSet for it, where pods of the workload may run',
    facts({ nodes: [node('a'), { ...node('h', false, 'hybrid'), wanted: true }] }),
    'none',
    'addon',
    ['agent-incomplete warning'],
  ],
  [
    'a hybrid node without a DaemonSet for it, where none of them may run',
    facts({ nodes: [node('a'), { ...node('h', false, 'hybrid'), wanted: false }] }),
    'none',
    'addon',
    [],
  ],
  [
    'a workload for hybrid nodes only, and no DaemonSet for them',
    facts({
      nodes: [
        { ...node('a'), wanted: false },
        { ...node('h', false, 'hybrid'), wanted: true },
      ],
    }),
    'none',
    'addon',
    ['agent-not-ready blocking'],
  ],
]

it.each<[label: string, is: boolean]>([
  ['eks-pod-identity-agent', true],
  ['eks-pod-identity-agent-hybrid', true],
  ['eks-pod-identity-agent-hybrid-bottlerocket', true],
  ['eks-pod-identity-agents', false],
  ['pod-identity-agent', false],
])('app.kubernetes.io/name %s is the agent’s: %s', (label, is) => {
  expect(isAgentName(label)).toBe(is)
})

it('tells of a hybrid node how the add-on gets there, and does not wait for it', () => {
  const given = facts({ nodes: [node('a'), { ...node('h', false, 'hybrid'), wanted: true }] })
  expect(assessAgent(given, { install: false })).toMatchObject({
    ready: 1,
    nodes: 2,
    repelled: 1,
    findings: [
      {
        found: expect.stringContaining('h (a hybrid node, and there is no DaemonSet of the agent for those)'),
        remedy: { advice: expect.stringContaining('{"daemonsets":{"hybrid":{"create":true}}}') },
      },
    ],
  })
})

it.each(rows)('%s', (_why, given, action, management, findings) => {
  const check = assessAgent(given, { install: false })
  expect(check).toMatchObject({ action, management })
  expect(check.findings.map(({ code, severity }) => `${code} ${severity}`)).toEqual(findings)
})

it('installs a missing agent where that is allowed, and says so beforehand', () => {
  const check = assessAgent(facts({ ...absent, portHolders: [], nodes: [node('a', false)] }), {
    install: true,
  })
  expect(check).toMatchObject({ action: 'install', findings: [{ code: 'agent-missing', severity: 'info' }] })
})

it('refuses a missing agent with the command that installs it', () => {
  const [finding] = assessAgent(facts({ ...absent, nodes: [node('a', false)] }), { install: false }).findings
  expect(finding?.remedy?.command).toBe(
    'aws eks create-addon --cluster-name eks-workshop --region us-west-2 --addon-name eks-pod-identity-agent',
  )
})

it('shows a degraded add-on with EKS’s own health issues, and names the uncovered nodes', () => {
  const { findings } = assessAgent(facts({ addon: degraded, nodes: [node('a'), node('b', false)] }), {
    install: false,
  })
  expect(findings[0]?.found).toContain('DEGRADED; InsufficientNumberOfReplicas: too few pods are ready')
  expect(findings[1]?.found).toContain('ready on 1 of 2 nodes; missing on b')
})

const mayInstall = (change: Partial<AgentFacts>) =>
  assessAgent(facts({ ...absent, nodes: [node('a', false)], ...change }), { install: true })

it('installs nothing where somebody holds a port of the agent, who would be evicted', () => {
  expect(mayInstall({ portHolders: ['shop/ingress-x on a'] })).toMatchObject({
    action: 'none',
    findings: [
      {
        code: 'agent-port-taken',
        severity: 'blocking',
        found: expect.stringMatching(/^shop\/ingress-x on a holds host port 80 or 2703/),
      },
    ],
  })
  expect(mayInstall({ portHolders: [] })).toMatchObject({
    action: 'install',
    findings: [{ code: 'agent-missing' }],
  })
})

it('says that it could not be seen who holds the ports', () => {
  expect(mayInstall({}).findings.map(({ code }) => code)).toEqual([
    'agent-missing',
    'agent-ports-not-looked-at',
  ])
})

it('counts the nodes whose taints keep the agent off', () => {
  const tainted = { ...node('c', false), taints: ['dedicated=gpu:NoSchedule'] }
  expect(
    assessAgent(facts({ nodes: [node('a'), node('b', false), tainted] }), { install: false }),
  ).toMatchObject({
    ready: 1,
    nodes: 3,
    repelled: 1,
  })
})
