import { expect, it } from 'vitest'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { agent } from '../../../local/scenarios/workshop/objects.ts'
import { variants } from '../../../local/scenarios/workshop/variants.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'

/** A DaemonSet under the ServiceAccount carts, whose pods go where `place` lets them. */
const alsoAsDaemonSet = async ({ cluster, clock }: Workshop, place: object = {}) => {
  const labels = { app: 'carts-on-nodes' }
  cluster.store.create(resources.daemonsets, {
    metadata: { name: 'carts-on-nodes', namespace: 'carts' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { serviceAccountName: 'carts', containers: [{ name: 'app', image: 'app:1' }], ...place },
      },
    },
  })
  await clock.sleep(30_000)
  return { workload: 'daemonset/carts-on-nodes', mode: 'plan' as const }
}

const found = (report: { findings: { code: string }[] } | undefined, code: string) =>
  report?.findings.find((finding) => finding.code === code)

it('stops a DaemonSet beforehand where one of its three nodes has no agent', async () => {
  await using world = await startWorkshop({ scenario: 'agent-incomplete' })
  const { event, report } = await world.enable(await alsoAsDaemonSet(world))
  expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
  expect(found(report, 'agent-incomplete')).toMatchObject({
    severity: 'blocking',
    found: expect.stringContaining('where pods of daemonset/carts-on-nodes may run'),
  })
})

it('lets a DaemonSet be that keeps off the node without an agent', async () => {
  await using world = await startWorkshop({ scenario: 'agent-incomplete' })
  const [, second] = world.cluster.store.list(resources.nodes)
  const nodeSelector = { 'kubernetes.io/hostname': second?.metadata.name }
  const { event, report } = await world.enable(await alsoAsDaemonSet(world, { nodeSelector }))
  expect(event.type).toBe('run.succeeded')
  expect(found(report, 'agent-incomplete')).toBeUndefined()
  // The association is for the Deployment under the same ServiceAccount, too.
  expect(found(report, 'others-under-service-account')).toMatchObject({
    found: expect.stringMatching(/also the ServiceAccount of deployment\/carts \(\d pods?\)/),
  })
  expect(found(report, 'others-run-on')).toMatchObject({
    remedy: { command: 'kubectl rollout restart deployment/carts -n carts' },
  })
  // Without a workload they are all concerned.
  const alone = await world.enable({ workload: undefined, mode: 'plan' })
  expect(found(alone.report, 'others-under-service-account')).toMatchObject({
    found: expect.stringMatching(
      /^the ServiceAccount of daemonset\/carts-on-nodes.*, deployment\/carts \(\d pods?\); their new pods get/,
    ),
  })
})

it('knows an agent of another release in another namespace, and installs no second one', async () => {
  await using world = await startWorkshop({ scenario: 'agent-missing' })
  const labels = { 'app.kubernetes.io/name': 'eks-pod-identity-agent', 'app.kubernetes.io/instance': 'pia' }
  world.cluster.store.create(resources.namespaces, { metadata: { name: 'platform' } })
  world.cluster.store.create(resources.daemonsets, {
    metadata: { name: 'pia', namespace: 'platform', labels },
    spec: {
      ...agent.spec,
      selector: { matchLabels: labels },
      template: { ...agent.spec?.template, metadata: { labels } },
    } as NonNullable<typeof agent.spec>,
  })
  await world.clock.sleep(30_000)
  const { report } = await world.enable({ installAgent: true })
  expect(report).toMatchObject({
    outcome: 'enabled',
    credentials: { evidence: [{ seen: 'handed-out', agent: expect.stringMatching(/^platform\/pia-/) }] },
  })
  expect(found(report, 'agent-self-managed')).toMatchObject({
    found: expect.stringContaining('daemonset/pia in platform'),
  })
  expect(world.calls.writes().map(({ operation }) => operation)).not.toContain('CreateAddon')
})

it('installs no agent over a pod that holds its port, and else the one that the request describes', async () => {
  await using world = await startWorkshop({ scenario: 'agent-port-taken' })
  const { store } = world.cluster
  const agentConfiguration = { tolerations: [{ operator: 'Exists' }] }
  // Not the newest, which EKS installs unless asked for another.
  const agentVersion = 'v1.3.8-eksbuild.2'
  const change = { installAgent: true, agentVersion, agentConfiguration }
  const refused = await world.enable(change)
  expect(found(refused.report, 'agent-port-taken')).toMatchObject({
    found: expect.stringMatching(/^carts\/ingress on \S+ holds host port 80 or 2703/),
  })
  expect(world.calls.writes()).toEqual([])
  store.delete(resources.pods, 'carts', 'ingress', { gracePeriodSeconds: 0 })
  const { report } = await world.enable(change)
  expect(report?.outcome).toBe('enabled')
  const addon = world.aws.state.clusters.get('eks-workshop')?.addons.get('eks-pod-identity-agent')
  expect(addon?.version).toBe(agentVersion)
  expect(JSON.parse(addon?.configurationValues ?? '')).toEqual(agentConfiguration)
})

it('stops a workload that a Fargate profile selects, which a dry-run pod shows', async () => {
  await using world = await startWorkshop({ scenario: 'fargate-profile' })
  const { report } = await world.enable()
  expect(found(report, 'compute-unsupported')).toMatchObject({
    severity: 'blocking',
    found: expect.stringContaining('a dry-run pod of it was given to the Fargate profile carts'),
  })
  expect(world.calls.writes()).toEqual([])
})

it('does not count a node whose taint keeps the agent off, nor one that is silent, and names Jobs under the ServiceAccount', async () => {
  await using world = await startWorkshop({ scenario: 'node-tainted' })
  for (const name of ['node-not-ready', 'jobs-beside'] as const) variants[name].change(world)
  const eksCluster = world.aws.state.clusters.get('eks-workshop')
  if (eksCluster) eksCluster.ipFamily = 'ipv6'
  await world.clock.sleep(30_000)
  const { report } = await world.enable({ mode: 'plan' })
  expect(report?.checked).toContainEqual({ what: 'agent', found: expect.stringMatching(/on 2\/2 nodes/) })
  // Known before there is a pod that shows it.
  expect(found(report, 'ipv6-without-endpoint-mode')).toBeDefined()
  expect(found(report, 'others-under-service-account')).toMatchObject({
    found: expect.stringMatching(/cronjob\/nightly, job\/export/),
  })
})
