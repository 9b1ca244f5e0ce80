import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../../core/findings.ts'
import type { Pod } from '../../../../core/kubernetes.ts'
import { allProven, type MigrationFacts, migrationFindings } from '../../../../core/workload/migration.ts'
import { othersUnseen } from '../../../../core/workload/others.ts'
import type { PodEvidence } from '../../../../core/workload/proof/evidence.ts'
import { injectedSpec } from '../../../support/pods.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const request = {
  cluster: 'shop',
  region: 'us-west-2',
  account: '123456789012',
  namespace: 'ns',
  serviceAccount: 'carts',
  role,
  finish: true,
}
const irsa = 'eks.amazonaws.com/role-arn'
const account = (annotations: Record<string, string>, labels?: Record<string, string>) => ({
  metadata: { name: 'carts', annotations, ...(labels ? { labels } : {}) },
})
const pod = (name: string, kind?: string, owner = name, injected = false): Pod => ({
  metadata: {
    name,
    ...(kind
      ? { ownerReferences: [{ apiVersion: 'v1', kind, name: owner, uid: `uid-${owner}`, controller: true }] }
      : {}),
  },
  spec: {
    ...(injected ? injectedSpec({ containers: [{ name: 'app' }] }) : { containers: [{ name: 'app' }] }),
    serviceAccountName: 'carts',
  },
})
const facts = (change: Partial<MigrationFacts>): MigrationFacts => ({
  request,
  serviceAccount: account({ [irsa]: role }),
  owners: [],
  pods: [],
  unseen: [],
  ...change,
})
const found = (code: string, severity: string, said: string, remedy: object): Finding =>
  ({ code, severity, subject: 'serviceaccount/carts', found: said, remedy }) as Finding
const list =
  'kubectl get pods -n ns -o custom-columns=NAME:.metadata.name,SERVICEACCOUNT:.spec.serviceAccountName,CREATED:.metadata.creationTimestamp'
const wait = {
  advice: 'Wait until those of Jobs have ended, make bare ones anew, and finish then.',
  command: list,
  looks: true,
}
const anew = (...names: string[]) => ({
  advice: 'Have them made anew, and finish then.',
  command: names.map((name) => `kubectl rollout restart ${name} -n ns`).join('\n'),
})
const left = (said: string, remedy: object) =>
  found('migration-pods-left', 'blocking', `${said}, and would have nothing without IRSA: `, remedy)
const by = (finding: Finding, makers: string): Finding =>
  ({ ...finding, found: finding.found + makers }) as Finding
const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map((name) => ({ name, value: 'x' }))
const twelve = Array.from({ length: 12 }, (_, at) => `d${String(at).padStart(2, '0')}`)
const back = (manager: string) =>
  found(
    'annotation-managed',
    'warning',
    `${manager} has written its annotation ${irsa}, and puts it back the next time it is applied`,
    { advice: 'Take it out there too; until then it does no harm, as the association comes before it.' },
  )
const first = { ...request, finish: false }

