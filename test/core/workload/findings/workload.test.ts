import { describe, expect, it } from 'vitest'
import { InvalidRequest } from '../../../../core/errors.ts'
import type { Finding } from '../../../../core/findings.ts'
import { otherCompute } from '../../../../core/workload/placement.ts'
import {
  checkWorkload,
  parseWorkloadRef,
  type WorkloadFacts,
  WorkloadRef,
} from '../../../../core/workload/workload.ts'

const template = (change: object = {}) => ({
  metadata: {},
  spec: { serviceAccountName: 'carts', containers: [{ name: 'a' }, { name: 'b' }] },
  ...change,
})
const workload = (spec: object = {}, status: object = {}) =>
  ({
    spec: { replicas: 1, selector: {}, template: template(), ...spec },
    status,
  }) as WorkloadFacts['workload']
const account = (annotations?: Record<string, string>) => ({
  metadata: { name: 'carts', ...(annotations ? { annotations } : {}) },
})
const irsa = account({ 'eks.amazonaws.com/role-arn': 'arn:r' })
const ref = (kind: WorkloadRef['kind']) => ({ kind, name: 'carts' })
const facts = (change: Partial<WorkloadFacts>): WorkloadFacts => ({
  ref: ref('Deployment'),
  namespace: 'shop',
  serviceAccount: 'carts',
  workload: workload(),
  serviceAccountObject: account(),
  ifMissing: 'fail',
  ...change,
})
const found = (
  code: string,
  severity: string,
  said: string,
  remedy?: object,
  subject = 'deployment/carts',
): Finding => ({ code, severity, subject, found: said, ...(remedy ? { remedy } : {}) }) as Finding
const patch = (kind: string, metadata: string) =>
  `kubectl patch ${kind}/carts -n shop -p '{"spec":{"template":{"metadata":${metadata}}}}'`
const create = {
  advice: 'Create the ServiceAccount.',
  command: 'kubectl create serviceaccount carts -n shop',
}
const noAccount = (severity: string, more: string) =>
  found('service-account-missing', severity, `not in namespace shop${more}`, create, 'serviceaccount/carts')
const noPod = ', so no new pod could be created under it'
const zero = {
  advice: 'Give it a pod.',
  command: 'kubectl scale deployment/carts -n shop --replicas=1',
}
const zeroSaid = 'scaled to 0 replicas, so nothing would show that the credentials work'
const nodes = {
  advice: 'See which nodes there are, and which it asks for.',
  command: 'kubectl get nodes --show-labels\nkubectl describe daemonset/carts -n shop',
  looks: true,
}
const paused = {
  advice: 'Let its rollouts go on.',
  command: 'kubectl rollout resume deployment/carts -n shop',
}
const annotation = 'eks.amazonaws.com/skip-containers'
const label = 'eks.amazonaws.com/skip-pod-identity-webhook'

