import { records } from '../../adapters/records/records.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { setting } from './settings.ts'

const dayMs = 86_400_000

/**
 * Does what was not done under this key in the last day. It may be done twice where its record could not be
 * written, but never not at all.
 */
export const once = (runtime: Runtime) => {
  const done = records<string>(runtime, { tableArn: setting(runtime, 'PODID_TABLE_ARN'), kind: 'done' })
  return async (key: string, work: () => Promise<void>): Promise<void> => {
    if (await done.get(key)) return
    await work()
    const now = runtime.clock.now()
    await done.create(key, new Date(now).toISOString(), now + dayMs)
  }
}

export type Once = ReturnType<typeof once>
