import { readFileSync } from 'node:fs'
import type { Report } from '../../core/report.ts'
import { UsageError } from '../binding.ts'
import type { ExitCode } from '../exit.ts'
import type { OutputFlags } from '../show.ts'
import { runWithInput } from './enable.ts'

/** `podid undo`: puts back what the run of that report changed. */
export const undo = async (path: string, flags: OutputFlags): Promise<ExitCode> => {
  const { binding, before } = readReport(path)
  if (!before)
    throw new UsageError(`the run in ${path} ended before it looked at anything: there is nothing to undo`)
  const { workload, ...rest } = binding
  return runWithInput({ ...rest, ...(workload ? { workload } : {}), mode: 'undo', before }, flags)
}

/** A report by itself, or the last event of a run's JSON Lines, which carries it. */
const readReport = (path: string): Report => {
  try {
    const text = readFileSync(path, 'utf8').trim()
    const last: unknown = JSON.parse(text.startsWith('{\n') ? text : (text.split('\n').at(-1) ?? ''))
    const report = isRecord(last) && isRecord(last.report) ? last.report : last
    if (isRecord(report) && isRecord(report.binding)) return report as unknown as Report
    throw new Error('it holds no report')
  } catch (error) {
    throw new UsageError(`${path} cannot be read as the report of a run: ${(error as Error).message}`)
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
