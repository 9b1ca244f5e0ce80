import { expect, it } from 'vitest'
import { workshop } from '../../../local/scenarios/workshop/index.ts'
import { startWorkshop } from '../../support/run.ts'

const always = Number.POSITIVE_INFINITY
const away = { kind: 'error', status: 503, code: 'ServiceUnavailableException' } as const

it('reports an add-on that was installed while the calls after it failed', async () => {
  await using world = await startWorkshop({ scenario: 'agent-missing' })
  let described = 0
  // CheckAgent describes the add-on, EnsureAgent once more before it installs it; then no attempt of its retries can.
  world.calls.onCall(({ operation }) => {
    if (operation === 'DescribeAddon') described++
  })
  world.calls.inject({ operation: 'DescribeAddon', skip: 2, times: 21, action: away })
  const { report, event } = await world.enable({ installAgent: true })
  expect(described).toBe(24)
  expect(event).toMatchObject({ type: 'run.failed', error: 'Transient' })
  expect(report?.changes).toMatchObject([
    { kind: 'addon', state: 'done', action: 'installed the add-on eks-pod-identity-agent' },
  ])
  expect(report?.stays[0]?.command).toContain('aws eks delete-addon')
  expect(event).toMatchObject({ message: expect.not.stringContaining('Nothing had been changed') })
})

it('reports an association whose creation was lost, and of its deletion, by a look at what is there', async () => {
  await using world = await startWorkshop()
  const create = 'CreatePodIdentityAssociation'
  world.calls.inject({ operation: create, action: { kind: 'lose' } })
  world.calls.inject({ operation: create, times: always, action: { kind: 'cut' } })
  world.calls.inject({ operation: 'ListPodIdentityAssociations', skip: 3, times: 18, action: away })
  // EKS stays away until the retries are used up.
  const { report } = await world.enable()
  expect(report?.changes).toMatchObject([
    {
      kind: 'association',
      state: 'done',
      undone: true,
      action: expect.stringMatching(/^created the association a-/),
    },
  ])
  expect(world.aws.associations.list('eks-workshop')).toEqual([])
})

it('says that nothing was changed where it saw that, and not where it could not look', async () => {
  await using world = await startWorkshop()
  const create = 'CreatePodIdentityAssociation'
  world.calls.inject({ operation: create, times: always, action: { kind: 'cut' } })
  const seen = await world.enable()
  expect(seen.report?.changes).toMatchObject([{ kind: 'association', state: 'not-done' }])
  expect(seen.report?.summary).toMatch(/Nothing had been changed$/)

  world.calls.inject({ operation: create, times: always, action: { kind: 'cut' } })
  world.calls.inject({ operation: 'ListPodIdentityAssociations', skip: 9, times: always, action: away })
  const unseen = await world.enable({ onFailure: 'keep' })
  expect(unseen.report?.changes).toMatchObject([
    {
      kind: 'association',
      state: 'unknown',
      error: expect.stringContaining('ServiceUnavailableException'),
    },
  ])
  expect(unseen.report?.summary).toContain(
    'It could not be seen whether this happened: create an association',
  )
})

it.each([
  ['a call that is denied before anything is tried', {}, { operation: 'DescribeCluster' }],
  ['a person who declines', { approval: 'required' as const }, {}],
])('says that nothing was changed where it is stopped by %s', async (_what, change, fault) => {
  await using world = await startWorkshop()
  if ('operation' in fault) world.calls.inject({ ...fault, times: always, action: away })
  const { event } = await world.enable(change, { approve: async () => 'not today' })
  expect(event).toMatchObject({
    type: 'run.failed',
    message: expect.stringMatching(/Nothing had been changed$/),
  })
})

it('undo that fails for good is compared with what is there', async () => {
  await using world = await startWorkshop()
  const { report: enabled } = await world.enable()
  expect(enabled?.outcome).toBe('enabled')
  world.calls.inject({
    operation: 'patch deployments',
    times: always,
    action: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
  })
  const { report } = await world.enable({ mode: 'undo', before: enabled?.before ?? undefined })
  expect(world.aws.associations.list(workshop.cluster)).toEqual([])
  expect(report?.outcome).toBe('failed')
  expect(report?.changes.map(({ kind }) => kind)).toContain('association')
  expect(report?.summary).not.toContain('Nothing had been changed')
})
