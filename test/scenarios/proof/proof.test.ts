import { expect, it } from 'vitest'
import type { RunEvent } from '../../../core/run-events/event.ts'
import { readAgentLog } from '../../../core/workload/proof/agent-log.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { podIdentityTrust } from '../../../local/scenarios/workshop/account.ts'
import { roleArn, workshop } from '../../../local/scenarios/workshop/index.ts'
import { type VariantName, variants } from '../../../local/scenarios/workshop/variants.ts'
import { cartsPods, startWorkshop, type Workshop } from '../../support/run.ts'

/** A workload that never calls AWS. */
const silent = { serviceAccount: 'default', workload: 'deployment/carts-dynamodb', needs: [] }

it('waits for credentials that the request wants to see, and is no success where somebody repoints the association meanwhile', async () => {
  await using world = await startWorkshop()
  const role = world.aws.state.addRole({ name: 'somebody-elses', trust: podIdentityTrust }).arn
  const there = () => world.aws.associations.list(workshop.cluster)
  let looks = 0
  const repoint = (event: RunEvent) => {
    if (event.type !== 'step.started' || event.step !== 'VerifyCredentials' || ++looks < 2) return
    for (const made of there()) world.aws.associations.put({ ...made, roleArn: role })
  }
  const { event, report } = await world.enable({ ...silent, proof: 'required' }, { onEvent: repoint })
  expect(looks).toBe(2)
  expect(event).toMatchObject({ type: 'run.failed', error: 'RolloutFailed' })
  expect(report?.findings.map(({ code }) => code)).toContain('association-changed')
  expect(there()).toMatchObject([{ roleArn: role }])
})

const cluster = ({ aws }: Workshop) => aws.state.clusters.get(workshop.cluster)

/** What the agent is refused, and what it writes of that. */
const refusals: [what: string, change: (world: Workshop) => void, written: RegExp][] = [
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
  [
    'a role that does not trust EKS',
    (world) => {
      Object.assign(cluster(world) ?? {}, { eksAuth: undefined })
      world.aws.state.roles.delete(workshop.role)
    },
    /Unauthorized Exception!/,
  ],
  [
    'a node role without the right',
    ({ aws }) => aws.state.roles.get(workshop.nodeRole)?.inline.clear(),
    /not authorized to perform: eks-auth:AssumeRoleForPodIdentity/,
  ],
]

it('the stand-in’s agent writes of what it is refused what a real one does', async () => {
  await using world = await startWorkshop()
  const { aws, clock, cluster: served } = world
  aws.state.addAssociation({
    clusterName: workshop.cluster,
    namespace: 'carts',
    serviceAccount: 'carts',
    roleArn: roleArn(aws.state),
  })
  await clock.sleep(1000)
  for (const [what, change, written] of refusals) {
    change(world)
    for (const { metadata } of cartsPods(world)) served.store.delete(resources.pods, 'carts', metadata.name)
    await clock.sleep(10_000)
    const [pod] = cartsPods(world)
    const agent = served.store
      .list(resources.pods, { namespace: 'kube-system' })
      .find(({ spec }) => spec.nodeName === pod?.spec.nodeName)
    const log = served.controllers.kubelet.logs(
      { namespace: 'kube-system', name: agent?.metadata.name ?? '' },
      'eks-pod-identity-agent',
    )
    const entries = readAgentLog(String(log)).filter(({ address }) => address === pod?.status?.podIP)
    expect(entries.at(-1), what).toMatchObject({ kind: 'failed', reason: expect.stringMatching(written) })
  }
})

/** What carts wrote, in all its pods. */
const logsOfCarts = (world: Workshop) =>
  cartsPods(world)
    .map(({ metadata }) =>
      world.cluster.controllers.kubelet.logs({ namespace: 'carts', name: metadata.name }, 'carts'),
    )
    .join('\n')

it.each<[scenario: VariantName, written: RegExp]>([
  ['credentials-file', /The security token included in the request is invalid/],
  ['keys-in-secret', /The security token included in the request is invalid/],
  ['agent-cut-off', /169\.254\.170\.23: connection refused/],
])('plays %s as what the SDK writes of it', async (scenario, written) => {
  await using world = await startWorkshop({ scenario })
  if (scenario === 'agent-cut-off') {
    variants['association-same-role'].change(world)
    await world.clock.sleep(1000)
    for (const { metadata } of cartsPods(world))
      world.cluster.store.delete(resources.pods, 'carts', metadata.name)
    await world.clock.sleep(10_000)
  }
  expect(logsOfCarts(world)).toMatch(written)
})

it('plays an IRSA role that does not trust the pod as a crash, and one that does as a session, and lets the association win, which is kept, where EKS takes the agent for degraded that is ready on every node', async () => {
  await using world = await startWorkshop({ scenario: 'irsa-untrusted' })
  expect(logsOfCarts(world)).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity')
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

  variants['association-same-role'].change(world)
  const addon = cluster(world)?.addons.get('eks-pod-identity-agent')
  if (addon) addon.status = 'DEGRADED'
  const before = world.aws.associations.list(workshop.cluster)
  const { report } = await world.enable()
  expect(report?.outcome).toBe('enabled')
  expect(cartsPods(world).map(isReady)).toEqual([true])
  expect(report?.findings).toContainEqual(
    expect.objectContaining({ code: 'agent-unhealthy', severity: 'warning' }),
  )
  expect(report?.findings.find(({ code }) => code === 'irsa-annotation')?.found).toMatch(
    /also annotated for IRSA/,
  )
  expect(report?.changes.map(({ action }) => action)).toEqual(['restarted deployment/carts'])
  expect(world.aws.associations.list(workshop.cluster)).toEqual(before)
})
