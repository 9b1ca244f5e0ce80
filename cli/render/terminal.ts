import type { StepProgress } from '../../adapters/runtime.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { visible, visibleIn } from '../../core/text/unprintable.ts'
import { clipped, screenOf, wrapped } from './screen.ts'
import { createStepLines } from './steps.ts'

/** Shows a run as it goes. */
export interface Display {
  event(event: RunEvent): void
  /** What a long step says while it is under way. */
  progress(progress: StepProgress): void
  /** A line that is about no step. */
  note(text: string): void
  /** Leaves the cursor on a line of its own, for a question: nothing is written until it is answered. */
  pause(): void
  /** The same, for good. */
  close(): void
}

const redrawMs = 1000

/** What a terminal writes at the end of the line when somebody interrupts. */
const echo = '^C'

/** Whether a stream is a terminal on which a line can be drawn anew. */
const canRedraw = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && process.env.TERM !== 'dumb'

/**
 * Shows each step on a line of its own, with its time and what it found. On a terminal the line of what is under way is
 * redrawn in place; elsewhere, and on a dumb terminal, lines are only ever added.
 */
export const terminal = (stream: NodeJS.WriteStream, heading: string): Display => {
  const screen = () => screenOf(stream)
  const live = canRedraw(stream)
  const steps = createStepLines({
    screen,
    live,
    timeOfDay: (time) => new Date(time).toTimeString().slice(0, 8),
  })
  let drawn = ''
  let closed = false
  let paused = false

  const clear = () => {
    // Blanks instead of a code that erases: what is shown without colours is shown without any code.
    if (drawn !== '') stream.write(`\r${' '.repeat(drawn.length + echo.length)}\r`)
    drawn = ''
  }
  const redraw = () => {
    if (!live || closed || paused) return
    // A terminal may be narrower than what is wrapped for one; a line that goes on on the next cannot be drawn anew.
    const text = clipped(steps.now(Date.now()) ?? '', (stream.columns || 80) - echo.length - 1)
    if (text === drawn) return
    clear()
    if (text !== '') stream.write(screen().paint('dim', text))
    drawn = text
  }
  const add = (lines: readonly string[]) => {
    if (lines.length > 0) clear()
    for (const line of lines) stream.write(`${line}\n`)
    redraw()
  }
  const ticking = live ? setInterval(redraw, redrawMs).unref() : undefined

  stream.write(`${wrapped(screen().paint('bold', visible(heading)), screen().width, '', 2).join('\n')}\n`)
  return {
    event: (event) => {
      const lines = steps.event(visibleIn(event))
      paused &&= !isAnswer(event)
      if (!closed && !paused) add(lines)
    },
    progress: (said) => {
      if (!closed) add(steps.progress(visibleIn(said)))
    },
    note: (text) => add([visible(text)]),
    pause: () => {
      clear()
      // What the terminal shows of Ctrl-C.
      if (live) stream.write('\r  \r')
      paused = true
    },
    close: () => {
      clear()
      closed = true
      clearInterval(ticking)
    },
  }
}

/** Whether an event says that a question was answered, or will not be. */
const isAnswer = ({ type }: RunEvent): boolean =>
  type === 'step.succeeded' || type === 'step.failed' || type === 'run.failed'
