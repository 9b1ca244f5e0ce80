import { expect, it } from 'vitest'
import type { Pod } from '../../../core/kubernetes.ts'
import { readInjection } from '../../../core/workload/injection.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { roleArn, workshop } from '../../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop, type Workshop } from '../../support/run.ts'

const { namespace } = workshop
const annotation = 'kubectl.kubernetes.io/restartedAt'

const template = ({ cluster: { store } }: Workshop) =>
  store.read(resources.deployments, namespace, 'carts').spec?.template
const restartedAt = (world: Workshop) => template(world)?.metadata?.annotations?.[annotation]
const revisions = ({ cluster: { store } }: Workshop) =>
  store.list(resources.replicasets, {
    namespace,
    labels: { matchLabels: { 'app.kubernetes.io/component': 'service' } },
  })
const wanted = (world: Workshop) => revisions(world).filter(({ spec }) => (spec?.replicas ?? 0) > 0)

/** What a run must leave as it found it. */
const snapshot = (world: Workshop) => ({
  associations: world.aws.associations.list(workshop.cluster).map(({ id, roleArn: role }) => ({ id, role })),
  restartedAt: restartedAt(world),
  running: wanted(world)
    .map(({ metadata }) => metadata.name)
    .sort(),
})

/** Takes the role's policy away once the association has been made: what preflight saw is true no more. */
const spoilTheRole = (world: Workshop) =>
  world.aws.associations.changes.subscribe(() => world.aws.state.roles.get(workshop.role)?.attached.clear())

it('puts everything back when the new pods have crashed four times by the same denial, and says by which', async () => {
  await using world = await startWorkshop()
  const before = snapshot(world)
  spoilTheRole(world)
  const denial = new RegExp(`assumed-role/${workshop.role}/.* is not authorized to perform: dynamodb:Query`)
  const deniedAt: number[] = []
  world.cluster.store.subscribe(({ resource, object }) => {
    const { containerStatuses = [] } = (object as { status?: Pod['status'] }).status ?? {}
    const ended = containerStatuses.some(({ state }) => state?.terminated?.exitCode === 1)
    if (resource === resources.pods && ended && readInjection(object as Pod).injected)
      deniedAt.push(world.clock.now())
  })
  const shownAt: number[] = []
  const { event, report, events } = await world.enable(
    {},
    {
      onProgress: ({ detail }) => {
        if (denial.test(JSON.stringify(detail))) shownAt.push(world.clock.now())
      },
    },
  )
  // The terminal shows the line, and the history the event, while the workflow goes on watching.
  const told = events.find((one) => one.type === 'rollout.progress' && denial.test(one.message))
  expect(told).toMatchObject({ state: 'progressing' })
  for (const at of [shownAt[0] ?? 0, Date.parse(told?.at ?? '')]) {
    expect(at - (deniedAt[0] ?? 0)).toBeGreaterThanOrEqual(0)
    expect(at - (deniedAt[0] ?? 0)).toBeLessThan(2000)
  }
  expect(Date.parse(event.at) - Date.parse(told?.at ?? '')).toBeGreaterThan(20_000)
  expect(event).toMatchObject({ type: 'run.failed', error: 'RolloutFailed' })
  expect(report?.failure?.message).toMatch(
    /^pod carts-\S+, container carts: .* is not authorized to perform: dynamodb:Query.*it has failed so 4 times/,
  )
  // Long before the deadline of ten minutes.
  expect(report?.durationMs).toBeLessThan(120_000)
  expect(report?.undo).toMatchObject({
    done: [
      expect.stringMatching(/^the association a-\w{17} is deleted$/),
      'deployment/carts runs its earlier revision again',
    ],
    left: [],
  })
  const [already, now] = report?.findings.filter(({ code }) => code === 'rollout-access-denied') ?? []
  expect(already).toMatchObject({ severity: 'info', found: expect.stringContaining(workshop.nodeRole) })
  expect(now?.found).toContain(`assumed-role/${workshop.role}/`)
  expect(now?.found).toContain('is not authorized to perform: dynamodb:Query')
  expect(now?.remedy?.advice).toBe(
    `Allow dynamodb:Query on arn:aws:dynamodb:us-west-2:123456789012:table/${workshop.table}/index/${workshop.index} in a policy of role ${workshop.role}`,
  )
  // The undo deletes the pods: no command points at one, and what they wrote is in the report.
  const gone = now?.found.match(/pod (carts-\S+),/)?.[1] ?? 'none'
  expect(JSON.stringify(report?.findings.map(({ remedy }) => remedy?.command))).not.toContain(`logs ${gone}`)
  expect(report?.findings.find(({ code }) => code === 'rollout-log')?.found).toContain('carts: starting')
  // Before, it was another role that was denied.
  expect(now?.found).not.toContain('it was so before this run')
  await world.clock.sleep(60_000)
  expect(snapshot(world)).toEqual(before)
  // The earlier revision came back; no third one was made for it.
  expect(revisions(world)).toHaveLength(3)
})

