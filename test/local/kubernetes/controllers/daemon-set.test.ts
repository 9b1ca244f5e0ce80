import { describe, expect, it } from 'vitest'
import type { DaemonSet, Pod } from '../../../../core/kubernetes.ts'
import {
  daemonBounds,
  daemonStep,
  type PodsByNode,
} from '../../../../local/kubernetes/controllers/daemon-set/update.ts'
import type { StoredPod } from '../../../../local/kubernetes/controllers/pods.ts'
import type { PodBehaviour } from '../../../../local/kubernetes/kubelet/kubelet.ts'
import { ec2Node } from '../../../../local/kubernetes/kubelet/nodes.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { cluster, healthy, type TestCluster } from '../support/cluster.ts'

describe('bounds', () => {
  const cases: [string, Parameters<typeof daemonBounds>[0], number, number, number][] = [
    ['one at a time unless configured otherwise', undefined, 3, 0, 1],
    ['a tenth of three rounds up', { maxUnavailable: '10%' }, 3, 0, 1],
    ['surging lets nothing be unavailable', { maxSurge: 1, maxUnavailable: 0 }, 3, 1, 0],
    ['neither would never move', { maxSurge: 0, maxUnavailable: 0 }, 3, 0, 1],
  ]
  it.each(cases)('%s', (_why, given, desired, maxSurge, maxUnavailable) => {
    expect(daemonBounds(given, desired)).toEqual({ maxSurge, maxUnavailable })
  })
})

type Kind = 'new' | 'new, unready' | 'old' | 'old, unready' | 'old, leaving'

const podOf = (node: string, kind: Kind): StoredPod =>
  ({
    metadata: {
      name: `${node} ${kind}`,
      labels: { hash: kind.startsWith('new') ? 'new' : 'old' },
      ...(kind === 'old, leaving' ? { deletionTimestamp: 'soon' } : {}),
    },
    status: {
      conditions: [{ type: 'Ready', status: kind.endsWith('unready') ? 'False' : 'True' }],
    },
  }) as unknown as StoredPod

describe('the next step', () => {
  const step = (nodes: Record<string, Kind[]>, maxSurge: number, maxUnavailable: number) => {
    const pods: PodsByNode = new Map(
      Object.entries(nodes).map(([node, kinds]) => [node, kinds.map((kind) => podOf(node, kind))]),
    )
    const { remove, surge } = daemonStep(pods, {
      bounds: { maxSurge, maxUnavailable },
      isNew: ({ metadata }) => metadata.labels?.hash === 'new',
      minReadySeconds: 0,
      now: 0,
    })
    return [...remove.map(({ metadata }) => `-${metadata.name}`), ...surge.map((node) => `+${node}`)]
  }

  const replacing: [string, Record<string, Kind[]>, number, string[]][] = [
    [
      'takes as many old pods as may be unavailable',
      { a: ['old'], b: ['old'], c: ['old'] },
      2,
      ['-a old', '-b old'],
    ],
    ['waits for the new pod to be ready', { a: ['new, unready'], b: ['old'] }, 1, []],
    ['counts a node without a pod', { a: [], b: ['old'] }, 1, []],
    ['counts a pod on its way out', { a: ['old, leaving'], b: ['old'] }, 1, []],
    [
      'takes old pods that serve nobody at once',
      { a: ['new, unready'], b: ['old, unready'] },
      1,
      ['-b old, unready'],
    ],
    ['has nothing to do at the end', { a: ['new'], b: ['new'] }, 1, []],
  ]
  it.each(replacing)('without a surge %s', (_why, nodes, maxUnavailable, expected) => {
    expect(step(nodes, 0, maxUnavailable)).toEqual(expected)
  })

  const surging: [string, Record<string, Kind[]>, string[]][] = [
    ['puts a new pod beside an old one', { a: ['old'], b: ['old'] }, ['+a']],
    ['takes the old one when the new one is ready', { a: ['old', 'new'], b: ['old'] }, ['-a old', '+b']],
    ['waits until then', { a: ['old', 'new, unready'], b: ['old'] }, []],
    ['does not count pods that serve nobody', { a: ['old, unready'], b: ['old'] }, ['+a', '+b']],
  ]
  it.each(surging)('with a surge of one %s', (_why, nodes, expected) => {
    expect(step(nodes, 1, 0)).toEqual(expected)
  })
})

const agent = (
  spec: Partial<NonNullable<DaemonSet['spec']>> = {},
  pod: Partial<NonNullable<Pod['spec']>> = {},
): DaemonSet => ({
  metadata: { name: 'agent', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    revisionHistoryLimit: 10,
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: { containers: [{ name: 'agent', image: 'agent:1' }], ...pod },
    },
    ...spec,
  },
})

const rolledOut = (
  spec: Parameters<typeof agent>[0] = {},
  pod: Parameters<typeof agent>[1] = {},
  behaviour: PodBehaviour = healthy,
) => {
  const local = cluster(behaviour)
  local.store.create(resources.daemonsets, agent(spec, pod))
  local.clock.advance(30_000)
  return local
}

const status = ({ store }: TestCluster) => store.read(resources.daemonsets, 'kube-system', 'agent').status
const agents = ({ store }: TestCluster) => store.list(resources.pods, { namespace: 'kube-system' })
const patchTemplate = ({ store }: TestCluster, image: string) =>
  store.mutate(resources.daemonsets, 'kube-system', 'agent', (draft) => {
    draft.spec.template.spec = { containers: [{ name: 'agent', image }] }
    return draft
  })
const images = (local: TestCluster) => agents(local).map(({ spec }) => spec.containers[0]?.image)

