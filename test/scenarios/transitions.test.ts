import { expect, it } from 'vitest'
import { silent } from '../../cli/run.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { runWorkflow } from '../../stage/execution.ts'
import { startWorkshop } from '../support/run.ts'

it('watches a rollout so seldom that one of ten minutes takes under 60 state transitions, which is what Step Functions bills', async () => {
  await using world = await startWorkshop({ pace: { readyAfterMs: 150_000 } })
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
  const watchedMs = world.clock.now() - started
  expect(watchedMs).toBeGreaterThan(150_000)
  const entered = history.flatMap(({ type, stateEnteredEventDetails: details }) =>
    type.endsWith('StateEntered') ? [(details as { name: string }).name] : [],
  )
  // Each time that it watches takes two, WatchRollout and RolloutState; the others come once, however long it takes.
  const visits = entered.filter((name) => name === 'WatchRollout').length
  expect(visits).toBeGreaterThan(1)
  const others = entered.length - 2 * visits
  expect(others + 2 * Math.ceil((visits * 10 * 60_000) / watchedMs)).toBeLessThan(60)
})