it('does not claim to have taken a target role away, which no update does', async () => {
  await using world = await startWorkshop()
  const trust = JSON.parse(world.aws.state.roles.get(workshop.role)?.trust ?? '') as object
  const former = world.aws.state.addRole({ name: 'former', trust }).arn
  const targetRoleArn = 'arn:aws:iam::999999999999:role/target'
  const { id } = world.aws.state.addAssociation({
    clusterName: workshop.cluster,
    namespace,
    serviceAccount: 'carts',
    roleArn: roleArn(world.aws.state),
    targetRoleArn,
    tags: { 'podid:run': 'test' },
  })
  const association = { id, roleArn: former, targetRoleArn: null, disableSessionTags: false, policy: null }
  const before = { run: 'test', restartedAt: '2026-11-23T00:00:00Z', association, workload: null }
  const { report } = await world.enable({ mode: 'undo', before, targetRole: targetRoleArn })
  expect(report?.undo?.left).toEqual([
    {
      what: `the association ${id} grants ${former} again`,
      error: expect.stringContaining(`keeps its target role ${targetRoleArn}`),
      command: `aws eks update-pod-identity-association --cluster-name eks-workshop --region us-west-2 --association-id ${id} --role-arn ${former} --no-disable-session-tags`,
    },
  ])
})

it('undoes a finished run later, by its report: not over a newer one, in parts where the cluster is away, and once', async () => {
  await using world = await startWorkshop()
  const found = snapshot(world)
  const { report } = await world.enable()
  expect(report?.outcome).toBe('enabled')
  const before = report?.before ?? undefined
  const there = () => world.aws.associations.list(workshop.cluster)

  const [made] = there()
  const other = { roleArn: 'arn:aws:iam::123456789012:role/other', targetRoleArn: null, policy: null }
  const association = { ...other, id: made?.id ?? '', disableSessionTags: false }
  const older = { run: 'older', restartedAt: '2026-01-01T00:00:00Z', association, workload: null }
  const kept = await world.enable({ mode: 'undo', before: older })
  expect(kept.report?.undo?.kept[0]).toContain('marked by test-1')
  expect(there()).toMatchObject([{ roleArn: roleArn(world.aws.state), tags: { 'podid:run': 'test-1' } }])

  const fail = (operation: string) =>
    world.calls.inject({
      operation,
      times: Number.POSITIVE_INFINITY,
      action: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
    })
  const writable = fail('patch deployments')
  const failed = await world.enable({ mode: 'undo', before })
  // The undo gave no answer, and what is there says what it did.
  expect(there()).toEqual([])
  expect(failed.report?.outcome).toBe('failed')
  expect(failed.report?.changes.map(({ kind }) => kind)).toContain('association')
  expect(failed.report?.summary).not.toContain('Nothing had been changed')
  writable()

  let readable = () => {}
  const stop = world.calls.onCall(({ operation }) => {
    if (!operation.startsWith('patch')) return
    stop()
    setImmediate(() => {
      readable = fail('get deployments')
    })
  })
  const unseen = await world.enable({ mode: 'undo', before })
  expect(unseen.event).toMatchObject({ type: 'run.failed', error: 'UndoIncomplete' })
  expect(unseen.report?.undo?.left).toMatchObject([
    {
      what: 'whether deployment/carts runs as it did before is not known',
      command: 'kubectl rollout status deployment/carts -n carts',
    },
  ])
  readable()
  await world.clock.sleep(60_000)
  expect(snapshot(world)).toEqual({ ...found, running: [expect.any(String), expect.any(String)] })
  // The earlier template came back only after the webhook had forgotten the association.
  const restored = cartsPods(world).filter((pod) => !isReady(pod))
  expect(restored.map((pod) => readInjection(pod).injected)).toEqual([false])
  const again = await world.enable({ mode: 'undo', before })
  expect(again.report).toMatchObject({ outcome: 'undone', undo: { done: [], left: [] } })
})