describe('of a migration is found, whole', () => {
  it.each<[why: string, change: Partial<MigrationFacts>, findings: Finding[]]>([
    ['nothing where every pod lives by the association', { pods: [pod('a', 'Deployment', 'a', true)] }, []],
    ['nothing of a ServiceAccount that is not there', { serviceAccount: undefined }, []],
    [
      'nothing of a role that IRSA gives nobody',
      {
        serviceAccount: { metadata: { name: 'carts' } },
        request: { ...request, targetRole: 'arn:aws:iam::999999999999:role/shared' },
      },
      [],
    ],
    [
      'one pod that does not',
      { pods: [pod('a', 'StatefulSet', 'db'), pod('b', 'Deployment', 'b', true)] },
      [by(left('pod a does not live by the association', anew('statefulset/db')), 'statefulset/db (1)')],
    ],
    [
      'one of whose containers one has keys of its own',
      {
        pods: [
          {
            metadata: { name: 'a' },
            spec: {
              ...injectedSpec({ containers: [{ name: 'app' }, { name: 'more', env: keys }] }),
              serviceAccountName: 'carts',
            },
          },
        ],
      },
      [by(left('pod a does not live by the association', wait), 'pod/a (1)')],
    ],
    [
      'several that do not, by who makes them',
      {
        owners: [
          {
            kind: 'ReplicaSet',
            metadata: {
              name: 'web-1',
              uid: 'uid-web-1',
              ownerReferences: [
                { apiVersion: 'v1', kind: 'Deployment', name: 'web', uid: 'u', controller: true },
              ],
            },
          },
        ],
        pods: [
          pod('a', 'ReplicaSet', 'web-1'),
          pod('b', 'ReplicaSet', 'web-1'),
          pod('c', 'DaemonSet', 'logs'),
        ],
      },
      [
        by(
          left('3 of its pods do not live by the association', anew('deployment/web', 'daemonset/logs')),
          'deployment/web (2), daemonset/logs (1)',
        ),
      ],
    ],
    [
      'more workloads than are named',
      { pods: twelve.map((name) => pod(name, 'Deployment')) },
      [
        by(
          left(
            '12 of its pods do not live by the association',
            anew(...twelve.slice(0, 10).map((name) => `deployment/${name}`)),
          ),
          `${twelve
            .slice(0, 10)
            .map((name) => `deployment/${name} (1)`)
            .join(', ')} and 2 more`,
        ),
      ],
    ],
    [
      'a bare pod beside a workload: no command for both',
      { pods: [pod('a'), pod('b', 'Deployment')] },
      [by(left('2 of its pods do not live by the association', wait), 'pod/a (1), deployment/b (1)')],
    ],
    [
      'a kind that only ends as one that can be restarted',
      { pods: [pod('b', 'MyDeployment')] },
      [by(left('pod b does not live by the association', wait), 'mydeployment/b (1)')],
    ],
    [
      'what could not be seen',
      { unseen: ['a', 'b', 'c', 'd'] },
      [
        found(
          'migration-pods-left',
          'blocking',
          'whether all of its pods live by the association could not be seen: a; b; c',
          {
            advice: 'Let VerifyWorkload list them: podid-environment in manifests/.',
            command: list,
            looks: true,
          },
        ),
      ],
    ],
    [
      'another role of the account',
      { request: first, serviceAccount: account({ [irsa]: `${role}-old` }) },
      [
        found(
          'irsa-role-differs',
          'warning',
          `IRSA gives its pods ${role}-old, and the association is to give them ${role}`,
          {
            advice: `Write ${role}-old as role in the request, if its pods are to keep the role that they have.`,
          },
        ),
      ],
    ],
    [
      'what is no role at all',
      { request: first, serviceAccount: account({ [irsa]: 'x' }) },
      [
        found(
          'irsa-role-differs',
          'warning',
          `IRSA gives its pods x, and the association is to give them ${role}`,
          { advice: 'Write x as role in the request, if its pods are to keep the role that they have.' },
        ),
      ],
    ],
    [
      'a role of another account',
      { request: first, serviceAccount: account({ [irsa]: 'arn:aws:iam::999988887777:role/far' }) },
      [
        found(
          'irsa-role-other-account',
          'warning',
          `IRSA gives its pods arn:aws:iam::999988887777:role/far of account 999988887777, and an association takes a role of 123456789012 alone: ${role} is another one`,
          {
            advice: `Have a role of 123456789012 assume it on the pods' behalf; this shows what that takes: podid plan --migrate irsa --cluster shop --region us-west-2 -n ns --service-account carts --role ${role} --target-role arn:aws:iam::999988887777:role/far`,
          },
        ),
      ],
    ],
    [
      'Helm, which puts the annotation back',
      { serviceAccount: account({ [irsa]: role }, { 'app.kubernetes.io/managed-by': 'Helm' }) },
      [back('Helm')],
    ],
    [
      'Argo CD, which does',
      { serviceAccount: account({ [irsa]: role, 'argocd.argoproj.io/tracking-id': 'x' }, {}) },
      [back('Argo CD')],
    ],
    [
      'Flux, which does',
      { serviceAccount: account({ [irsa]: role }, { 'kustomize.toolkit.fluxcd.io/name': 'x' }) },
      [back('Flux')],
    ],
    ['nobody who does', { serviceAccount: account({ [irsa]: role }, { a: 'b' }) }, []],
    [
      'nobody, before the end',
      {
        request: first,
        serviceAccount: account({ [irsa]: role }, { 'app.kubernetes.io/managed-by': 'Helm' }),
      },
      [],
    ],
  ])('%s', (_why, change, findings) => {
    expect(migrationFindings(facts(change))).toEqual(findings)
  })
})

const session = (name: string) => `arn:aws:sts::123456789012:assumed-role/${name}/eks-x`
const on = (pod: string) => ({ pod, node: 'n', agent: 'k/a' })
const handed = (pod: string, name = 'carts'): PodEvidence => ({
  ...on(pod),
  seen: 'handed-out',
  session: session(name),
  at: 't',
})
const quiet = (pod: string): PodEvidence => ({ ...on(pod), seen: 'not-asked' })
const refused: PodEvidence = { ...on('c'), seen: 'refused', at: 't', reason: 'no' }
const away: PodEvidence = { pod: 'd', node: 'n', seen: 'out-of-reach', reason: 'no agent' }
const others = ', the others have its variables and nothing before them'

it.each<[why: string, evidence: PodEvidence[], change: object, proven: object]>([
  ['none', [], {}, { proven: true, message: 'no pod runs under it now' }],
  [
    'one',
    [handed('a')],
    {},
    { proven: true, message: '1 of 1 pod under it was seen to be handed its credentials' },
  ],
  [
    'two',
    [handed('a'), handed('b')],
    {},
    { proven: true, message: '2 of 2 pods under it were seen to be handed its credentials' },
  ],
  [
    'one of two',
    [handed('a'), quiet('b')],
    {},
    { proven: true, message: `1 of 2 pods under it was seen to be handed its credentials${others}` },
  ],
  [
    'none of one',
    [quiet('a')],
    {},
    { proven: true, message: `0 of 1 pod under it were seen to be handed its credentials${others}` },
  ],
  [
    'all that speaks against it',
    [handed('a', 'old'), refused, away, quiet('e')],
    { proof: 'required' },
    {
      proven: false,
      why: `pod a was handed ${session('old')}, pod c: no, pod d: no agent, pod e was not seen to be handed credentials`,
    },
  ],
  [
    'a role in between',
    [handed('a', 'far')],
    { targetRole: 'arn:aws:iam::123456789012:role/far' },
    { proven: true, message: '1 of 1 pod under it was seen to be handed its credentials' },
  ],
])('of the pods under it is proven: %s', (_why, evidence, change, proven) => {
  expect(allProven(evidence, { role, proof: 'default', ...change })).toEqual(proven)
})

it('says that others could not be looked for', () => {
  expect(othersUnseen('carts', ['a', 'b', 'c', 'd'])).toEqual({
    code: 'others-not-looked-for',
    severity: 'info',
    subject: 'serviceaccount/carts',
    found: 'what else runs under it could not be seen: a; b; c',
    remedy: { advice: 'Let VerifyWorkload list it: podid-environment in manifests/.' },
  })
})
