import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../../core/findings.ts'
import type { PodEvidence } from '../../../../core/workload/proof/evidence.ts'
import { judgeEvidence } from '../../../../core/workload/proof/proof.ts'

const at = '2026-11-25T10:00:03Z'
const agent = 'kube-system/agent-1'
const role = 'arn:aws:iam::123456789012:role/shop/carts'
const sessionOf = (name: string) => `arn:aws:sts::123456789012:assumed-role/${name}/eks-x`
const on = (pod: string) => ({ pod, node: 'n1' })
const handed = (pod: string, name = 'carts'): PodEvidence => ({
  ...on(pod),
  seen: 'handed-out',
  agent,
  session: sessionOf(name),
  at,
})
const notAsked = (pod: string): PodEvidence => ({ ...on(pod), seen: 'not-asked', agent })
const refused = (pod: string, reason: string): PodEvidence => ({
  ...on(pod),
  seen: 'refused',
  agent,
  at,
  reason,
})
const away = (pod: string, reason = 'no agent'): PodEvidence => ({ ...on(pod), seen: 'out-of-reach', reason })
const hidden = (pod: string, reason = 'no log'): PodEvidence => ({
  ...on(pod),
  seen: 'not-observable',
  reason,
  later: false,
})
const judged = (evidence: PodEvidence[], change: object = {}) =>
  judgeEvidence({
    ref: { kind: 'Deployment', name: 'carts' },
    namespace: 'shop',
    cluster: 'eks-1',
    region: 'us-west-2',
    serviceAccount: 'carts',
    role,
    evidence,
    ...change,
  })

it.each<[message: string, evidence: PodEvidence[]]>([
  ['injected into 1 pod; it has not asked for credentials yet', [notAsked('a')]],
  ['injected into 2 pods; neither has asked for credentials yet', ['a', 'b'].map(notAsked)],
  ['injected into 3 pods; none has asked for credentials yet', ['a', 'b', 'c'].map(notAsked)],
  ['injected into 1 pod; whether it was handed credentials could not be seen: no log', [hidden('a')]],
  [
    'injected into 2 pods; whether they were handed credentials could not be seen: no log',
    [hidden('a'), hidden('b')],
  ],
  ['2 of 2 pods were handed credentials of carts', [handed('a'), handed('b')]],
  [
    '1 of 7 pods was handed credentials of carts; 1 of 7 pods was refused credentials: why; 2 of 7 pods were out of the agent’s reach: no agent; 2 of 7 pods were handed credentials of x, y; 1 injected, and has not asked yet',
    [
      handed('a'),
      refused('b', 'why'),
      away('c'),
      away('d'),
      handed('e', 'x'),
      handed('f', 'y'),
      notAsked('g'),
    ],
  ],
  [
    '1 of 4 pods was handed credentials of carts; 2 injected, and have not asked yet; 1 injected, and could not be observed (no log)',
    [handed('a'), notAsked('b'), notAsked('c'), hidden('d')],
  ],
])('says %s', (message, evidence) => {
  expect(judged(evidence).message).toBe(message)
})

const found = (code: string, text: string, remedy: object, severity = 'blocking') =>
  ({ code, severity, subject: 'deployment/carts', found: text, remedy }) as Finding
const associations =
  'aws eks list-pod-identity-associations --cluster-name eks-1 --region us-west-2 --namespace shop --service-account carts'

