import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocking } from '../../../../core/findings.ts'
import type { Pod } from '../../../../core/kubernetes.ts'
import { type AgentOnNode, type AgentPlace, evidenceOf } from '../../../../core/workload/proof/evidence.ts'
import { judgeEvidence } from '../../../../core/workload/proof/proof.ts'

const started = '2026-11-25T10:00:00Z'
const later = '2026-11-25T10:00:03Z'
const role = 'arn:aws:iam::123456789012:role/shop/carts'
const sessionOf = (name: string, pod = 'carts-5b77', account = '123456789012') =>
  `arn:aws:sts::${account}:assumed-role/${name}/eks-eks-worksh-${pod}-4a5e38d3-68b9`

const pod = (name: string, podIP: string, change: { spec?: object; labels?: Record<string, string> } = {}) =>
  ({
    metadata: { name, uid: name, ...(change.labels && { labels: change.labels }) },
    spec: { nodeName: 'node-1', containers: [], ...change.spec },
    status: { podIP, podIPs: [{ ip: podIP }], startTime: started },
  }) as Pod

const [one, two] = [pod('carts-5b77-a', '10.42.1.17'), pod('carts-5b77-b', '10.42.1.18')]
const hostPod = pod('carts-5b77-a', '10.42.1.10', { spec: { hostNetwork: true } })

const line = (address: string, fields: object) =>
  `${JSON.stringify({ 'client-addr': `${address}:38422`, level: 'info', time: later, ...fields })}\n`
const asked = (address: string) => line(address, { msg: `handling new request request from ${address}` })
const fetched = (address: string, session = sessionOf('carts'), time = later) =>
  line(address, { fetched_role_arn: session, msg: 'Successfully fetched credentials from EKS Auth', time })
const failed = (address: string, error: string) =>
  line(address, { level: 'error', msg: `Error fetching credentials: ${error}` })

const start = '{"level":"info","msg":"Starting server...","time":"2026-11-22T02:51:52Z"}\n'
const name = 'kube-system/eks-pod-identity-agent-x7kzq'
const logged = (text: string, change: Partial<AgentOnNode> = {}): AgentPlace => ({
  node: { os: 'linux', ready: true },
  agents: [{ name, ready: true, log: { text }, head: start, ...change }],
})
const onNode = (node: Partial<AgentPlace['node']>, change: Partial<AgentPlace> = {}): AgentPlace => ({
  node: { ready: true, ...node },
  agents: [],
  ...change,
})

interface Row {
  situation: string
  /** How it was seen, where not by the agent's log. */
  how?: string
  pods?: Pod[]
  place: AgentPlace
  /** The headline, or a part of it. */
  says: string
  /** The code of the finding that it leaves, and a part of what mends it. */
  finding?: [code: string, mends: string]
  /** Where a pod goes without the role's credentials. */
  fails?: true
  role?: string
}

const unauthorized =
  'AccessDeniedException: Unauthorized Exception! EKS does not have permissions to assume the associated role.'

