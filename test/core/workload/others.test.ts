import { expect, it } from 'vitest'
import type { OwnerReference, Pod } from '../../../core/kubernetes.ts'
import { checkOthers, type OthersFacts, type PodOwner } from '../../../core/workload/others.ts'
import { pod } from '../../support/pods.ts'

const under = (serviceAccountName?: string) => ({
  containers: [{ name: 'app' }],
  ...(serviceAccountName && { serviceAccountName }),
})
const by = (kind: string, name: string): { ownerReferences: OwnerReference[] } => ({
  ownerReferences: [{ apiVersion: 'v1', kind, name, uid: `${kind}/${name}`, controller: true }],
})
const owner = (kind: string, name: string, change: Partial<PodOwner> & { of?: object } = {}): PodOwner => ({
  kind,
  metadata: { name, uid: `${kind}/${name}`, ...change.of },
  template: 'template' in change ? change.template : under('carts'),
  ...(change.ended && { ended: true }),
})
const plain = (name: string, of: object = {}, spec = under('carts')): Pod =>
  pod({ metadata: { name, uid: name, ...of }, spec })
const injected = (name: string, of: object): Pod =>
  pod({
    metadata: { name, uid: name, ...of },
    spec: { ...pod().spec, containers: pod().spec?.containers ?? [], serviceAccountName: 'carts' },
  })

const said = (change: Partial<OthersFacts>) => {
  const findings = checkOthers({
    ref: { kind: 'Deployment', name: 'carts' },
    namespace: 'shop',
    serviceAccount: 'carts',
    owners: [],
    pods: [],
    replace: false,
    ...change,
  })
  return {
    found: findings.map(({ found }) => found).join('; ') || undefined,
    findings,
    command: findings[1]?.remedy?.command,
  }
}

const replicaSet = (name: string, of: object) => owner('ReplicaSet', name, { template: undefined, of })

it.each<[why: string, change: Partial<OthersFacts>, found: string | undefined, command?: string]>([
  [
    'nothing but the workload itself, with its pods',
    {
      owners: [owner('Deployment', 'carts'), replicaSet('carts-5c', by('Deployment', 'carts'))],
      pods: [plain('carts-5c-a', by('ReplicaSet', 'carts-5c'))],
    },
    undefined,
  ],
  [
    'a workload under another ServiceAccount',
    { owners: [owner('Deployment', 'web', { template: under() })] },
    undefined,
  ],
  [
    'a Deployment with pods that are older than the association',
    {
      owners: [owner('Deployment', 'web'), replicaSet('web-1', by('Deployment', 'web'))],
      pods: [plain('web-1-a', by('ReplicaSet', 'web-1')), plain('web-1-b', by('ReplicaSet', 'web-1'))],
    },
    'also the ServiceAccount of deployment/web (2 pods); their new pods get the role too; 2 pods of others under it run on with what they have until they are made anew',
    'kubectl rollout restart deployment/web -n shop',
  ],
  [
    'pods that have the credentials already',
    { owners: [owner('StatefulSet', 'db')], pods: [injected('db-0', by('StatefulSet', 'db'))] },
    'also the ServiceAccount of statefulset/db; their new pods get the role too',
  ],
  [
    'a CronJob, with a Job under way',
    {
      owners: [owner('CronJob', 'nightly'), owner('Job', 'nightly-1', { of: by('CronJob', 'nightly') })],
      pods: [plain('nightly-1-a', by('Job', 'nightly-1'))],
    },
    'also the ServiceAccount of cronjob/nightly (1 pod); their new pods get the role too',
  ],
  ['a Job that has ended', { owners: [owner('Job', 'once', { ended: true })] }, undefined],
  [
    'an Argo Rollout, known by its pods alone',
    {
      owners: [replicaSet('api-1', by('Rollout', 'api'))],
      pods: [plain('api-1-a', by('ReplicaSet', 'api-1'))],
    },
    'also the ServiceAccount of rollout/api (1 pod); their new pods get the role too; 1 pod of others under it runs on with what it has until it is made anew',
    'kubectl argo rollouts restart api -n shop',
  ],
  [
    'a request that names no workload: all of them are concerned alike',
    {
      ref: undefined,
      owners: [owner('Deployment', 'carts'), replicaSet('carts-5c', by('Deployment', 'carts'))],
      pods: [plain('carts-5c-a', by('ReplicaSet', 'carts-5c'))],
    },
    'the ServiceAccount of deployment/carts (1 pod); their new pods get the role; 1 pod under it runs on with what it has until it is made anew',
    'kubectl rollout restart deployment/carts -n shop',
  ],
  [
    '… with replace',
    { ref: undefined, owners: [owner('CronJob', 'nightly')], replace: true },
    'the ServiceAccount of cronjob/nightly; with replace, their role changes, at their next restart (without one, when the agent renews what it handed out: within six hours)',
  ],
  [
    'a pod that somebody made by hand',
    { pods: [plain('debug')] },
    'also the ServiceAccount of pod/debug (1 pod); their new pods get the role too',
  ],
])('%s', (_why, change, found, command) => {
  expect(said(change)).toMatchObject({ found, command })
})

it('warns that with replace the role of all of them changes, those that have one included', () => {
  const { findings, command } = said({
    owners: [owner('DaemonSet', 'logs')],
    pods: [injected('logs-a', by('DaemonSet', 'logs'))],
    replace: true,
  })
  expect(findings[0]).toMatchObject({
    severity: 'warning',
    found: expect.stringMatching(
      /daemonset\/logs \(1 pod\); with replace, their role changes too, at their next restart/,
    ),
  })
  expect(command).toBe('kubectl rollout restart daemonset/logs -n shop')
})
