import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { agentOnNodes } from '../../../adapters/kubernetes/agents.ts'
import { explaining, explainWithinMs } from '../../../adapters/kubernetes/explain.ts'
import { configMapsOf, diagnosisFacts, serviceAccount } from '../../../adapters/kubernetes/inspect.ts'
import { podsOf } from '../../../adapters/kubernetes/pods.ts'
import { type ProbeRequest, probeInjection } from '../../../adapters/kubernetes/probe.ts'
import { observeRollout } from '../../../adapters/kubernetes/watch.ts'
import { workloads } from '../../../adapters/kubernetes/workloads.ts'
import type { PodSpec } from '../../../core/kubernetes.ts'
import { diagnose } from '../../../core/workload/diagnosis/diagnosis.ts'
import { checkInjection } from '../../../core/workload/injection.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { StatusError } from '../../../local/kubernetes/store/status.ts'
import { agent } from '../../../local/scenarios/workshop/objects.ts'
import {
  cartsDeployment,
  cartsRef,
  leastRules,
  type ServedCluster,
  serveCluster,
} from '../../support/servers/served-cluster.ts'

let cluster: ServedCluster

type Options = Parameters<typeof serveCluster>[0]

/** For the tests of a group that each begin with a cluster of their own. */
const serve = async (options?: Options) => {
  cluster = await serveCluster(options)
  started.push(cluster)
}
const started: ServedCluster[] = []
afterEach(async () => {
  for (const one of started.splice(0)) await one.close()
})

/** One cluster for the rows of a table, which leave it as it was. */
const sharing = (options?: Options) => {
  let shared: ServedCluster
  beforeAll(async () => {
    shared = await serveCluster(options)
    await shared.deploy()
  })
  afterAll(() => shared.close())
  return () => {
    cluster = shared
  }
}

/** The answer while the API server answers an operation with an error. */
const during = async <Answer>(operation: string, status: number, act: () => Promise<Answer>) => {
  const action = { kind: 'error', status, code: 'Fault' } as const
  const withdraw = cluster.calls.inject({ operation, times: 1000, action })
  try {
    return await act()
  } finally {
    withdraw()
  }
}

const without = (resource: string) =>
  leastRules
    .map((rule) => ({ ...rule, resources: (rule.resources ?? []).filter((name) => name !== resource) }))
    .filter(({ resources: left }) => left.length > 0)

