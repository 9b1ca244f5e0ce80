import { systemClock } from '../../adapters/clock.ts'
import type { Report } from '../../core/report.ts'
import { command } from '../../core/text/shell.ts'
import { visible } from '../../core/text/unprintable.ts'
import { type ExitCode, exit } from '../exit.ts'
import { interruption } from '../interruption.ts'
import { invokedAs } from '../invoked.ts'
import { manualRunName } from '../run.ts'
import type { RunFlags } from '../run-flags.ts'
import { type OutputFlags, output } from '../show.ts'
import { approveAtOnce } from './approval.ts'
import { eventsOfExecution, followEvents, type ReadEvents } from './follow.ts'
import { ofDeployed, type RemoteStage } from './stage.ts'

/** Starts a run of a deployed stage. @returns its name. @throws PreflightFailed where the stage is not there */
export const startRemote = async (stage: RemoteStage, input: Record<string, unknown>): Promise<string> => {
  const run = manualRunName(Date.now())
  await ofDeployed(stage, stage.executions.start(run, input))
  return run
}

const undoOn = (stage: RemoteStage, run: string): string =>
  `${invokedAs()} ${command`undo ${run} --remote ${stage.name} --region ${stage.region}`}`

/** The commands for a run that goes on without this terminal. @param mode its request's, where it is known: only one that enables is undone */
export const waysOn = (stage: RemoteStage, run: string, mode: unknown): string[] => [
  `to come back:  ${invokedAs()} ${command`runs watch ${run} --remote ${stage.name} --region ${stage.region}`}`,
  `to stop it:    ${command`aws stepfunctions stop-execution --execution-arn ${stage.executions.arnOf(run)} --region ${stage.region}`}`,
  ...(mode === undefined || mode === 'enable' ? [`to undo it:    ${undoOn(stage, run)}`] : []),
]

/** What follows a run to its end, and how it is shown. */
export interface Following {
  run: string
  heading: string
  read: ReadEvents
  flags: OutputFlags
  /** Called when the run waits for a person, with what says so. */
  onQuestion?: (note: (text: string) => void) => void
  /** Said where the person leaves before the end. */
  ways: readonly string[]
  /** The command that undoes the run. */
  wayBack?: string
}

/** Shows a run from its beginning to its end as if it ran here; Ctrl-C leaves it going, and says how to go on. */
export const showToEnd = async ({
  run,
  heading,
  read,
  flags,
  onQuestion,
  ways,
  wayBack,
}: Following): Promise<ExitCode> => {
  const shown = output(flags, heading)
  const { signal, release } = interruption()
  const end = await followEvents(
    read,
    (event) => {
      shown.onEvent(event)
      if (event.type === 'step.waiting' && event.for === 'answer') onQuestion?.(shown.note)
    },
    { clock: systemClock, signal },
  )
  release()
  if (end) {
    const report = end.report as Report | undefined
    // What an undo did is not undone by the same command.
    const back = wayBack && report && report.outcome !== 'undone' ? { wayBack } : {}
    return shown.end({ event: end, report, before: undefined, ...back })
  }
  shown.makeRoom()
  process.stderr.write(visible(`the run ${run} goes on\n${ways.map((way) => `  ${way}\n`).join('')}`))
  return exit.interrupted
}

/** Follows a run of a stage; with `yes` it is approved where it waits for that. */
export const followRemote = (
  stage: RemoteStage,
  run: string,
  heading: string,
  flags: RunFlags,
  mode?: 'enable' | 'plan' | 'undo',
): Promise<ExitCode> =>
  showToEnd({
    run,
    heading,
    flags,
    read: eventsOfExecution(stage, run),
    onQuestion: (note) => {
      if (flags.yes) void approveAtOnce(stage, run)
      else
        note(
          `it waits for an approval:\n  ${invokedAs()} ${command`approve ${run} --remote ${stage.name} --region ${stage.region}`}`,
        )
    },
    ways: waysOn(stage, run, mode),
    wayBack: undoOn(stage, run),
  })
