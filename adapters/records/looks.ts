import type { TrailLook } from '../../core/workload/proof/trail.ts'
import type { Runtime } from '../runtime.ts'
import { records } from './records.ts'
import { type BindingKey, bindingId } from './runs.ts'

/** What the sweep saw last of each binding in CloudTrail's event history, for two days. */
export const looks = (runtime: Runtime, tableArn: string) => {
  const table = records<TrailLook>(runtime, { tableArn, kind: 'trail' })
  return {
    find: async (key: BindingKey): Promise<TrailLook | undefined> => (await table.get(bindingId(key)))?.value,
    /** Keeps the look in place of the one before; where another sweep is faster, its look stays. */
    keep: async (key: BindingKey, look: TrailLook): Promise<void> => {
      const id = bindingId(key)
      const expiresAt = runtime.clock.now() + twoDaysMs
      const before = await table.get(id)
      if (before) await table.replace(id, look, expiresAt, before.version)
      else await table.create(id, look, expiresAt)
    },
  }
}

export type Looks = ReturnType<typeof looks>

const twoDaysMs = 2 * 86_400_000
