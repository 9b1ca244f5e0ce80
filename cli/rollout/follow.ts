import { systemClock } from '../../adapters/clock.ts'
import { PreflightFailed } from '../../core/errors.ts'
import type { FleetView } from '../../core/fleet/waves/view.ts'
import { command } from '../../core/text/shell.ts'
import { jsonLine, visible } from '../../core/text/unprintable.ts'
import { type ExitCode, exit } from '../exit.ts'
import { interruption } from '../interruption.ts'
import { invokedAs } from '../invoked.ts'
import { screenOf } from '../render/screen.ts'
import type { OutputFlags } from '../show.ts'
import { exitOf, reportText } from './show.ts'

/** A rollout that is followed, and how it is shown. */
export interface FollowedRollout {
  rollout: string
  /** What it has come to up to now. */
  read: () => Promise<FleetView>
  flags: OutputFlags
  /** How a command finds it again: ` --remote production`. */
  again: string
  /** Called when it begins to wait for a person. */
  onQuestion: () => void
  /** Said where the person leaves before the end. */
  ways: readonly string[]
}

/** Shows a rollout to its end, a line for each round that was judged. Ctrl-C leaves it going, and says how to go on. */
export const followRollout = async (followed: FollowedRollout): Promise<ExitCode> => {
  const { rollout, read, flags, onQuestion, ways } = followed
  const { signal, release } = interruption()
  // How much was judged when it was last seen to wait: between two questions there is always another wave.
  const shown = { begun: false, judged: 0, asked: -1 }
  for (let pause = 500; !signal.aborted; pause = Math.min(pause * 1.5, 5000)) {
    const view = await read()
    if (!shown.begun && !view.end && !flags.json && !flags.quiet)
      process.stderr.write(
        visible(
          `the rollout ${rollout} is under way; each round is told when it has ended, and its runs by: ${invokedAs()} ${command`runs show ${rollout}`}${followed.again}\n`,
        ),
      )
    shown.begun = true
    if (view.judged.length > shown.judged) pause = 500
    showJudged(rollout, view.judged.slice(shown.judged), flags)
    shown.judged = view.judged.length
    if (view.awaitsAnswer && shown.asked !== view.judged.length) {
      shown.asked = view.judged.length
      onQuestion()
    }
    if (view.end) {
      release()
      return showEnd(followed, view.end)
    }
    await systemClock.sleep(pause, signal).catch(() => {})
  }
  release()
  // Over what the terminal shows of Ctrl-C.
  if (process.stderr.isTTY) process.stderr.write('\r')
  process.stderr.write(visible(`the rollout ${rollout} goes on\n${ways.map((way) => `  ${way}\n`).join('')}`))
  return exit.interrupted
}

/** A line, or an event of --json, for each round that was judged. */
export const showJudged = (rollout: string, judged: FleetView['judged'], flags: OutputFlags): void => {
  for (const one of judged)
    if (flags.json) process.stdout.write(`${jsonLine({ type: 'rollout.judged', rollout, ...one })}\n`)
    else if (!flags.quiet) process.stderr.write(visible(` ─ ${one.message}\n`))
}

/** How a rollout ended: its report, or the last event of --json. @throws PreflightFailed where it left no report */
export const showEnd = (
  { rollout, flags, again }: Pick<FollowedRollout, 'rollout' | 'flags' | 'again'>,
  { report, message, status }: NonNullable<FleetView['end']>,
): ExitCode => {
  if (flags.json) process.stdout.write(`${jsonLine({ type: 'rollout.ended', rollout, status, report })}\n`)
  if (!report) throw new PreflightFailed(`the rollout ${rollout} ended as ${status}: ${message}`)
  if (flags.json) return exitOf(report)
  process.stdout.write(visible(reportText(report, again, screenOf(process.stdout).width)))
  return exitOf(report)
}