describe('a DaemonSet', () => {
  it('runs on every node, and follows nodes as they come and go', () => {
    const local = rolledOut()
    expect(status(local)).toMatchObject({ desiredNumberScheduled: 3, numberReady: 3, numberMisscheduled: 0 })
    const { store, clock } = local
    store.create(
      resources.nodes,
      ec2Node({ address: '10.42.40.10', zone: 'us-west-2a', now: store.timestamp() }),
    )
    clock.advance(30_000)
    expect(new Set(agents(local).map(({ spec }) => spec.nodeName)).size).toBe(4)
    store.delete(resources.nodes, undefined, 'ip-10-42-40-10.us-west-2.compute.internal')
    clock.advance(30_000)
    expect(agents(local)).toHaveLength(3)
    expect(status(local)).toMatchObject({ desiredNumberScheduled: 3, numberReady: 3 })
  })

  it('stays away from nodes that its affinity excludes, and says 0 when these are all', () => {
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                {
                  key: 'eks.amazonaws.com/compute-type',
                  operator: 'NotIn',
                  values: ['fargate', 'hybrid', 'auto'],
                },
              ],
            },
          ],
        },
      },
    }
    const local = rolledOut({}, { affinity })
    const nodes = local.store.list(resources.nodes)
    const marks = ['auto', 'fargate', 'hybrid']
    for (const [index, { metadata }] of nodes.entries()) {
      expect(status(local)).toMatchObject({ desiredNumberScheduled: 3 - index })
      local.store.mutate(resources.nodes, undefined, metadata.name, (draft) => {
        draft.metadata.labels = {
          ...draft.metadata.labels,
          'eks.amazonaws.com/compute-type': marks[index] ?? '',
        }
        return draft
      })
      local.clock.advance(30_000)
    }
    expect(status(local)).toMatchObject({
      desiredNumberScheduled: 0,
      currentNumberScheduled: 0,
      numberReady: 0,
    })
    expect(agents(local)).toEqual([])
  })

  it('ignores a cordon, but not a taint, unless it tolerates that', () => {
    const [tolerant, other] = [rolledOut({}, { tolerations: [{ operator: 'Exists' }] }), rolledOut()]
    for (const { store, clock } of [tolerant, other]) {
      const [first, second] = store.list(resources.nodes)
      store.mutate(resources.nodes, undefined, first?.metadata.name ?? '', (draft) => {
        draft.spec.unschedulable = true
        return draft
      })
      store.mutate(resources.nodes, undefined, second?.metadata.name ?? '', (draft) => {
        draft.spec.taints = [{ key: 'gpu', effect: 'NoExecute' }]
        return draft
      })
      clock.advance(30_000)
    }
    expect(status(tolerant)).toMatchObject({ desiredNumberScheduled: 3 })
    expect(status(other)).toMatchObject({ desiredNumberScheduled: 2 })
    expect(agents(other)).toHaveLength(2)
  })

  it('updates one node at a time, and never fails: a broken template stays at the first', () => {
    const broken: PodBehaviour = (_pod, { image }) =>
      image === 'agent:broken' ? { readyAfterMs: Number.POSITIVE_INFINITY } : { startMs: 100 }
    const local = rolledOut({}, {}, broken)
    patchTemplate(local, 'agent:broken')
    local.clock.advance(600_000)
    expect(images(local).toSorted()).toEqual(['agent:1', 'agent:1', 'agent:broken'])
    expect(status(local)).toMatchObject({ updatedNumberScheduled: 1, numberUnavailable: 1 })
    patchTemplate(local, 'agent:2')
    local.clock.advance(60_000)
    expect(images(local)).toEqual(['agent:2', 'agent:2', 'agent:2'])
    expect(status(local)).toMatchObject({ updatedNumberScheduled: 3, numberAvailable: 3 })
  })

  it('with a surge never has fewer pods ready than nodes', () => {
    const local = rolledOut({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    })
    let fewest = 3
    local.store.subscribe(() => {
      fewest = Math.min(fewest, status(local)?.numberReady ?? 0)
    })
    patchTemplate(local, 'agent:2')
    local.clock.advance(60_000)
    expect(images(local)).toEqual(['agent:2', 'agent:2', 'agent:2'])
    expect(fewest).toBe(3)
  })

  it('with OnDelete leaves old pods until somebody deletes them', () => {
    const local = rolledOut({ updateStrategy: { type: 'OnDelete' } })
    patchTemplate(local, 'agent:2')
    local.clock.advance(60_000)
    expect(images(local)).toEqual(['agent:1', 'agent:1', 'agent:1'])
    expect(status(local)).toMatchObject({ observedGeneration: 2 })
    expect(status(local)).not.toHaveProperty('updatedNumberScheduled')
    local.store.delete(resources.pods, 'kube-system', agents(local)[0]?.metadata.name ?? '')
    local.clock.advance(60_000)
    expect(images(local).toSorted()).toEqual(['agent:1', 'agent:1', 'agent:2'])
  })

  it('keeps its templates as revisions, and returns to an earlier one under a new number', () => {
    const local = rolledOut()
    patchTemplate(local, 'agent:2')
    local.clock.advance(60_000)
    patchTemplate(local, 'agent:1')
    local.clock.advance(60_000)
    const revisions = local.store.list(resources.controllerrevisions, { namespace: 'kube-system' })
    expect(revisions.map(({ revision }) => revision).toSorted()).toEqual([2, 3])
    const newest = revisions.find(({ revision }) => revision === 3)
    expect(agents(local)[0]?.metadata.labels).toMatchObject({
      'controller-revision-hash': newest?.metadata.labels?.['controller-revision-hash'],
      'pod-template-generation': '3',
    })
  })
})
