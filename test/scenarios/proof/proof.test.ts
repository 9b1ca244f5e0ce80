import { expect, it } from 'vitest'
import { readAgentLog } from '../../../core/workload/proof/agent-log.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { roleArn, workshop } from '../../../local/scenarios/workshop/index.ts'
import type { VariantName } from '../../../local/scenarios/workshop/variants.ts'
import { cartsPods, startWorkshop, type Workshop } from '../../support/run.ts'

it('takes carts from crash-looping to running, and shows which agent handed the pod which role, and when', async () => {
  await using world = await startWorkshop()
  const { event, report } = await world.enable()
  expect(event.type).toBe('run.succeeded')
  expect(report).toMatchObject({ outcome: 'enabled', failure: null })
  const [pod, ...others] = cartsPods(world)
  expect([pod && isReady(pod), others]).toEqual([true, []])
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

/** What people run into that only the pods show, or that a plan sees already: by the scenario that plays it. */
it.each<[scenario: VariantName, code: string, found: RegExp]>([
  ['agent-cut-off', 'rollout-agent-unreachable', /it wrote: .*169\.254\.170\.23: connection refused/],
  [
    'node-role-without-eks-auth',
    'rollout-credentials-refused',
    /it wrote: .*not authorized to perform: eks-auth:AssumeRoleForPodIdentity/,
  ],
  ['denied-by-scp', 'scp-blocks', /service control policy/],
  ['on-fargate', 'compute-unsupported', /its pods go to Fargate/],
  ['credentials-file', 'credential-file', /volume aws at \/home\/carts\/\.aws\); they were not looked into/],
  ['keys-in-secret', 'secret-not-read', /Secret carts-keys, which was not looked into/],
  ['irsa-untrusted', 'irsa-annotation', /also annotated for IRSA/],
])('in %s says %s', async (scenario, code, found) => {
  await using world = await startWorkshop({ scenario })
  const { report } = await world.enable()
  const finding = report?.findings.find((one) => one.code === code)
  expect(finding?.found, JSON.stringify(report?.findings.map((one) => one.found))).toMatch(found)
  expect(JSON.stringify(report)).not.toContain('do-not-show-this')
  // Nobody else is played but in the last, whose association wins over the annotation.
  expect(report?.outcome).toBe(scenario === 'irsa-untrusted' ? 'enabled' : 'failed')
})

it('plays an IRSA role that does not trust the pod as a crash, and one that does as a session', async () => {
  await using world = await startWorkshop({ scenario: 'irsa-untrusted' })
  const logs = () =>
    cartsPods(world).map(({ metadata }) =>
      world.cluster.controllers.kubelet.logs({ namespace: 'carts', name: metadata.name }, 'carts'),
    )
  expect(logs().join('\n')).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity')
  const issuer = cluster(world)?.oidcIssuer.replace('https://', '') ?? ''
  const trusted = { namespace: 'carts', serviceAccount: 'carts', cluster: workshop.cluster }
  const role = world.aws.state.addRole({
    name: 'irsa',
    trust: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: `arn:aws:iam::${world.aws.account}:oidc-provider/${issuer}` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: { StringEquals: { [`${issuer}:sub`]: 'system:serviceaccount:carts:carts' } },
        },
      ],
    },
  })
  expect(world.aws.assumeWithWebIdentity({ ...trusted, roleArn: role.arn })).toHaveProperty('session')
  expect(
    world.aws.assumeWithWebIdentity({ ...trusted, serviceAccount: 'default', roleArn: role.arn }),
  ).toHaveProperty('error')
})
