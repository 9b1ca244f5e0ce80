import type { Deployment, Pod, ReplicaSet, StatefulSet } from '../../../../core/kubernetes.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { awaitUndo } from '../../../../functions/steps/await-undo.ts'
import { pod } from '../../../support/pods.ts'
import { type Said, scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'

export const cartsRequest = resolveRequest(
  {
    cluster: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role: 'arn:aws:iam::123456789012:role/carts',
    workload: 'deployment/carts',
  },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)
export const cartsCluster = { name: 'shop', endpoint: '', certificateAuthority: '' } as never
const set: ReplicaSet = {
  metadata: {
    name: 'carts-1',
    uid: 'u-2',
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'carts', uid: 'u-1', controller: true },
    ],
  },
}
export const beforeWith = (workload: object | null) => ({
  run: 'run-1',
  restartedAt: cartsRequest.restartedAt,
  association: null,
  workload: workload && { restartedAt: null, ...workload },
})
export const cartsOwner = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  name: 'carts-1',
  uid: 'u-2',
  controller: true,
}
export const cartsTemplate = { spec: { containers: [{ name: 'carts' }], serviceAccountName: 'carts' } }
export const cartsWith = (ready: number, generation = 1): Deployment => ({
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { name: 'carts', namespace: 'carts', uid: 'u-1', generation },
  spec: { replicas: 2, selector: { matchLabels: { app: 'carts' } }, template: cartsTemplate },
  status: {
    observedGeneration: generation,
    replicas: ready,
    updatedReplicas: ready,
    readyReplicas: ready,
    availableReplicas: ready,
  },
})
export const cartsPod = (name: string, ready = true, metadata: Pod['metadata'] = {}): Pod =>
  pod({
    metadata: { name, uid: `uid-${name}`, ownerReferences: [cartsOwner], ...metadata },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })

/** What is there at one look. */
export interface UndoLook {
  workload?: Deployment | StatefulSet
  pods?: Pod[]
}
export interface UndoGiven {
  /** What is there, look by look, the last of it from then on. */
  looks: UndoLook[]
  dryRun?: Said
  events?: object[]
  /** What the API server says to each deletion, and what is there after the first of them. */
  deletions?: Said[]
  afterDeletion?: UndoLook[]
  input?: object
}

/** Calls AwaitUndo once, for a Deployment that was well before the run if `input` says nothing else. */
export const awaited = async ({ looks, dryRun = pod(), events = [], input = {}, ...given }: UndoGiven) => {
  const clock = skippingClock()
  const started = clock.now()
  const progress: unknown[] = []
  const bodies: unknown[] = []
  const deletions = [...(given.deletions ?? [])]
  let [shown, at] = [looks, -1]
  const { connection, asked } = scriptedConnection(clock, ({ verb, resource, name, body }) => {
    if (body) bodies.push(body.content)
    if (verb === 'create') return dryRun
    if (verb === 'delete') {
      if (given.afterDeletion && shown === looks) [shown, at] = [given.afterDeletion, -1]
      return deletions.shift() ?? {}
    }
    if (verb === 'get' && (resource === 'deployments' || resource === 'statefulsets')) {
      at = Math.min(at + 1, shown.length - 1)
      return shown[at]?.workload ?? { failure: 404, message: 'not found' }
    }
    const items: Record<string, object[]> = { pods: shown[at]?.pods ?? [], replicasets: [set], events }
    return name === undefined ? { metadata: {}, items: items[resource] ?? [] } : { metadata: { name } }
  })
  const step = await awaitUndo(() => connection, { clock, progress: (one) => void progress.push(one) })({
    request: cartsRequest,
    cluster: cartsCluster,
    before: beforeWith({ healthy: true, ready: 2, desired: 2 }),
    generation: 1,
    missedBefore: null,
    untouched: false,
    earlier: null,
    remainingMs: 600_000,
    ...input,
  } as never)
  return { step, ms: clock.now() - started, started, asked, progress, bodies }
}
