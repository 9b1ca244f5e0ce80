import { expect, it } from 'vitest'
import { silent } from '../../cli/run.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { runWorkflow } from '../../stage/execution.ts'
import { startWorkshop } from '../support/run.ts'

it('follows a rollout of ten minutes in under 60 state transitions, which is what Step Functions bills', async () => {
  await using world = await startWorkshop({ pace: { readyAfterMs: 9.5 * 60_000 } })
  const runtime = {
    aws: { endpoint: world.aws.url, credentials: async () => world.aws.credentials },
    clock: world.clock,
    log: silent,
    progress: () => {},
  }
  const started = world.clock.now()
  const { status, history } = await runWorkflow({
    input: workshopBinding(world),
    account: world.aws.account,
    region: world.aws.region,
    name: 'long',
    clock: world.clock,
    runtime: () => runtime,
    replace: { takeTurn: () => async () => ({ message: 'nothing else starts runs here' }) },
    work: world.clock.work,
  })
  expect(status).toBe('SUCCEEDED')
  expect(world.clock.now() - started).toBeGreaterThan(9.5 * 60_000)
  expect(history.filter(({ type }) => type.endsWith('StateEntered')).length).toBeLessThan(60)
})
