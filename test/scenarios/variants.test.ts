import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { terminal } from '../../cli/render/terminal.ts'
import { runMessage } from '../../core/chatops/run-message.ts'
import { viewRun } from '../../core/chatops/run-view.ts'
import type { RequestInput } from '../../core/request-input.ts'
import { isReady } from '../../core/workload/readiness.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { roleArn, workshop } from '../../local/scenarios/workshop/index.ts'
import { type VariantName, variants } from '../../local/scenarios/workshop/variants.ts'
import { cartsPods, startWorkshop, type Workshop } from '../support/run.ts'
import { refusers } from '../support/workloads.ts'

/** Variants that can be true at once: each is named whatever else is wrong, with a part of what it found and of how to mend it. */
const wrong: [variant: VariantName, code: string, found: string, remedy: string][] = [
  [
    // It is not installed over the pod, either.
    'agent-port-taken',
    'agent-port-taken',
    'carts/ingress on ',
    '',
  ],
  [
    'trust-without-tag-session',
    'trust-tag-session-missing',
    'sts:TagSession',
    'aws iam update-assume-role-policy --role-name eks-workshop-carts-dynamo --policy-document',
  ],
  [
    'policy-without-index',
    'permission-missing',
    'arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-carts/index/*',
    'aws iam put-role-policy --role-name eks-workshop-carts-dynamo',
  ],
  ['denied-by-scp', 'scp-blocks', 'service control policy', ''],
  [
    'association-other-role',
    'association-differs',
    'it grants arn:aws:iam::123456789012:role/other',
    '--replace',
  ],
  ['static-keys-in-configmap', 'credentials-outranked', 'ConfigMap carts', 'kubectl'],
  ['credentials-file', 'credential-file', 'volume aws at /home/carts/.aws); they were not looked into', ''],
  ['keys-in-secret', 'secret-not-read', 'Secret carts-keys, which was not looked into', ''],
  ['on-fargate', 'compute-unsupported', 'its pods go to Fargate', ''],
  ['workload-paused', 'workload-paused', 'paused', 'kubectl rollout resume deployment/carts -n carts'],
]
/** What may be all right, so that it stops nothing. */
const unsure: Record<string, string> = { 'credential-file': 'warning', 'secret-not-read': 'info' }

describe('refuses, touching nothing', () => {
  it("what is wrong with the agent, the role's trust and policy, the association, and the workload's keys and place", async () => {
    await using world = await startWorkshop()
    for (const [variant] of wrong) variants[variant].change(world)
    const { event, report } = await world.enable({ installAgent: true })
    expect(event).toMatchObject({
      type: 'run.failed',
      error: 'PreflightFailed',
      message: expect.stringMatching(/Nothing had been changed$/),
    })
    for (const [, code, found, remedy] of wrong) {
      const finding = report?.findings.find((one) => one.code === code && one.found.includes(found))
      expect(finding, JSON.stringify([code, report?.findings], null, 2)).toMatchObject({
        severity: unsure[code] ?? 'blocking',
      })
      expect(Object.values(finding?.remedy ?? {}).join(' ')).toContain(remedy)
    }
    expect(world.calls.writes()).toEqual([])
    expect(JSON.stringify([event, report])).not.toContain('do-not-show-this')
  })

  it('a cluster that does not let the caller in, and reports what else is wrong all the same', async () => {
    await using world = await startWorkshop({ scenario: 'trust-without-tag-session' })
    world.aws.state.clusters.get(workshop.cluster)?.accessEntries.clear()
    const { event, report } = await world.enable()
    expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
    const blocked = report?.findings.filter(({ severity }) => severity === 'blocking') ?? []
    expect(blocked.map(({ code }) => code)).toEqual([
      'access-denied',
      'trust-tag-session-missing',
      'access-denied',
    ])
    expect(blocked[0]).toMatchObject({
      subject: 'Pod Identity agent',
      found: expect.stringMatching(
        /401 Unauthorized.*aws eks create-access-entry --cluster-name eks-workshop/,
      ),
    })
    expect(world.calls.writes()).toEqual([])
  })

  it('cluster-failed, at once', async () => {
    await using world = await startWorkshop({ scenario: 'cluster-failed' })
    const { event, report } = await world.enable()
    expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
    expect(report?.findings).toContainEqual(
      expect.objectContaining({ code: 'cluster-unusable', severity: 'blocking' }),
    )
    expect(report?.durationMs).toBeLessThan(5000)
  })
})

