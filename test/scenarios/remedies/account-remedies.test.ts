import { expect, it } from 'vitest'
import type { Finding } from '../../../core/findings.ts'
import { realClock } from '../../../local/clock.ts'
import { seedAccount, workshop } from '../../../local/scenarios/workshop/account.ts'
import { variants } from '../../../local/scenarios/workshop/variants.ts'
import type { Workshop } from '../../support/run.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'
import { runAwsCommands } from './aws-commands.ts'
import { clusterRows } from './cluster-rows.ts'
import { findingsBySteps, isOfAccount } from './preflight.ts'
import { roleRows } from './role-rows.ts'
import type { Row } from './row.ts'

// What remedies.test.ts does with the AWS CLI, where it is installed, for what VerifyRole and CheckAssociation find: on
// every machine, and in the workshop's account without its cluster, which these neither ask nor change.

// What a trust policy is mended to is in test/core/role, for each code and for random documents: `npm test` runs one of
// those commands, in remedies.test.ts, and `npm run test:exhaustive` each.
const exhaustive = process.env.PODID_EXHAUSTIVE === '1'

const rows = Object.entries<readonly Row[]>({ ...roleRows, ...clusterRows })
  .flatMap(([code, some]) => some.map((row) => ({ code, ...row })))
  .filter((row) => isOfAccount(row) && !row.looks && (exhaustive || !row.code.startsWith('trust-')))

it.each(rows)('its commands mend: $why ($code)', async (row) => {
  const aws = await startTestAws()
  try {
    seedAccount(aws.state, `arn:${aws.partition}:iam::${aws.account}:user/admin`)
    const cluster = aws.state.clusters.get(workshop.cluster)
    // A cluster has them, and nobody asks there.
    Object.assign(cluster ?? {}, { endpoint: 'https://127.0.0.1:9', certificateAuthority: 'Y2E=' })
    const account = { aws, clock: realClock() } as unknown as Workshop
    if (row.scenario) variants[row.scenario].change(account)
    await row.change?.(account)
    const found = async (): Promise<Finding | undefined> =>
      (await findingsBySteps(account)(row)).find(({ code }) => code === row.code)
    const before = await found()
    expect(before?.remedy).toEqual({ advice: expect.any(String), command: expect.any(String) })
    await runAwsCommands(aws, before?.remedy?.command ?? '')
    expect(await found()).toBeUndefined()
  } finally {
    await aws.close()
  }
})
