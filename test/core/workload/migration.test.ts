import { describe, expect, it } from 'vitest'
import type { Pod, ServiceAccount } from '../../../core/kubernetes.ts'
import { podIdentityService } from '../../../core/names.ts'
import {
  containerCredentialsUri,
  containerTokenFile,
  credentialsUris,
  tokenDirectory,
  tokenName,
  tokenPath,
} from '../../../core/workload/environment.ts'
import { allProven, migrationFindings, podsUnder } from '../../../core/workload/migration.ts'
import type { PodEvidence } from '../../../core/workload/proof/evidence.ts'
import { irsaAnnotation } from '../../../core/workload/workload.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const request = {
  cluster: 'shop',
  region: 'us-west-2',
  account: '123456789012',
  namespace: 'carts',
  serviceAccount: 'carts',
  role,
  finish: true,
}
const variables = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }))
const byIrsa = { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/token' }
const byAssociation = {
  [containerCredentialsUri]: credentialsUris.ipv4,
  [containerTokenFile]: tokenPath,
}

const pod = (name: string, env: Record<string, string>, more: Partial<Pod> = {}): Pod => ({
  metadata: { name, namespace: 'carts', ...more.metadata },
  spec: {
    serviceAccountName: 'carts',
    containers: [
      {
        name: 'carts',
        env: variables(env),
        volumeMounts: [{ name: tokenName, mountPath: tokenDirectory }],
      },
    ],
    volumes: [
      {
        name: tokenName,
        projected: { sources: [{ serviceAccountToken: { audience: podIdentityService, path: tokenName } }] },
      },
    ],
    ...more.spec,
  },
  ...(more.status ? { status: more.status } : {}),
})
const owned = (kind: string, name: string) => ({
  metadata: { ownerReferences: [{ apiVersion: 'v1', kind, name, uid: `uid-${name}`, controller: true }] },
})
const account = (
  annotations: Record<string, string>,
  labels: Record<string, string> = {},
): ServiceAccount => ({
  metadata: { name: 'carts', annotations, labels },
})
const annotated = account({ [irsaAnnotation]: role })
const facts = { request, serviceAccount: annotated, owners: [], pods: [], unseen: [] }

describe('the end of a migration', () => {
  it.each<[why: string, pods: Pod[], left?: RegExp, command?: RegExp]>([
    ['where every pod lives by the association', [pod('a', byAssociation), pod('b', byAssociation)]],
    ['where there is no pod', []],
    [
      'whatever other ServiceAccounts use',
      [pod('a', byIrsa, { spec: { serviceAccountName: 'x', containers: [] } })],
    ],
    ['though a Job of IRSA’s time has ended', [pod('a', byIrsa, { status: { phase: 'Succeeded' } })]],
    [
      'not while a pod of another workload is older',
      [pod('a', byAssociation), pod('b', byIrsa, owned('StatefulSet', 'queue'))],
      /^pod b does not live by the association.*statefulset\/queue \(1\)/,
      /^kubectl rollout restart statefulset\/queue -n carts$/,
    ],
    [
      'not while a Job runs on with what it has',
      [pod('a', byIrsa, owned('Job', 'nightly'))],
      /job\/nightly \(1\)/,
      /^kubectl get pods/,
    ],
    [
      'not while a template sets a web identity of its own beside the association',
      [pod('a', { ...byAssociation, ...byIrsa }, owned('DaemonSet', 'logs'))],
      /daemonset\/logs/,
    ],
    [
      'not while static keys come before it',
      [pod('a', { ...byAssociation, AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' })],
      /pod\/a/,
    ],
  ])('comes %s', (_why, pods, left, command) => {
    const found = migrationFindings({ ...facts, pods })
    expect(found.map(({ severity, code }) => [severity, code])).toEqual(
      left ? [['blocking', 'migration-pods-left']] : [],
    )
    if (left) expect(found[0]?.found).toMatch(left)
    if (command) expect(found[0]?.remedy?.command).toMatch(command)
  })

  it('does not come where pods could not be listed', () => {
    expect(migrationFindings({ ...facts, unseen: ['pods: forbidden'] })).toMatchObject([
      { severity: 'blocking', found: expect.stringContaining('pods: forbidden') },
    ])
  })

  it.each<[why: string, account: ServiceAccount, manager?: string]>([
    ['Helm', account({ [irsaAnnotation]: role }, { 'app.kubernetes.io/managed-by': 'Helm' }), 'Helm'],
    ['Argo CD', account({ [irsaAnnotation]: role, 'argocd.argoproj.io/tracking-id': 'x' }), 'Argo CD'],
    ['nobody, where there is no annotation', account({}, { 'app.kubernetes.io/managed-by': 'Helm' })],
  ])('says who puts the annotation back: %s', (_why, serviceAccount, manager) => {
    expect(
      migrationFindings({ ...facts, serviceAccount }).map(({ found }) => found.split(' has ')[0]),
    ).toEqual(manager ? [manager] : [])
  })
})

describe('the role of today', () => {
  const first = { ...request, finish: false }
  it.each<[why: string, today: string, request: object, code?: string]>([
    ['is the same', role, {}],
    [
      'is behind the one of the association',
      'arn:aws:iam::999988887777:role/far',
      { targetRole: 'arn:aws:iam::999988887777:role/far' },
    ],
    ['is another one of the account', 'arn:aws:iam::123456789012:role/old', {}, 'irsa-role-differs'],
    ['is one of another account', 'arn:aws:iam::999988887777:role/far', {}, 'irsa-role-other-account'],
  ])('%s', (_why, today, change, code) => {
    const found = migrationFindings({
      ...facts,
      request: { ...first, ...change },
      serviceAccount: account({ [irsaAnnotation]: today }),
    })
    expect(found.map((one) => one.code)).toEqual(code ? [code] : [])
    if (code === 'irsa-role-other-account')
      expect(found[0]?.remedy?.advice).toContain(`--role ${role} --target-role ${today}`)
  })
})

describe('the proof before anything is taken away', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/carts/eks-shop-carts-1'
  const handed = { pod: 'a', node: 'n', seen: 'handed-out', agent: 'k/a', session, at: 'now' } as const
  const quiet = { pod: 'b', node: 'n', seen: 'not-asked', agent: 'k/a' } as const
  it.each<[why: string, evidence: PodEvidence[], proof: 'default' | 'required', proven: boolean]>([
    ['all were handed the role’s credentials', [handed], 'required', true],
    ['one has not asked, and need not', [handed, quiet], 'default', true],
    ['one has not asked, and has to be seen', [handed, quiet], 'required', false],
    [
      'one was refused',
      [{ pod: 'c', node: 'n', seen: 'refused', agent: 'k/a', at: 'now', reason: 'no' }],
      'default',
      false,
    ],
    [
      'one is out of reach',
      [{ pod: 'c', node: 'n', seen: 'out-of-reach', reason: 'no agent' }],
      'default',
      false,
    ],
    ['one has another role', [{ ...handed, session: session.replace('/carts/', '/old/') }], 'default', false],
    ['there is none', [], 'required', true],
  ])('%s', (_why, evidence, proof, proven) => {
    expect(allProven(evidence, { role, proof }).proven).toBe(proven)
  })

  it('asks live pods of the ServiceAccount, and no others', () => {
    const ended = pod('ended', byIrsa, { status: { phase: 'Failed' } })
    expect(
      podsUnder([pod('a', byAssociation), ended], 'carts').map(({ metadata }) => metadata?.name),
    ).toEqual(['a'])
  })
})
