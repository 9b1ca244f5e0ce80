import { describe, expect, it } from 'vitest'
import type { Pod, PodSpec } from '../../../../core/kubernetes.ts'
import { isActive, type StoredPod } from '../../../../local/kubernetes/controllers/pods.ts'
import type { ContainerPlan, PodBehaviour } from '../../../../local/kubernetes/kubelet/kubelet.ts'
import { qosClassOf } from '../../../../local/kubernetes/store/defaults/qos.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { cluster, deployment, type TestCluster } from '../support/cluster.ts'

const pod = (spec: Partial<PodSpec> = {}): Pod => ({
  metadata: { name: 'carts', namespace: 'carts' },
  spec: { containers: [{ name: 'carts', image: 'carts:1' }], ...spec },
})

const started = (behaviour: PodBehaviour, spec: Partial<PodSpec> = {}) => {
  const local = cluster(behaviour)
  local.store.create(resources.pods, pod(spec))
  const read = () => local.store.read(resources.pods, 'carts', 'carts')
  return { ...local, read, carts: () => read().status?.containerStatuses?.[0] }
}

const conditions = ({ status }: StoredPod) =>
  (status?.conditions ?? []).map(
    ({ type, status: holds, reason }) => `${type}=${holds}${reason ? `/${reason}` : ''}`,
  )

const eventsOf = ({ events }: Pick<TestCluster, 'events'>) =>
  events()
    .filter(({ about }) => about === 'Pod/carts')
    .map(({ type, reason, message, count }) => `${type} ${reason} x${count}: ${message}`)

const crash: ContainerPlan = {
  startMs: 100,
  exit: { afterMs: 1000, code: 1, log: 'not authorized\n' },
  log: 'starting\n',
}

describe('a pod', () => {
  it('is bound, created, run and ready, and says so on the way', () => {
    const local = started(() => ({ startMs: 500, readyAfterMs: 1000 }))
    local.clock.advance(5)
    expect(local.read().spec.nodeName).toBe('ip-10-42-10-10.us-west-2.compute.internal')
    expect(local.read().metadata.generation).toBe(1)
    expect(conditions(local.read())).toEqual(['PodScheduled=True'])
    local.clock.advance(5)
    expect(local.read().status).toMatchObject({
      phase: 'Pending',
      hostIP: '10.42.10.10',
      qosClass: 'BestEffort',
    })
    expect(local.carts()).toMatchObject({ state: { waiting: { reason: 'ContainerCreating' } }, ready: false })
    expect(conditions(local.read())).toEqual([
      'PodReadyToStartContainers=False',
      'Initialized=True',
      'Ready=False/ContainersNotReady',
      'ContainersReady=False/ContainersNotReady',
      'PodScheduled=True',
    ])
    local.clock.advance(500)
    expect(local.read().status).toMatchObject({ phase: 'Running', podIP: '10.42.10.11' })
    expect(local.carts()).toMatchObject({ state: { running: {} }, ready: false, started: true })
    local.clock.advance(1000)
    expect(conditions(local.read())).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ])
    expect(eventsOf(local)).toEqual([
      'Normal Scheduled x1: Successfully assigned carts/carts to ip-10-42-10-10.us-west-2.compute.internal',
      'Normal Pulling x1: Pulling image "carts:1"',
      'Normal Pulled x1: Successfully pulled image "carts:1" in 500ms (500ms including waiting). Image size: 0 bytes.',
      'Normal Created x1: Created container: carts',
      'Normal Started x1: Started container carts',
    ])
  })

  it('remembers when each of its conditions last changed', () => {
    const local = started(() => ({ startMs: 5000, readyAfterMs: 5000 }))
    local.clock.advance(20_000)
    const times = local
      .read()
      .status?.conditions?.map(
        ({ type, lastTransitionTime }) => `${type} ${lastTransitionTime?.slice(-3, -1)}`,
      )
    expect(times).toEqual([
      'PodReadyToStartContainers 05',
      'Initialized 00',
      'Ready 10',
      'ContainersReady 10',
      'PodScheduled 00',
    ])
  })

  it('without a plan for its readiness follows its probe', () => {
    const readinessProbe = { initialDelaySeconds: 15, periodSeconds: 3, httpGet: { port: 80 } }
    const local = started(() => ({}), { containers: [{ name: 'carts', image: 'carts:1', readinessProbe }] })
    local.clock.advance(15_400)
    expect(local.carts()?.ready).toBe(false)
    local.clock.advance(200)
    expect(local.carts()?.ready).toBe(true)
  })

  it('that stays unready has its probe complained of', () => {
    const readinessProbe = { initialDelaySeconds: 5, periodSeconds: 10, httpGet: { port: 80 } }
    const local = started(() => ({ readyAfterMs: Number.POSITIVE_INFINITY }), {
      containers: [{ name: 'carts', image: 'carts:1', readinessProbe }],
    })
    local.clock.advance(30_000)
    expect(eventsOf(local)).toContain(
      'Warning Unhealthy x3: Readiness probe failed: HTTP probe failed with statuscode: 503',
    )
  })
})