describe('goes ahead', () => {
  const healed = async (world: Workshop, input: Partial<RequestInput> = {}) => {
    const { event, report, events } = await world.enable(input)
    expect(report?.failure, JSON.stringify(report?.failure)).toBeNull()
    expect(event.type).toBe('run.succeeded')
    expect(cartsPods(world).map(isReady)).toEqual([true])
    return { report, events }
  }

  it('cluster-creating, when it is done, auto-mode, and association-other-role, where it may be replaced: the same one grants the new role, and another run changes and restarts nothing', async () => {
    await using world = await startWorkshop({ scenario: 'cluster-creating' })
    for (const name of ['auto-mode', 'association-other-role'] as const) variants[name].change(world)
    const [before] = world.aws.associations.list(workshop.cluster)
    const { report, events } = await healed(world, { replace: true })
    expect(report?.durationMs).toBeGreaterThan(7 * 60_000)
    expect(report?.checked).toContainEqual({ what: 'agent', found: 'built into Auto Mode' })
    // What an undo may not give back is told before anything is changed, at the terminal and in Slack.
    const first = events.findIndex(
      (event) => event.type === 'step.started' && event.step === 'EnsureAssociation',
    )
    const unchanged = events.slice(0, first)
    const stream = Object.assign(new PassThrough(), { columns: 100 })
    const display = terminal(stream as unknown as NodeJS.WriteStream, 'enable carts/carts')
    for (const event of unchanged) display.event(event)
    display.close()
    const message = runMessage({
      run: 'one',
      input: {},
      view: viewRun(unchanged),
      undoable: false,
      record: undefined,
      approval: undefined,
    })
    const said = 'an undo gives it back only where podid may pass that role'
    expect(String(stream.read()).replaceAll(/\s+/g, ' ')).toContain(said)
    expect(JSON.stringify(message)).toContain(said)
    expect(report?.propagation?.way).toBe('settled')
    expect(world.aws.associations.list(workshop.cluster)).toEqual([
      expect.objectContaining({ id: before?.id, roleArn: roleArn(world.aws.state) }),
    ])

    const [pod] = cartsPods(world)
    const written = world.calls.writes().length
    refusers.limits(world)
    const again = await world.enable()
    expect(again.report).toMatchObject({ outcome: 'unchanged', changes: [] })
    expect(again.report?.checked.find(({ what }) => what === 'association')?.found).toMatch(
      /^a-\w+ is as it should be; the run test-1 made or changed it/,
    )
    // New pods would be refused, of which there are none.
    expect(again.report?.findings).toContainEqual(
      expect.objectContaining({ code: 'pods-refused', severity: 'warning' }),
    )
    expect(world.calls.writes().slice(written)).toEqual([])
    expect(cartsPods(world).map(({ metadata }) => metadata.uid)).toEqual([pod?.metadata.uid])
  })

  it('workload-missing, on a cluster just created: the association is the whole job; and agent-incomplete, and says which node lacks it', async () => {
    await using world = await startWorkshop({ scenario: 'agent-incomplete' })
    variants['workload-missing'].change(world)
    const [node] = world.cluster.store.list(resources.nodes)
    const { report } = await world.enable({ ifWorkloadMissing: 'associate' })
    expect(report).toMatchObject({ outcome: 'associated' })
    expect(world.aws.associations.list(workshop.cluster)).toHaveLength(1)
    expect(report?.findings).toContainEqual(
      expect.objectContaining({
        code: 'agent-incomplete',
        severity: 'warning',
        found: expect.stringContaining(`ready on 2 of 3 nodes; missing on ${node?.metadata.name}`),
      }),
    )
  })
})

it('calls nothing for a faulty request, and names every fault', async () => {
  await using world = await startWorkshop()
  const { event } = await world.enable({
    role: 'arn:aws:iam::999999999999:role/x',
    namespace: 'Carts',
    workload: 'cronjob/carts',
    serviceAcount: 'carts',
    replace: 'yes',
  } as unknown as RequestInput)
  expect(event).toMatchObject({ type: 'run.failed', error: 'InvalidRequest' })
  const { message } = event as { message: string }
  for (const field of ['role', 'namespace', 'workload', 'serviceAcount', 'replace'])
    expect(message).toContain(`- ${field}: `)
  expect(world.calls.calls).toEqual([])
})
