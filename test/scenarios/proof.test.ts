import { expect, it } from 'vitest'
import { readAgentLog } from '../../core/workload/proof/agent-log.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { roleArn, workshop } from '../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop, type Workshop } from '../support/run.ts'

it('shows which agent handed the pod which role, and when', async () => {
  await using world = await startWorkshop()
  const { report } = await world.enable()
  const [pod] = cartsPods(world)
  expect(report?.summary).toBe(
    'carts/carts on eks-workshop runs with the credentials of eks-workshop-carts-dynamo',
  )
  expect(report?.credentials?.evidence).toEqual([
    {
      seen: 'handed-out',
      pod: pod?.metadata.name,
      node: pod?.spec.nodeName,
      agent: expect.stringMatching(/^kube-system\/eks-pod-identity-agent-\w+$/),
      session: expect.stringMatching(/:assumed-role\/eks-workshop-carts-dynamo\/eks-eks-worksh-carts-/),
      at: expect.stringMatching(/^\d{4}-/),
    },
  ])
})

/** A workload that never calls AWS. */
const silent = { serviceAccount: 'default', workload: 'deployment/carts-dynamodb', needs: [] }

it('claims no more than the injection where a pod has not asked for credentials', async () => {
  await using world = await startWorkshop()
  const { report } = await world.enable(silent)
  expect(report).toMatchObject({
    outcome: 'enabled',
    summary:
      'carts/carts-dynamodb on eks-workshop is set up for the credentials of eks-workshop-carts-dynamo',
    credentials: { evidence: [{ seen: 'not-asked' }] },
  })
  expect(report?.checked.at(-1)).toEqual({
    what: 'credentials',
    found: 'injected into 1 pod; it has not asked for credentials yet',
  })
})

it('waits five minutes for credentials that the request wants to see, and then puts everything back', async () => {
  await using world = await startWorkshop()
  const { report } = await world.enable({ ...silent, proof: 'required' })
  expect(report).toMatchObject({
    outcome: 'failed',
    failure: { error: 'RolloutFailed', message: expect.stringContaining('wants to see them handed out') },
  })
  expect(report?.durationMs).toBeGreaterThan(250_000)
  expect(report?.durationMs).toBeLessThan(400_000)
  expect(world.aws.associations.list('eks-workshop')).toEqual([])
})

it('says what it may not look at, and goes by the injection', async () => {
  await using world = await startWorkshop()
  world.calls.inject({
    operation: 'get pods/log',
    subject: /kube-system/,
    times: 99,
    action: { kind: 'error', status: 403, code: 'Forbidden' },
  })
  const { report } = await world.enable()
  expect(report).toMatchObject({
    outcome: 'enabled',
    credentials: { evidence: [{ seen: 'not-observable' }] },
  })
  expect(report?.findings).toContainEqual(
    expect.objectContaining({
      code: 'credentials-not-observable',
      remedy: expect.objectContaining({ command: 'kubectl apply -k manifests' }),
    }),
  )
})

const cluster = ({ aws }: Workshop) => aws.state.clusters.get(workshop.cluster)

it.each<[what: string, change: (world: Workshop) => void, written: RegExp]>([
  [
    'a role that does not trust EKS',
    ({ aws }) => aws.state.roles.delete(workshop.role),
    /Unauthorized Exception!/,
  ],
  [
    'a node role without the right',
    ({ aws }) => aws.state.roles.get(workshop.nodeRole)?.inline.clear(),
    /not authorized to perform: eks-auth:AssumeRoleForPodIdentity/,
  ],
  [
    'an endpoint that cannot be reached',
    (world) => Object.assign(cluster(world) ?? {}, { eksAuth: 'unreachable' }),
    /StatusCode: 0, .*context canceled/,
  ],
  [
    'a throttled agent',
    (world) => Object.assign(cluster(world) ?? {}, { eksAuth: 'throttled' }),
    /ThrottlingException/,
  ],
  [
    'session tags that are too large',
    (world) => Object.assign(cluster(world) ?? {}, { eksAuth: 'packed-policy-too-large' }),
    /PackedPolicyTooLarge/,
  ],
])('the stand-in’s agent writes of %s what a real one does', async (_what, change, written) => {
  await using world = await startWorkshop()
  const { aws, clock, cluster: served } = world
  aws.state.addAssociation({
    clusterName: workshop.cluster,
    namespace: 'carts',
    serviceAccount: 'carts',
    roleArn: roleArn(aws.state),
  })
  change(world)
  await clock.sleep(20_000)
  for (const { metadata } of cartsPods(world)) served.store.delete(resources.pods, 'carts', metadata.name)
  await clock.sleep(60_000)
  const [pod] = cartsPods(world)
  const agent = served.store
    .list(resources.pods, { namespace: 'kube-system' })
    .find(({ spec }) => spec.nodeName === pod?.spec.nodeName)
  const log = served.controllers.kubelet.logs(
    { namespace: 'kube-system', name: agent?.metadata.name ?? '' },
    'eks-pod-identity-agent',
  )
  const entries = readAgentLog(String(log)).filter(({ address }) => address === pod?.status?.podIP)
  expect(entries.at(-1)).toMatchObject({ kind: 'failed', reason: expect.stringMatching(written) })
})
