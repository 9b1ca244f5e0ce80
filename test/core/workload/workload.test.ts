import { describe, expect, it } from 'vitest'
import type {
  DaemonSet,
  Deployment,
  PodSpec,
  StatefulSet,
  StatefulSetUpdateStrategy,
} from '../../../core/kubernetes.ts'
import {
  checkWorkload,
  formatWorkloadRef,
  parseWorkloadRef,
  type WorkloadFacts,
} from '../../../core/workload/workload.ts'

describe('naming a workload', () => {
  it.each([
    ['deployment/carts', 'deployment/carts'],
    ['deploy/carts', 'deployment/carts'],
    ['Deployments.apps/carts', 'deployment/carts'],
    ['deployments.v1.apps/carts', 'deployment/carts'],
    ['ds/agent', 'daemonset/agent'],
    ['daemonsets/agent', 'daemonset/agent'],
    ['sts/carts-0.db', 'statefulset/carts-0.db'],
  ])('%s', (text, name) => {
    expect(formatWorkloadRef(parseWorkloadRef(text))).toBe(name)
  })

  it.each([
    ['carts', /names no workload: write deployment\/NAME/],
    ['pod/carts', /names no workload/],
    ['job/once', /a Job, whose pods run once .* leave workload out/],
    ['cronjob.batch/nightly', /a CronJob, .* leave workload out/],
    ['rollouts.argoproj.io/carts', /an Argo Rollout, .* leave workload out/],
    ['deployment/', /^"" in "deployment\/" is not a name Kubernetes accepts/],
    ['deployment', /^"" in "deployment" is not a name Kubernetes accepts/],
    ['cronjob', /names no workload/],
    ['d.appss/carts', /names no workload/],
    ['deployment/Carts', /"Carts" in "deployment\/Carts" is not a name/],
    ['deployment/a/b', /names no workload/],
    ['__proto__/carts', /names no workload/],
  ])('refuses %s', (text, message) => {
    expect(() => parseWorkloadRef(text)).toThrow(message)
  })
})

const template = (spec: Partial<PodSpec> = {}, annotations: Record<string, string> = {}) => ({
  metadata: { annotations },
  spec: { serviceAccountName: 'carts', containers: [{ name: 'carts' }], ...spec },
})

const deployment = (spec: Partial<NonNullable<Deployment['spec']>> = {}): Deployment => ({
  kind: 'Deployment',
  metadata: { name: 'carts' },
  spec: { replicas: 1, selector: {}, template: template(), ...spec },
})

const statefulSet = (updateStrategy: StatefulSetUpdateStrategy): StatefulSet => ({
  kind: 'StatefulSet',
  metadata: { name: 'carts' },
  spec: { serviceName: 'carts', replicas: 1, selector: {}, template: template(), updateStrategy },
})

