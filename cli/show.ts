import type { StepProgress } from '../adapters/runtime.ts'
import type { RunEvent } from '../core/run-events/event.ts'
import { jsonLine, visible } from '../core/text/unprintable.ts'
import { type ExitCode, exit } from './exit.ts'
import { painter } from './render/style.ts'
import { summary } from './render/summary.ts'
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
  /** Leaves the cursor at the beginning of an empty line, for a question. */
  makeRoom(): void
  /** Ends the display, prints what a person reads, and says what to exit with. */
  end(end: RunEnd & WayBack): ExitCode
}

export const output = (flags: OutputFlags, heading: string): Output => {
  const display = flags.json || flags.quiet ? undefined : terminal(process.stderr, heading)
  return {
    onEvent: (event) => {
      if (flags.json) process.stdout.write(`${jsonLine(event)}\n`)
      else display?.event(event)
    },
    onProgress: (progress) => display?.progress(progress),
    makeRoom: () => display?.close(),
    end: ({ event, report, wayBack }) => {
      display?.close()
      if (!flags.json) {
        if (report) process.stdout.write(summary(report, painter(process.stdout)))
        else if (event.type === 'run.failed')
          process.stderr.write(visible(`${event.error}: ${event.message}\n`))
      }
      if (wayBack && !flags.json && report?.outcome !== 'unchanged')
        process.stdout.write(visible(`To undo this run: ${wayBack}\n`))
      return exitCodeOf({ event, report })
    },
  }
}

/** What to exit with after a run. */
export const exitCodeOf = ({ event, report }: Pick<RunEnd, 'event' | 'report'>): ExitCode => {
  if ((report?.undo?.left.length ?? 0) > 0) return exit.undoIncomplete
  if (event.type === 'run.failed')
    return event.error === 'InvalidRequest' && !report ? exit.usage : exit.failed
  return report?.outcome === 'planned' && report.changes.length > 0 ? exit.changes : exit.done
}
