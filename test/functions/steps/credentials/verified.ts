import { expect } from 'vitest'
import type { Association } from '../../../../core/association.ts'
import type { Deployment, Pod, PodSpec } from '../../../../core/kubernetes.ts'
import { type RequestInput, resolveRequest } from '../../../../core/request-input.ts'
import { restartAnnotation } from '../../../../core/workload/restart.ts'
import { verifyCredentials } from '../../../../functions/steps/verify-credentials.ts'
import { injectedSpec, pod } from '../../../support/pods.ts'
import { type Said, scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'
import { shop as cluster } from '../shop.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const session = (name: string) => `arn:aws:sts::123456789012:assumed-role/${name}/eks-shop-carts`
const association: Association = {
  id: 'a-1',
  arn: 'a',
  role,
  sessionTags: true,
  createdAt: '2026-11-23T06:00:00.000Z',
  modifiedAt: '2026-11-23T06:00:00.000Z',
  tags: {},
}
const owned = (kind: string, name: string, uid: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }],
})
const containers = [{ name: 'carts' }]
const deployment = (replicas: number, annotated?: string, spec: PodSpec = { containers }): Deployment => ({
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { name: 'carts', namespace: 'carts', uid: 'u-1', generation: 1 },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'carts' } },
    template: {
      ...(annotated && { metadata: { annotations: { [restartAnnotation]: annotated } } }),
      spec,
    },
  },
  status: { observedGeneration: 1 },
})
/** A pod of the current revision, on the node. */
const carts = (
  name: string,
  { injected = true, ip = '10.0.0.1', phase = 'Running', spec = { containers } as PodSpec } = {},
): Pod =>
  pod({
    metadata: { name, uid: `uid-${name}`, ...owned('ReplicaSet', 'carts-2', 'rs-2') },
    spec: { ...(injected ? injectedSpec(spec) : spec), nodeName: 'n-1' },
    status: { phase, podIP: ip, startTime: '2026-01-01T00:01:00Z' },
  })
const agentSet = {
  metadata: {
    name: 'agent',
    namespace: 'kube-system',
    uid: 'ds',
    labels: { 'app.kubernetes.io/name': 'eks-pod-identity-agent' },
  },
}
const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
const agent = {
  metadata: { name: 'agent-1', namespace: 'kube-system', ...owned('DaemonSet', 'agent', 'ds') },
  spec: { nodeName: 'n-1', containers: [] },
  status: ready,
}
const node = { metadata: { name: 'n-1' }, status: ready }
const line = (fields: object) => JSON.stringify({ time: '2026-01-01T00:02:00Z', level: 'info', ...fields })
/** The agent's log: from before the pods, with what it wrote of each address. */
const log = (of: Record<string, object> = {}) =>
  [
    line({ time: '2026-01-01T00:00:00Z', msg: 'Starting' }),
    ...Object.entries(of).map(([ip, fields]) => line({ 'client-addr': `${ip}:4000`, ...fields })),
  ].join('\n')
const handed = (name = 'carts') => ({ fetched_role_arn: session(name) })
const refusal = {
  level: 'error',
  msg: 'Error fetching credentials: (AccessDeniedException): Unauthorized Exception!',
}
const forbidden: Said = { failure: 403, message: 'no' }

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

/** What there is to verify, where it is not one pod that was handed its credentials. */
export interface ProofGiven {
  request?: Partial<RequestInput>
  workload?: Said
  pods?: Pod[]
  /** What the agent has written, look by look, the last of it from then on. */
  logs?: (string | Said)[]
  daemonSets?: (namespace: string | undefined) => Said
  nodes?: Said
  found?: Association | undefined
  former?: string[]
  visits?: number
}

const verified = async (given: ProofGiven = {}) => {
  const clock = skippingClock()
  const started = clock.now()
  const progress: unknown[] = []
  const logs = [...(given.logs ?? [log({ '10.0.0.1': handed() })])]
  const list = (items: object[]) => ({ metadata: {}, items })
  const { connection } = scriptedConnection(clock, ({ resource, namespace, name, subresource, query }) => {
    if (subresource === 'log') {
      const said = logs.length > 1 && query?.limitBytes === undefined ? logs.shift() : logs[0]
      return typeof said === 'object' ? said : { text: said ?? '' }
    }
    if (resource === 'deployments') return given.workload ?? deployment(1)
    if (resource === 'configmaps') return { metadata: { name }, data: { AWS_PROFILE: 'theirs' } }
    if (resource === 'replicasets')
      return list([{ metadata: { name: 'carts-2', uid: 'rs-2', ...owned('Deployment', 'carts', 'u-1') } }])
    if (resource === 'daemonsets') return given.daemonSets?.(namespace) ?? list([agentSet])
    if (resource === 'nodes') return given.nodes ?? list([node])
    return list(namespace === 'carts' ? (given.pods ?? [carts('p-1')]) : [agent])
  })
  const step = await verifyCredentials(
    (region) => ({
      describeAssociation: async (name, id) => {
        expect([region, name, id]).toEqual(['us-west-2', 'shop', 'a-1'])
        return 'found' in given ? given.found : association
      },
    }),
    () => connection,
    { clock, progress: (one) => void progress.push(one) },
  )({
    request: requested(given.request),
    association,
    writtenAt: null,
    former: given.former ?? [],
    visits: given.visits ?? 0,
    cluster,
  })
  return { step, ms: clock.now() - started, progress, started }
}

/** Calls VerifyCredentials on a cluster by a script. */
export const proofOfCarts = {
  role,
  session,
  association,
  cluster,
  deployment,
  carts,
  log,
  handed,
  refusal,
  forbidden,
  requested,
  verified,
}
