import { expect, it } from 'vitest'
import { resolveRequest } from '../../../core/request-input.ts'
import { beforeOf } from '../../../core/run-events/before.ts'
import { podIdentityTrust } from '../../../local/scenarios/workshop/account.ts'
import { roleArn, workshop } from '../../../local/scenarios/workshop/index.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'

const { cluster: clusterName, namespace, serviceAccount } = workshop

const otherRole = (world: Workshop) =>
  world.aws.state.addRole({ name: 'somebody-elses', trust: podIdentityTrust }).arn

const associate = (world: Workshop, role: string) =>
  world.aws.state.addAssociation({ clusterName, namespace, serviceAccount, roleArn: role })

const there = (world: Workshop) => world.aws.associations.list(clusterName)

/** What a person does at the run's first call of an operation after Preflight. */
const once = (world: Workshop, operation: string, act: () => void) => {
  const stop = world.calls.onCall((call) => {
    if (call.operation !== operation) return
    stop()
    act()
  })
}

it('leaves alone what somebody made while the agent was being installed, and takes nothing for its own', async () => {
  await using world = await startWorkshop({ scenario: 'agent-missing' })
  const role = otherRole(world)
  once(world, 'CreateAddon', () => associate(world, role))
  const { event, report } = await world.enable({ installAgent: true, replace: true })
  expect(event).toMatchObject({ type: 'run.failed', error: 'Refused' })
  expect(report?.failure?.message).toMatch(/expected none, found a-\w+ with arn:\S+somebody-elses/)
  expect(there(world)).toMatchObject([{ roleArn: role, tags: {} }])
  expect(report?.changes.map(({ kind, state }) => [kind, state])).toEqual([
    ['addon', 'done'],
    ['association', 'not-done'],
  ])
})

it('undo leaves what a person has pointed elsewhere since, and says so', async () => {
  await using world = await startWorkshop()
  const { report: enabled } = await world.enable()
  const role = otherRole(world)
  const [made] = there(world)
  if (made) world.aws.associations.put({ ...made, roleArn: role })
  const { report } = await world.enable({ mode: 'undo', before: enabled?.before ?? undefined })
  expect(there(world)).toMatchObject([{ id: made?.id, roleArn: role }])
  expect(report?.undo?.kept).toEqual([
    expect.stringMatching(/somebody-elses.*changed since by somebody else$/),
  ])
  expect(report?.summary).not.toContain('as it was before')
})

it('an older run is not undone over a newer one', async () => {
  await using world = await startWorkshop()
  const former = associate(world, otherRole(world))
  // It may do what the new one may: the pods of either run well, and an undo is over when they do again.
  const { attached } = world.aws.state.roles.get(workshop.role) ?? {}
  for (const policy of attached ?? []) world.aws.state.roles.get('somebody-elses')?.attached.add(policy)
  const older = await world.enable({ replace: true })
  // Somebody gives it back, and a newer run takes it over again.
  world.aws.associations.put({ ...former, tags: { ...there(world)[0]?.tags } })
  const newer = await world.enable({ replace: true })
  expect(newer.report?.outcome).toBe('enabled')
  const { report } = await world.enable({ mode: 'undo', before: older.report?.before ?? undefined })
  expect(there(world)).toMatchObject([{ roleArn: roleArn(world.aws.state), tags: { 'podid:run': 'test-2' } }])
  expect(report?.undo?.kept[0]).toContain('marked by test-2')
  // The newer one's undo gives the mark back too.
  await world.enable({ mode: 'undo', before: newer.report?.before ?? undefined })
  expect(there(world)).toMatchObject([{ roleArn: former.roleArn, tags: { 'podid:run': 'test-1' } }])
})

it('an association that is repointed during the rollout is no success', async () => {
  await using world = await startWorkshop()
  const role = otherRole(world)
  const act = () => {
    const [made] = there(world)
    if (made) world.aws.associations.put({ ...made, roleArn: role })
  }
  // When the new pods are ready.
  const { event, report } = await world.enable(
    {},
    {
      onEvent: (one) => {
        if (one.type === 'step.started' && one.step === 'VerifyCredentials') act()
      },
    },
  )
  expect(event).toMatchObject({ type: 'run.failed', error: 'RolloutFailed' })
  expect(report?.findings.map(({ code }) => code)).toContain('association-changed')
  expect(there(world)).toMatchObject([{ roleArn: role }])
})

it('restart marks of two runs that begin in one second differ', () => {
  const marks = ['one', 'two'].map((name) => {
    const arn = `arn:aws:states:us-west-2:123456789012:execution:podid:${name}`
    const startTime = '2026-11-23T06:00:00.123Z'
    const input = {
      cluster: clusterName,
      namespace,
      serviceAccount,
      role: 'arn:aws:iam::123456789012:role/carts',
    }
    return resolveRequest(input, { arn, startTime }).restartedAt
  })
  expect(new Set(marks).size).toBe(2)
  for (const mark of marks) expect(mark).toMatch(/^2026-11-23T06:00:00\.123\d{3}Z$/)
})

it('what was there before is in the history when Preflight has ended', () => {
  const before = { run: 'r', restartedAt: '2026-11-23T06:00:00Z', association: null, workload: null }
  const exited = (name: string, assignedVariables?: Record<string, string>) => ({
    id: 1,
    previousEventId: 0,
    timestamp: 0,
    type: 'ParallelStateExited',
    stateExitedEventDetails: { name, output: '{}', ...(assignedVariables ? { assignedVariables } : {}) },
  })
  expect(beforeOf([exited('ResolveRequest', { before: 'null' })])).toBeUndefined()
  expect(beforeOf([exited('Preflight', { before: JSON.stringify(before) })])).toEqual(before)
})
