import { runs } from '../../adapters/records/runs.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { AccessDenied } from '../../core/errors.ts'
import type { RemoteStage } from '../remote/stage.ts'

/** Ways in that record beside a run who asked for it. */
const recorded = /^(?:slack|webhook|rollout)-/

/**
 * Who asked for a run, as the stage's records have it: `slack:U012AB3CD`, `caller:ci`. Null where they say nothing, or may
 * not be read, which is then not tried again.
 */
export const callersOf = (
  runtime: Runtime,
  { arn, region }: Pick<RemoteStage, 'arn' | 'region'>,
): ((run: string) => Promise<string | null>) => {
  const [, partition, , , account, , machine = ''] = arn.split(':')
  const table = `arn:${partition}:dynamodb:${region}:${account}:table/${machine.replace(/-enable$/, '-records')}`
  const records = runs(runtime, table)
  const known = new Map<string, string | null>()
  let denied = false
  return async (run) => {
    const found = known.get(run)
    if (found !== undefined || denied || !recorded.test(run)) return found ?? null
    try {
      const by = (await records.find(run))?.origin?.by ?? null
      known.set(run, by)
      return by
    } catch (error) {
      // Runs are shown without their records as well.
      denied = error instanceof AccessDenied
      return null
    }
  }
}
