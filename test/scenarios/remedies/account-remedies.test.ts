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

// What a trust policy is mended to is in test/core/role, for each code and for random documents: `npm test` runs the one
// of those commands whose words are the hardest to pass on, and `npm run test:exhaustive` each.
const exhaustive = process.env.PODID_EXHAUSTIVE === '1'
const isRepeat = (code: string): boolean =>
  // remedies.test.ts runs it on every machine, too.
  code === 'role-missing' || (code.startsWith('trust-') && code !== 'trust-condition-unmet')

const rows = Object.entries<readonly Row[]>({ ...roleRows, ...clusterRows })
  .flatMap(([code, some]) => some.map((row) => ({ code, ...row })))
  .filter((row) => isOfAccount(row) && !row.looks && (exhaustive || !isRepeat(row.code)))

type CodedRow = (typeof rows)[number]
const [trusts = [], permissions = []] = ['trust-', 'permission-'].map((about) =>
  rows.filter(({ code, input }) => code.startsWith(about) && !input),
)

/** A role's permissions are judged in the same look as its trust, and no command that mends one mends the other. */
const pairs = trusts.map((trust, at) => [trust, permissions[at]].filter((row) => row !== undefined))
const paired = new Set(pairs.flat())
const groups: CodedRow[][] = [...pairs, ...rows.filter((row) => !paired.has(row)).map((row) => [row])]

const titled = groups.map(
  (group) => [group.map(({ why, code }) => `${why} (${code})`).join(', '), group] as const,
)

it.each(titled)('its commands mend: %s', async (_title, group) => {
  const aws = await startTestAws()
  try {
    seedAccount(aws.state, `arn:${aws.partition}:iam::${aws.account}:user/admin`)
    const cluster = aws.state.clusters.get(workshop.cluster)
    // A cluster has them, and nobody asks there.
    Object.assign(cluster ?? {}, { endpoint: 'https://127.0.0.1:9', certificateAuthority: 'Y2E=' })
    const account = { aws, clock: realClock() } as unknown as Workshop
    for (const row of group) {
      if (row.scenario) variants[row.scenario].change(account)
      await row.change?.(account)
    }
    const found = async (): Promise<(Finding | undefined)[]> => {
      const ask = findingsBySteps(account)
      return Promise.all(group.map(async (row) => (await ask(row)).find(({ code }) => code === row.code)))
    }
    for (const before of await found()) {
      expect(before?.remedy).toEqual({ advice: expect.any(String), command: expect.any(String) })
      await runAwsCommands(aws, before?.remedy?.command ?? '')
    }
    expect(await found()).toEqual(group.map(() => undefined))
  } finally {
    await aws.close()
  }
})
