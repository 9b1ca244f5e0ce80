import { describe, expect, it } from 'vitest'
import type { Pod } from '../../../../core/kubernetes.ts'
import {
  type AgentOnNode,
  type AgentPlace,
  evidenceOf,
  nameInSession,
  PodEvidence,
  unreachable,
} from '../../../../core/workload/proof/evidence.ts'

const started = '2026-11-25T10:00:00Z'
const later = '2026-11-25T10:00:03Z'
const session = 'arn:aws:sts::123456789012:assumed-role/carts/eks-eks-worksh-carts-5b77-4a5e38d3-68b9'
const own: Pod = {
  metadata: { name: 'carts-5b77-a', creationTimestamp: started },
  spec: { nodeName: 'n1', containers: [] },
  status: { podIP: '10.0.0.7', startTime: started },
}
const podWith = (change: { metadata?: object; spec?: object; status?: object }): Pod =>
  ({
    metadata: { ...own.metadata, ...change.metadata },
    spec: { ...own.spec, ...change.spec },
    status: change.status ?? own.status,
  }) as Pod
const line = (fields: object, address = '10.0.0.7') =>
  `${JSON.stringify({ 'client-addr': `${address}:38422`, level: 'info', time: later, ...fields })}\n`
const asked = (change: object = {}, address?: string) =>
  line({ msg: 'handling new request', ...change }, address)
const fetched = (change: object = {}, address?: string) =>
  line({ fetched_role_arn: session, msg: 'fetched', ...change }, address)
const failed = (error = 'no', change: object = {}) =>
  line({ level: 'error', msg: `Error fetching credentials: ${error}`, ...change })
const head = '{"time":"2026-11-22T02:51:52Z"}\n'
const agent = (text: string, change: Partial<AgentOnNode> = {}): AgentOnNode => ({
  name: 'kube-system/agent-1',
  ready: true,
  log: { text },
  head,
  ...change,
})
const place = (...agents: AgentOnNode[]): AgentPlace => ({ node: { os: 'linux', ready: true }, agents })
const subject = { pod: 'carts-5b77-a', node: 'n1' }
const handed = { ...subject, seen: 'handed-out', agent: 'kube-system/agent-1', session, at: later } as const
const refused = {
  ...subject,
  seen: 'refused',
  agent: 'kube-system/agent-1',
  at: later,
  reason: 'no',
} as const
const hidden = (reason: string, later: boolean) =>
  ({ ...subject, seen: 'not-observable', reason, later }) as const
const away = (reason: string) => ({ ...subject, seen: 'out-of-reach', reason }) as const
const notAsked = { ...subject, seen: 'not-asked', agent: 'kube-system/agent-1' } as const
const host = podWith({ spec: { hostNetwork: true } })

