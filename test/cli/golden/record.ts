import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalRunOptions } from '../../../cli/run.ts'
import type { RequestInput } from '../../../core/request-input.ts'
import type { VariantName } from '../../../local/scenarios/workshop/variants.ts'
import { startWorkshop } from '../../support/run.ts'
import type { Recorded } from './recorded.ts'

interface Recording {
  scenario?: VariantName
  input?: Partial<RequestInput>
  options?: (interrupt: () => void) => Partial<LocalRunOptions>
  /** Whether the run undoes an earlier one of the same input. */
  undoes?: boolean
}

/** The runs whose display the golden files hold. */
const recordings: Record<string, Recording> = {
  plan: { input: { mode: 'plan' } },
  'plan-repoint': { scenario: 'association-other-role', input: { mode: 'plan', replace: true } },
  enable: {},
  blocked: { scenario: 'policy-without-index' },
  'undo-asked': { undoes: true },
  undone: { scenario: 'denied-by-scp', input: { needs: [] } },
  'cluster-creating': { scenario: 'cluster-creating', input: { mode: 'plan' } },
  declined: {
    input: { approval: 'required' },
    options: () => ({ approve: async () => 'declined at the terminal' }),
  },
  interrupted: {
    options: (interrupt) => ({
      onProgress: ({ step }) => {
        if (step === 'WatchRollout') interrupt()
      },
    }),
  },
}

/** Runs them, or those that are named, on the stand-ins in virtual time, and writes what the display is given, a line each. */
const [, , ...named] = process.argv
for (const [name, { scenario, input = {}, options, undoes }] of Object.entries(recordings)) {
  if (named.length > 0 && !named.includes(name)) continue
  await using world = await startWorkshop(scenario ? { scenario } : {})
  const recorded: Recorded[] = []
  const stop = new AbortController()
  const own = options?.(() => stop.abort(new Error('interrupted'))) ?? {}
  const before = undoes ? (await world.enable(input)).before : undefined
  await world.enable(before ? { ...input, mode: 'undo', before } : input, {
    ...own,
    signal: stop.signal,
    onEvent: (event) => recorded.push({ event }),
    onProgress: (progress) => {
      recorded.push({ progress })
      own.onProgress?.(progress)
    },
  })
  writeFileSync(
    join(import.meta.dirname, `${name}.jsonl`),
    recorded.map((one) => `${JSON.stringify(one)}\n`).join(''),
  )
}
