import { expect, it } from 'vitest'
import type { LocalRunOptions } from '../../../cli/run.ts'
import { workshop } from '../../../local/scenarios/workshop/index.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'

type Work = NonNullable<LocalRunOptions['work']>

/** Each answer fits a payload, and what Report would be told does not. */
const huge =
  ({ clock }: Workshop): Work =>
  async (invoke, name) => {
    const answer = await clock.work(invoke)
    const { Payload } = answer as { Payload: Record<string, unknown> }
    const long = 'x'.repeat(150_000)
    if (name === 'verifyRole') Payload.summary = long
    if (name === 'restartWorkload') Payload.message = `deployment/carts restarted: ${long}`
    return answer
  }

it('says in words what a run changed, and how to undo it, where what Report would be told is too much', async () => {
  await using world = await startWorkshop()
  const { event, report, before } = await world.enable({}, { work: huge(world) })
  expect(event).toMatchObject({ type: 'run.failed', error: 'States.DataLimitExceeded' })
  expect(report).toBeUndefined()
  const { message } = event as { message: string }
  const [made] = world.aws.associations.list(workshop.cluster)
  expect(message).toMatch(/^the report of test-1 could not be written: /)
  expect(message).toContain('maximum number of bytes')
  expect(message).toContain(`association: ${made?.id} created`)
  expect(message).toContain('restart: deployment/carts restarted')
  // A cause may be no longer than this; where it is, Step Functions fails the execution without one.
  expect(message.length).toBeLessThan(32_768)
  const [, way] = /and this as before: (\{.*\})$/.exec(message) ?? []
  expect(JSON.parse(way ?? '')).toEqual(before)
})
