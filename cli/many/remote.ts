import { systemClock } from '../../adapters/clock.ts'
import type { Report } from '../../core/report.ts'
import { stepLabels } from '../../core/steps/table.ts'
import { jsonLine, visible } from '../../core/text/unprintable.ts'
import { type ExitCode, exit } from '../exit.ts'
import { interruption } from '../interruption.ts'
import { approveAtOnce } from '../remote/approval.ts'
import { waysOn } from '../remote/enable.ts'
import { eventsOfExecution, followEvents } from '../remote/follow.ts'
import type { RemoteStage } from '../remote/stage.ts'
import { screenOf } from '../render/screen.ts'
import { duration } from '../render/style.ts'
import { tableText } from '../render/table.ts'
import type { RunFlags } from '../run-flags.ts'
import { exitCodeOf } from '../show.ts'
import { lines, noLines } from './lines.ts'
import { isFailure, worstOf } from './side-by-side.ts'

/** A run that was started in a stage. */
export interface StartedRun {
  name: string
  input: Record<string, unknown>
  run: string
}

/** Follows several runs of a stage to their ends, a line each; Ctrl-C leaves them going. */
export const followMany = async (
  stage: RemoteStage,
  started: readonly StartedRun[],
  flags: RunFlags,
): Promise<ExitCode> => {
  const shown = flags.json || flags.quiet ? noLines : lines(process.stderr)
  const { signal, release } = interruption()
  const rows = await Promise.all(
    started.map(async ({ name, input, run }) => {
      const title = `${name} on ${input.cluster}`
      shown.now(title, '')
      const event = await followEvents(
        eventsOfExecution(stage, run),
        (seen) => {
          if (flags.json) process.stdout.write(`${jsonLine({ binding: title, ...seen })}\n`)
          if (seen.type === 'step.started') shown.now(title, stepLabels[seen.step] ?? '')
          if (seen.type !== 'step.waiting' || seen.for !== 'answer') return
          shown.now(title, 'waits for an approval')
          if (flags.yes) void approveAtOnce(stage, run)
        },
        { clock: systemClock, signal },
      )
      const report = event?.report as Report | undefined
      const code = event ? exitCodeOf({ event, report }) : exit.interrupted
      const said = event ? (report?.summary ?? ('message' in event ? event.message : '')) : 'it goes on'
      const result = event ? (report?.outcome ?? 'failed') : 'left going'
      shown.ended(title, ` ${isFailure(code) ? '✖' : '✔'} ${title}  ${result}`, said, isFailure(code))
      return {
        code,
        goesOn: event ? undefined : { run, mode: input.mode },
        cells: [
          name,
          String(input.cluster),
          result,
          event ? duration(event.duration * 1000) : '',
          run,
          said.split('\n')[0] ?? '',
        ],
      }
    }),
  )
  release()
  if (!flags.json)
    process.stdout.write(
      visible(
        tableText(
          ['BINDING', 'CLUSTER', 'RESULT', 'TOOK', 'RUN', 'SUMMARY'],
          rows.map(({ cells }) => cells),
          screenOf(process.stdout).width,
        ),
      ),
    )
  for (const { goesOn } of rows)
    if (goesOn)
      process.stderr.write(
        visible(
          `the run ${goesOn.run} goes on\n${waysOn(stage, goesOn.run, goesOn.mode)
            .map((way) => `  ${way}\n`)
            .join('')}`,
        ),
      )
  return worstOf(rows.map(({ code }) => code))
}
