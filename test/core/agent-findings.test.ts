import { expect, it } from 'vitest'
import { AgentCheck, type AgentFacts, agentLine, assessAgent, isAgentImage } from '../../core/agent.ts'
import { told } from './told.ts'

const facts = (change: Partial<AgentFacts> = {}): AgentFacts => ({
  cluster: 'shop 1',
  region: 'us-west-2',
  autoMode: false,
  addon: { status: 'ACTIVE', version: 'v1', issues: [] },
  daemonSets: [{ name: 'eks-pod-identity-agent', desired: 3, ready: 3 }],
  nodes: [{ name: 'a', covered: true }],
  ...change,
})
const addon = (status: string, ...messages: string[]) => ({
  addon: { status, version: 'v1', issues: messages.map((message) => ({ code: 'Code', message })) },
})
const absent = { addon: undefined, daemonSets: [], nodes: [{ name: 'a', covered: false }] }
const without = (name: string, more: object = {}) => ({ name, covered: false, ...more })
const hybrid = { computeType: 'hybrid' }
const hybridAgent = { name: 'eks-pod-identity-agent-hybrid', desired: 1, ready: 1 }

it.each<[why: string, facts: AgentFacts, install: boolean, said: string[]]>([
  ['there, on every node', facts(), false, ['none, addon v1: 1/1, kept off 0']],
  [
    'not there',
    facts(absent),
    false,
    [
      'none, none null: 0/1, kept off 0',
      'blocking agent-missing, Pod Identity agent: neither the add-on eks-pod-identity-agent nor a DaemonSet of the agent is on shop 1',
      '→ Install the add-on, or let the run do it (--install-agent, or "installAgent": true in the request).',
      "$ aws eks create-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent",
    ],
  ],
  [
    'not there, on a cluster of which Auto Mode has only some nodes',
    facts({
      ...absent,
      autoMode: true,
      nodes: [without('a'), without('b', { computeType: 'auto' }), without('c')],
    }),
    false,
    [
      'none, none null: 0/2, kept off 0',
      "blocking agent-missing, Pod Identity agent: neither the add-on eks-pod-identity-agent nor a DaemonSet of the agent is on shop 1, and 2 of its nodes are not Auto Mode's",
      '→ Install the add-on, or let the run do it (--install-agent, or "installAgent": true in the request).',
      "$ aws eks create-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent",
    ],
  ],
  [
    'Auto Mode alone',
    facts({ ...absent, autoMode: true, nodes: [without('b', { computeType: 'auto' })] }),
    true,
    [
      'none, built-in null: 0/0, kept off 0',
      'info agent-built-in, Pod Identity agent: shop 1 runs in Auto Mode, whose nodes have the agent built in',
    ],
  ],
  [
    'it may be installed',
    facts({ ...absent, portHolders: [] }),
    true,
    [
      'install, none null: 0/1, kept off 0',
      "info agent-missing, Pod Identity agent: the add-on eks-pod-identity-agent is not on shop 1; this run may install it and will: aws eks create-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent",
    ],
  ],
  [
    'it may, and nobody could look for its ports',
    facts(absent),
    true,
    [
      'install, none null: 0/1, kept off 0',
      "info agent-missing, Pod Identity agent: the add-on eks-pod-identity-agent is not on shop 1; this run may install it and will: aws eks create-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent",
      'warning agent-ports-not-looked-at, Pod Identity agent: whether a pod holds host port 80 or 2703 could not be seen (pods may not be listed everywhere); the agent needs both, and would evict it',
      '→ Let CheckAgent list pods everywhere: podid-nodes in manifests/.',
    ],
  ],
  [
    'it may, and another agent may be somewhere',
    facts({ ...absent, only: 'kube-system' }),
    true,
    [
      'none, none null: 0/1, kept off 0',
      'blocking agent-not-looked-for, Pod Identity agent: the add-on eks-pod-identity-agent is not on shop 1, and DaemonSets could be listed in kube-system alone: one in another namespace would be a second agent on the same port, so none is installed',
      '→ Let CheckAgent list DaemonSets everywhere (podid-nodes in manifests/), or install the add-on yourself.',
      '$ kubectl apply -k manifests',
    ],
  ],
  [
    'it may not, wherever was looked',
    facts({ ...absent, only: 'kube-system' }),
    false,
    [
      'none, none null: 0/1, kept off 0',
      'blocking agent-missing, Pod Identity agent: neither the add-on eks-pod-identity-agent nor a DaemonSet of the agent is on shop 1',
      '→ Install the add-on, or let the run do it (--install-agent, or "installAgent": true in the request).',
      "$ aws eks create-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent",
    ],
  ],
  [
    'somebody holds a port',
    facts({ ...absent, portHolders: ['shop/web on a'] }),
    true,
    [
      'none, none null: 0/1, kept off 0',
      'blocking agent-port-taken, Pod Identity agent: shop/web on a holds host port 80 or 2703, which the agent needs on every node of shop 1: installing it would evict it, so it is not installed',
      '→ Give them other host ports, or keep them off the nodes that need the agent; then let the run install it.',
      "? kubectl get pods -A -o custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,PORTS:.spec.containers[*].ports[*].hostPort,NODE:.spec.nodeName'",
    ],
  ],
  [
    'several do',
    facts({ ...absent, portHolders: ['b', 'c', 'd', 'e', 'f', 'g'].map((name) => `shop/${name} on a`) }),
    true,
    [
      'none, none null: 0/1, kept off 0',
      'blocking agent-port-taken, Pod Identity agent: shop/b on a, shop/c on a, shop/d on a, shop/e on a, shop/f on a and 1 more hold host port 80 or 2703, which the agent needs on every node of shop 1: installing it would evict them, so it is not installed',
      '→ Give them other host ports, or keep them off the nodes that need the agent; then let the run install it.',
      "? kubectl get pods -A -o custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,PORTS:.spec.containers[*].ports[*].hostPort,NODE:.spec.nodeName'",
    ],
  ],
  [
    'installed without the add-on',
    facts({
      addon: undefined,
      daemonSets: [
        { name: 'eks-pod-identity-agent', namespace: 'tools', desired: 1, ready: 1 },
        { name: 'agent', desired: 0, ready: 0 },
      ],
      nodes: [{ name: 'a', covered: true }, without('b')],
    }),
    true,
    [
      'none, self-managed null: 1/2, kept off 0',
      'info agent-self-managed, Pod Identity agent: installed without the EKS add-on (daemonset/eks-pod-identity-agent in tools, daemonset/agent); EKS will not update it',
      'warning agent-incomplete, Pod Identity agent: it is ready on 1 of 2 nodes; missing on b. Pods there would get no credentials',
      '→ See where the agent’s pods run, and how they are.',
      '? kubectl get pods -A -o wide -l app.kubernetes.io/name=eks-pod-identity-agent',
    ],
  ],
  [
    'on its way',
    facts({ ...addon('CREATING'), nodes: [without('a')] }),
    false,
    [
      'wait, addon v1: 0/1, kept off 0',
      'info agent-arriving, Pod Identity agent: the add-on eks-pod-identity-agent v1 on shop 1 is CREATING',
    ],
  ],
  [
    'degraded, and ready everywhere',
    facts(addon('DEGRADED', 'one', 'two')),
    false,
    [
      'none, addon v1: 1/1, kept off 0',
      'warning agent-unhealthy, Pod Identity agent: the add-on eks-pod-identity-agent v1 is DEGRADED; Code: one; Code: two',
      '→ See what is wrong with the add-on, and have EKS apply it anew.',
      "$ aws eks describe-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent --query addon.health\naws eks update-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent --resolve-conflicts OVERWRITE",
    ],
  ],
  [
    'its update failed, and a node is without it',
    facts({ ...addon('UPDATE_FAILED'), nodes: [{ name: 'a', covered: true }, without('b')] }),
    false,
    [
      'none, addon v1: 1/2, kept off 0',
      'blocking agent-unhealthy, Pod Identity agent: the add-on eks-pod-identity-agent v1 is UPDATE_FAILED',
      '→ See what is wrong with the add-on, and have EKS apply it anew.',
      "$ aws eks describe-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent --query addon.health\naws eks update-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent --resolve-conflicts OVERWRITE",
      'warning agent-incomplete, Pod Identity agent: it is ready on 1 of 2 nodes; missing on b. Pods there would get no credentials',
      '→ See where the agent’s pods run, and how they are.',
      '? kubectl get pods -A -o wide -l app.kubernetes.io/name=eks-pod-identity-agent',
    ],
  ],
  [
    'it could not be made',
    facts(addon('CREATE_FAILED')),
    false,
    [
      'none, addon v1: 1/1, kept off 0',
      'warning agent-unhealthy, Pod Identity agent: the add-on eks-pod-identity-agent v1 is CREATE_FAILED',
      '→ See what is wrong with the add-on and its pods.',
      "? aws eks describe-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent --query addon.health\nkubectl -n kube-system describe daemonset eks-pod-identity-agent",
    ],
  ],
  [
    'it could not be deleted',
    facts(addon('DELETE_FAILED')),
    false,
    [
      'none, addon v1: 1/1, kept off 0',
      'warning agent-unhealthy, Pod Identity agent: the add-on eks-pod-identity-agent v1 is DELETE_FAILED',
      '→ See what is wrong with the add-on and its pods.',
      "? aws eks describe-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent --query addon.health\nkubectl -n kube-system describe daemonset eks-pod-identity-agent",
    ],
  ],
  [
    'it is being deleted',
    facts(addon('DELETING')),
    false,
    [
      'none, addon v1: 1/1, kept off 0',
      'blocking agent-unhealthy, Pod Identity agent: the add-on eks-pod-identity-agent v1 is DELETING',
      '→ See what is wrong with the add-on and its pods.',
      "? aws eks describe-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent --query addon.health\nkubectl -n kube-system describe daemonset eks-pod-identity-agent",
    ],
  ],
  [
    'degraded, and there is no node',
    facts({ ...addon('DEGRADED'), nodes: [] }),
    false,
    [
      'none, addon v1: 0/0, kept off 0',
      'blocking agent-unhealthy, Pod Identity agent: the add-on eks-pod-identity-agent v1 is DEGRADED',
      '→ See what is wrong with the add-on, and have EKS apply it anew.',
      "$ aws eks describe-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent --query addon.health\naws eks update-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent --resolve-conflicts OVERWRITE",
      'warning agent-without-nodes, Pod Identity agent: shop 1 has no node that could run it, so nothing shows that it works',
      '→ See which nodes there are, and of what kind.',
      '? kubectl get nodes -L eks.amazonaws.com/compute-type',
    ],
  ],
  [
    'no node',
    facts({ nodes: [] }),
    false,
    [
      'none, addon v1: 0/0, kept off 0',
      'warning agent-without-nodes, Pod Identity agent: shop 1 has no node that could run it, so nothing shows that it works',
      '→ See which nodes there are, and of what kind.',
      '? kubectl get nodes -L eks.amazonaws.com/compute-type',
    ],
  ],
  [
    'no node but Auto Mode’s own, and the add-on',
    facts({ autoMode: true, nodes: [without('a', { computeType: 'auto' })] }),
    false,
    [
      'none, addon v1: 0/0, kept off 0',
      'info agent-built-in, Pod Identity agent: shop 1 runs in Auto Mode, whose nodes have the agent built in',
    ],
  ],
  [
    'a node of Fargate beside it',
    facts({ nodes: [{ name: 'a', covered: true }, without('f', { computeType: 'fargate' })] }),
    false,
    ['none, addon v1: 1/1, kept off 0'],
  ],
  [
    'some nodes without it, of which one’s taints keep it off',
    facts({
      nodes: [
        { name: 'a', covered: true },
        without('b'),
        without('c', { taints: ['one=1:NoSchedule', 'two:NoExecute'] }),
        without('d', { taints: [] }),
        { name: 'e', covered: true, taints: ['one=1:NoSchedule'] },
      ],
    }),
    false,
    [
      'none, addon v1: 2/5, kept off 1',
      'warning agent-incomplete, Pod Identity agent: it is ready on 2 of 5 nodes; missing on b, c (its DaemonSet does not tolerate one=1:NoSchedule, two:NoExecute), d. Pods there would get no credentials',
      '→ See where the agent’s pods run, and how they are.',
      '? kubectl get pods -A -o wide -l app.kubernetes.io/name=eks-pod-identity-agent',
    ],
  ],
  [
    'nodes without it where the workload cannot run',
    facts({
      nodes: [{ name: 'a', covered: true }, without('b', { wanted: false })],
      workload: { name: 'deployment/carts', onEveryNode: true },
    }),
    false,
    ['none, addon v1: 1/2, kept off 0'],
  ],
  [
    'one where it may, of two',
    facts({
      nodes: [
        { name: 'a', covered: true, wanted: true },
        without('b', { wanted: true }),
        without('c', { wanted: false }),
      ],
      workload: { name: 'deployment/carts', onEveryNode: false },
    }),
    false,
    [
      'none, addon v1: 1/3, kept off 0',
      'warning agent-incomplete, Pod Identity agent: it is ready on 1 of 3 nodes; missing on b, where pods of deployment/carts may run. Pods there would get no credentials',
      '→ See where the agent’s pods run, and how they are.',
      '? kubectl get pods -A -o wide -l app.kubernetes.io/name=eks-pod-identity-agent',
    ],
  ],
  [
    'one of a workload that runs on every node',
    facts({
      nodes: [{ name: 'a', covered: true }, without('b')],
      workload: { name: 'daemonset/carts', onEveryNode: true },
    }),
    false,
    [
      'none, addon v1: 1/2, kept off 0',
      'blocking agent-incomplete, Pod Identity agent: it is ready on 1 of 2 nodes; missing on b, where pods of daemonset/carts may run. Pods there would get no credentials',
      '→ See where the agent’s pods run, and how they are.',
      '? kubectl get pods -A -o wide -l app.kubernetes.io/name=eks-pod-identity-agent',
    ],
  ],
  [
    'every node where it may run',
    facts({ nodes: [{ name: 'a', covered: true, wanted: false }, without('b', { wanted: true })] }),
    false,
    [
      'none, addon v1: 1/2, kept off 0',
      'blocking agent-not-ready, Pod Identity agent: it is ready on 1 of 2 nodes; missing on b. Pods there would get no credentials',
      '→ See where the agent’s pods run, and how they are.',
      '? kubectl get pods -A -o wide -l app.kubernetes.io/name=eks-pod-identity-agent',
    ],
  ],
  [
    'a hybrid node without an agent of its own, and an ordinary one without any',
    facts({
      nodes: [
        { name: 'a', covered: true },
        without('b'),
        without('h', { ...hybrid, wanted: true, taints: ['x:NoSchedule'] }),
      ],
    }),
    false,
    [
      'none, addon v1: 1/3, kept off 1',
      'warning agent-incomplete, Pod Identity agent: it is ready on 1 of 3 nodes; missing on b, h (a hybrid node, and there is no DaemonSet of the agent for those). Pods there would get no credentials',
      '→ See where the agent’s pods run, and how they are. The add-on runs on hybrid nodes where its configuration values have {"daemonsets":{"hybrid":{"create":true}}}: https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-add-ons.html',
      '? kubectl get pods -A -o wide -l app.kubernetes.io/name=eks-pod-identity-agent',
    ],
  ],
  [
    'a hybrid node of which nobody knows whether it is wanted',
    facts({ nodes: [{ name: 'a', covered: true }, without('h', hybrid)] }),
    false,
    ['none, addon v1: 1/1, kept off 0'],
  ],
  [
    'a hybrid node where no agent is at all',
    facts({ ...absent, nodes: [without('a'), without('h', { ...hybrid, wanted: true })] }),
    false,
    [
      'none, none null: 0/1, kept off 0',
      'blocking agent-missing, Pod Identity agent: neither the add-on eks-pod-identity-agent nor a DaemonSet of the agent is on shop 1',
      '→ Install the add-on, or let the run do it (--install-agent, or "installAgent": true in the request).',
      "$ aws eks create-addon --cluster-name 'shop 1' --region us-west-2 --addon-name eks-pod-identity-agent",
    ],
  ],
  [
    'a hybrid node and an agent for it, beside the ordinary one',
    facts({
      daemonSets: [{ name: 'eks-pod-identity-agent', desired: 1, ready: 1 }, hybridAgent],
      nodes: [{ name: 'a', covered: true }, without('h', hybrid)],
    }),
    false,
    [
      'none, addon v1: 1/2, kept off 0',
      'warning agent-incomplete, Pod Identity agent: it is ready on 1 of 2 nodes; missing on h. Pods there would get no credentials',
      '→ See where the agent’s pods run, and how they are.',
      '? kubectl get pods -A -o wide -l app.kubernetes.io/name=eks-pod-identity-agent',
    ],
  ],
])('the check of the agent: %s', (_why, given, install, said) => {
  const check = assessAgent(given, { install })
  const { action, management, version, ready, nodes, repelled, findings } = check
  const counts = `${action}, ${management} ${version}: ${ready}/${nodes}, kept off ${repelled}`
  expect([counts, ...told(findings)]).toEqual(said)
  // The workflow hands it on as it is.
  expect(AgentCheck.parse(check)).toEqual(check)
})