describe('a crash', () => {
  it('brings one restart at once, and from then on a back-off that doubles', () => {
    const local = started(() => crash)
    const starts: number[] = []
    const begun = local.clock.now()
    local.store.subscribe(({ resource, object }) => {
      const running = (object as StoredPod).status?.containerStatuses?.[0]
      if (resource === resources.pods && running?.state?.running && starts.length <= running.restartCount)
        starts.push(Math.floor((local.clock.now() - begun) / 1000))
    })
    local.clock.advance(200_000)
    // Each round is a start, a second of running, and a second until somebody notices.
    expect(starts).toEqual([0, 2, 14, 36, 78, 160])
    expect(local.carts()).toMatchObject({
      restartCount: 5,
      ready: false,
      state: {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: `back-off 2m40s restarting failed container=carts pod=carts_carts(${local.read().metadata.uid})`,
        },
      },
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    })
    expect(local.read().status?.phase).toBe('Running')
    expect(eventsOf(local)).toContain(
      `Warning BackOff x5: Back-off restarting failed container carts in pod carts_carts(${local.read().metadata.uid})`,
    )
  })

  it('is over when a later start goes well', () => {
    let authorized = false
    const local = started(() => (authorized ? { startMs: 100, log: 'up\n' } : crash))
    local.clock.advance(5000)
    expect(local.carts()?.state?.waiting?.reason).toBe('CrashLoopBackOff')
    authorized = true
    local.clock.advance(15_000)
    expect(local.carts()).toMatchObject({
      ready: true,
      restartCount: 2,
      lastState: { terminated: { exitCode: 1 } },
    })
  })

  it('passes the plan how many starts there have been', () => {
    const attempts: number[] = []
    const local = started((_pod, _container, attempt) => {
      attempts.push(attempt)
      return attempt < 2 ? crash : {}
    })
    local.clock.advance(60_000)
    expect(attempts).toEqual([0, 1, 2])
  })

  it.each([
    ['Never', 1, 'Failed'],
    ['Never', 0, 'Succeeded'],
    ['OnFailure', 0, 'Succeeded'],
    ['OnFailure', 1, 'Running'],
  ] as const)('with restartPolicy %s and exit code %d leaves the pod %s', (restartPolicy, code, phase) => {
    const local = started(() => ({ startMs: 100, exit: { afterMs: 100, code } }), { restartPolicy })
    local.clock.advance(5000)
    expect(local.read().status?.phase).toBe(phase)
  })
})

