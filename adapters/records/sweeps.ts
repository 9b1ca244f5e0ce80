import { type DriftNotes, nothingNoted } from '../../core/triggers/digest.ts'
import type { SweepPosition } from '../../core/triggers/sweep-plan.ts'
import { fromTheStart } from '../../core/triggers/sweep-plan.ts'
import type { Runtime } from '../runtime.ts'
import { records } from './records.ts'

interface SweepRecord {
  position: SweepPosition
  /** The sweep at work, until when it may be (milliseconds); null where none is. */
  held: { sweep: string; until: number } | null
  /** What sweeps have found and told; absent in records of earlier versions. */
  notes?: DriftNotes
}

/** A sweep that may begin. */
export interface SweepTurn {
  /** Where the one before stopped. */
  position: SweepPosition
  /** What those before have found and told. */
  notes: DriftNotes
  /** Lets the next one begin, from there; answers false where another had begun meanwhile. */
  end(position: SweepPosition, notes: DriftNotes): Promise<boolean>
}

/** Where the latest sweep stopped, and that one at a time is at work. */
export const sweeps = (runtime: Runtime, tableArn: string) => {
  const table = records<SweepRecord>(runtime, { tableArn, kind: 'sweep' })
  const expiry = () => runtime.clock.now() + ninetyDaysMs
  return {
    /**
     * Takes the turn for at most `forMs`; answers the sweep that has it, where that is another one. It has it for no
     * longer than its function can run, so that one that was ended holds nobody up.
     */
    begin: async (sweep: string, forMs: number): Promise<SweepTurn | { atWork: string }> => {
      const stored = await table.get(id)
      const now = runtime.clock.now()
      if (stored?.value.held && stored.value.held.until > now) return { atWork: stored.value.held.sweep }
      const position = stored?.value.position ?? fromTheStart
      const notes = stored?.value.notes ?? nothingNoted
      const record: SweepRecord = { position, held: { sweep, until: now + forMs }, notes }
      const taken = stored
        ? await table.replace(id, record, expiry(), stored.version)
        : await table.create(id, record, expiry())
      if (!taken) return { atWork: (await table.get(id))?.value.held?.sweep ?? 'one that began meanwhile' }
      const version = (stored?.version ?? 0) + 1
      return {
        position,
        notes,
        end: (reached, noted) =>
          table.replace(id, { position: reached, held: null, notes: noted }, expiry(), version),
      }
    },
  }
}

export type Sweeps = ReturnType<typeof sweeps>

const id = 'position'
const ninetyDaysMs = 90 * 86_400_000
