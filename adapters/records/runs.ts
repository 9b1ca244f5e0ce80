import { Transient } from '../../core/errors.ts'
import type { RunRecord } from '../../core/triggers/origin.ts'
import type { Runtime } from '../runtime.ts'
import { records, type StoredRecord } from './records.ts'

/** A binding on a cluster, as far as two runs of it would get in each other's way. */
export interface BindingKey {
  cluster: string
  region: string
  namespace: string
  serviceAccount: string
}

export const bindingId = ({ region, cluster, namespace, serviceAccount }: BindingKey): string =>
  [region, cluster, namespace, serviceAccount].join('/')

/** The latest run that took its turn on a binding. `at` is in milliseconds. */
export interface LatestRun {
  run: string
  mode: 'enable' | 'undo'
  at: number
}

/** What podid stores about runs besides their executions, for as long as Step Functions keeps those. */
export const runs = (runtime: Runtime, tableArn: string) => {
  const table = records<RunRecord>(runtime, { tableArn, kind: 'run' })
  const latest = records<LatestRun>(runtime, { tableArn, kind: 'latest' })
  const expiry = () => runtime.clock.now() + ninetyDaysMs

  return {
    find: async (run: string): Promise<RunRecord | undefined> => (await table.get(run))?.value,
    /** Keeps where a run comes from; the first to say so is believed. */
    note: async (run: string, record: RunRecord): Promise<void> => {
      await table.create(run, record, expiry())
    },
    /**
     * Changes the record, or makes one; `change` answers undefined to leave it as it is. Answers what is stored.
     * @throws Transient where other writers were faster every time
     */
    change: async (
      run: string,
      change: (record: RunRecord) => RunRecord | undefined,
    ): Promise<{ record: RunRecord; changed: boolean }> => {
      for (let attempt = 0; attempt < 5; attempt++) {
        const stored = await table.get(run)
        const before = stored?.value ?? { origin: null, message: null, approval: null }
        const after = change(before)
        if (!after) return { record: before, changed: false }
        const written = stored
          ? await table.replace(run, after, expiry(), stored.version)
          : await table.create(run, after, expiry())
        if (written) return { record: after, changed: true }
      }
      throw new Transient(`others keep writing the record of run ${run}`)
    },
    latest: (key: BindingKey): Promise<StoredRecord<LatestRun> | undefined> => latest.get(bindingId(key)),
    /** Makes a run the binding's latest; false where it changed since it was read. */
    takeTurn: (
      key: BindingKey,
      { run, mode }: Omit<LatestRun, 'at'>,
      before: StoredRecord<LatestRun> | undefined,
    ): Promise<boolean> => {
      const turn = { run, mode, at: runtime.clock.now() }
      return before
        ? latest.replace(bindingId(key), turn, expiry(), before.version)
        : latest.create(bindingId(key), turn, expiry())
    },
  }
}

export type Runs = ReturnType<typeof runs>

const ninetyDaysMs = 90 * 86_400_000
