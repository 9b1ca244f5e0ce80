import { describe, expect, it } from 'vitest'
import { judgeRefusal } from '../../../core/workload/refusal.ts'
import type { Workload } from '../../../core/workload/rollout.ts'
import type { WorkloadRef } from '../../../core/workload/workload.ts'

const judge = (message: string, kind: WorkloadRef['kind'] = 'Deployment', spec: object = {}) =>
  judgeRefusal({
    ref: { kind, name: 'carts' },
    namespace: 'shop',
    workload: { spec } as Workload,
    message: `pods "podid-probe-x" is forbidden: ${message}`,
  })

const exceeded = (used: string, limited: string, requested = 'pods=1') =>
  `exceeded quota: compute, requested: ${requested}, used: ${used}, limited: ${limited}`
const rolling = (rollingUpdate: object, replicas = 4) => ({
  replicas,
  strategy: { type: 'RollingUpdate', rollingUpdate },
})

describe('a quota', () => {
  const cases: [string, WorkloadRef['kind'], object, string, 'blocking' | 'info'][] = [
    [
      'a StatefulSet takes a pod away first, and it fits again',
      'StatefulSet',
      {},
      exceeded('pods=3', 'pods=3'),
      'info',
    ],
    [
      'more is used than is allowed: the pod would not come back',
      'StatefulSet',
      {},
      exceeded('pods=3', 'pods=2'),
      'blocking',
    ],
    ['a DaemonSet takes a pod away first', 'DaemonSet', {}, exceeded('pods=3', 'pods=3'), 'info'],
    [
      'a DaemonSet with surge does not',
      'DaemonSet',
      { updateStrategy: { rollingUpdate: { maxSurge: 1 } } },
      exceeded('pods=3', 'pods=3'),
      'blocking',
    ],
    [
      'Recreate takes all away first',
      'Deployment',
      { strategy: { type: 'Recreate' } },
      exceeded('pods=3', 'pods=3'),
      'info',
    ],
    ['a quarter of four may be away', 'Deployment', rolling({}), exceeded('pods=4', 'pods=4'), 'info'],
    [
      'a quarter of three is none: a pod more comes first',
      'Deployment',
      rolling({}, 3),
      exceeded('pods=3', 'pods=3'),
      'blocking',
    ],
    [
      'nothing may be away',
      'Deployment',
      rolling({ maxUnavailable: 0, maxSurge: 1 }),
      exceeded('pods=4', 'pods=4'),
      'blocking',
    ],
    [
      'without surge one is away whatever is said',
      'Deployment',
      rolling({ maxUnavailable: 0, maxSurge: 0 }),
      exceeded('pods=4', 'pods=4'),
      'info',
    ],
    [
      'amounts in different units',
      'StatefulSet',
      {},
      exceeded('cpu=1500m,memory=2Gi', 'cpu=1,memory=4Gi', 'cpu=500m'),
      'blocking',
    ],
    [
      'amounts in different units, within',
      'StatefulSet',
      {},
      exceeded('cpu=1500m,memory=2048Mi', 'cpu=2,memory=2Gi', 'cpu=1'),
      'info',
    ],
    ['an amount that is none', 'StatefulSet', {}, exceeded('pods=some', 'pods=3'), 'blocking'],
    [
      'what has to be said and is not is refused for ever',
      'StatefulSet',
      {},
      'failed quota: compute: must specify limits.memory for: c',
      'blocking',
    ],
  ]
  it.each(cases)('%s', (_why, kind, spec, message, severity) => {
    expect(judge(message, kind, spec)).toMatchObject({ severity })
  })
})

const sentences: [why: string, message: string, severity: string, command: string | undefined][] = [
  ['a quota', exceeded('pods=3', 'pods=2'), 'blocking', 'kubectl describe resourcequota compute -n shop'],
  [
    'a LimitRange',
    'maximum memory usage per Container is 512Mi, but limit is 1Gi',
    'blocking',
    'kubectl describe limitrange -n shop',
  ],
  [
    'Pod Security',
    'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
    'blocking',
    'kubectl get namespace shop --show-labels',
  ],
  [
    'a policy',
    "ValidatingAdmissionPolicy 'no-latest' with binding 'all' denied request: tag",
    'blocking',
    'kubectl get validatingadmissionpolicies no-latest -o yaml',
  ],
  [
    'a webhook',
    'admission webhook "v.example.com" denied the request: you must provide the label owner',
    'blocking',
    "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o custom-columns='NAME:.metadata.name,WEBHOOKS:.webhooks[*].name'",
  ],
  [
    'a name that a shell would act on is in no command',
    'exceeded quota: $(id), requested: x',
    'blocking',
    undefined,
  ],
  ['anything else', 'pods are not what they were', 'blocking', undefined],
  ['bare pods', 'admission webhook "v" denied the request: bare pods are not allowed', 'info', undefined],
  ['no dry runs', 'admission webhook "v" does not support dry run', 'info', undefined],
  ['owners', 'admission webhook "v" denied the request: pods need an owner', 'info', undefined],
  ['owner references', 'denied request: metadata.ownerReferences is required', 'info', undefined],
]

it.each(sentences)('is reported with what to do: %s', (_why, message, severity, command) => {
  const finding = judge(message)
  expect(finding.severity).toBe(severity)
  expect(finding.found).toContain(message)
  expect(finding.remedy?.command).toBe(command)
})