describe('of a refusal by the agent’s words', () => {
  it.each<[reason: string, remedy: object, change?: object]>([
    [
      'assumed-role/nodes/i-1 is not authorized to perform: eks-auth:AssumeRoleForPodIdentity',
      {
        advice: 'The node’s role may not ask EKS Auth. Give it the policy for nodes, which allows that.',
        command:
          'aws iam attach-role-policy --role-name nodes --policy-arn arn:aws-cn:iam::aws:policy/AmazonEKSWorkerNodePolicy',
      },
      { role: 'arn:aws-cn:iam::123456789012:role/carts' },
    ],
    [
      'not authorized to perform: eks-auth:AssumeRoleForPodIdentity',
      {
        advice:
          'Allow eks-auth:AssumeRoleForPodIdentity to the role of the nodes (AmazonEKSWorkerNodePolicy does).',
      },
    ],
    ...['Unauthorized Exception!', 'EKS does not have permissions to assume'].map(
      (reason): [string, object] => [
        reason,
        {
          advice:
            'EKS could not assume the role: its trust must allow pods.eks.amazonaws.com sts:AssumeRole and sts:TagSession, under conditions that fit this cluster and ServiceAccount. A changed trust takes a moment to count.',
          command: 'aws iam get-role --role-name carts --query Role.AssumeRolePolicyDocument',
          looks: true,
        },
      ],
    ),
    ...['PackedPolicyTooLarge', 'packed size', 'Packed policy size'].map((reason): [string, object] => [
      reason,
      {
        advice:
          'Session tags and session policy together are too large for STS. Leave the session tags out ("sessionTags": false in the request), or make the session policy shorter.',
        command: associations,
        looks: true,
      },
    ]),
    ...['ThrottlingException', 'TooManyRequests', 'Rate exceeded'].map((reason): [string, object] => [
      reason,
      {
        advice:
          'EKS Auth throttled the agent, which asks again by itself. Start fewer pods at once, or have the quota raised.',
      },
    ]),
    ...['token is malformed', 'cannot be parsed'].map((reason): [string, object] => [
      reason,
      {
        advice:
          'The application sent another token than the one in its file. It must send the file’s content as it is, without "Bearer" before it; AWS SDKs do.',
      },
    ]),
    ...['No association', 'ResourceNotFoundException'].map((reason): [string, object] => [
      reason,
      {
        advice: 'EKS Auth knows no association of the pod’s ServiceAccount. See which there is.',
        command: associations,
        looks: true,
      },
    ]),
    ...[
      'StatusCode: 0',
      'context canceled',
      'context deadline exceeded',
      'timeout',
      'no such host',
      'connection refused',
      'dial tcp',
    ].map((reason): [string, object] => [
      reason,
      {
        advice:
          'The agent got no answer from EKS Auth within a second: the node needs a way to eks-auth.us-west-2.api.aws, by NAT or an interface endpoint whose security group and DNS let it through.',
        command:
          "aws ec2 describe-vpc-endpoints --region us-west-2 --filters 'Name=service-name,Values=*.us-west-2.eks-auth'",
        looks: true,
      },
    ]),
    [
      'something else',
      {
        advice: 'See what the agent wrote.',
        command: 'kubectl logs -n kube-system agent-1 --since 1h',
        looks: true,
      },
    ],
  ])('%s', (reason, remedy, change) => {
    expect(judged([refused('a', reason)], change).findings).toEqual([
      found(
        'credentials-refused',
        `pod a asked for credentials and got none; the agent ${agent} wrote at ${at}: ${reason}`,
        remedy,
      ),
    ])
  })

  const id = (digit: string) => `${digit.repeat(8)}-${digit.repeat(4)}-4444-aaaa-${digit.repeat(12)}`
  const texts = (evidence: PodEvidence[]) => judged(evidence).findings.map((one) => one.found.split(': ')[0])
  it('is one of several pods, although each bears the id of another request', () => {
    const same = [refused('a', `id ${id('1')} x`), refused('b', `id ${id('2')} x`)]
    expect(texts(same)).toEqual([
      `pods a, b asked for credentials and got none; the agent ${agent} wrote at ${at}`,
    ])
  })
  it.each([
    ['of other words', 'x', 'y'],
    ['of what is an id nearly', `id ${id('1').slice(1)}`, `id ${id('2').slice(1)}`],
    ['of what has an id and more', `${id('1')} x`, `${id('1')} y`],
    ['of what has no id where the other one has', 'RequestID: , x', `RequestID: ${id('1')}, x`],
    ['of what is put in the place of an id', `…${id('1')}`, `${id('1')}`],
  ])('is another one %s', (_why, one, other) => {
    expect(texts([refused('a', one), refused('b', other)])).toHaveLength(2)
  })
})

const agents = {
  advice:
    'Let the agent run on every node that its pods may run on (its tolerations and node affinity decide), or keep its pods off the others.',
  command:
    'kubectl get pods -A -o wide -l app.kubernetes.io/name=eks-pod-identity-agent\nkubectl get pods -n shop -o wide',
  looks: true,
}
it.each<[why: string, evidence: PodEvidence[], findings: Finding[]]>([
  ['of pods that all have it nothing', [handed('a'), notAsked('b')], []],
  [
    'of pods that no agent can answer',
    [away('a'), away('b')],
    [found('agent-out-of-reach', 'pods a, b cannot get credentials: no agent', agents)],
  ],
  [
    'of pods with another role',
    [handed('a', 'x'), handed('b', 'y'), handed('c')],
    [
      found(
        'credentials-of-other-role',
        `pods a, b were handed credentials of ${sessionOf('x')} at ${at}, and the binding is for ${role}; the agent hands these out until they expire`,
        {
          advice: 'Have its pods made anew: they have new tokens, for which the agent asks anew.',
          command: 'kubectl rollout restart deployment/carts -n shop',
        },
      ),
    ],
  ],
  [
    'of pods that could not be observed',
    [hidden('a'), handed('b')],
    [
      found(
        'credentials-not-observable',
        'whether pod a was handed credentials could not be seen: no log. What was seen is the injection: variables, token volume and mount are in the pod',
        {
          advice:
            'CloudTrail tells some minutes later whether EKS assumed the role for a pod: podid verify --cloudtrail shows it, and a stage’s sweep looks there for status.',
        },
        'info',
      ),
    ],
  ],
  [
    'of pods that could not be observed for want of rights',
    [hidden('a', 'Forbidden'), hidden('b', 'Forbidden')],
    [
      found(
        'credentials-not-observable',
        'whether pods a, b were handed credentials could not be seen: Forbidden. What was seen is the injection: variables, token volume and mount are in the pod',
        {
          advice:
            'Let VerifyCredentials look for the agent and read its logs: podid:agent-log in manifests/, and the groups of its access entry.',
          command: 'kubectl apply -k manifests',
        },
        'info',
      ),
    ],
  ],
])('finds %s', (_why, evidence, findings) => {
  expect(judged(evidence).findings).toEqual(findings)
})
