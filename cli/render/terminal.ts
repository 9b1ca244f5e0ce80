import type { StepProgress } from '../../adapters/runtime.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { stepLabels } from '../../core/steps/table.ts'
import { visible, visibleIn } from '../../core/text/unprintable.ts'
import { duration, type Paint, painter } from './style.ts'

const width = Math.max(...Object.values(stepLabels).map((label) => label.length))

/** Shows a run as it goes. */
export interface Display {
  event(event: RunEvent): void
  /** What a long step says while it is under way. */
  progress(progress: StepProgress): void
  /** Leaves the cursor on a line of its own; nothing is written from then on. */
  close(): void
}

/**
 * Shows each step on a line of its own, with its time and what it found. On a terminal the line of the step under
 * way is redrawn in place; elsewhere lines are only ever added.
 */
export const terminal = (stream: NodeJS.WriteStream, heading: string): Display => {
  const paint = painter(stream)
  const live = stream.isTTY === true
  const active = new Map<string, string>()
  /** Steps that did their work and found something in the way. */
  const blocked = new Set<string>()
  /** Steps whose last visit ended before what they watch did. */
  const goesOn = new Set<string>()
  let drawn = false
  let closed = false
  let last = ''

  const clear = () => {
    if (drawn) stream.write('\r\u001b[K')
    drawn = false
  }
  const line = (text: string) => {
    clear()
    stream.write(`${text}\n`)
    redraw()
  }
  const redraw = () => {
    if (!live || active.size === 0) return
    clear()
    const text = [...active]
      .map(([step, doing]) => `${stepLabels[step]}${doing ? ` ${doing}` : ''}`)
      .join(' · ')
    stream.write(paint('dim', ` ● ${text}`.slice(0, (stream.columns || 80) - 1)))
    drawn = true
  }
  const row = (mark: string, step: string, time: string, text: string) =>
    ` ${mark} ${(stepLabels[step] ?? step).padEnd(width)} ${time.padStart(6)}  ${text}`

  stream.write(`${paint('bold', visible(heading))}\n`)
  return {
    event: (found) => {
      const event = visibleIn(found)
      if (closed || !('step' in event) || !(event.step in stepLabels)) return
      switch (event.type) {
        case 'step.started':
          active.set(event.step, '')
          return redraw()
        case 'step.retrying':
          return line(
            row(
              paint('yellow', '↻'),
              event.step,
              '',
              `${event.error}, retry ${event.attempt}${event.of ? `/${event.of}` : ''} within ${event.seconds}s: ${firstLine(event.message)}`,
            ),
          )
        case 'rollout.progress':
          if (event.state === 'progressing') goesOn.add(event.step)
          else goesOn.delete(event.step)
          return
        case 'step.succeeded':
          active.delete(event.step)
          return line(
            row(
              blocked.has(event.step)
                ? paint('red', '✖')
                : goesOn.has(event.step)
                  ? paint('dim', '●')
                  : paint('green', '✔'),
              event.step,
              duration(event.duration * 1000),
              firstLine(event.message ?? ''),
            ),
          )
        case 'step.failed':
          active.delete(event.step)
          return line(
            row(
              paint('red', '✖'),
              event.step,
              duration(event.duration * 1000),
              `${event.error}: ${firstLine(event.message)}`,
            ),
          )
        case 'finding':
          if (event.finding.severity === 'blocking') blocked.add(event.step)
          return event.finding.severity === 'info'
            ? undefined
            : line(findingLine(paint, event.finding.severity, event.finding.subject, event.finding.found))
      }
    },
    progress: (said) => {
      const { step, message, detail } = visibleIn(said)
      const text = progressText(message, detail)
      if (closed || text === last) return
      last = text
      active.set(step, message)
      if (step === 'WatchRollout' || !live) line(paint('dim', `   ${' '.repeat(width)}         ${text}`))
      else redraw()
    },
    close: () => {
      closed = true
      active.clear()
      clear()
    },
  }
}

const progressText = (message: string, detail: Record<string, unknown> = {}): string =>
  Array.isArray(detail.pods) && detail.pods.length > 0 ? detail.pods.join('  ') : message

const findingLine = (paint: Paint, severity: string, subject: string, found: string): string =>
  ` ${severity === 'blocking' ? paint('red', '✖') : paint('yellow', '!')} ${paint('bold', subject)}: ${found}`

const firstLine = (text: string): string => text.split('\n')[0] ?? ''