it('takes the check of an earlier version, which counts no taints, and no other words', () => {
  const check = { action: 'wait', management: 'none', version: null, ready: 0, nodes: 1, findings: [] }
  expect(AgentCheck.parse(check)).toEqual({ ...check, repelled: 0 })
  expect(AgentCheck.safeParse({ ...check, action: 'remove' }).success).toBe(false)
  expect(AgentCheck.safeParse({ ...check, management: 'helm' }).success).toBe(false)
  expect(AgentCheck.safeParse({ ...check, ready: '1' }).success).toBe(false)
})

it.each<[line: string, management: AgentCheck['management'], version: string | null]>([
  ['v1 on 2/3 nodes', 'addon', 'v1'],
  ['self-managed on 2/3 nodes', 'self-managed', null],
  ['built into Auto Mode', 'built-in', null],
  ['not installed', 'none', null],
])('in a few words: %s', (line, management, version) => {
  expect(agentLine({ action: 'none', management, version, ready: 2, nodes: 3 })).toBe(line)
})

it.each<[image: string, is: boolean]>([
  ['602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/eks-pod-identity-agent:v0.1.36', true],
  ['eks-pod-identity-agent', true],
  ['mirror/eks-pod-identity-agent@sha256:abc', true],
  ['mirror/not-eks-pod-identity-agent:v1', false],
  ['mirror/eks-pod-identity-agent-proxy:v1', false],
  ['nginx', false],
])('the image %s is the agent’s: %s', (image, is) => {
  expect(isAgentImage(image)).toBe(is)
})