const rows: Row[] = [
  {
    situation: 'every pod has asked, and EKS Auth answered',
    pods: [one, two],
    place: logged(fetched('10.42.1.17') + fetched('10.42.1.18')),
    says: '2 of 2 pods were handed credentials of carts',
  },
  {
    situation: 'no pod has asked yet',
    pods: [one, two],
    place: logged(fetched('10.42.1.99')),
    says: 'injected into 2 pods; neither has asked for credentials yet',
  },
  {
    situation: 'one has asked, the other has not',
    pods: [one, two],
    place: logged(fetched('10.42.1.17')),
    says: '1 of 2 pods was handed credentials of carts; 1 injected, and has not asked yet',
  },
  {
    situation: 'an earlier pod had the same address',
    place: logged(fetched('10.42.1.17', sessionOf('carts'), '2026-11-25T09:59:00Z')),
    says: 'injected into 1 pod; it has not asked for credentials yet',
  },
  {
    situation: 'refused once, and answered since',
    place: logged(failed('10.42.1.17', unauthorized) + fetched('10.42.1.17')),
    says: '1 of 1 pod was handed credentials of carts',
  },
  {
    situation: 'the trust does not let EKS in',
    place: logged(asked('10.42.1.17') + failed('10.42.1.17', unauthorized)),
    says: '1 of 1 pod was refused credentials',
    finding: ['credentials-refused', 'aws iam get-role --role-name carts'],
    fails: true,
  },
  {
    situation: 'the node’s role may not ask EKS Auth',
    place: logged(
      failed(
        '10.42.1.17',
        'AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/nodes/i-1 is not authorized to perform: eks-auth:AssumeRoleForPodIdentity',
      ),
    ),
    says: '1 of 1 pod was refused credentials',
    finding: ['credentials-refused', 'aws iam attach-role-policy --role-name nodes'],
    fails: true,
  },
  {
    situation: 'EKS Auth is out of the node’s reach',
    place: logged(
      failed('10.42.1.17', 'https response error StatusCode: 0, RequestID: , canceled, context canceled'),
    ),
    says: '1 of 1 pod was refused credentials',
    finding: ['credentials-refused', 'eks-auth.us-west-2.api.aws'],
    fails: true,
  },
  {
    situation: 'EKS Auth throttles the agent',
    place: logged(failed('10.42.1.17', 'ThrottlingException: Rate exceeded')),
    says: '1 of 1 pod was refused credentials',
    finding: ['credentials-refused', 'asks again by itself'],
    fails: true,
  },
  {
    situation: 'session tags and policy are too large together',
    place: logged(failed('10.42.1.17', 'PackedPolicyTooLargeException: Packed size exceeds the limit')),
    says: '1 of 1 pod was refused credentials',
    finding: ['credentials-refused', '"sessionTags": false'],
    fails: true,
  },
  {
    situation: 'the application puts Bearer before its token',
    place: logged(failed('10.42.1.17', 'Service account token cannot be parsed: token is malformed')),
    says: '1 of 1 pod was refused credentials',
    finding: ['credentials-refused', 'without "Bearer"'],
    fails: true,
  },
  {
    situation: 'the agent handed out another role',
    place: logged(fetched('10.42.1.17', sessionOf('carts-before'))),
    says: '1 of 1 pod was handed credentials of carts-before',
    finding: ['credentials-of-other-role', 'kubectl rollout restart deployment/carts -n carts'],
    fails: true,
  },
  {
    situation: 'the same role name in another account is another role',
    place: logged(fetched('10.42.1.17', sessionOf('carts', 'carts-5b77', '999999999999'))),
    says: '1 of 1 pod was handed credentials of carts',
    finding: ['credentials-of-other-role', 'kubectl rollout restart'],
    fails: true,
  },
  {
    situation: 'a target role: its session counts, not the first role’s',
    place: logged(fetched('10.42.1.17', sessionOf('shared', 'carts-5b77', '999999999999'))),
    role: 'arn:aws:iam::999999999999:role/shared',
    says: '1 of 1 pod was handed credentials of shared',
  },
  {
    situation: 'no agent on the pod’s node',
    how: 'pods of the agent’s DaemonSets, by node',
    place: onNode({ os: 'linux' }),
    says: '1 of 1 pod was out of the agent’s reach',
    finding: ['agent-out-of-reach', 'kubectl get pods -A -o wide'],
    fails: true,
  },
  {
    situation: 'no agent on the pod’s node, which is not ready',
    how: 'the node’s condition, and pods of the agent’s DaemonSets',
    place: onNode({ os: 'linux', ready: false }),
    says: '1 of 1 pod was out of the agent’s reach: no pod of the agent is on node node-1, which is not ready',
    finding: ['agent-out-of-reach', 'kubectl get pods -A -o wide'],
    fails: true,
  },
  {
    situation: 'on a hybrid node that has no agent',
    how: 'label of the node, and pods of the agent’s DaemonSets',
    place: onNode({ computeType: 'hybrid' }),
    says: '1 of 1 pod was out of the agent’s reach: no pod of the agent is on node node-1',
    finding: ['agent-out-of-reach', 'kubectl get pods -A -o wide'],
    fails: true,
  },
  {
    situation: 'on a hybrid node with its agent',
    place: {
      ...logged(fetched('10.42.1.17'), { name: 'kube-system/eks-pod-identity-agent-hybrid-8xk2p' }),
      node: { computeType: 'hybrid', os: 'linux', ready: true },
    },
    says: '1 of 1 pod was handed credentials of carts',
  },
  {
    situation: 'the agent on the node is not ready, and wrote nothing of the pod',
    how: 'the agent pod’s condition, and its log',
    place: logged('', { ready: false }),
    says: '1 of 1 pod was out of the agent’s reach',
    finding: ['agent-out-of-reach', 'its tolerations and node affinity decide'],
    fails: true,
  },
  {
    situation: 'on Fargate, by the pod’s label',
    how: 'label of the pod',
    pods: [pod('carts-a', '10.42.1.17', { labels: { 'eks.amazonaws.com/fargate-profile': 'p' } })],
    place: { agents: [] },
    says: '1 of 1 pod was out of the agent’s reach',
    finding: ['agent-out-of-reach', 'IRSA'],
    fails: true,
  },
  {
    situation: 'on Fargate, by the node’s label',
    how: 'label of the node',
    place: onNode({ computeType: 'fargate' }),
    says: '1 of 1 pod was out of the agent’s reach',
    finding: ['agent-out-of-reach', 'IRSA'],
    fails: true,
  },
  {
    situation: 'on a Windows node',
    how: 'label of the node',
    place: onNode({ os: 'windows' }),
    says: '1 of 1 pod was out of the agent’s reach',
    finding: ['agent-out-of-reach', 'IRSA'],
    fails: true,
  },
  {
    situation: 'on Auto Mode’s node',
    how: 'label of the node',
    place: onNode({ computeType: 'auto' }),
    says: 'injected into 1 pod; whether it was handed credentials could not be seen: the agent of Auto Mode',
    finding: ['credentials-not-observable', 'podid verify --cloudtrail'],
  },
  {
    situation: 'the agent’s log may not be read',
    how: 'the API server’s answer',
    place: logged('', { log: { unread: `the log of ${name} (get pods/log: 403 Forbidden)` } }),
    says: 'whether it was handed credentials could not be seen: could not look at the log of kube-system/eks-pod',
    finding: ['credentials-not-observable', 'kubectl apply -k manifests'],
  },
  {
    situation: 'the agent’s pods may not be listed',
    how: 'the API server’s answer',
    place: onNode({}, { unseen: 'the agent’s pods (list pods: 403 Forbidden)' }),
    says: 'could not be seen: could not look at the agent’s pods (list pods: 403 Forbidden)',
    finding: ['credentials-not-observable', 'kubectl apply -k manifests'],
  },
  {
    situation: 'the nodes may not be listed, and no pod of the agent is on the pod’s',
    how: 'the API server’s answer',
    place: { agents: [], unseen: 'the nodes (list nodes: 403 Forbidden)' },
    says: 'could not be seen: could not look at the nodes (list nodes: 403 Forbidden)',
    finding: ['credentials-not-observable', 'kubectl apply -k manifests'],
  },
  {
    situation: 'the log was rotated, or the agent is younger than the pod',
    how: 'the first line of the agent’s log',
    place: logged('', { head: line('10.42.1.99', {}) }),
    says: `could not be seen: the log of ${name} begins at ${later}, after the pod’s start`,
    finding: ['credentials-not-observable', ''],
  },
  {
    situation: 'the log does not show how far back it reaches',
    place: logged('', { head: '' }),
    says: 'does not show how far back it reaches',
    finding: ['credentials-not-observable', ''],
  },
  {
    situation: 'asked, and answered out of the agent’s cache',
    place: logged(asked('10.42.1.17')),
    says: `could not be seen: it asked ${name} at ${later}, and the log has no answer`,
    finding: ['credentials-not-observable', ''],
  },
  {
    situation: 'in the host’s network, known by the name in its session',
    pods: [hostPod],
    place: logged(fetched('10.42.1.10', sessionOf('other', 'other-1234')) + fetched('10.42.1.10')),
    says: '1 of 1 pod was handed credentials of carts',
  },
  {
    situation: 'in the host’s network, where another was refused or answered',
    pods: [hostPod],
    place: logged(asked('10.42.1.10') + failed('10.42.1.10', unauthorized)),
    says: 'could not be seen: it is in the network of its node like others there',
    finding: ['credentials-not-observable', ''],
  },
  {
    situation: 'two pods of the workload in one host’s network',
    how: 'names and nodes of the pods',
    pods: [hostPod],
    place: { ...logged(fetched('10.42.1.10')), alike: ['carts-5b77-b'] },
    says: 'could not be seen: it is in its node’s network like carts-5b77-b',
    finding: ['credentials-not-observable', ''],
  },
]

