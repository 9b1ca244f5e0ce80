import type { StepProgress } from '../adapters/runtime.ts'
import { mayBeDone } from '../core/changes.ts'
import type { Report } from '../core/report.ts'
import type { RunEvent } from '../core/run-events/event.ts'
import { staysAnyway } from '../core/steps/ledger.ts'
import { jsonLine, visible } from '../core/text/unprintable.ts'
import { type ExitCode, exit } from './exit.ts'
import { summary } from './render/report.ts'
import { notice, screenOf } from './render/screen.ts'
import { terminal } from './render/terminal.ts'
import type { RunEnd } from './run.ts'

/** How a command talks: steps on stderr and the summary on stdout, or events as JSON Lines on stdout. */
export interface OutputFlags {
  json?: boolean
  quiet?: boolean
}

/** The command that undoes a run, where it has changed something: the last line that a person reads of it. */
export interface WayBack {
  wayBack?: string
}

export interface Output {
  onEvent(event: RunEvent): void
  onProgress(progress: StepProgress): void
  /** Says what is no event of the run, to a person. */
  note(text: string): void
  /** Leaves the cursor at the beginning of an empty line, for a question. */
  makeRoom(): void
  /** Ends the display, prints what a person reads, and says what to exit with. */
  end(end: RunEnd & WayBack): ExitCode
}

/** @param worded a failure's message in the words of whoever reads it, who typed flags or wrote a file */
export const output = (
  flags: OutputFlags,
  heading: string,
  worded: (message: string) => string = (message) => message,
): Output => {
  const display = flags.json || flags.quiet ? undefined : terminal(process.stderr, heading)
  return {
    onEvent: (event) => {
      if (flags.json) process.stdout.write(`${jsonLine(event)}\n`)
      else display?.event(event)
    },
    onProgress: (progress) => display?.progress(progress),
    note: (text) => {
      if (display) display.note(text)
      else if (!flags.json) process.stderr.write(visible(`${text}\n`))
    },
    makeRoom: () => display?.pause(),
    end: ({ event, report, wayBack }) => {
      display?.close()
      if (!flags.json) {
        if (report) process.stdout.write(summary(report, screenOf(process.stdout)))
        else if (event.type === 'run.failed')
          process.stderr.write(notice(`${event.error}: ${worded(event.message)}`))
        if (wayBack && (!report || isUndoable(report)))
          process.stdout.write(visible(`\nTo undo this run: ${wayBack}\n`))
      }
      return exitCodeOf({ event, report })
    },
  }
}

/** Whether there is something that an undo would put back: not what stays anyway, and not what is put back already. */
export const isUndoable = ({ changes }: Report): boolean =>
  changes.some((change) => mayBeDone(change) && !change.undone && !staysAnyway.has(change.kind))

/** What to exit with after a run. */
export const exitCodeOf = ({ event, report }: Pick<RunEnd, 'event' | 'report'>): ExitCode => {
  if ((report?.undo?.left.length ?? 0) > 0) return exit.undoIncomplete
  if (event.type === 'run.failed')
    return event.error === 'InvalidRequest' && !report ? exit.usage : exit.failed
  return report?.outcome === 'planned' && report.changes.length > 0 ? exit.changes : exit.done
}
