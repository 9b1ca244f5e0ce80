import * as z from 'zod'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { AccessEntry } from '../../core/cluster.ts'
import type { Finding } from '../../core/findings.ts'
import { Request } from '../../core/request.ts'
import type { AccessStep } from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { ownAccessEntries } from '../support/settings.ts'

const Input = z.strictObject({ request: Request })

/** Lets podid's own functions into the cluster; the workflow comes here only where the request allows it. */
export const ensureAccess =
  (clusters: (region: string) => Pick<Eks, 'createAccessEntry'>, entries: readonly AccessEntry[]) =>
  async ({ request: { cluster, region, run } }: z.output<typeof Input>): Promise<AccessStep> => {
    const created: string[] = []
    for (const entry of entries) {
      if (await clusters(region).createAccessEntry(cluster, entry, run)) created.push(entry.principalArn)
    }
    const finding: Finding = {
      code: 'access-entries-created',
      severity: 'info',
      subject: `cluster ${cluster}`,
      found: `it did not know ${created.length} of podid's ${entries.length} roles: they have access entries now (${created.join(', ')})`,
    }
    return {
      created,
      message: created.length > 0 ? `${created.length} access entries created` : 'nothing to add',
      findings: created.length > 0 ? [finding] : [],
    }
  }

export const create = (runtime: Runtime) =>
  makeHandler(
    runtime,
    { name: 'EnsureAccess', input: Input },
    ensureAccess((region) => eks(runtime, region), ownAccessEntries(runtime)),
  )

export const handler = create(lambda)
