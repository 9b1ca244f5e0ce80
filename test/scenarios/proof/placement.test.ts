import { expect, it } from 'vitest'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { variants } from '../../../local/scenarios/workshop/variants.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'

/** A DaemonSet under the ServiceAccount carts, whose pods go where `place` lets them. */
const daemonSet = ({ cluster }: Workshop, name: string, place: object = {}): `daemonset/${string}` => {
  const labels = { app: name }
  cluster.store.create(resources.daemonsets, {
    metadata: { name, namespace: 'carts' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { serviceAccountName: 'carts', containers: [{ name: 'app', image: 'app:1' }], ...place },
      },
    },
  })
  return `daemonset/${name}`
}

const found = (report: { findings: { code: string }[] } | undefined, code: string) =>
  report?.findings.find((finding) => finding.code === code)

it('stops a DaemonSet beforehand where one of its nodes has no agent, and lets one be that keeps off that node', async () => {
  await using world = await startWorkshop({ scenario: 'agent-incomplete' })
  const [, second] = world.cluster.store.list(resources.nodes)
  const nodeSelector = { 'kubernetes.io/hostname': second?.metadata.name }
  const [everywhere, elsewhere] = [
    daemonSet(world, 'on-nodes'),
    daemonSet(world, 'on-one-node', { nodeSelector }),
  ]
  await world.clock.sleep(30_000)

  const stopped = await world.enable({ workload: everywhere, mode: 'plan' })
  expect(stopped.event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
  expect(found(stopped.report, 'agent-incomplete')).toMatchObject({
    severity: 'blocking',
    found: expect.stringContaining('where pods of daemonset/on-nodes may run'),
  })

  const { event, report } = await world.enable({ workload: elsewhere, mode: 'plan' })
  expect(event.type).toBe('run.succeeded')
  expect(found(report, 'agent-incomplete')).toBeUndefined()
  // The association is for the others under the same ServiceAccount, too.
  expect(found(report, 'others-under-service-account')).toMatchObject({
    found: expect.stringMatching(/daemonset\/on-nodes.* deployment\/carts \(\d pods?\)/),
  })
  expect(found(report, 'others-run-on')).toMatchObject({
    remedy: { command: expect.stringContaining('kubectl rollout restart deployment/carts -n carts') },
  })
})

it('installs the agent that the request describes, before anything else changes', async () => {
  await using world = await startWorkshop({ scenario: 'agent-missing' })
  const agentConfiguration = { tolerations: [{ operator: 'Exists' }] }
  // Not the newest, which EKS installs unless asked for another.
  const agentVersion = 'v1.3.8-eksbuild.2'
  const change = { installAgent: true, agentVersion, agentConfiguration }
  const { report, events } = await world.enable(change)
  expect(report?.outcome).toBe('enabled')
  const addon = world.aws.state.clusters.get('eks-workshop')?.addons.get('eks-pod-identity-agent')
  expect(addon?.version).toBe(agentVersion)
  expect(JSON.parse(addon?.configurationValues ?? '')).toEqual(agentConfiguration)
  expect(report?.changes[0]).toMatchObject({
    action: 'installed the add-on eks-pod-identity-agent',
    state: 'done',
  })
  const steps = events.flatMap((event) => (event.type === 'step.succeeded' ? [event.step] : []))
  expect(steps.indexOf('EnsureAgent')).toBeLessThan(steps.indexOf('EnsureAssociation'))
  expect(report?.checked).toContainEqual({ what: 'agent', found: expect.stringContaining('on 3/3 nodes') })
})

it('does not count a node whose taint keeps the agent off, nor one that is silent, names Jobs under the ServiceAccount, and stops a workload that a Fargate profile selects, which a dry-run pod shows', async () => {
  await using world = await startWorkshop({ scenario: 'node-tainted' })
  for (const name of ['node-not-ready', 'jobs-beside', 'fargate-profile'] as const)
    variants[name].change(world)
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
  expect(found(report, 'compute-unsupported')).toMatchObject({
    severity: 'blocking',
    found: expect.stringContaining('a dry-run pod of it was given to the Fargate profile carts'),
  })
  expect(world.calls.writes()).toEqual([])
})
