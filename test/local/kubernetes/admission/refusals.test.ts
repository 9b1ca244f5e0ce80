import { describe, expect, it } from 'vitest'
import type { LimitRangeItem, PodSpec, ResourceQuotaSpec } from '../../../../core/kubernetes.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import type { Store } from '../../../../local/kubernetes/store/store.ts'
import { cluster, deployment } from '../support/cluster.ts'

const pod = (spec: Partial<PodSpec> = {}) => ({
  metadata: { name: 'carts', namespace: 'carts' },
  spec: { containers: [{ name: 'c', image: 'c:1' }], ...spec },
})

/** A pod whose container has these resources. */
const sized = (requests: Record<string, string>, limits: Record<string, string> = {}) =>
  pod({ containers: [{ name: 'c', image: 'c:1', resources: { requests, limits } }] })

const label = (store: Store, labels: Record<string, string>, warn: (text: string) => void = () => {}) =>
  store.mutate(
    resources.namespaces,
    undefined,
    'carts',
    (draft) => ({
      ...draft,
      metadata: { ...draft.metadata, labels: { ...draft.metadata.labels, ...labels } },
    }),
    { warn },
  )

/** Why a pod is refused; the dry run of it is refused with the same words. */
const refusal = (store: Store, object: ReturnType<typeof pod>): string | undefined => {
  const attempt = (dryRun: boolean) => {
    try {
      store.create(resources.pods, object, { dryRun })
      return undefined
    } catch (error) {
      return String((error as Error).message)
    }
  }
  const dry = attempt(true)
  expect(attempt(false)).toBe(dry)
  return dry
}

describe('ResourceQuota', () => {
  const limited = (hard: Record<string, string>, spec: ResourceQuotaSpec = {}) => {
    const local = cluster()
    local.store.create(resources.resourcequotas, {
      metadata: { name: 'compute', namespace: 'carts' },
      spec: { hard, ...spec },
    })
    return local
  }

  it('refuses the pod that is one too many, and says what is used', () => {
    const { store } = limited({ pods: '1' })
    expect(refusal(store, pod())).toBeUndefined()
    const second = { ...pod(), metadata: { name: 'second', namespace: 'carts' } }
    expect(refusal(store, second)).toBe(
      'pods "second" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=1, limited: pods=1',
    )
  })

  const cases: [string, Record<string, string>, ReturnType<typeof pod>, string | undefined][] = [
    [
      'what is counted must be said',
      { 'limits.memory': '1Gi', 'requests.cpu': '1' },
      pod(),
      'failed quota: compute: must specify limits.memory for: c; requests.cpu for: c',
    ],
    [
      'sums are written in the shortest exact form',
      { 'requests.cpu': '1', 'requests.memory': '1Gi' },
      sized({ cpu: '1500m', memory: '2048Mi' }),
      'exceeded quota: compute, requested: requests.cpu=1500m,requests.memory=2Gi, used: requests.cpu=0,requests.memory=0, limited: requests.cpu=1,requests.memory=1Gi',
    ],
    ['within the quota', { cpu: '1', memory: '1Gi' }, sized({ cpu: '1', memory: '1Gi' }), undefined],
    ['other kinds are counted by their names', { 'count/deployments.apps': '0' }, pod(), undefined],
  ]
  it.each(cases)('%s', (_why, hard, object, why) => {
    const { store } = limited(hard)
    expect(refusal(store, object)).toBe(why && `pods "carts" is forbidden: ${why}`)
  })

  it('counts objects of any kind', () => {
    const { store } = limited({ 'count/deployments.apps': '0', configmaps: '5' })
    expect(() => store.create(resources.deployments, deployment())).toThrow(
      'deployments.apps "carts" is forbidden: exceeded quota: compute, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    )
  })

  it('counts only the pods of its scopes', () => {
    const { store } = limited({ pods: '0' }, { scopes: ['BestEffort'] })
    expect(refusal(store, sized({ cpu: '1' }))).toBeUndefined()
    const bestEffort = { ...pod(), metadata: { name: 'second', namespace: 'carts' } }
    expect(refusal(store, bestEffort)).toMatch(/exceeded quota: compute/)
  })

  it('shows in its status what is used, and in a Deployment why its pods are missing', () => {
    const local = limited({ pods: '1' })
    local.store.create(resources.deployments, deployment())
    local.clock.advance(5000)
    const { status } = local.store.read(resources.resourcequotas, 'carts', 'compute')
    expect(status).toEqual({ hard: { pods: '1' }, used: { pods: '1' } })
    expect(local.carts().status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'ReplicaFailure',
        reason: 'FailedCreate',
        message: expect.stringMatching(/^pods "carts-\w+-\w+" is forbidden: exceeded quota: compute/),
      }),
    )
  })
})