describe('a pod that has run to its end', () => {
  it('no longer counts as one of a set', () => {
    const local = started(() => ({ startMs: 100, exit: { afterMs: 100, code: 0 } }), {
      restartPolicy: 'Never',
    })
    expect(isActive(local.read())).toBe(true)
    local.clock.advance(1000)
    expect(isActive(local.read())).toBe(false)
  })
})

describe('an image that cannot be pulled', () => {
  const pullError = 'failed to resolve reference "carts:1": not found'

  it('is backed off from, and pulled again', () => {
    let broken = true
    const local = started(() => (broken ? { startMs: 100, pullError } : { startMs: 100 }))
    local.clock.advance(500)
    expect(local.carts()?.state?.waiting).toEqual({ reason: 'ErrImagePull', message: pullError })
    local.clock.advance(2000)
    expect(local.carts()?.state?.waiting).toEqual({
      reason: 'ImagePullBackOff',
      message: `Back-off pulling image "carts:1": ErrImagePull: ${pullError}`,
    })
    expect(local.read().status?.phase).toBe('Pending')
    expect(eventsOf(local)).toEqual(
      expect.arrayContaining([
        `Warning Failed x1: Failed to pull image "carts:1": ${pullError}`,
        'Warning Failed x1: Error: ErrImagePull',
        'Normal BackOff x1: Back-off pulling image "carts:1"',
      ]),
    )
    broken = false
    local.clock.advance(20_000)
    expect(local.carts()).toMatchObject({ ready: true, restartCount: 0 })
  })
})

describe('init containers', () => {
  const initContainers = [
    { name: 'first', image: 'init' },
    { name: 'second', image: 'init' },
  ]

  it('run one after the other, before the rest', () => {
    const local = started(
      ({ status }, { name }) => {
        const ended = (status?.initContainerStatuses ?? []).filter(({ state }) => state?.terminated).length
        expect(ended).toBe(name === 'first' ? 0 : name === 'second' ? 1 : 2)
        return { startMs: 100 }
      },
      { initContainers },
    )
    local.clock.advance(50)
    expect(conditions(local.read())).toContain('Initialized=False/ContainersNotInitialized')
    expect(local.carts()?.state?.waiting?.reason).toBe('PodInitializing')
    local.clock.advance(1000)
    expect(conditions(local.read())).toContain('Initialized=True')
    expect(local.carts()?.ready).toBe(true)
  })

  it('that fail hold everything up', () => {
    const local = started(
      (_pod, { name }) => ({ startMs: 100, ...(name === 'second' && { exit: { afterMs: 10, code: 1 } }) }),
      { initContainers },
    )
    local.clock.advance(10_000)
    expect(local.read().status).toMatchObject({ phase: 'Pending' })
    expect(local.read().status?.initContainerStatuses?.[1]?.state?.waiting?.reason).toBe('CrashLoopBackOff')
  })
})

describe('an end', () => {
  it('leaves the container its time, then removes the pod', () => {
    const local = started(() => ({ startMs: 100, stopMs: 800 }))
    local.clock.advance(1000)
    const statuses: StoredPod[] = []
    local.store.subscribe(({ resource, object }) => {
      if (resource === resources.pods) statuses.push(object as StoredPod)
    })
    local.store.delete(resources.pods, 'carts', 'carts')
    local.clock.advance(700)
    expect(local.carts()?.ready).toBe(true)
    local.clock.advance(200)
    expect(local.pods()).toEqual([])
    const last = statuses.at(-1)
    expect(last?.status?.phase).toBe('Failed')
    expect(last?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 143,
      reason: 'Error',
    })
    expect(eventsOf(local)).toContain('Normal Killing x1: Stopping container carts')
  })

  it('comes by force after the grace period', () => {
    const local = started(() => ({ startMs: 100, stopMs: Number.POSITIVE_INFINITY }), {
      terminationGracePeriodSeconds: 10,
    })
    local.clock.advance(1000)
    let code: number | undefined
    local.store.subscribe(({ object }) => {
      code = (object as StoredPod).status?.containerStatuses?.[0]?.state?.terminated?.exitCode ?? code
    })
    local.store.delete(resources.pods, 'carts', 'carts')
    local.clock.advance(9900)
    expect(local.pods()).toHaveLength(1)
    local.clock.advance(200)
    expect(local.pods()).toEqual([])
    expect(code).toBe(137)
  })

  it('comes quickly for a pod that was still on its way up', () => {
    const local = started(() => ({ startMs: 60_000 }))
    local.clock.advance(1000)
    local.store.delete(resources.pods, 'carts', 'carts')
    local.clock.advance(100)
    expect(local.pods()).toEqual([])
  })
})