describe('of a workload is found, whole', () => {
  it.each<[why: string, change: Partial<WorkloadFacts>, findings: Finding[]]>([
    ['nothing where all is well', {}, []],
    [
      'that it is missing',
      { workload: undefined },
      [
        found('workload-missing', 'blocking', 'not in namespace shop', {
          advice: 'See what is in the namespace.',
          command: 'kubectl get deployments,daemonsets,statefulsets -n shop',
          looks: true,
        }),
      ],
    ],
    [
      'that it is not there yet, nor its ServiceAccount',
      { workload: undefined, serviceAccountObject: undefined, ifMissing: 'associate' },
      [
        found(
          'workload-missing',
          'info',
          'not in namespace shop yet; its pods will get the credentials when they are created, if they run under ServiceAccount carts',
        ),
        noAccount('info', ' yet'),
      ],
    ],
    [
      'that both are missing',
      { workload: undefined, serviceAccountObject: undefined },
      [
        found('workload-missing', 'blocking', 'not in namespace shop', {
          advice: 'See what is in the namespace.',
          command: 'kubectl get deployments,daemonsets,statefulsets -n shop',
          looks: true,
        }),
        noAccount('blocking', noPod),
      ],
    ],
    [
      'that its ServiceAccount is missing, which no later pod mends',
      { serviceAccountObject: undefined, ifMissing: 'associate' },
      [noAccount('blocking', noPod)],
    ],
    [
      'IRSA beside it',
      { serviceAccountObject: irsa },
      [
        found(
          'irsa-annotation',
          'warning',
          'also annotated for IRSA (eks.amazonaws.com/role-arn: arn:r); the association wins as soon as it has reached the cluster, and until then new pods get that role',
          {
            advice: 'Take the annotation away once the association works.',
            command: 'kubectl annotate serviceaccount carts -n shop eks.amazonaws.com/role-arn-',
          },
          'serviceaccount/carts',
        ),
      ],
    ],
    [
      'IRSA, from which it migrates',
      { serviceAccountObject: irsa, migrates: true },
      [
        found(
          'irsa-annotation',
          'info',
          'annotated for IRSA (eks.amazonaws.com/role-arn: arn:r); the association comes before it as soon as it has reached the cluster, and until then new pods get their role by IRSA',
          undefined,
          'serviceaccount/carts',
        ),
      ],
    ],
    [
      'another ServiceAccount',
      { workload: workload({ template: template({ spec: { containers: [{ name: 'a' }] } }) }) },
      [
        found(
          'workload-service-account-differs',
          'blocking',
          'its pods run under ServiceAccount default, and the binding is for carts',
          {
            advice: 'Let its pods run under that ServiceAccount.',
            command: 'kubectl set serviceaccount deployment carts carts -n shop',
          },
        ),
      ],
    ],
    [
      'paused rollouts',
      { workload: workload({ paused: true }) },
      [
        found(
          'workload-paused',
          'blocking',
          'its rollouts are paused (spec.paused), so a restart would wait without end',
          paused,
        ),
      ],
    ],
    ['no paused rollouts where it says so', { workload: workload({ paused: false }) }, []],
    [
      'pods that only somebody deletes',
      { ref: ref('StatefulSet'), workload: workload({ updateStrategy: { type: 'OnDelete' } }) },
      [
        found(
          'workload-on-delete',
          'blocking',
          'its pods are replaced only when someone deletes them (updateStrategy OnDelete)',
          {
            advice: 'Let a restart replace its pods.',
            command: `kubectl patch statefulset/carts -n shop --type merge -p '{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}'`,
          },
          'statefulset/carts',
        ),
      ],
    ],
    [
      'pods that a restart leaves out',
      {
        ref: ref('StatefulSet'),
        workload: workload({ updateStrategy: { rollingUpdate: { partition: 2 } } }),
      },
      [
        found(
          'workload-partitioned',
          'blocking',
          'a restart leaves out the pods below ordinal 2 (updateStrategy.rollingUpdate.partition), and those would get no credentials',
          {
            advice: 'Let a restart replace all of its pods.',
            command: `kubectl patch statefulset/carts -n shop --type merge -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'`,
          },
          'statefulset/carts',
        ),
      ],
    ],
    [
      'no pods that a restart leaves out',
      { ref: ref('StatefulSet'), workload: workload({ updateStrategy: { type: 'RollingUpdate' } }) },
      [],
    ],
    [
      'no pods',
      { workload: workload({ replicas: 0 }) },
      [found('workload-scaled-to-zero', 'blocking', zeroSaid, zero)],
    ],
    [
      'no pods, where that may be',
      { workload: workload({ replicas: 0 }), allowZero: true },
      [found('workload-scaled-to-zero', 'info', zeroSaid, zero)],
    ],
    ['one pod where nothing is said', { workload: workload({ replicas: undefined }) }, []],
    [
      'no node for it',
      { ref: ref('DaemonSet'), workload: workload({}, { desiredNumberScheduled: 0 }) },
      [
        found(
          'workload-scaled-to-zero',
          'blocking',
          'no node takes a pod of it (0 desired), so nothing would show that the credentials work',
          nodes,
          'daemonset/carts',
        ),
      ],
    ],
    ['a node for it', { ref: ref('DaemonSet'), workload: workload({}, { desiredNumberScheduled: 1 }) }, []],
    [
      'the label that keeps the webhook away',
      { workload: workload({ template: template({ metadata: { labels: { [label]: 'true' } } }) }) },
      [
        found(
          'injection-skipped',
          'blocking',
          `its template has the label ${label}, by which the Pod Identity webhook is not asked about its pods`,
          { advice: 'Take the label away.', command: patch('deployment', `{"labels":{"${label}":null}}`) },
        ),
      ],
    ],
    [
      'an annotation that leaves none of its containers',
      { workload: workload({ template: template({ metadata: { annotations: { [annotation]: 'a,b' } } }) }) },
      [
        found(
          'injection-skipped',
          'blocking',
          `its template's annotation ${annotation} excludes every container (a, b)`,
          {
            advice: 'Take the annotation away.',
            command: patch('deployment', `{"annotations":{"${annotation}":null}}`),
          },
        ),
      ],
    ],
    [
      'no annotation that leaves one',
      { workload: workload({ template: template({ metadata: { annotations: { [annotation]: 'a' } } }) }) },
      [],
    ],
  ])('%s', (_why, change, findings) => {
    expect(checkWorkload(facts(change))).toEqual(findings)
  })

  it.each<[why: string, spec: object, place: string]>([
    ['by its own word', { os: { name: 'windows' } }, 'Windows nodes'],
    ['by a label of nodes', { nodeSelector: { 'kubernetes.io/os': 'windows' } }, 'Windows nodes'],
    [
      'by another label of nodes',
      { nodeSelector: { 'eks.amazonaws.com/compute-type': 'fargate' } },
      'Fargate',
    ],
  ])('that it goes where Pod Identity does not work, %s', (_why, spec, place) => {
    const on = workload({ template: template({ spec: { ...template().spec, ...spec } }) })
    expect(checkWorkload(facts({ workload: on }))).toEqual([
      found(
        'compute-unsupported',
        'blocking',
        `its pods go to ${place}, where EKS Pod Identity does not work`,
        otherCompute,
      ),
    ])
  })
})