describe('the probe', () => {
  const probe = (request: Partial<ProbeRequest> = {}) =>
    probeInjection(cluster.connection, { namespace: 'carts', serviceAccount: 'carts', ...request })

  it('says whether a pod made now would get the credentials, and makes none', async () => {
    await serve()
    await cluster.deploy()
    expect(await probe()).toMatchObject({ outcome: 'not-injected' })
    cluster.associate()
    expect(await probe({ template: cartsDeployment().spec?.template })).toMatchObject({ outcome: 'injected' })
    expect(cluster.store.list(resources.pods, { namespace: 'carts' })).toHaveLength(2)
    expect(cluster.calls.writes()).toEqual([])
  })

  it('mounts something where a StatefulSet has claims', async () => {
    await serve()
    cluster.associate()
    const volumeMounts = [
      { name: 'data', mountPath: '/data' },
      { name: 'tmp', mountPath: '/tmp' },
    ]
    const template = {
      spec: {
        containers: [{ name: 'carts', image: 'carts:1', volumeMounts }],
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
    }
    const { outcome, message } = await probe({ template })
    expect(outcome, message).toBe('injected')
  })

  it('that may not be made is denied', async () => {
    await serve({ rules: without('pods') })
    expect(await probe()).toMatchObject({
      outcome: 'denied',
      message: expect.stringContaining('cannot create'),
    })
  })

  describe('that a policy turns down', () => {
    const share = sharing()

    it.each([
      [403, 'Forbidden', 'pods "podid-probe-" is forbidden: exceeded quota: compute'],
      [400, 'BadRequest', 'admission webhook "policy" does not support dry run'],
      [413, 'RequestEntityTooLarge', 'the pod is too large'],
      [451, 'Unknown', 'not in this country'],
      [401, 'Unauthorized', "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"],
      [409, 'Conflict', 'admission webhook "policy" denied the request: no'],
      [500, 'InternalError', 'admission webhook "policy" denied the request: no'],
      [422, 'Invalid', 'Pod "podid-probe-" is invalid: spec.containers[0].image: Forbidden'],
    ])('with %i is rejected', async (status, reason, message) => {
      share()
      cluster.store.admission.push((resource, object) => {
        if (resource === resources.pods) throw new StatusError(status, reason, message)
        return object
      })
      const { outcome, message: said } = await probe().finally(() => cluster.store.admission.pop())
      expect({ outcome, said }).toEqual({ outcome: 'rejected', said: message })
    })
  })

  it('that the server has no time for is to be made again', async () => {
    await serve()
    cluster.calls.inject({
      operation: 'create pods',
      action: { kind: 'error', status: 500, code: 'InternalError' },
    })
    await expect(probe()).rejects.toMatchObject({ name: 'Transient' })
  })
})

it('finds the one pod that the webhook missed', async () => {
  await serve()
  await cluster.deploy()
  cluster.associate()
  cluster.webhook.missNext(1)
  const { generation } = await workloads(cluster.connection).restart(
    cartsRef,
    'carts',
    '2026-01-01T00:10:00Z',
  )
  await observeRollout({
    connection: cluster.connection,
    ref: cartsRef,
    namespace: 'carts',
    generation,
    budgetMs: 900_000,
  })
  const workload = await workloads(cluster.connection).get(cartsRef, 'carts')
  const { current } = await podsOf(cluster.connection, cartsRef, workload ?? {})
  const { injected, findings } = checkInjection(current, {
    ref: cartsRef,
    namespace: 'carts',
    configMaps: [],
  })
  expect(injected).toBe(false)
  expect(findings).toMatchObject([
    {
      code: 'injection-missing',
      found: expect.stringMatching(/^1 of 2 pods have no Pod Identity credentials/),
    },
  ])
})

// Time is held, so that pods do not change between the reads of one diagnosis.
describe('a diagnosis', () => {
  const denial =
    'User: arn:aws:sts::123456789012:assumed-role/carts-dynamo/eks-carts is not authorized to perform: dynamodb:Query'

  const diagnosed = async () => {
    const workload = await workloads(cluster.connection).get(cartsRef, 'carts')
    return diagnose(await diagnosisFacts(cluster.connection, cartsRef, workload ?? {}))
  }
  const crashing = () => ({
    startMs: 100,
    exit: { afterMs: 200, code: 1, reason: 'Error', log: `${denial}\n` },
  })

  it('quotes what the crashing container wrote', async () => {
    await serve({ behaviour: crashing, held: true })
    await cluster.deploy()
    const [first] = await diagnosed()
    expect(first).toMatchObject({
      code: 'rollout-access-denied',
      found: expect.stringMatching(
        /CrashLoopBackOff, exit code 1 \(Error\), restarted .*; it wrote: User: arn/,
      ),
      remedy: {
        advice: expect.stringMatching(/does not say which policy denies dynamodb:Query/),
        command: expect.stringMatching(/^kubectl logs carts-/),
      },
    })
  })

  it('does without logs and events where they may not be read', async () => {
    await serve({
      held: true,
      behaviour: crashing,
      rules: without('pods/log').filter(({ resources: names }) => !names.includes('events')),
    })
    await cluster.deploy()
    expect(await diagnosed()).toMatchObject([
      { code: 'rollout-crash-loop' },
      {
        code: 'diagnosis-incomplete',
        found: expect.stringMatching(/list events .*403.*get pods\/log .*403/),
      },
    ])
  })

  const faults = [403, 404, 409, 410, 429, 500, 503]
  const explains = ['get pods/log', 'list events', 'list replicasets', 'list pods']
  const cells = explains.flatMap((operation) => faults.map((status) => ({ operation, status })))
  describe('is no failure', () => {
    const share = sharing({ held: true, behaviour: crashing })

    it.each(cells)('where $operation answers $status, and says so', async ({ operation, status }) => {
      share()
      expect(await during(operation, status, diagnosed)).toContainEqual(
        expect.objectContaining({
          code: 'diagnosis-incomplete',
          severity: 'warning',
          found: expect.stringMatching(`${operation} .*: ${status} `),
        }),
      )
    })
  })

  it('asks a second time for what fails for a moment', async () => {
    await serve({ held: true, behaviour: crashing })
    await cluster.deploy()
    cluster.calls.inject({ operation: 'get pods/log', action: { kind: 'error', status: 500, code: 'Fault' } })
    expect((await diagnosed()).map(({ code }) => code)).not.toContain('diagnosis-incomplete')
  })

  it('takes no longer than its limit, whatever hangs, and reports the rest', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const hanging = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    const explained = explaining(undefined, (ask) =>
      Promise.all([ask('the log', hanging), ask('the events', async () => 'seen')]),
    )
    await vi.advanceTimersByTimeAsync(explainWithinMs)
    expect(await explained).toEqual({
      answer: [undefined, 'seen'],
      unseen: [{ what: 'the log', why: 'no answer within 10 s' }],
    })
    vi.useRealTimers()
  })

  it('names the image that cannot be pulled, and shows the warnings', async () => {
    await serve({ held: true, behaviour: () => ({ pullError: 'rpc error: not found' }) })
    await cluster.deploy()
    const findings = await diagnosed()
    expect(findings.map(({ code }) => code)).toEqual(['rollout-image-pull', 'rollout-warnings'])
  })

  it('repeats what the scheduler says', async () => {
    await serve({ held: true })
    const deployment = cartsDeployment()
    Object.assign(deployment.spec?.template.spec ?? {}, { nodeSelector: { disk: 'ssd' } })
    await cluster.deploy(deployment)
    expect(await diagnosed()).toMatchObject([
      { code: 'rollout-unschedulable', found: expect.stringContaining('3 node(s) didn') },
      { code: 'rollout-warnings' },
    ])
  })

  it('says why pods cannot be made', async () => {
    await serve({ held: true })
    cluster.store.admission.push((resource, object) => {
      if (resource === resources.pods)
        throw new StatusError(403, 'Forbidden', 'pods "carts-" is forbidden: exceeded quota')
      return object
    })
    await cluster.deploy()
    expect(await diagnosed()).toMatchObject([
      { code: 'rollout-create-failed', found: expect.stringContaining('exceeded quota') },
      { code: 'rollout-warnings' },
    ])
  })
})

