import { expect, it } from 'vitest'
import type { Check } from '../../../core/doctor/check.ts'
import {
  type AccessQuestion,
  accessQuestions,
  checkEntries,
  checkMode,
  checkRbac,
} from '../../../core/doctor/cluster.ts'
import { clusterRights } from '../../../core/steps/cluster-rights.ts'

const lines = ({ about, state, found, remedy }: Check): string[] => [
  `${state} ${about}: ${found}`,
  ...(remedy ? [`→ ${remedy.advice}`, ...(remedy.command ?? '').split('\n')] : []),
]
const cluster = { cluster: 'shop 1', region: 'us-west-2', mode: 'API' }

it.each<[mode: string, said: string[]]>([
  ['API', ['right cluster shop 1: authentication mode: API']],
  ['API_AND_CONFIG_MAP', ['right cluster shop 1: authentication mode: API_AND_CONFIG_MAP']],
  [
    'CONFIG_MAP',
    [
      'wrong cluster shop 1: authentication mode: CONFIG_MAP, where there are no access entries',
      '→ Allow access entries; this cannot be taken back, and takes nothing from those of the config map.',
      "aws eks update-cluster-config --name 'shop 1' --region us-west-2 --access-config authenticationMode=API_AND_CONFIG_MAP",
    ],
  ],
])('access entries take the mode %s', (mode, said) => {
  expect(lines(checkMode({ ...cluster, mode }))).toEqual(said)
})

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`
const entry = (name: string, ...groups: string[]) => ({ principalArn: role(name), kubernetesGroups: groups })
const wanted = [entry('podid/ab', 'podid:agent', 'podid:agent-log'), entry('b', 'podid:workload')]

it.each<
  [
    why: string,
    found: ReturnType<typeof entry>[],
    options: { createAccessEntries: boolean; mode: string },
    said: string[],
  ]
>([
  [
    'all are there',
    [...wanted],
    { createAccessEntries: false, mode: 'API' },
    [
      'right cluster shop 1: access entries: all 2, with their groups (DescribeAccessEntry for each function)',
    ],
  ],
  [
    'more groups than that do no harm',
    [entry('podid/ab', 'x', 'podid:agent-log', 'podid:agent'), wanted[1] ?? entry('b')],
    { createAccessEntries: false, mode: 'API' },
    [
      'right cluster shop 1: access entries: all 2, with their groups (DescribeAccessEntry for each function)',
    ],
  ],
  [
    'none is there',
    [],
    { createAccessEntries: false, mode: 'API' },
    [
      'wrong cluster shop 1: access entries: 2 of 2 are not as they should be: ab has none, b has none',
      '→ Make or change them. A role has to be there before its entry: the stage is deployed first.',
      "aws eks create-access-entry --cluster-name 'shop 1' --region us-west-2 --principal-arn arn:aws:iam::123456789012:role/podid/ab --kubernetes-groups podid:agent podid:agent-log",
      "aws eks create-access-entry --cluster-name 'shop 1' --region us-west-2 --principal-arn arn:aws:iam::123456789012:role/b --kubernetes-groups podid:workload",
    ],
  ],
  [
    'none is there, and runs make them',
    [],
    { createAccessEntries: true, mode: 'API' },
    [
      'right cluster shop 1: access entries: 2 of 2 are not there; runs make them (clusters.createAccessEntries)',
    ],
  ],
  [
    'runs would, where there were any',
    [],
    { createAccessEntries: true, mode: 'CONFIG_MAP' },
    [
      'wrong cluster shop 1: access entries: 2 of 2 are not as they should be: ab has none, b has none',
      '→ Make or change them. A role has to be there before its entry: the stage is deployed first.',
      "aws eks create-access-entry --cluster-name 'shop 1' --region us-west-2 --principal-arn arn:aws:iam::123456789012:role/podid/ab --kubernetes-groups podid:agent podid:agent-log",
      "aws eks create-access-entry --cluster-name 'shop 1' --region us-west-2 --principal-arn arn:aws:iam::123456789012:role/b --kubernetes-groups podid:workload",
    ],
  ],
  [
    'one has other groups, which runs do not change',
    [entry('podid/ab', 'x')],
    { createAccessEntries: true, mode: 'API' },
    [
      'wrong cluster shop 1: access entries: 2 of 2 are not as they should be: ab lacks podid:agent, podid:agent-log, b has none',
      '→ Make or change them. A role has to be there before its entry: the stage is deployed first.',
      "aws eks update-access-entry --cluster-name 'shop 1' --region us-west-2 --principal-arn arn:aws:iam::123456789012:role/podid/ab --kubernetes-groups x podid:agent podid:agent-log",
      "aws eks create-access-entry --cluster-name 'shop 1' --region us-west-2 --principal-arn arn:aws:iam::123456789012:role/b --kubernetes-groups podid:workload",
    ],
  ],
])('each function is let in: %s', (_why, found, options, said) => {
  const there = new Map(found.map((one) => [one.principalArn, one]))
  expect(lines(checkEntries(cluster, wanted, there, options))).toEqual(said)
})

it('asks for every rule of manifests/ but those of a component that somebody has to choose', () => {
  const text = ({ group, verb, apiGroup, resource, subresource, name, namespace, right }: AccessQuestion) =>
    `${group} ${verb} ${apiGroup}/${resource}${subresource === undefined ? '' : `/${subresource}`}${name === undefined ? '' : ` ${name}`} ${namespace ?? 'cluster'} (${right.role})`
  expect(accessQuestions(['shop']).map(text)).toEqual([
    'podid:workload get apps/deployments shop (podid-workload)',
    'podid:workload get apps/daemonsets shop (podid-workload)',
    'podid:workload get apps/statefulsets shop (podid-workload)',
    'podid:workload list apps/replicasets shop (podid-workload)',
    'podid:workload list apps/controllerrevisions shop (podid-workload)',
    'podid:workload list /pods shop (podid-workload)',
    'podid:environment get /serviceaccounts shop (podid-environment)',
    'podid:environment get /configmaps shop (podid-environment)',
    'podid:environment list apps/deployments shop (podid-environment)',
    'podid:environment list apps/daemonsets shop (podid-environment)',
    'podid:environment list apps/statefulsets shop (podid-environment)',
    'podid:environment list batch/jobs shop (podid-environment)',
    'podid:environment list batch/cronjobs shop (podid-environment)',
    'podid:rollout list apps/deployments shop (podid-rollout)',
    'podid:rollout list apps/daemonsets shop (podid-rollout)',
    'podid:rollout list apps/statefulsets shop (podid-rollout)',
    'podid:rollout watch apps/deployments shop (podid-rollout)',
    'podid:rollout watch apps/daemonsets shop (podid-rollout)',
    'podid:rollout watch apps/statefulsets shop (podid-rollout)',
    'podid:rollout watch /pods shop (podid-rollout)',
    'podid:diagnosis list /events shop (podid-diagnosis)',
    'podid:diagnosis get /pods/log shop (podid-diagnosis)',
    'podid:probe create /pods shop (podid-probe)',
    'podid:restart patch apps/deployments shop (podid-restart)',
    'podid:restart patch apps/daemonsets shop (podid-restart)',
    'podid:restart patch apps/statefulsets shop (podid-restart)',
    'podid:service-account patch /serviceaccounts shop (podid-service-account)',
    'podid:agent list /nodes cluster (podid-nodes)',
    'podid:agent list /pods cluster (podid-nodes)',
    'podid:agent list apps/daemonsets cluster (podid-nodes)',
    'podid:agent list apps/daemonsets kube-system (podid-agent)',
    'podid:agent list /pods kube-system (podid-agent)',
    'podid:agent-log get /pods/log kube-system (podid-agent-log)',
    'podid:webhook get admissionregistration.k8s.io/mutatingwebhookconfigurations pod-identity-webhook cluster (podid-webhook)',
    'podid:names list /namespaces cluster (podid-names)',
    'podid:names list /serviceaccounts cluster (podid-names)',
  ])
  const [first] = accessQuestions(['shop'])
  const [right] = clusterRights
  expect(first).toStrictEqual({
    group: 'podid:workload',
    right,
    verb: 'get',
    apiGroup: 'apps',
    resource: 'deployments',
    namespace: 'shop',
  })
  const everywhere = accessQuestions([]).find(({ namespace }) => namespace === undefined)
  expect(Object.keys(everywhere ?? {})).not.toContain('namespace')
  const number = (...namespaces: string[]) => accessQuestions(namespaces).length
  const each = number('a') - number()
  expect(number('a', 'b')).toBe(number() + 2 * each)
})

const all = accessQuestions(['shop', 'bank'])
const of = (group: string, namespace?: string) =>
  all.filter((one) => one.group === group && (namespace === undefined || one.namespace === namespace))

it.each<[why: string, asked: AccessQuestion[], denied: AccessQuestion[], byPattern: number, said: string[]]>([
  [
    'all is allowed',
    of('podid:workload'),
    [],
    0,
    [
      "right cluster shop 1: RBAC: 12 rules of podid's groups asked for in shop, bank, kube-system and the cluster (SubjectAccessReview), all allowed",
    ],
  ],
  [
    'no namespace was asked for',
    of('podid:agent-log'),
    [],
    2,
    [
      "right cluster shop 1: RBAC: 1 rules of podid's groups asked for in kube-system and the cluster (SubjectAccessReview); namespaces of 2 bindings by pattern not looked at, all allowed",
    ],
  ],
  [
    'one namespace lacks its binding',
    all,
    of('podid:workload', 'bank'),
    0,
    [
      "wrong cluster shop 1: RBAC: 63 rules of podid's groups asked for in shop, bank, kube-system and the cluster (SubjectAccessReview), 6 of them denied: podid:workload lacks 6 in bank",
      "→ In a clone of podid, with kubectl's context on shop 1: apply the roles, and bind them where the workloads are.",
      'kubectl apply -k manifests/base',
      'kubectl apply -k manifests/namespace -n bank',
    ],
  ],
  [
    'two lack some of it, and the cluster too',
    all,
    [...of('podid:workload', 'shop').slice(0, 1), ...of('podid:restart'), ...of('podid:webhook')],
    1,
    [
      "wrong cluster shop 1: RBAC: 63 rules of podid's groups asked for in shop, bank, kube-system and the cluster (SubjectAccessReview); namespaces of 1 bindings by pattern not looked at, 8 of them denied: podid:workload lacks 1 in shop, podid:restart lacks 3 in shop, podid:restart lacks 3 in bank, podid:webhook lacks 1 for the cluster (runs do not see how the webhook is registered)",
      "→ In a clone of podid, with kubectl's context on shop 1: apply the roles, and bind them where the workloads are.",
      'kubectl apply -k manifests/base',
      'kubectl apply -k manifests/namespace -n shop',
      'kubectl apply -k manifests/namespace -n bank',
    ],
  ],
  [
    'runs do without some',
    all,
    [...of('podid:agent-log'), ...of('podid:probe', 'shop')],
    0,
    [
      "wrong cluster shop 1: RBAC: 63 rules of podid's groups asked for in shop, bank, kube-system and the cluster (SubjectAccessReview), 2 of them denied: podid:agent-log lacks 1 in kube-system (runs do not see to whom the agent handed out credentials), podid:probe lacks 1 in shop (runs wait a fixed time in place of probing the webhook)",
      "→ In a clone of podid, with kubectl's context on shop 1: apply the roles, and bind them where the workloads are.",
      'kubectl apply -k manifests/base',
      'kubectl apply -k manifests/namespace -n shop',
    ],
  ],
])('RBAC lets the groups do what functions ask: %s', (_why, asked, denied, byPattern, said) => {
  expect(lines(checkRbac(cluster, asked, denied, byPattern))).toEqual(said)
})

it('names the first five namespaces and eight groups', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const many = accessQuestions(names)
  const denied = many.filter(({ right }) => right.scope === 'workloads')
  const [first] = lines(checkRbac(cluster, many, denied, 0))
  expect(first?.replace(/\d+ (?=rules|of them|in )/g, 'N ')).toEqual(
    "wrong cluster shop 1: RBAC: N rules of podid's groups asked for in a, b, c, d, e and 1 more, kube-system and the cluster (SubjectAccessReview), N of them denied: podid:workload lacks N in a, podid:workload lacks N in b, podid:workload lacks N in c, podid:workload lacks N in d, podid:workload lacks N in e, podid:workload lacks N in f, podid:environment lacks N in a, podid:environment lacks N in b and 34 more",
  )
  expect(clusterRights.some(({ role: one }) => one === 'podid-pod-deletion')).toBe(true)
})
