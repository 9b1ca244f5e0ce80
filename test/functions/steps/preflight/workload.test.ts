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
/** A ReplicaSet of an earlier revision. */
const former = (uid: string): ReplicaSet => ({ metadata: { ...set.metadata, name: uid, uid } })
const own = (name: string, at: string, value: string, uid = 'u-2'): Pod =>
  pod({
    metadata: {
      name,
      creationTimestamp: at,
      ownerReferences: [{ ...owned, uid }],
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
  sets?: ReplicaSet[]
  /** What else is in the namespace, by the resource. */
  beside?: Record<string, object[]>
  /** What may not be listed. */
  hidden?: string
  dryRun?: Said
}
const verified = async ({
  change,
  annotated = '',
  pods = [],
  sets = [set],
  dryRun = pod(),
  ...given
}: Given) => {
  const tried: { namespace: string | undefined; signal: AbortSignal | undefined; pod: unknown }[] = []
  const { connection, asked } = scriptedConnection(skippingClock(), (request) => {
    const { verb, resource, name, body, namespace, signal } = request
    if (verb === 'create') {
      tried.push({ namespace, signal, pod: body?.content })
      return dryRun
    }
    if (name === undefined && resource === given.hidden)
      return { failure: 403, message: `${resource} is forbidden` }
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
    const items: Record<string, object[]> = { pods, replicasets: sets, ...given.beside }
    return { metadata: {}, items: items[resource] ?? [] }
  })
  const { signal } = new AbortController()
  const step = await verifyWorkload(() => connection, { signal })({ request: requested(change), cluster })
  expect(tried.every((one) => one.signal === signal)).toBe(true)
  return { step, asked, tried, codes: step.findings.map(({ code, severity }) => `${severity} ${code}`) }
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

/** Another Deployment under the same ServiceAccount. */
const reports = {
  metadata: { name: 'reports', uid: 'u-8' },
  spec: { template: { spec: { containers: [], serviceAccountName: 'carts' } } },
}

it.each<[why: string, given: Given, codes: string[]]>([
  ['nothing', {}, []],
  ['what else runs under it', { beside: { deployments: [reports] } }, ['info others-under-service-account']],
  ['that it could not see all', { hidden: 'cronjobs' }, ['info others-not-looked-for']],
  [
    'that it may not leave IRSA for good where not all could be seen',
    { hidden: 'cronjobs', annotated: role, change: { migrate: 'irsa', finish: true } },
    ['info irsa-annotation', 'info others-not-looked-for', 'blocking migration-pods-left'],
  ],
  ['that it is annotated for IRSA', { annotated: role }, ['warning irsa-annotation']],
  ['that it leaves IRSA', { annotated: role, change: { migrate: 'irsa' } }, ['info irsa-annotation']],
  [
    'that IRSA gives another role',
    { annotated: `${role}-2`, change: { migrate: 'irsa' } },
    ['info irsa-annotation', 'warning irsa-role-differs'],
  ],
])('says of the ServiceAccount: %s', async (_why, given, codes) => {
  expect((await verified({ pods: [own('p-1', '2026-01-01T00:00:00Z', 'x')], ...given })).codes).toEqual(codes)
  const about = codes.filter((code) => !code.endsWith('irsa-annotation'))
  const missing = await verified({ ...given, there: undefined })
  expect(missing.codes).toEqual([
    'blocking workload-missing',
    ...codes.filter((code) => code.endsWith('irsa-annotation')),
    ...about,
  ])
  // Of the annotation alone there is nothing to say where no workload is concerned.
  const none = await verified({ ...given, change: { ...given.change, workload: undefined } })
  expect(none.codes).toEqual(about)
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

const none = workload()
none.spec = { ...(none.spec as NonNullable<Deployment['spec']>), replicas: 0 }
none.status = { observedGeneration: 1 }

it('diagnoses a workload that is not well, which stands in no run’s way', async () => {
  const failing = {
    ...own('p-1', '2026-01-01T00:00:00Z', 'x'),
    status: {
      phase: 'Pending',
      containerStatuses: [
        {
          name: 'carts',
          ready: false,
          state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } },
        },
      ],
    },
  } as Pod
  const { step, asked, codes } = await verified({ there: workload(1), pods: [failing] })
  expect(step.before).toMatchObject({ restartedAt: null, healthy: false, ready: 1 })
  expect(step.diagnosis.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    'blocking rollout-image-pull',
  ])
  expect(codes).toEqual(['info rollout-image-pull'])
  expect(asked).toContain('list events')
})

it.each<[why: string, pods: Pod[], value: string | undefined]>([
  [
    'the newest of the current revision',
    [own('p-1', '2026-01-01T00:00:00Z', 'current'), own('p-2', '2026-01-02T00:00:00Z', 'former', 'u-0')],
    'current',
  ],
  [
    'the newest that lives of former ones, where there is none of the current',
    [
      own('p-1', '2026-01-01T00:00:00Z', 'first', 'u-0'),
      own('p-2', '2026-01-02T00:00:00Z', 'second', 'u-0'),
      { ...own('p-3', '2026-01-03T00:00:00Z', 'ended', 'u-0'), status: { phase: 'Failed' } },
    ],
    'second',
  ],
  ['none where none lives', [], undefined],
])('reads which credentials a pod would use of %s', async (_why, pods, value) => {
  const current = { metadata: { ...set.metadata, annotations: { 'deployment.kubernetes.io/revision': '2' } } }
  const { step } = await verified({ pods, sets: [former('u-0'), current] })
  expect(step.credentials).toEqual(value === undefined ? null : { carts: { AWS_ROLE_ARN: value } })
})

it('names twenty revisions at most, each once', async () => {
  const uids = Array.from({ length: 21 }, (_, index) => `u-${index + 10}`)
  const pods = uids.flatMap((uid) => [
    own(`${uid}-a`, '2026-01-01T00:00:00Z', 'x', uid),
    own(`${uid}-b`, '2026-01-01T00:00:00Z', 'x', uid),
  ])
  const { step } = await verified({ pods, sets: uids.map(former) })
  expect(step.revisions).toEqual(uids.slice(0, 20))
})

it('says under which ServiceAccount its pods run where the template names none', async () => {
  const there = workload()
  delete there.spec?.template.spec?.serviceAccountName
  const { step, codes } = await verified({ there })
  expect(step.summary).toMatch(/^deployment\/carts under default: /)
  expect(codes).toEqual(['blocking workload-service-account-differs'])
})

it('tries a pod of the workload’s own template, that belongs to its revision', async () => {
  const { tried } = await verified({ there: workload(2, { team: 'shop' }) })
  expect(tried.map(({ namespace }) => namespace)).toEqual(['carts'])
  expect(tried.map((one) => one.pod)).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        generateName: 'podid-probe-',
        annotations: { team: 'shop' },
        ownerReferences: [owned],
      },
      spec: {
        containers: [{ name: 'carts' }],
        volumes: [],
        serviceAccountName: 'carts',
        serviceAccount: 'carts',
      },
    },
  ])
})

it.each<[why: string, given: Given, codes: string[]]>([
  [
    'a workload that is not there may come',
    { there: undefined, change: { ifWorkloadMissing: 'associate' } },
    ['info workload-missing'],
  ],
  ['a workload without pods', { there: none }, ['blocking workload-scaled-to-zero']],
  ['where that is all right', { there: none, change: { allowZero: true } }, ['info workload-scaled-to-zero']],
])('goes by what the request says of %s', async (_why, given, codes) => {
  expect((await verified(given)).codes).toEqual(codes)
})

it('reads the pods of a workload that is not complete once, for its diagnosis too', async () => {
  const { asked } = await verified({ there: workload(1) })
  // The other time are all of the namespace, for what else runs under the ServiceAccount.
  expect(asked.filter((one) => one === 'list pods')).toHaveLength(2)
  expect(asked).toContain('list events')
})

it('makes no pod where there is no ServiceAccount: none would be admitted, which is said already', async () => {
  const { step, codes, asked } = await verified({ annotated: null })
  expect(codes).toEqual(['blocking service-account-missing'])
  expect(step.findings[0]?.found).toBe('not in namespace carts, so no new pod could be created under it')
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