const judge = ({ pods = [one], place, role: wanted = role }: Row) =>
  judgeEvidence({
    ref: { kind: 'Deployment', name: 'carts' },
    namespace: 'carts',
    cluster: 'eks-workshop',
    region: 'us-west-2',
    serviceAccount: 'carts',
    role: wanted,
    evidence: pods.map((each) => evidenceOf(each, place)),
  })

describe('what was seen of the credentials', () => {
  it.each(rows)('$situation', (row) => {
    const { message, findings } = judge(row)
    expect(message).toContain(row.says)
    expect(findings.map(({ code }) => code)).toEqual(row.finding ? [row.finding[0]] : [])
    expect(JSON.stringify(findings[0]?.remedy ?? '').replaceAll('\\"', '"')).toContain(row.finding?.[1] ?? '')
    expect(blocking(findings).length > 0).toBe(row.fails ?? false)
  })

  it('is what docs/proof.md says, row by row', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../../docs/proof.md'), 'utf8')
    const table = text
      .split('\n\n')
      .find((part) => part.startsWith('| situation | what podid says | how it was seen |\n'))
    expect(table?.split('\n').slice(2)).toEqual(rows.map((row) => documented(row).trimEnd()))
  })
})

/** The row of the table in docs/proof.md. */
const documented = (row: Row): string => {
  const { message, findings } = judge(row)
  const [finding] = findings
  const end = `${row.fails ? 'fails' : 'succeeds'}${finding ? ` (\`${finding.code}\`)` : ''}`
  return `| ${row.situation} | ${end}: ${message} | ${row.how ?? 'the agent’s log'} |\n`
}
