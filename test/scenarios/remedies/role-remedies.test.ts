import { expect, it } from 'vitest'
import { eks } from '../../../adapters/eks/eks.ts'
import type { Finding } from '../../../core/findings.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { create as verifyRole } from '../../../functions/steps/verify-role.ts'
import { workshopBinding } from '../../../local/scenarios/workshop/binding.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { runAwsCommands } from './aws-commands.ts'
import { roleRows } from './role-rows.ts'
import type { Row } from './row.ts'

// What remedies.test.ts does with the AWS CLI, where it is installed, for what VerifyRole finds: on every machine.

const rows = Object.entries<readonly Row[]>(roleRows).flatMap(([code, some]) =>
  some.filter(({ looks, findings }) => !looks && !findings).map((row) => ({ code, ...row })),
)

const found = async (
  { aws, clock }: Workshop,
  { code, input = {} }: Row & { code: string },
): Promise<Finding | undefined> => {
  const runtime = quietRuntime(aws.url, { credentials: aws.credentials, clock })
  const request = resolveRequest(
    { ...workshopBinding({ aws }), ...input },
    {
      arn: `arn:aws:states:${aws.region}:${aws.account}:execution:podid:run-1`,
      startTime: '2026-11-26T00:00:00.000Z',
    },
  )
  const cluster = await eks(runtime, aws.region).describeCluster(request.cluster)
  const { findings } = await clock.work(() => verifyRole(runtime)({ request, cluster }))
  return findings.find((finding) => finding.code === code)
}

it.each(rows)('its commands mend: $why ($code)', async (row) => {
  await using world = await startWorkshop(row.scenario ? { scenario: row.scenario } : {})
  await row.change?.(world)
  const before = await found(world, row)
  expect(before?.remedy).toEqual({ advice: expect.any(String), command: expect.any(String) })
  await runAwsCommands(world.aws, before?.remedy?.command ?? '')
  expect(await found(world, row)).toBeUndefined()
})
