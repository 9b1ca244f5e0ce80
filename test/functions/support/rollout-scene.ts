import type { KubernetesRequest } from '../../../adapters/kubernetes/connection.ts'
import type { DaemonSet, Deployment, Event, Node, Pod, ReplicaSet } from '../../../core/kubernetes.ts'
import { virtualClock } from '../../../local/clock.ts'
import { pod } from '../../support/pods.ts'
import { type Said, scriptedConnection, sentLines } from '../../support/scripted-connection.ts'

/** What a cluster has while a rollout of `carts` is watched; a test changes it, and sends what moved. */
export interface RolloutScene {
  /** Undefined where it was deleted. */
  workload: Deployment | undefined
  pods: Pod[]
  nodes: Node[]
  sets: DaemonSet[]
  agents: Pod[]
  events: Event[]
  /** What the containers have written. */
  log: string
  /** In place of the answer to a request, where there is one. */
  instead: (request: KubernetesRequest) => Said | undefined
}

const owner = (kind: string, uid: string) => [
  { apiVersion: 'apps/v1', kind, name: uid, uid, controller: true },
]

/** `carts` as its controller shows it, of two pods, so many of which are new and available. */
export const rolloutAt = (done: number, change: Partial<Deployment['status']> = {}): Deployment => ({
  kind: 'Deployment',
  metadata: {
    name: 'carts',
    namespace: 'carts',
    uid: 'u-1',
    generation: 2,
    resourceVersion: String(10 + done),
  },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'carts' } },
    template: { spec: { containers: [{ name: 'carts' }], serviceAccountName: 'carts' } },
  },
  status: {
    observedGeneration: 2,
    replicas: 2,
    updatedReplicas: done,
    readyReplicas: done,
    availableReplicas: done,
    ...change,
  },
})
const replicaSet = (revision: string): ReplicaSet => ({
  metadata: {
    uid: `set-${revision}`,
    annotations: { 'deployment.kubernetes.io/revision': revision },
    ownerReferences: owner('Deployment', 'u-1'),
  },
})

type State = NonNullable<NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]['state']>

interface PodChange {
  /** Of the ReplicaSet before, or of the current one. */
  revision?: '1' | '2'
  node?: string
  ready?: boolean
  state?: State
  restarts?: number
  /** Without the credentials. */
  bare?: boolean
  metadata?: Pod['metadata']
  phase?: string
}

/** A pod of `carts`. */
export const podInRollout = (name: string, change: PodChange = {}): Pod => {
  const { spec } = pod()
  return pod({
    metadata: {
      name,
      uid: name,
      ownerReferences: owner('ReplicaSet', `set-${change.revision ?? '2'}`),
      ...change.metadata,
    },
    spec: {
      ...(change.bare ? { containers: [{ name: 'carts' }] } : (spec as NonNullable<Pod['spec']>)),
      ...(change.node && { nodeName: change.node }),
    },
    status: {
      phase: change.phase ?? 'Running',
      containerStatuses: [
        {
          name: 'carts',
          image: 'carts:1',
          imageID: '',
          ready: change.ready ?? false,
          restartCount: change.restarts ?? 0,
          ...(change.state && { state: change.state }),
        },
      ],
    },
  })
}

/** A cluster of a script and the watches of it, on a clock that only `advance` moves. */
export const rolloutScene = (given: Partial<RolloutScene> = {}) => {
  const clock = virtualClock({ held: true })
  const scene: RolloutScene = {
    workload: rolloutAt(0),
    pods: [],
    nodes: [],
    sets: [],
    agents: [],
    events: [],
    log: '',
    instead: () => undefined,
    ...given,
  }
  const requests: KubernetesRequest[] = []
  const moves = { deployments: sentLines(), pods: sentLines() }
  const { connection } = scriptedConnection(
    clock,
    (request) => {
      requests.push(request)
      const said = scene.instead(request)
      if (said) return said
      const { resource, name, namespace, subresource } = request
      const { workload } = scene
      if (subresource === 'log') return { text: scene.log }
      if (name !== undefined) return workload ?? { failure: 404, message: 'not found' }
      const items: Record<string, object[]> = {
        deployments: workload ? [workload] : [],
        replicasets: [replicaSet('1'), replicaSet('2')],
        pods: namespace === 'carts' ? scene.pods : scene.agents,
        nodes: scene.nodes,
        daemonsets: scene.sets,
        events: scene.events,
      }
      return { metadata: { resourceVersion: '10' }, items: items[resource] ?? [] }
    },
    (request) => {
      requests.push(request)
      return moves[request.resource as keyof typeof moves].lines(request)
    },
  )
  return {
    clock,
    connection,
    scene,
    requests,
    /** That the workload is as the scene has it now. */
    moveWorkload: () => scene.workload && moves.deployments.send('MODIFIED', scene.workload),
    /** That one of the pods is another than before. */
    movePod: () => moves.pods.send('MODIFIED', {}),
  }
}
