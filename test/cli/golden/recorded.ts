import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { StepProgress } from '../../../adapters/runtime.ts'
import type { RunEvent } from '../../../core/run-events/event.ts'

/** One thing that the display of a run was given. */
export type Recorded = { event: RunEvent } | { progress: StepProgress }

/** The names of the recorded runs. */
export const recordedNames = globSync('*.jsonl', { cwd: import.meta.dirname })
  .map((file) => basename(file, '.jsonl'))
  .toSorted()

/** What the display was given in a run that was recorded (record.ts). */
export const readRecorded = (name: string): Recorded[] =>
  readFileSync(join(import.meta.dirname, `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)