const daemonSet = (desiredNumberScheduled: number): DaemonSet => ({
  kind: 'DaemonSet',
  metadata: { name: 'carts' },
  spec: { selector: {}, template: template() },
  status: { desiredNumberScheduled, currentNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
})

const facts = (changes: Partial<WorkloadFacts>): WorkloadFacts => ({
  ref: parseWorkloadRef(`${changes.workload?.kind ?? 'Deployment'}/carts`),
  namespace: 'shop',
  serviceAccount: 'carts',
  workload: deployment(),
  serviceAccountObject: { metadata: { name: 'carts' } },
  ifMissing: 'fail',
  ...changes,
})

type Case = [why: string, changes: Partial<WorkloadFacts>, findings: object[]]
const cases: Case[] = [
  ['all as it should be', {}, []],
  ['not there', { workload: undefined }, [{ code: 'workload-missing', severity: 'blocking' }]],
  [
    'not there, on a new cluster: the association is the job',
    { workload: undefined, serviceAccountObject: undefined, ifMissing: 'associate' },
    [
      { code: 'workload-missing', severity: 'info' },
      { code: 'service-account-missing', severity: 'info' },
    ],
  ],
  [
    'no ServiceAccount: new pods would be refused',
    { serviceAccountObject: undefined },
    [
      {
        code: 'service-account-missing',
        severity: 'blocking',
        remedy: { command: 'kubectl create serviceaccount carts -n shop' },
      },
    ],
  ],
  [
    'annotated for IRSA as well',
    {
      serviceAccountObject: {
        metadata: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/old' } },
      },
    },
    [
      {
        code: 'irsa-annotation',
        severity: 'warning',
        remedy: { command: 'kubectl annotate serviceaccount carts -n shop eks.amazonaws.com/role-arn-' },
      },
    ],
  ],
  [
    'keys out of a ConfigMap that was read',
    {
      workload: deployment({
        template: template({
          containers: [{ name: 'carts', envFrom: [{ configMapRef: { name: 'keys' } }] }],
        }),
      }),
      configMaps: [{ metadata: { name: 'keys' }, data: { AWS_ACCESS_KEY_ID: 'k' } }],
    },
    [{ code: 'credentials-outranked', severity: 'blocking' }],
  ],
  [
    'another ServiceAccount',
    { workload: deployment({ template: template({ serviceAccountName: 'default' }) }) },
    [
      {
        code: 'workload-service-account-differs',
        severity: 'blocking',
        remedy: { command: 'kubectl set serviceaccount deployment carts carts -n shop' },
      },
    ],
  ],
  [
    'no ServiceAccount named means default',
    { serviceAccount: 'default', workload: deployment({ template: { spec: { containers: [] } } }) },
    [],
  ],
  [
    'paused',
    { workload: deployment({ paused: true }) },
    [
      {
        code: 'workload-paused',
        severity: 'blocking',
        remedy: { command: 'kubectl rollout resume deployment/carts -n shop' },
      },
    ],
  ],
  [
    'scaled to zero',
    { workload: deployment({ replicas: 0 }) },
    [{ code: 'workload-scaled-to-zero', severity: 'blocking' }],
  ],
  [
    'scaled to zero, and that is fine',
    { workload: deployment({ replicas: 0 }), allowZero: true },
    [{ code: 'workload-scaled-to-zero', severity: 'info' }],
  ],
  ['a DaemonSet that no node takes', { workload: daemonSet(0) }, [{ code: 'workload-scaled-to-zero' }]],
  ['a DaemonSet on three nodes', { workload: daemonSet(3) }, []],
  [
    'replaced only by hand',
    { workload: statefulSet({ type: 'OnDelete' }) },
    [{ code: 'workload-on-delete', severity: 'blocking' }],
  ],
  [
    'part of it held back',
    { workload: statefulSet({ type: 'RollingUpdate', rollingUpdate: { partition: 2 } }) },
    [{ code: 'workload-partitioned', severity: 'blocking' }],
  ],
  [
    'Windows',
    { workload: deployment({ template: template({ nodeSelector: { 'kubernetes.io/os': 'windows' } }) }) },
    [{ code: 'compute-unsupported', severity: 'blocking' }],
  ],
  [
    'Fargate',
    {
      workload: deployment({
        template: template({ nodeSelector: { 'eks.amazonaws.com/compute-type': 'fargate' } }),
      }),
    },
    [{ code: 'compute-unsupported', severity: 'blocking' }],
  ],
  [
    'static keys',
    {
      workload: deployment({
        template: template({
          containers: [{ name: 'carts', env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'k' }] }],
        }),
      }),
    },
    [
      {
        code: 'credentials-outranked',
        severity: 'blocking',
        remedy: { command: 'kubectl set env deployment/carts -n shop -c carts AWS_ACCESS_KEY_ID-' },
      },
    ],
  ],
  [
    'static keys where the webhook does nothing',
    {
      workload: deployment({
        template: template(
          { containers: [{ name: 'carts' }, { name: 'side', env: [{ name: 'AWS_PROFILE', value: 'p' }] }] },
          { 'eks.amazonaws.com/skip-containers': 'side' },
        ),
      }),
    },
    [],
  ],
  [
    'every container excluded',
    { workload: deployment({ template: template({}, { 'eks.amazonaws.com/skip-containers': 'carts' }) }) },
    [{ code: 'injection-skipped', severity: 'blocking' }],
  ],
  [
    'the label by which the webhook is not asked',
    {
      workload: deployment({
        template: {
          ...template({}, {}),
          metadata: { labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' } },
        },
      }),
    },
    [{ code: 'injection-skipped', severity: 'blocking' }],
  ],
]

it.each(cases)('%s', (_why, changes, findings) => {
  expect(checkWorkload(facts(changes))).toMatchObject(findings)
})
