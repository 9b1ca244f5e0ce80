import type { Before } from '../../core/request.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import type { ProcessMark } from './process.ts'

/** The first line of a journal: whose it is, and what the run was asked. */
export interface JournalHead extends ProcessMark {
  type: 'run'
  run: string
  at: string
  mode: 'enable' | 'undo'
  account: string
  /** The run's input, which its first step has checked, with its region named. */
  input: Record<string, unknown>
}

/** A line of a journal: the head, what was there before, and the run's events as --json prints them. */
export type JournalLine = JournalHead | { type: 'before'; before: Before } | RunEvent
