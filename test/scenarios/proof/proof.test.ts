import { expect, it } from 'vitest'
import { readAgentLog } from '../../../core/workload/proof/agent-log.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { roleArn, workshop } from '../../../local/scenarios/workshop/index.ts'
import { type VariantName, variants } from '../../../local/scenarios/workshop/variants.ts'
import { cartsPods, startWorkshop, type Workshop } from '../../support/run.ts'

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

/** What people run into that only the pods show, or that a plan sees already: by the scenarios that play it, at once. */
it.each<[scenarios: VariantName[], said: [code: string, found: RegExp][]]>([
  [['agent-cut-off'], [['rollout-agent-unreachable', /it wrote: .*169\.254\.170\.23: connection refused/]]],
  [
    ['node-role-without-eks-auth'],
    [
      [
        'rollout-credentials-refused',
        /it wrote: .*not authorized to perform: eks-auth:AssumeRoleForPodIdentity/,
      ],
    ],
  ],
  [
    ['denied-by-scp', 'on-fargate'],
    [
      ['scp-blocks', /service control policy/],
      ['compute-unsupported', /its pods go to Fargate/],
    ],
  ],
  [
    ['credentials-file', 'keys-in-secret'],
    [
      ['credential-file', /volume aws at \/home\/carts\/\.aws\); they were not looked into/],
      ['secret-not-read', /Secret carts-keys, which was not looked into/],
    ],
  ],
])('in %j says what it is, and keeps what was changed where that is asked for', async (scenarios, said) => {
  await using world = await startWorkshop()
  for (const scenario of scenarios) variants[scenario].change(world)
  const { report } = await world.enable({ onFailure: 'keep', rolloutTimeoutSeconds: 10 })
  for (const [code, found] of said) {
    const finding = report?.findings.find((one) => one.code === code)
    expect(finding?.found, JSON.stringify(report?.findings.map((one) => one.found))).toMatch(found)
  }
  expect(JSON.stringify(report)).not.toContain('do-not-show-this')
  expect(report).toMatchObject({ outcome: 'failed', undo: null })
  const stopped = report?.failure?.error === 'PreflightFailed'
  expect(world.aws.associations.list(workshop.cluster)).toHaveLength(stopped ? 0 : 1)
})

/** What carts wrote, in all its pods. */
const logsOfCarts = (world: Workshop) =>
  cartsPods(world)
    .map(({ metadata }) =>
      world.cluster.controllers.kubelet.logs({ namespace: 'carts', name: metadata.name }, 'carts'),
    )
    .join('\n')

it.each<VariantName>(['credentials-file', 'keys-in-secret'])(
  'plays %s as keys that AWS does not know',
  async (scenario) => {
    await using world = await startWorkshop({ scenario })
    expect(logsOfCarts(world)).toContain('The security token included in the request is invalid')
  },
)

it('plays an IRSA role that does not trust the pod as a crash, and one that does as a session, and lets the association win', async () => {
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
  const { report } = await world.enable()
  expect(report?.outcome).toBe('enabled')
  expect(report?.findings.find(({ code }) => code === 'irsa-annotation')?.found).toMatch(
    /also annotated for IRSA/,
  )
})
