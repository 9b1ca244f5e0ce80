import { expect, it } from 'vitest'
import type { Association } from '../../../core/association.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import type { Deployment, Pod, ReplicaSet } from '../../../core/kubernetes.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { restartAnnotation } from '../../../core/workload/restart.ts'
import { create, restartWorkload } from '../../../functions/steps/restart-workload.ts'
import { pod } from '../../support/pods.ts'
import { scriptedConnection, skippingClock } from '../../support/scripted-connection.ts'
import { surroundings } from '../middleware/support.ts'
import { shop } from './shop.ts'

const startTime = '2026-11-23T06:00:00.000Z'
const request = resolveRequest(
  {
    cluster: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role: 'arn:aws:iam::123456789012:role/carts',
    workload: 'deployment/carts',
  },
  { arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1', startTime },
)
const template = { spec: { containers: [{ name: 'carts' }], serviceAccountName: 'carts' } }
const deployment = (
  metadata: Deployment['metadata'] = {},
  status: Deployment['status'] = {},
): Deployment => ({
  kind: 'Deployment',
  metadata: { name: 'carts', namespace: 'carts', uid: 'u-1', generation: 4, ...metadata },
  spec: { replicas: 1, selector: { matchLabels: { app: 'carts' } }, template },
  status: {
    observedGeneration: 4,
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
    ...status,
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
const carts = (spec?: Pod['spec']): Pod =>
  pod({
    metadata: {
      name: 'carts-a',
      creationTimestamp: '2026-11-23T05:00:00Z',
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'carts-1', uid: 'u-2', controller: true },
      ],
    },
    ...(spec && { spec }),
  })
const bare = carts(template.spec)

/** To which another webhook has added a container. */
const withSidecar = carts()
withSidecar.spec?.containers.push({ name: 'sidecar' })

type Input = Parameters<ReturnType<typeof restartWorkload>>[0]
interface Given {
  /** What each look at the workload finds, the last of it from then on. */
  looks?: (Deployment | undefined)[]
  pods?: Pod[]
  patched?: Deployment
  input?: Partial<Input>
}
const restarted = async ({ looks = [deployment()], pods = [bare], patched, input = {} }: Given) => {
  const clock = skippingClock(Date.parse('2026-11-23T06:05:00Z'))
  const { signal } = new AbortController()
  const patches: unknown[] = []
  const left = [...looks]
  const { connection } = scriptedConnection(clock, ({ verb, resource, body, ...request }) => {
    expect(request.signal).toBe(signal)
    if (verb === 'patch') {
      patches.push(body?.content)
      return patched ?? deployment({ generation: 5 })
    }
    if (resource === 'deployments')
      return (left.length > 1 ? left.shift() : left[0]) ?? { failure: 404, message: 'not found' }
    return { items: resource === 'pods' ? pods : [set] }
  })
  const answer = await restartWorkload(() => connection, { clock, signal })({
    request,
    cluster: { name: 'shop' } as ReachableCluster,
    association: { createdAt: startTime, modifiedAt: startTime } as Association,
    action: 'created',
    ...by('dry-run'),
    attempt: 0,
    uid: 'u-1',
    carried: false,
    ...input,
  }).catch((error: Error) => `${error.name}: ${error.message}`)
  return { answer, patches }
}

const at = '2026-11-23T06:05:00.000Z'
const missed = 'pod carts-a was created without the credentials'
const patch = {
  metadata: { uid: 'u-1' },
  spec: { template: { metadata: { annotations: { [restartAnnotation]: request.restartedAt } } } },
}
const done = {
  restarted: true,
  reason: missed,
  message: `deployment/carts restarted: ${missed}`,
  generation: 5,
  missedBefore: null,
  at,
  writtenAt: null,
}

/** As this run, in an attempt whose answer was lost, has left it. */
const ours = deployment({ managedFields: [{ manager: 'podid', operation: 'Update', time: at }] })
ours.spec = {
  ...(ours.spec as NonNullable<Deployment['spec']>),
  template: { ...template, metadata: { annotations: { [restartAnnotation]: request.restartedAt } } },
}
/** A rollout that somebody has begun, and that has no pod yet. */
const begun = { looks: [deployment({}, { updatedReplicas: 0 })], pods: [] }
const by = (way: Input['injection']['way']) => ({
  injection: { ready: true, way, probes: 4, waitedMs: 0, message: '', refused: null, findings: [] },
})
const refused = { ...by('first-pod').injection, refused: 'the cluster refuses new pods of it' }
const none = 'there is no live pod of the current revision'

it.each<[why: string, given: Given, answer: unknown, patches: unknown[]]>([
  [
    'this run has restarted it, and its pods may have the credentials by now',
    { looks: [ours], pods: [carts()] },
    {
      ...done,
      reason: 'this run has restarted it',
      message: 'this run has restarted it',
      generation: 4,
      writtenAt: at,
    },
    [],
  ],
  [
    'a rollout is under way, and dry runs have shown that its pods are injected',
    { ...begun, input: by('dry-run') },
    expect.objectContaining({
      restarted: false,
      reason: 'a rollout is under way, and its pods get the credentials when they are created',
    }),
    [],
  ],
  ...(['first-pod', 'settled'] as const).map((way): [string, Given, unknown, unknown[]] => [
    `a rollout is under way, and nothing has shown that its pods are injected (${way})`,
    { ...begun, input: by(way) },
    { ...done, reason: none, message: `deployment/carts restarted: ${none}` },
    [patch],
  ]),
  ['pods without the credentials are replaced', {}, done, [patch]],
  ['whatever bears the name, where no object was seen before', { input: { uid: null } }, done, [patch]],
  [
    'what a rollout before has missed is not this one’s',
    {
      patched: deployment(
        { generation: 5, managedFields: [{ manager: 'podid', operation: 'Update', time: startTime }] },
        {
          conditions: [
            {
              type: 'Progressing',
              status: 'False',
              reason: 'ProgressDeadlineExceeded',
              lastUpdateTime: startTime,
            },
          ],
        },
      ),
    },
    { ...done, missedBefore: startTime, writtenAt: startTime },
    [patch],
  ],
  [
    'they have them already',
    { pods: [carts()] },
    {
      restarted: false,
      reason: 'its pod has the credentials of the association already',
      message: 'not needed: its pod has the credentials of the association already',
      generation: 4,
      missedBefore: null,
      at,
      writtenAt: null,
    },
    [],
  ],
  [
    'their credentials are older than the association that was kept',
    { pods: [carts()], input: { action: 'kept' } },
    { ...done, reason: expect.any(String), message: expect.stringContaining('is older than') },
    [patch],
  ],
  [
    'they came after the association that was kept',
    {
      pods: [carts()],
      input: {
        action: 'kept',
        association: {
          createdAt: '2026-11-23T04:00:00.000Z',
          modifiedAt: '2026-11-23T04:30:00.000Z',
        } as Association,
      },
    },
    expect.objectContaining({ restarted: false }),
    [],
  ],
  [
    'they carried credentials before this run made the association',
    { pods: [carts()], input: { carried: true } },
    {
      ...done,
      reason: expect.any(String),
      message: expect.stringContaining('pods had credentials before this run made the association'),
    },
    [patch],
  ],
  [
    'they have them but for a container that is not of the template',
    { pods: [withSidecar] },
    expect.objectContaining({ restarted: false }),
    [],
  ],
  [
    'the object is another one than was seen',
    { input: { uid: 'u-0' } },
    'Refused: deployment/carts in namespace carts was deleted and made anew since this run looked: expected the object of uid u-0, found u-1. It is left as it is; run this again to decide by what is there now',
    [],
  ],
  [
    'the object is made anew between the look and the write',
    { looks: [deployment(), deployment({ uid: 'u-9' })] },
    'Conflict: deployment/carts in namespace carts was deleted and made anew meanwhile',
    [],
  ],
  [
    'it is gone',
    { looks: [undefined] },
    'RolloutFailed: deployment/carts is no longer in namespace carts',
    [],
  ],
  [
    'its new pods would be refused',
    { input: { injection: refused } },
    'PreflightFailed: deployment/carts was not restarted: the cluster refuses new pods of it',
    [],
  ],
  [
    'new pods would be refused, and none is needed',
    { pods: [carts()], input: { injection: refused } },
    expect.objectContaining({ restarted: false }),
    [],
  ],
])('restarts or not: %s', async (_why, given, answer, patches) => {
  expect(await restarted(given)).toEqual({ answer, patches })
})

it('takes no input but its own', async () => {
  await expect(create(surroundings())({ request, cluster: shop })).rejects.toMatchObject({
    name: 'InvalidRequest',
    message: expect.stringMatching(/^RestartWorkload was called with a faulty input: /),
  })
})