describe('of a pod is seen', () => {
  it.each<[why: string, pod: Pod, at: AgentPlace, seen: PodEvidence]>([
    ['what the agent handed out', own, place(agent(fetched())), handed],
    [
      'what it handed out in the very second of the pod’s start',
      own,
      place(agent(fetched({ time: started }))),
      { ...handed, at: started },
    ],
    [
      'nothing of an earlier pod of the address',
      own,
      place(agent(fetched({ time: '2026-11-25T09:59:59Z' }))),
      notAsked,
    ],
    ['nothing of another address', own, place(agent(fetched({}, '10.0.0.8'))), notAsked],
    ['its refusal', own, place(agent(asked() + failed())), refused],
    ['the latest of both', own, place(agent(failed() + fetched())), handed],
    [
      'the latest of both, whatever it asks for now',
      own,
      place(agent(fetched() + failed() + asked())),
      refused,
    ],
    [
      'what an agent did, whatever its successor does not know',
      own,
      place(agent('', { name: 'kube-system/agent-2' }), agent(fetched())),
      handed,
    ],
    [
      'a refusal of an agent that has gone',
      own,
      place(agent('', { name: 'kube-system/agent-2' }), agent(failed())),
      refused,
    ],
    [
      'what it was handed by an agent that is not ready any more',
      own,
      place(agent(fetched(), { ready: false })),
      handed,
    ],
    [
      'that the agent is not ready',
      own,
      place(agent('', { ready: false })),
      away('the agent on node n1 (kube-system/agent-1) is not ready'),
    ],
    [
      'that one of two agents is ready',
      own,
      place(agent('', { name: 'a/b', ready: false }), agent('')),
      { ...notAsked, agent: 'a/b' },
    ],
    ['that no agent is there', own, place(), away('no pod of the agent is on node n1')],
    [
      'that no agent is there on a node that is not ready',
      own,
      { ...place(), node: { ready: false } },
      away('no pod of the agent is on node n1, which is not ready'),
    ],
    [
      'that no agent is there on a node that nobody knows',
      own,
      { agents: [] },
      away('no pod of the agent is on node n1'),
    ],
    [
      'that agents could not be looked for',
      own,
      { ...place(), unseen: 'pods: Forbidden' },
      hidden('could not look at pods: Forbidden', false),
    ],
    [
      'what an agent did although others could not be looked for',
      own,
      { ...place(agent(fetched())), unseen: 'pods' },
      handed,
    ],
    [
      'that it is on no node',
      podWith({ spec: { nodeName: undefined } }),
      place(agent('')),
      { ...hidden('it is on no node yet', true), node: null },
    ],
    [
      'Fargate, by the pod, before it is on any node',
      podWith({
        spec: { nodeName: undefined },
        metadata: { labels: { 'eks.amazonaws.com/fargate-profile': 'x' } },
      }),
      place(),
      { ...away('it runs on Fargate, where no agent can run'), node: null },
    ],
    [
      'Fargate, by the node, whatever an agent did',
      own,
      { ...place(agent(fetched())), node: { ready: true, computeType: 'fargate' } },
      away('it runs on Fargate, where no agent can run'),
    ],
    [
      'Windows',
      own,
      { ...place(agent(fetched())), node: { ready: true, os: 'windows' } },
      away('node n1 runs Windows, and there is no agent for it'),
    ],
    [
      'Auto Mode, where the agent has no pod',
      own,
      { ...place(), node: { ready: true, computeType: 'auto' } },
      hidden('the agent of Auto Mode is built into the node and has no log to be read', false),
    ],
    [
      'a log that could not be read',
      own,
      place(agent('', { log: { unread: 'its log: Forbidden' } })),
      hidden('could not look at its log: Forbidden', false),
    ],
    ['that it has not asked', own, place(agent('')), notAsked],
    [
      'a log that does not say how far it goes back',
      own,
      place(agent('', { head: '' })),
      hidden('the log of kube-system/agent-1 does not show how far back it reaches', true),
    ],
    [
      'a log whose beginning was not asked for',
      own,
      { ...place(), agents: [{ name: 'kube-system/agent-1', ready: true, log: { text: '' } }] },
      hidden('the log of kube-system/agent-1 does not show how far back it reaches', true),
    ],
    ['a log that begins with the pod', own, place(agent('', { head: `{"time":"${started}"}` })), notAsked],
    [
      'a log that begins later',
      own,
      place(agent('', { head: `{"time":"${later}"}` })),
      hidden(`the log of kube-system/agent-1 begins at ${later}, after the pod’s start`, false),
    ],
    [
      'that it asked and has no answer',
      own,
      place(agent(asked())),
      hidden(
        `it asked kube-system/agent-1 at ${later}, and the log has no answer: one out of the agent’s cache is not logged`,
        true,
      ),
    ],
    [
      'its second address',
      podWith({
        status: { podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }, { ip: '10.0.0.7' }], startTime: started },
      }),
      place(agent(fetched())),
      handed,
    ],
    [
      'nothing while it has no address',
      podWith({ status: { startTime: started } }),
      place(agent(fetched())),
      notAsked,
    ],
    [
      'when it was made, where nothing says when it started',
      podWith({ status: { podIP: '10.0.0.7' } }),
      place(agent(fetched({ time: '2026-11-25T09:59:59Z' }))),
      notAsked,
    ],
    ['in the network of its node, a session of its name', host, place(agent(fetched())), handed],
    [
      'in the network of its node, no session of another name, and nobody’s failure',
      host,
      place(agent(fetched({ fetched_role_arn: session.replace('carts-5b77', 'other-5b77') }) + failed())),
      hidden(
        'it is in the network of its node like others there, and no session in the log of kube-system/agent-1 bears its name',
        true,
      ),
    ],
    ['in the network of its node, nothing at all', host, place(agent('')), notAsked],
    [
      'in the network of its node, others whose names begin alike',
      host,
      { ...place(agent(fetched())), alike: ['carts-5b77-b', 'carts-5b77-c'] },
      hidden(
        'it is in its node’s network like carts-5b77-b, carts-5b77-c, and EKS names their sessions alike',
        false,
      ),
    ],
    [
      'in the network of its node, nobody of that name',
      host,
      { ...place(agent(fetched())), alike: [] },
      handed,
    ],
    [
      'in its own network, whoever is called alike',
      own,
      { ...place(agent(fetched())), alike: ['carts-5b77-b'] },
      handed,
    ],
  ])('%s', (_why, pod, at, seen) => {
    expect(evidenceOf(pod, at)).toEqual(seen)
    expect(PodEvidence.parse(evidenceOf(pod, at))).toEqual(seen)
  })
})

it.each<[why: string, pod: Pod, at: AgentPlace, why: ReturnType<typeof unreachable>]>([
  ['no agent', own, place(), { reason: 'no pod of the agent is on node n1', for: 'now' }],
  [
    'none that is ready',
    own,
    place(agent('', { ready: false })),
    { reason: 'the agent on node n1 (kube-system/agent-1) is not ready', for: 'now' },
  ],
  [
    'Windows',
    own,
    { agents: [], node: { ready: true, os: 'windows' } },
    { reason: 'node n1 runs Windows, and there is no agent for it', for: 'ever' },
  ],
  [
    'Fargate',
    own,
    { agents: [], node: { ready: true, computeType: 'fargate' } },
    { reason: 'it runs on Fargate, where no agent can run', for: 'ever' },
  ],
  ['one that is ready', own, place(agent('')), undefined],
  ['Auto Mode', own, { agents: [], node: { ready: true, computeType: 'auto' } }, undefined],
  ['agents that could not be looked for', own, { agents: [], unseen: 'x' }, undefined],
  ['no node yet', podWith({ spec: { nodeName: undefined } }), place(), undefined],
])('whether an agent can answer: %s', (_why, pod, at, reason) => {
  expect(unreachable(pod, at)).toEqual(reason)
})

it('knows a pod in a session by ten characters', () => {
  expect(nameInSession(own)).toBe('carts-5b77')
  expect(PodEvidence.safeParse({ ...handed, seen: 'else' }).success).toBe(false)
  expect(PodEvidence.safeParse({ ...handed, node: 1 }).success).toBe(false)
})
