import { expect, it } from 'vitest'
import type { Deployment, Pod, ReplicaSet } from '../../../../core/kubernetes.ts'
import type { RequestInput } from '../../../../core/request-input.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { restartAnnotation } from '../../../../core/workload/restart.ts'
import { verifyWorkload } from '../../../../functions/steps/verify-workload.ts'
import { pod } from '../../../support/pods.ts'
import { type Said, scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const cluster = { name: 'shop', ipFamily: 'ipv4', endpoint: '', certificateAuthority: '' } as never
const requested = (change: Partial<RequestInput> = {}) =>
  resolveRequest(
    {
      cluster: 'shop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role,
      workload: 'deployment/carts',
      ...change,
    },
    {
      arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
      startTime: '2026-11-23T06:00:00.000Z',
    },
  )
const workload = (ready = 2, annotations = {}): Deployment => ({
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { name: 'carts', namespace: 'carts', uid: 'u-1', generation: 1 },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'carts' } },
    template: {
      metadata: { annotations },
      spec: { containers: [{ name: 'carts' }], serviceAccountName: 'carts' },
    },
  },
  status: {
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: 2 - ready,
  },
})
const set: ReplicaSet = {
  metadata: {
    name: 'carts-1',
    uid: 'u-2',
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'carts', uid: 'u-1', controller: true },
    ],
  },
}
const owned = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'carts-1', uid: 'u-2', controller: true }
const own = (name: string, at: string, value: string): Pod =>
  pod({
    metadata: {
      name,
      creationTimestamp: at,
      ownerReferences: [owned],
      labels: { 'pod-template-hash': name },
    },
    spec: {
      containers: [{ name: 'carts', env: [{ name: 'AWS_ROLE_ARN', value }] }],
      serviceAccountName: 'carts',
    },
  })

interface Given {
  change?: Partial<RequestInput>
  there?: Deployment | undefined
  /** Null where there is no ServiceAccount. */
  annotated?: string | null
  pods?: Pod[]
  dryRun?: Said
}
const verified = async ({ change, annotated = '', pods = [], dryRun = pod(), ...given }: Given) => {
  const { connection, asked } = scriptedConnection(skippingClock(), ({ verb, resource, name }) => {
    if (verb === 'create') return dryRun
    if (name !== undefined && resource === 'deployments')
      return ('there' in given ? given.there : workload()) ?? { failure: 404, message: 'not found' }
    if (name !== undefined)
      return annotated === null
        ? { failure: 404, message: 'not found' }
        : {
            metadata: {
              name,
              namespace: 'carts',
              annotations: annotated ? { 'eks.amazonaws.com/role-arn': annotated } : {},
            },
          }
    const items: Record<string, object[]> = { pods, replicasets: [set] }
    return { metadata: {}, items: items[resource] ?? [] }
  })
  const step = await verifyWorkload(() => connection, {})({ request: requested(change), cluster })
  return { step, asked, codes: step.findings.map(({ code, severity }) => `${severity} ${code}`) }
}
const nothing = {
  exists: false,
  before: null,
  uid: null,
  revisions: [],
  injected: false,
  carried: false,
  credentials: null,
  diagnosis: [],
  annotation: null,
}

it('looks at nothing of a workload where none was named', async () => {
  const { step, asked } = await verified({ change: { workload: undefined } })
  expect(step).toMatchObject({ ...nothing, summary: 'none was named: the association alone is the job' })
  expect(asked.some((one) => /create|deployments/.test(one) && one.startsWith('create'))).toBe(false)
  expect(asked).not.toContain('get serviceaccounts')
})

it('says that there is no workload, and makes no pod of one', async () => {
  const { step, asked, codes } = await verified({ there: undefined })
  expect(step).toMatchObject({ ...nothing, summary: 'there is no deployment/carts in namespace carts' })
  expect(codes).toContain('blocking workload-missing')
  expect(asked).not.toContain('create pods')
})

it('says what it found before anything is touched', async () => {
  const { step, codes, asked } = await verified({
    there: workload(2, { [restartAnnotation]: '2026-01-01T00:00:00Z' }),
    pods: [own('p-1', '2026-01-01T00:00:00Z', 'old'), own('p-2', '2026-01-02T00:00:00Z', 'new')],
  })
  expect(step).toMatchObject({
    exists: true,
    uid: 'u-1',
    before: { restartedAt: '2026-01-01T00:00:00Z', healthy: true, ready: 2, desired: 2 },
    injected: false,
    diagnosis: [],
    annotation: null,
  })
  expect(step.summary).toMatch(/^deployment\/carts under carts: ./)
  expect(step.revisions).toEqual(['u-2'])
  // Of the newest pod.
  expect(JSON.stringify(step.credentials)).toContain('new')
  expect(JSON.stringify(step.credentials)).not.toContain('old')
  expect(codes.filter((code) => code.startsWith('blocking'))).toEqual([])
  expect(asked).toContain('create pods')
  expect(asked).not.toContain('list events')
})

it('diagnoses a workload that is not well, which stands in no run’s way', async () => {
  const { step, asked } = await verified({ there: workload(1), pods: [] })
  expect(step.before).toMatchObject({ restartedAt: null, healthy: false, ready: 1 })
  expect(asked).toContain('list events')
})

it('makes no pod where there is no ServiceAccount: none would be admitted, which is said already', async () => {
  const { codes, asked } = await verified({ annotated: null })
  expect(codes).toContain('blocking service-account-missing')
  expect(asked).not.toContain('create pods')
})

it.each<[why: string, change: Partial<RequestInput>, annotated: string, annotation: object | null]>([
  ['of no migration', {}, role, null],
  ['that is there, and stays for now', { migrate: 'irsa' }, role, { role, goes: false }],
  ['that is there, and is to go', { migrate: 'irsa', finish: true }, role, { role, goes: true }],
  ['that is not there', { migrate: 'irsa', finish: true }, '', { role: null, goes: false }],
])('says of the IRSA annotation: one %s', async (_why, change, annotated, annotation) => {
  expect((await verified({ change, annotated })).step.annotation).toEqual(annotation)
  expect((await verified({ change: { ...change, workload: undefined }, annotated })).step.annotation).toEqual(
    annotation,
  )
})

it.each<[why: string, dryRun: Said, code: RegExp]>([
  ['taken', pod(), /^$/],
  ['refused', { failure: 403, message: 'exceeded quota: pods=10' }, /^blocking pods-refused$/],
  [
    'not tried',
    {
      failure: 403,
      message: 'pods is forbidden: User "podid" cannot create resource "pods" in API group ""',
    },
    /^info pods-untried$/,
  ],
  [
    'given to Fargate',
    pod({ metadata: { labels: { 'eks.amazonaws.com/fargate-profile': 'shop' } } }),
    /^(?:warning|blocking) compute-unsupported$/,
  ],
])('a pod of its template is %s', async (_why, dryRun, code) => {
  const { codes } = await verified({ dryRun, pods: [own('p-1', '2026-01-01T00:00:00Z', 'x')] })
  const about = codes.filter((one) => /refused|untried|compute/.test(one))
  expect(about.join()).toMatch(code)
})