describe('reading what a workload stands on', () => {
  const spec: PodSpec = {
    containers: [
      {
        name: 'carts',
        envFrom: [{ configMapRef: { name: 'carts' } }, { configMapRef: { name: 'absent' } }],
        env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'more', key: 'x' } } }],
      },
    ],
  }

  it('finds its ServiceAccount', async () => {
    await serve()
    expect(await serviceAccount(cluster.connection, 'carts', 'carts')).toMatchObject({
      metadata: { name: 'carts' },
    })
    expect(await serviceAccount(cluster.connection, 'carts', 'absent')).toBeUndefined()
  })

  it('reads the ConfigMaps that containers read', async () => {
    await serve()
    for (const name of ['carts', 'more', 'unrelated']) {
      cluster.store.create(resources.configmaps, { metadata: { name, namespace: 'carts' } })
    }
    const found = await configMapsOf(cluster.connection, 'carts', spec)
    expect(found.map(({ metadata }) => metadata?.name)).toEqual(['carts', 'more'])
  })

  it('does without ConfigMaps that may not be read', async () => {
    await serve({ rules: without('configmaps') })
    expect(await configMapsOf(cluster.connection, 'carts', spec)).toEqual([])
  })

  describe('does without ConfigMaps', () => {
    const share = sharing()

    it.each([404, 409, 429, 500, 503])('where they answer %i, and says so', async (status) => {
      share()
      const configMaps = await during('get configmaps', status, () =>
        configMapsOf(cluster.connection, 'carts', spec),
      )
      const workload = await workloads(cluster.connection).get(cartsRef, 'carts')
      const { current } = await podsOf(cluster.connection, cartsRef, workload ?? {})
      const reading = current.map((pod) => ({ ...pod, spec: { ...pod.spec, ...spec } }))
      const { findings } = checkInjection(reading, {
        ref: cartsRef,
        namespace: 'carts',
        template: spec,
        configMaps,
      })
      expect(findings.map(({ code }) => code)).toContain('config-map-not-read')
    })
  })
})

it('sees the agent on every node, and the node without one', async () => {
  await serve()
  cluster.store.create(resources.clusterrolebindings, {
    metadata: { name: 'podid' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'podid' }],
  })
  cluster.store.create(resources.daemonsets, agent)
  await cluster.clock.advance(60_000)
  const [, second] = cluster.store.list(resources.nodes).map(({ metadata }) => metadata.name)
  const uncovered = cluster.store
    .list(resources.pods, { namespace: 'kube-system' })
    .find(({ spec }) => spec.nodeName === second)
  cluster.store.updateStatus(resources.pods, 'kube-system', uncovered?.metadata.name ?? '', (status) => ({
    ...status,
    conditions: [],
  }))
  const { daemonSets, nodes } = await agentOnNodes(cluster.connection, undefined)
  expect(daemonSets).toMatchObject([{ name: 'eks-pod-identity-agent', desired: 3 }])
  expect(nodes.map(({ covered }) => covered)).toEqual([true, false, true])
})
