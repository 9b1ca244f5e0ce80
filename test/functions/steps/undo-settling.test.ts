import { expect, it } from 'vitest'
import type { Association } from '../../../core/association.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import type { Deployment, Pod } from '../../../core/kubernetes.ts'
import type { AssociationBefore } from '../../../core/request.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { restartAnnotation } from '../../../core/workload/restart.ts'
import { undo } from '../../../functions/steps/undo.ts'
import { pod } from '../../support/pods.ts'
import { type Said, scriptedConnection, skippingClock } from '../../support/scripted-connection.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const ours = '2026-11-23T06:00:00Z'
const execution = {
  arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
  startTime: '2026-11-23T06:00:00.000Z',
}
const former: AssociationBefore = {
  id: 'a-1',
  roleArn: 'arn:aws:iam::123456789012:role/former',
  targetRoleArn: null,
  disableSessionTags: false,
  policy: null,
  run: null,
}
const association: Association = {
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks-workshop/a-1',
  role,
  sessionTags: true,
  createdAt: execution.startTime,
  modifiedAt: execution.startTime,
  tags: { 'podid:run': 'run-1' },
}
const workload = (restartedAt: string): Deployment => ({
  metadata: { name: 'carts', namespace: 'carts', uid: 'u-1', resourceVersion: '7', generation: 3 },
  spec: {
    selector: { matchLabels: { app: 'carts' } },
    template: { metadata: { annotations: { [restartAnnotation]: restartedAt } }, spec: { containers: [] } },
  },
})

const hit = pod()
const miss = pod({ spec: { containers: [{ name: 'probe' }] } })
const quota = { failure: 403, message: 'exceeded quota: pods=10' }
const away = { failure: 503, message: 'apiserver not ready' }

/** Undoes a run that restarted carts; `pods` answer the dry-run pods, the last of them again and again. */
const undone = async ({
  pods,
  before = null,
  there = association,
  restartedAt = ours,
}: {
  pods: Said[]
  before?: AssociationBefore | null
  there?: Association | null
  restartedAt?: string
}) => {
  const clock = skippingClock()
  const started = clock.now()
  const order: string[] = []
  let now = there ?? undefined
  let next = 0
  const accounts = new Set<unknown>()
  const { connection, closed } = scriptedConnection(clock, ({ verb, body }) => {
    if (verb === 'create') {
      accounts.add((body?.content as Pod | undefined)?.spec?.serviceAccountName)
      const said = pods[Math.min(next++, pods.length - 1)] ?? miss
      if (said instanceof Error) throw said
      return said
    }
    if (verb === 'patch') order.push(`restored after ${clock.now() - started} ms`)
    return workload(restartedAt)
  })
  const eks = {
    findAssociation: async () => now,
    describeAssociation: async () => now,
    markAssociation: async () => void order.push('marked'),
    deleteAssociation: async () => {
      order.push('deleted')
      now = undefined
    },
    describeAgentAddon: async () => undefined,
    runOfAccessEntry: async () => undefined,
    repointAssociation: async () => {
      order.push('pointed back')
      now = { ...association, role: former.roleArn }
      return now
    },
  }
  const noIam = (): never => {
    throw new Error('nothing is to be asked of IAM')
  }
  const request = resolveRequest(
    {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role,
      workload: 'deployment/carts',
    },
    execution,
  )
  const step = await undo(() => eks, noIam, { shared: () => connection, fresh: () => connection }, [], {
    clock,
  })({
    request,
    before: {
      run: 'run-1',
      restartedAt: ours,
      association: before,
      workload: { restartedAt: null, healthy: true },
    },
    id: null,
    retries: 0,
    cluster: { name: 'eks-workshop' } as ReachableCluster,
  })
  return { step, order, probes: next, opened: closed(), accounts: [...accounts] }
}

type Row = [why: string, given: Parameters<typeof undone>[0], order: string[], probes: number]

it.each<Row>([
  [
    'four dry-run pods in a row without credentials: the old template may come back at once',
    { pods: [miss] },
    ['deleted', 'restored after 0 ms'],
    4,
  ],
  [
    'one that still has them begins the row anew, half a second later',
    { pods: [hit, miss] },
    ['deleted', 'restored after 500 ms'],
    5,
  ],
  [
    'three without and one with: the row begins anew',
    { pods: [miss, miss, miss, hit, miss] },
    ['deleted', 'restored after 500 ms'],
    8,
  ],
  [
    'new pods have them for longer than AWS gives: it comes back regardless',
    { pods: [hit] },
    ['deleted', 'restored after 15000 ms'],
    30,
  ],
  [
    'admission refuses the pods: nothing can be seen, and the time decides',
    { pods: [quota] },
    ['deleted', 'restored after 15000 ms'],
    30,
  ],
  [
    'the API server fails to answer: no sign of anything',
    { pods: [away, away, miss] },
    ['deleted', 'restored after 1000 ms'],
    6,
  ],
  [
    'pointed back to another role: pods are injected before and after, so the time decides, and none is asked',
    { pods: [hit], before: former },
    ['pointed back', 'marked', 'restored after 15000 ms'],
    0,
  ],
  [
    'there is no association of the run: nothing to wait for',
    { pods: [hit], there: null },
    ['restored after 0 ms'],
    0,
  ],
  [
    'somebody restarted it since: no old template is to come back, so nothing is waited for',
    { pods: [hit], restartedAt: '2030-01-01T00:00:00Z' },
    ['deleted'],
    0,
  ],
  [
    'it has changed since: left as it is, and nothing is waited for',
    { pods: [hit], there: { ...association, role: 'arn:aws:iam::123456789012:role/theirs' } },
    ['restored after 0 ms'],
    0,
  ],
])('what new pods get settles before the old template comes back: %s', async (_why, given, order, probes) => {
  const found = await undone(given)
  expect(found.order).toEqual(order)
  // Each on a connection of its own, which may lead to another API server, and which is closed again.
  expect([found.probes, found.opened]).toEqual([probes, probes])
  expect(found.accounts).toEqual(probes > 0 ? ['carts'] : [])
})

it('hides no fault of its own behind what the cluster may not have said', async () => {
  const fault = new TypeError('a fault')
  expect((await undone({ pods: [fault] }).catch((error: unknown) => error)) === fault).toBe(true)
})
