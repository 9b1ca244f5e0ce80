import { expect, it } from 'vitest'
import { startWorkshop } from '../../support/run.ts'
import { runAwsCommands } from './aws-commands.ts'
import { foundByStep } from './preflight.ts'
import { roleRows } from './role-rows.ts'
import type { Row } from './row.ts'

// What remedies.test.ts does with the AWS CLI, where it is installed, for what VerifyRole finds: on every machine.

const rows = Object.entries<readonly Row[]>(roleRows).flatMap(([code, some]) =>
  some.filter(({ looks, findings }) => !looks && !findings).map((row) => ({ code, ...row })),
)

it.each(rows)('its commands mend: $why ($code)', async (row) => {
  await using world = await startWorkshop(row.scenario ? { scenario: row.scenario } : {})
  await row.change?.(world)
  const before = await foundByStep(world, row)
  expect(before?.remedy).toEqual({ advice: expect.any(String), command: expect.any(String) })
  await runAwsCommands(world.aws, before?.remedy?.command ?? '')
  expect(await foundByStep(world, row)).toBeUndefined()
})