describe('LimitRange', () => {
  const ranged = (item: LimitRangeItem) => {
    const local = cluster()
    local.store.create(resources.limitranges, {
      metadata: { name: 'limits', namespace: 'carts' },
      spec: { limits: [item] },
    })
    return local
  }
  const container = (item: Partial<LimitRangeItem>): LimitRangeItem => ({ type: 'Container', ...item })

  it('gives containers its defaults, and notes what it gave', () => {
    const { store } = ranged(container({ default: { cpu: '500m' }, defaultRequest: { cpu: '0.1' } }))
    const { metadata, spec } = store.create(resources.pods, pod())
    expect(spec.containers[0]?.resources).toEqual({ requests: { cpu: '100m' }, limits: { cpu: '500m' } })
    expect(metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
    })
  })

  const cases: [string, LimitRangeItem, ReturnType<typeof pod>, string | undefined][] = [
    [
      'more than the most',
      container({ max: { memory: '1Gi' } }),
      sized({}, { memory: '1536Mi' }),
      'maximum memory usage per Container is 1Gi, but limit is 1536Mi',
    ],
    [
      'less than the least',
      container({ min: { cpu: '100m' } }),
      sized({ cpu: '0.05' }),
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [
      'several complaints are one list',
      container({ max: { cpu: '1', memory: '1Gi' } }),
      sized({}, { cpu: '2', memory: '2Gi' }),
      '[maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    ],
    [
      'a pod that leaves open what is bounded for pods',
      { type: 'Pod', max: { cpu: '1' } },
      pod(),
      'maximum cpu usage per Pod is 1. No limit is specified',
    ],
    [
      'too much more allowed than asked for',
      container({ maxLimitRequestRatio: { cpu: '2' } }),
      sized({ cpu: '100m' }, { cpu: '300m' }),
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
    ['within the bounds', container({ max: { cpu: '1' } }), sized({}, { cpu: '1' }), undefined],
  ]
  it.each(cases)('%s', (_why, item, object, why) => {
    const { store } = ranged(item)
    expect(refusal(store, object)).toBe(why && `pods "carts" is forbidden: ${why}`)
  })
})

describe('PodSecurity', () => {
  const secured = (level: string, mode = 'enforce') => {
    const local = cluster()
    label(local.store, { [`pod-security.kubernetes.io/${mode}`]: level })
    return local
  }
  const safe: Partial<PodSpec> = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'c',
        image: 'c:1',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  }
  const cases: [string, string, Partial<PodSpec>, string | undefined][] = [
    [
      'restricted refuses what says nothing',
      'restricted',
      {},
      'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ],
    ['restricted takes what says it all', 'restricted', safe, undefined],
    ['baseline takes what says nothing', 'baseline', {}, undefined],
    [
      'baseline refuses the host’s own',
      'baseline',
      {
        hostNetwork: true,
        volumes: [{ name: 'root', hostPath: { path: '/' } }],
        containers: [
          { name: 'c', image: 'c:1', ports: [{ containerPort: 80 }], securityContext: { privileged: true } },
        ],
      },
      'host namespaces (hostNetwork=true), hostPath volumes (volume "root"), hostPort (container "c" uses hostPort 80), privileged (container "c" must not set securityContext.privileged=true)',
    ],
    [
      'capabilities beyond the default',
      'baseline',
      {
        containers: [
          { name: 'c', image: 'c:1', securityContext: { capabilities: { add: ['SYS_TIME', 'NET_ADMIN'] } } },
        ],
      },
      'non-default capabilities (container "c" must not include "NET_ADMIN", "SYS_TIME" in securityContext.capabilities.add)',
    ],
    [
      'root by its number',
      'restricted',
      { ...safe, securityContext: { ...safe.securityContext, runAsUser: 0 } },
      'runAsUser=0 (pod must not set runAsUser=0)',
    ],
  ]
  it.each(cases)('%s', (_why, level, spec, why) => {
    const { store } = secured(level)
    expect(refusal(store, pod(spec))).toBe(
      why && `pods "carts" is forbidden: violates PodSecurity "${level}:latest": ${why}`,
    )
  })

  it('warns of workloads whose pods would be refused, and keeps them', () => {
    const { store } = secured('baseline', 'warn')
    const warnings: string[] = []
    store.create(resources.deployments, deployment({}, { hostNetwork: true }), {
      warn: (text) => warnings.push(text),
    })
    expect(warnings).toEqual([
      'would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    ])
  })

  it('warns of the pods that are there when a namespace becomes stricter', () => {
    const { store } = cluster()
    for (const name of ['b', 'a'])
      store.create(resources.pods, { ...pod({ hostPID: true }), metadata: { name, namespace: 'carts' } })
    const warnings: string[] = []
    label(store, { 'pod-security.kubernetes.io/enforce': 'baseline' }, (text) => warnings.push(text))
    expect(warnings).toEqual([
      'existing pods in namespace "carts" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 1 other pod): host namespaces',
    ])
  })

  it('refuses a level that does not exist', () => {
    const { store } = cluster()
    expect(() => label(store, { 'pod-security.kubernetes.io/enforce': 'strict' })).toThrow(
      'Namespace "carts" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Unsupported value: "strict": supported values: "privileged", "baseline", "restricted"',
    )
  })
})
