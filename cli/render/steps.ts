import type { StepProgress } from '../../adapters/runtime.ts'
import type { RunEvent, StepFailed, StepRetrying, StepSucceeded } from '../../core/run-events/event.ts'
import { stepLabels } from '../../core/steps/table.ts'
import { firstLine } from '../../core/text/first-line.ts'
import { createPodLines } from './pods.ts'
import { clipped, type Screen, wrapped } from './screen.ts'
import { duration } from './style.ts'

const labelWidth = Math.max(...Object.values(stepLabels).map((label) => label.length))
/** Where a row's text begins: after mark, label and time. */
const textColumn = labelWidth + 12

/** What is known of a step while it is under way. */
interface Active {
  /** When it was first entered, in milliseconds since the epoch. */
  since: number
  doing: string
  /** Until when it waits, in milliseconds since the epoch. */
  until?: number | undefined
}

export interface StepLines {
  /** The lines that an event adds. */
  event(event: RunEvent): string[]
  /** The lines that a long step's progress adds. */
  progress(progress: StepProgress): string[]
  /** What is under way, in one line; undefined where nothing is. */
  now(time: number): string | undefined
}

export interface StepLinesOptions {
  /** As wide as it is by now. */
  screen: () => Screen
  /** Whether what is under way is shown in a line that is redrawn; else its progress adds lines. */
  live: boolean
  /** A moment in milliseconds since the epoch as the reader's time of day. */
  timeOfDay: (time: number) => string
}

/**
 * What a run's events add to its display: a row for each step with its time and what it found, the pods of its rollout
 * as they change, retries, and what stands in the way. A step that the workflow comes back to has one row, at its end.
 */