describe('logs', () => {
  const where = { namespace: 'carts', name: 'carts' }

  it('are those of the present start, or of the one before', () => {
    const local = started((_pod, _container, attempt) =>
      attempt === 0 ? crash : { startMs: 100, log: 'up\n' },
    )
    expect(local.kubelet.logs(where, 'carts')).toBeUndefined()
    local.clock.advance(1200)
    expect(local.kubelet.logs(where, 'carts')).toBe('starting\nnot authorized\n')
    expect(local.kubelet.logs(where, 'carts', { previous: true })).toBeUndefined()
    local.clock.advance(3000)
    expect(local.kubelet.logs(where, 'carts')).toBe('up\n')
    expect(local.kubelet.logs(where, 'carts', { previous: true })).toBe('starting\nnot authorized\n')
    expect(local.kubelet.logs(where, 'other')).toBeUndefined()
  })

  it('can be cut to their end, to the last seconds, and dated', () => {
    const local = started(() => crash)
    local.clock.advance(1600)
    const read = (options: object) => local.kubelet.logs(where, 'carts', options)
    expect(read({ tailLines: 1 })).toBe('not authorized\n')
    expect(read({ tailLines: 0 })).toBe('')
    expect(read({ sinceSeconds: 1 })).toBe('not authorized\n')
    expect(read({ tailLines: 1, timestamps: true })).toBe('2026-01-01T00:00:01.110Z not authorized\n')
  })
})