const rest = ': leave workload out, and the run makes the association, which is all that its next pods need'
const names = 'names no workload: write deployment/NAME, daemonset/NAME or statefulset/NAME'
const letters =
  "is not a name Kubernetes accepts: lower-case letters, digits, '-' and '.', 253 characters at most"
it.each([
  ['job/x', `"job/x" is a Job, whose pods run once and cannot be restarted${rest}`],
  ['jobs/x', `"jobs/x" is a Job, whose pods run once and cannot be restarted${rest}`],
  ...['cronjob', 'cronjobs', 'cj'].map((kind) => [
    `${kind}/x`,
    `"${kind}/x" is a CronJob, whose next Job makes new pods by itself${rest}`,
  ]),
  ...['rollout', 'rollouts'].map((kind) => [
    `${kind}/x`,
    `"${kind}/x" is an Argo Rollout, which its own controller restarts (kubectl argo rollouts restart NAME)${rest}`,
  ]),
  ['job/', `"job/" ${names}`],
  ['deployments.apps.x/a', `"deployments.apps.x/a" ${names}`],
  [`deployment/${'x'.repeat(254)}`, `"${'x'.repeat(254)}" in "deployment/${'x'.repeat(254)}" ${letters}`],
  ['', `"" ${names}`],
])('refuses the workload %s', (text, said) => {
  expect(() => parseWorkloadRef(text)).toThrow(new InvalidRequest(said))
})

it.each([
  ['daemonset', 'DaemonSet'],
  ['statefulsets', 'StatefulSet'],
  ['statefulset', 'StatefulSet'],
  ['deployments', 'Deployment'],
])('takes %s for a %s, and a name of 253 letters', (kind, read) => {
  const name = 'x'.repeat(253)
  expect(parseWorkloadRef(`${kind}/${name}`)).toEqual({ kind: read, name })
  expect(WorkloadRef.parse({ kind: read, name })).toEqual({ kind: read, name })
  expect(WorkloadRef.safeParse({ kind: read, name, x: 1 }).success).toBe(false)
})
