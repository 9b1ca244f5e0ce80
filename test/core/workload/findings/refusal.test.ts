import { expect, it } from 'vitest'
import { judgeRefusal, untriedFor } from '../../../../core/workload/refusal.ts'
import type { Workload } from '../../../../core/workload/rollout.ts'
import type { WorkloadRef } from '../../../../core/workload/workload.ts'

const judge = (message: string, kind: WorkloadRef['kind'] = 'Deployment', spec: object = {}) =>
  judgeRefusal({ ref: { kind, name: 'carts' }, namespace: 'shop', workload: { spec } as Workload, message })
const looks = (advice: string, command: string) => ({ advice, command, looks: true })
const quota = 'kubectl describe resourcequota compute -n shop'
const limits = looks(
  "Give its containers requests and limits within the namespace's LimitRange, or change that.",
  'kubectl describe limitrange -n shop',
)

it.each<[message: string, remedy: object]>([
  ['exceeded quota: compute, requested: x', looks('Raise the quota, or free some of it.', quota)],
  [
    'failed quota: compute: must specify x',
    looks(
      'Give its containers the requests and limits that the quota counts, or give the namespace a LimitRange with defaults.',
      quota,
    ),
  ],
  ['maximum memory usage per Container is 1', limits],
  ['minimum cpu usage per Pod is 1', limits],
  ['max limit to request ratio of cpu per PersistentVolumeClaim is 1', limits],
  ['cpu ratio per Container is 1', limits],
  [
    'violates PodSecurity "restricted"',
    looks(
      'Let its pod template meet the level of the Pod Security Standards that the labels of the namespace ask for, or change those.',
      'kubectl get namespace shop --show-labels',
    ),
  ],
  [
    "ValidatingAdmissionPolicy 'p' denied",
    looks(
      'Let its pod template meet the policy, or change that.',
      'kubectl get validatingadmissionpolicies p -o yaml',
    ),
  ],
  [
    'failed calling webhook "v.example.com": timeout',
    looks(
      'The webhook v.example.com does not answer the API server, and its failurePolicy is Fail, so that no pod is made until it does.',
      "kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations -o custom-columns='NAME:.metadata.name,WEBHOOKS:.webhooks[*].name,POLICY:.webhooks[*].failurePolicy'",
    ),
  ],
  [
    'admission webhook "v" denied the request: no',
    looks(
      'Let its pod template meet the policy that this webhook keeps, or change that.',
      "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o custom-columns='NAME:.metadata.name,WEBHOOKS:.webhooks[*].name'",
    ),
  ],
  [
    'no',
    { advice: 'Let its pod template be one that the cluster takes; the sentence is the API server’s own.' },
  ],
])('blocks, with what to do: %s', (message, remedy) => {
  expect(judge(message)).toEqual({
    code: 'pods-refused',
    severity: 'blocking',
    subject: 'deployment/carts',
    found: `the cluster refuses new pods of it: ${message}`,
    remedy,
  })
})

const bare = 'by a policy for pods that no workload owns'
const room = 'and there is room for a new pod as soon as an old one has gone'
const exceeded = (used: string, limited: string) =>
  `exceeded quota: q, requested: x, used: ${used}, limited: ${limited}`
it.each<[message: string, why: string, kind?: WorkloadRef['kind'], spec?: object]>([
  ...[
    'bare pods',
    'a naked pod',
    'standalone pods',
    'stand-alone pods',
    'unmanaged pods',
    'orphan pods',
    'orphaned pods',
    'must have an owner',
    'needs an owner',
    'need owners',
    'without owner',
    'no owner',
    'lacks a owner',
    'lack owners',
    'an ownerReference is missing',
    'ownerReferences are missing',
    'must be managed by a controller',
    'must be managed by a workload',
  ].map((message): [string, string] => [message, bare]),
  ['webhook "x" does not support dry run', 'since a webhook cannot be asked by one'],
  [exceeded('pods=3', 'pods=3'), room, 'StatefulSet'],
  [exceeded('pods=3', 'pods=3'), room, 'DaemonSet', { updateStrategy: { type: 'RollingUpdate' } }],
  [
    exceeded('pods=3', 'pods=3'),
    room,
    'DaemonSet',
    { updateStrategy: { rollingUpdate: { maxSurge: '0%' } } },
  ],
  [
    exceeded('pods=3', 'pods=3'),
    room,
    'Deployment',
    { strategy: { rollingUpdate: { maxUnavailable: '1' } } },
  ],
  [exceeded('cpu=1e3', 'cpu=1k'), room, 'StatefulSet'],
  [exceeded('cpu=15e+2', 'cpu=1500'), room, 'StatefulSet'],
  [exceeded('cpu=5e-1', 'cpu=500m'), room, 'StatefulSet'],
  [exceeded('cpu=1E12', 'cpu=1T'), room, 'StatefulSet'],
])('leaves open: %s', (message, why, kind = 'Deployment', spec = {}) => {
  expect(judge(message, kind, spec)).toEqual({
    code: 'pods-untried',
    severity: 'info',
    subject: `${kind.toLowerCase()}/carts`,
    found: `a dry-run pod of it was refused, ${why}: ${message}`,
  })
})

it.each<[message: string, kind: WorkloadRef['kind'], spec?: object]>([
  ['a barefoot pod', 'StatefulSet'],
  ['nakedness', 'StatefulSet'],
  [exceeded('pods=4', 'pods=3'), 'StatefulSet'],
  [exceeded('pods=3', 'cpu=3'), 'StatefulSet'],
  [exceeded('cpu=x', 'cpu=3'), 'StatefulSet'],
  [exceeded('cpu=3', 'cpu=x3'), 'StatefulSet'],
  [exceeded('cpu=3!', 'cpu=3'), 'StatefulSet'],
  [exceeded('cpu=3', 'cpu=3Q'), 'StatefulSet'],
  [exceeded('cpu=1e12', 'cpu=2'), 'StatefulSet'],
  ['exceeded quota: q, requested: x, used: pods=3', 'StatefulSet'],
  [exceeded('pods=3', 'pods=3'), 'DaemonSet', { updateStrategy: { rollingUpdate: { maxSurge: '50%' } } }],
  [exceeded('pods=3', 'pods=3'), 'Deployment', { replicas: 3 }],
])('blocks: %s', (message, kind, spec = {}) => {
  expect(judge(message, kind, spec).code).toBe('pods-refused')
})

it('says that it could not be tried', () => {
  expect(untriedFor({ kind: 'Deployment', name: 'carts' }, 'shop', 'pods is forbidden')).toEqual({
    code: 'pods-untried',
    severity: 'info',
    subject: 'deployment/carts',
    found: 'it could not be tried whether the cluster takes new pods of it: pods is forbidden',
    remedy: {
      advice: 'Let podid create pods, which it does as dry runs only.',
      command: 'kubectl create rolebinding podid-probe -n shop --clusterrole podid-probe --group podid:probe',
    },
  })
})