export const createStepLines = ({ screen, live, timeOfDay }: StepLinesOptions): StepLines => {
  const { paint } = screen()
  const active = new Map<string, Active>()
  const findings = new Map<string, { blocking: boolean; lines: string[]; found: string[] }>()
  const pods = createPodLines(paint)
  /** A step that has answered, and may be entered again. */
  let held: StepSucceeded | undefined
  /** Why a step was last said to be tried again. */
  const causes = new Map<string, string>()
  /** What a step was last said to wait for. */
  const said = new Map<string, string>()
  /** What a step has answered that was not its end. */
  const unfinished = new Map<string, string>()

  const row = (mark: string, step: string, time: string, text: string): string[] =>
    wrapped(
      text,
      screen().width,
      ` ${mark} ${(stepLabels[step] ?? step).padEnd(labelWidth)} ${time.padStart(6)}  `,
    )
  const aside = (text: string): string[] => wrapped(text, screen().width, ' '.repeat(textColumn))

  /** Says once what a step waits for, and the first time until when. */
  const wait = (step: string, text: string, until?: number): string[] => {
    if (text === '' || said.get(step) === text) return []
    const limit = until === undefined || said.has(step) ? '' : `, until ${timeOfDay(until)} at most`
    said.set(step, text)
    return row(paint('dim', '●'), step, '', `${text}${limit}`)
  }

  /** The row of a step that has waited, and whose last answer is still that it waits. */
  const giveUp = ({ step }: StepSucceeded, next: RunEvent): string[] => {
    const since = active.get(step)?.since ?? Date.parse(next.at)
    active.delete(step)
    const stopped = next.type === 'run.failed' && next.status === 'ABORTED'
    return row(
      stopped ? paint('yellow', '■') : paint('red', '✖'),
      step,
      duration(Date.parse(next.at) - since),
      stopped ? 'stopped' : clipped(unfinished.get(step) ?? '', screen().width - textColumn),
    )
  }

  /** The row of a step that has ended, and under it what it found. */
  const finish = (event: StepSucceeded): string[] => {
    const found = findings.get(event.step)
    const since = active.get(event.step)?.since ?? Date.parse(event.at)
    const ms = Math.max(event.duration * 1000, Date.parse(event.at) - since)
    active.delete(event.step)
    findings.delete(event.step)
    const text = firstLine(event.message ?? '')
    const repeated = found?.found.some((one) => text.startsWith(one))
    return [
      ...row(
        found?.blocking ? paint('red', '✖') : paint('green', '✔'),
        event.step,
        duration(ms),
        repeated ? clipped(text, screen().width - textColumn) : text,
      ),
      ...(repeated ? [] : (found?.lines ?? [])),
    ]
  }

  const fail = (event: StepFailed): string[] => {
    active.delete(event.step)
    const stopped = event.error === 'Stopped'
    const why = firstLine(event.message)
    const known = causes.get(event.step)
    causes.delete(event.step)
    const text = `${event.error}: ${why}`
    return row(
      stopped ? paint('yellow', '■') : paint('red', '✖'),
      event.step,
      duration(event.duration * 1000),
      // The report has it whole.
      stopped ? 'stopped' : why === known ? clipped(text, screen().width - textColumn) : text,
    )
  }

  /** That a step is tried again, and why, unless that has been said of it. */
  const retry = ({ step, error, attempt, of, seconds, message }: StepRetrying): string[] => {
    const why = firstLine(message)
    const known = causes.get(step) === why
    causes.set(step, why)
    const next = `${error}, retry ${attempt}${of ? `/${of}` : ''} within ${seconds}s`
    return row(paint('yellow', '↻'), step, '', known ? next : `${next}: ${why}`)
  }

  /** What a step that has answered comes to, now that something else happens. */
  const settle = (event: RunEvent): string[] => {
    if (!held) return []
    const answered = held
    const again = event.type === 'step.started' && event.step === answered.step
    const waits = event.type === 'step.waiting' && event.for === 'time'
    if (!again && !waits) {
      held = undefined
      return unfinished.get(answered.step) === firstLine(answered.message ?? '')
        ? giveUp(answered, event)
        : finish(answered)
    }
    if (again) held = undefined
    const found = findings.get(answered.step)
    findings.delete(answered.step)
    const doing = firstLine(answered.message ?? '')
    unfinished.set(answered.step, doing)
    const step = active.get(answered.step)
    if (step) step.doing = doing
    return pods.seen(answered.step) ? [] : [...wait(answered.step, doing), ...(found?.lines ?? [])]
  }

  const added = (event: RunEvent): string[] => {
    if (!('step' in event) || !(event.step in stepLabels)) return []
    switch (event.type) {
      case 'step.started':
        if (!active.has(event.step)) active.set(event.step, { since: Date.parse(event.at), doing: '' })
        return []
      case 'step.retrying':
        return retry(event)
      case 'step.succeeded':
        // Only a branch of a group is never entered again by the workflow itself.
        if (event.within !== undefined) return finish(event)
        held = event
        return []
      case 'step.failed':
        return fail(event)
      case 'step.waiting':
        return event.for === 'answer' ? wait(event.step, 'waits for an answer') : []
      // The report has the proof, and a rollout of many is shown by its waves.
      case 'proof.seen':
      case 'waves.planned':
      case 'wave.judged':
        return []
      case 'rollout.progress': {
        const step = active.get(event.step)
        if (live && step) step.doing = brief(event.message)
        // Its last message is that of the step's end.
        return live || pods.seen(event.step) || event.state === 'complete'
          ? []
          : wait(event.step, brief(event.message))
      }
      case 'finding': {
        const { severity, found } = event.finding
        if (severity === 'info') return []
        const blocking = severity === 'blocking'
        const known = findings.get(event.step) ?? { blocking: false, lines: [], found: [] }
        const mark = blocking ? paint('red', '✖') : paint('yellow', '!')
        const text = clipped(found, screen().width - textColumn - 2)
        findings.set(event.step, {
          blocking: known.blocking || blocking,
          lines: [...known.lines, `${' '.repeat(textColumn)}${mark} ${text}`],
          found: [...known.found, found],
        })
        return []
      }
    }
  }

  return {
    event: (event) => [...settle(event), ...added(event)],
    progress: ({ step, message, detail = {} }) => {
      const known = active.get(step)
      const until = typeof detail.until === 'number' ? detail.until : undefined
      if (known) Object.assign(known, { doing: brief(message), until })
      const lines = pods.look(step, detail.pods).flatMap(aside)
      if (live || pods.seen(step)) return lines
      return [...wait(step, brief(message), until), ...lines]
    },
    now: (time) => {
      if (active.size === 0) return undefined
      const [[step, first] = ['', undefined]] = active
      const names = [...active.keys()].map((name) => stepLabels[name] ?? name).join(' · ')
      const seconds = first ? Math.floor((time - first.since) / 1000) : 0
      const one = active.size === 1 ? first : undefined
      const parts = [
        one ? (stepLabels[step] ?? step).padEnd(labelWidth) : names,
        ...(seconds > 0
          ? [
              duration(seconds * 1000)
                .replace('.0', '')
                .padStart(6),
            ]
          : []),
        ...(one?.until === undefined ? [] : [` until ${timeOfDay(one.until)}:`]),
        ...[...active.values()].flatMap(({ doing }) => (doing ? [one?.until ? doing : ` ${doing}`] : [])),
      ]
      return clipped(` ● ${parts.join(' ')}`, screen().width - 1)
    },
  }
}

/** kubectl's words for a rollout, without what the step's name says already. */
export const brief = (message: string): string =>
  firstLine(message)
    .replace(/^Waiting for \w+ "[^"]*" rollout to finish: /, '')
    .replace(/^Waiting for /, 'waiting for ')
    .replace(/\.\.\.$/, '')
