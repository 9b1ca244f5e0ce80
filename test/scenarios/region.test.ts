import { expect, it } from 'vitest'
import type { RequestInput } from '../../core/request-input.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import type { VariantName } from '../../local/scenarios/workshop/variants.ts'
import { startWorkshop } from '../support/run.ts'

// A cluster of the same name may be in another region, the one that podid itself runs in above all: what is signed for
// another region than that of the request's cluster is refused by the stand-ins, as by AWS.
it.each<{ what: string; scenario: 'workshop' | VariantName; change?: Partial<RequestInput> }>([
  { what: 'a workload is enabled', scenario: 'workshop' },
  { what: 'the agent is installed', scenario: 'agent-missing', change: { installAgent: true } },
  {
    what: 'a role is made',
    scenario: 'role-missing',
    change: { createRole: true, needs: [{ actions: ['dynamodb:*'], resources: ['*'] }] },
  },
])('where $what and undone, every step asks the region of the request', async ({ scenario, change = {} }) => {
  const region = 'eu-north-1'
  await using world = await startWorkshop({ scenario, region })
  const { report } = await world.enable({ ...change, region }, { region: 'us-west-2' })
  expect(report?.outcome).toBe('enabled')
  const undone = await world.enable(
    { ...change, region, mode: 'undo', before: report?.before ?? undefined },
    { region: 'us-west-2' },
  )
  expect(undone.report?.outcome).toBe('undone')
})

it('where the rollout fails, too', async () => {
  await using world = await startWorkshop({ region: 'eu-north-1' })
  world.aws.associations.changes.subscribe(() => world.aws.state.roles.get(workshop.role)?.attached.clear())
  const { report } = await world.enable({ region: 'eu-north-1' }, { region: 'us-west-2' })
  expect(report).toMatchObject({ outcome: 'failed', undo: { left: [] } })
  expect(world.aws.associations.list(workshop.cluster)).toEqual([])
})

it('where a step ends without an answer, and what it did is looked for', async () => {
  await using world = await startWorkshop({ scenario: 'agent-missing', region: 'eu-north-1' })
  world.calls.inject({
    operation: 'DescribeAddon',
    skip: 2,
    times: 21,
    action: { kind: 'error', status: 503, code: 'ServiceUnavailableException' },
  })
  const { report } = await world.enable({ region: 'eu-north-1', installAgent: true }, { region: 'us-west-2' })
  expect(report?.changes).toMatchObject([{ kind: 'addon', state: 'done' }])
})