describe('a node', () => {
  it('that falls silent has its pods unready, until it is back', () => {
    const local = started(() => ({ startMs: 100 }))
    local.clock.advance(1000)
    const node = local.read().spec.nodeName ?? ''
    local.kubelet.setNodeReady(node, false)
    local.clock.advance(100)
    expect(conditions(local.read())).toContain('Ready=False')
    expect(eventsOf(local)).toContain('Warning NodeNotReady x1: Node is not ready')
    local.kubelet.setNodeReady(node, true)
    expect(conditions(local.read())).toContain('Ready=True')
    local.clock.advance(600_000)
    expect(conditions(local.read())).toContain('Ready=True')
  })

  it('that stays silent loses its pods after five minutes, though they cannot end before it is back', () => {
    const local = cluster(() => ({ startMs: 100, stopMs: 100 }))
    local.store.create(resources.deployments, deployment({ replicas: 3 }))
    local.clock.advance(10_000)
    const lost = local.pods()[0]
    const node = lost?.spec.nodeName ?? ''
    const names = () => local.pods().map(({ metadata }) => metadata.name)
    local.kubelet.setNodeReady(node, false)
    local.clock.advance(299_000)
    expect(local.pods()).toHaveLength(3)
    local.clock.advance(10_000)
    expect(local.pods().filter(isActive)).toHaveLength(3)
    expect(names()).toContain(lost?.metadata.name)
    expect(names()).toHaveLength(4)
    local.kubelet.setNodeReady(node, true)
    local.clock.advance(1000)
    expect(names()).not.toContain(lost?.metadata.name)
    expect(names()).toHaveLength(3)
  })

  const unfit: [string, Partial<PodSpec>, string][] = [
    [
      'no node has the label',
      { nodeSelector: { disk: 'ssd' } },
      "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.",
    ],
    [
      'the fitting node is cordoned',
      { nodeSelector: { 'topology.kubernetes.io/zone': 'us-west-2a' } },
      "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.",
    ],
  ]
  it.each(unfit)('is not found when %s; a mended one takes the pod', (_why, spec, message) => {
    const local = cluster()
    const [first, second] = local.store.list(resources.nodes).map(({ metadata }) => metadata.name)
    local.store.mutate(resources.nodes, undefined, first ?? '', (draft) => {
      draft.spec.unschedulable = true
      return draft
    })
    local.store.mutate(resources.nodes, undefined, second ?? '', (draft) => {
      draft.spec.taints = [{ key: 'gpu', effect: 'NoSchedule' }]
      return draft
    })
    local.store.create(resources.pods, pod(spec))
    local.clock.advance(1000)
    const waiting = local.store.read(resources.pods, 'carts', 'carts')
    expect(waiting.status?.conditions).toEqual([
      expect.objectContaining({
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: expect.stringContaining(message) as string,
      }),
    ])
    expect(eventsOf(local)[0]).toMatch(/^Warning FailedScheduling/)
    local.store.mutate(resources.nodes, undefined, first ?? '', (draft) => {
      draft.spec = {}
      draft.metadata.labels = { ...draft.metadata.labels, disk: 'ssd' }
      return draft
    })
    local.clock.advance(1000)
    expect(local.store.read(resources.pods, 'carts', 'carts').spec.nodeName).toBe(first)
  })

  it('is missed when there is none at all', () => {
    const local = cluster()
    for (const { metadata } of local.store.list(resources.nodes))
      local.store.delete(resources.nodes, undefined, metadata.name)
    local.store.create(resources.pods, pod())
    local.clock.advance(1000)
    expect(eventsOf(local)).toEqual(['Warning FailedScheduling x1: no nodes available to schedule pods'])
  })
})

describe('admission', () => {
  it('mounts the ServiceAccount’s token, unless the pod does not want it', () => {
    const local = started(() => ({}))
    const volume = local.read().spec.volumes?.[0]?.name ?? ''
    expect(volume).toMatch(/^kube-api-access-[a-z0-9]{5}$/)
    expect(local.read().spec.containers[0]?.volumeMounts).toEqual([
      { name: volume, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ])
    expect(local.read().spec.serviceAccountName).toBe('default')
    const without = started(() => ({}), { automountServiceAccountToken: false })
    expect(without.read().spec.volumes).toBeUndefined()
  })

  it('refuses a pod whose ServiceAccount is not there', () => {
    const { store } = cluster()
    expect(() => store.create(resources.pods, pod({ serviceAccountName: 'nobody' }))).toThrow(
      'pods "carts" is forbidden: error looking up service account carts/nobody: serviceaccount "nobody" not found',
    )
  })

  it('gives every namespace its default ServiceAccount, again when that is deleted', () => {
    const { store } = cluster()
    store.delete(resources.serviceaccounts, 'carts', 'default')
    expect(store.get(resources.serviceaccounts, 'carts', 'default')).toBeDefined()
  })
})

describe('quality of service', () => {
  const cases: [string, PodSpec['containers'][0]['resources'], string][] = [
    ['nothing said', undefined, 'BestEffort'],
    ['requests alone', { requests: { cpu: '1' } }, 'Burstable'],
    ['limits alone count as requests', { limits: { cpu: '1', memory: '1Gi' } }, 'Guaranteed'],
    [
      'less requested than allowed',
      { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m' } },
      'Burstable',
    ],
    ['memory without limit', { limits: { cpu: '1' } }, 'Burstable'],
  ]
  it.each(cases)('%s', (_why, wanted, expected) => {
    const containers = [{ name: 'c', image: 'c', ...(wanted && { resources: wanted }) }]
    expect(qosClassOf({ spec: { containers } })).toBe(expected)
  })
})
