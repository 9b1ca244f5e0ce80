import { concurrently } from '../../adapters/concurrently.ts'
import { PodidError, PreflightFailed } from '../../core/errors.ts'
import { waveOfRun } from '../../core/fleet/waves/request.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { nearestName, orElse } from '../../core/text/distance.ts'
import { command } from '../../core/text/shell.ts'
import { visible } from '../../core/text/unprintable.ts'
import { regionOf } from '../binding.ts'
import { configNear } from '../bindings/in-file.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { invokedAs } from '../invoked.ts'
import { journalFolder } from '../journal/folder.ts'
import { type RecordedRun, recordedEvents, recordedRun, recordedRuns } from '../journal/read.ts'
import { type RunLine, runsSeen } from '../look/runs-view.ts'
import { followRemote, showToEnd } from '../remote/enable.ts'
import { eventsOfExecution, lastEventOf } from '../remote/follow.ts'
import {
  hasRollout,
  ofDeployed,
  type RemoteFlags,
  type RemoteStage,
  remoteStage,
  requireRun,
} from '../remote/stage.ts'
import { formatOf, formatted } from '../render/formats.ts'
import { notice } from '../render/screen.ts'
import { aboutOf, listedStatus, printRecorded, printRemote, watchRecorded } from '../rollout/listed.ts'
import { prefixOf } from '../rollout/prefix.ts'
import { recordedRollout, recordedRollouts } from '../rollout/recorded.ts'
import { followRemoteRollout } from '../rollout/remote.ts'
import { type OutputFlags, output } from '../show.ts'
import { UsageError } from '../usage-error.ts'

export type RunsFlags = RemoteFlags & OutputFlags & { output?: string; limit?: number }

/** The stage that the flags or podid.yaml name. */
export const stageFor = (flags: RemoteFlags): Promise<RemoteStage | undefined> =>
  remoteStage(ownRuntime(), flags, configNear(flags.stage), () => regionOf(flags))

/** `podid runs`: the runs of this machine, by its journals, and those of a stage; the newest first. */
export const listRuns = (flags: RunsFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const format = formatOf(flags.output)
    const most = flags.limit ?? 20
    const stage = await stageFor(flags)
    // A rollout's runs are shown with it, by runs show.
    const remote = stage
      ? await ofDeployed(
          stage,
          stage.executions.list(most, undefined, (run) => !waveOfRun(run)),
        )
      : []
    const rollouts = recordedRollouts()
    const known = new Set(rollouts.map(({ head }) => prefixOf(head.rollout)))
    const items: RunLine[] = [
      ...rollouts.map((one) => ({
        run: one.head.rollout,
        where: 'this machine',
        startedAt: one.head.at,
        status: listedStatus(one),
        about: aboutOf(one.view),
      })),
      ...recordedRuns()
        .filter(({ head }) => !known.has(waveOfRun(head.run)?.beginsWith ?? ''))
        .map(listed),
      ...(stage ? await rolloutsOf(stage, most) : []).map(({ run, startedAt, status }) => ({
        run,
        where: stage?.label ?? '',
        startedAt,
        status,
        about: 'rollout',
      })),
      ...remote.map(({ run, startedAt, status }) => ({
        run,
        where: stage?.label ?? '',
        startedAt,
        status,
        about: null,
      })),
    ]
      .toSorted((one, other) => Date.parse(other.startedAt) - Date.parse(one.startedAt))
      .slice(0, most)
    if (stage && format !== 'name')
      await concurrently(
        items.filter(({ about }) => about === null).slice(0, mostLookedAt),
        5,
        async (item) => {
          item.about = await toldBy(stage, item.run)
        },
      )
    const places = ['this machine', ...(stage ? [`the stage ${stage.label}`] : [])]
    process.stdout.write(formatted(format, runsSeen(items, places)))
    return exit.done
  })

/** A stage's list does not say what its runs are about: of the newest each is looked at, where the caller may. */
const mostLookedAt = 50

const toldBy = async ({ executions }: RemoteStage, run: string): Promise<string | null> => {
  const found = await executions.find(run).catch((error: unknown) => {
    if (error instanceof PodidError) return undefined
    throw error
  })
  const {
    mode = 'enable',
    namespace,
    serviceAccount,
    cluster,
  } = (found?.input ?? {}) as Record<string, unknown>
  return cluster === undefined ? null : `${mode} ${namespace}/${serviceAccount} on ${cluster}`
}

/** The newest rollouts of a stage; none of one that is too old to have any. Where nobody may ask, that is said. */
const rolloutsOf = async ({ rollouts }: RemoteStage, most: number) => {
  try {
    return await rollouts.list(most)
  } catch (error) {
    if (!(error instanceof PodidError)) throw error
    const cause = error.cause as Error | undefined
    if (cause?.name !== 'StateMachineDoesNotExist')
      process.stderr.write(notice(`podid: its rollouts are not listed: ${error.message}`))
    return []
  }
}

/** What is said of a word after `runs` that is none of its commands: one that is mistyped, or a run. */
export const noRunHere = (word: string): UsageError => {
  const near = nearestName(word, ['show', 'watch'])
  if (near) return new UsageError(`there is no command runs ${word}; did you mean runs ${near}?`)
  const [shown, followed] = [command`runs show ${word}`, command`runs watch ${word}`]
  return new UsageError(
    `runs lists them all\n  ${invokedAs()} ${shown}: this one\n  ${invokedAs()} ${followed}: the same, to its end`,
  )
}

/** A journal's run in Step Functions' words; one whose process was killed has none there. */
const listed = ({ head, end, underWay }: RecordedRun): RunLine => {
  const { namespace, serviceAccount, cluster } = head.input
  const ended = end?.type === 'run.succeeded' ? 'SUCCEEDED' : end?.status
  return {
    run: head.run,
    where: 'this machine',
    startedAt: head.at,
    status: ended ?? (underWay ? 'RUNNING' : 'KILLED'),
    about: `${head.mode} ${namespace}/${serviceAccount} on ${cluster}`,
  }
}

/** `podid runs show`: what has happened in a run up to now, and its report where it has ended. */
export const printRun = (run: string, flags: RunsFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const rollout = recordedRollout(run)
    if (rollout) return printRecorded(rollout, flags)
    const stage = recordedRun(run) ? undefined : await stageOrRefuse(run, flags)
    if (stage && (await isRolloutOf(stage, run))) return printRemote(stage, run, flags)
    const { events, again } = await eventsOf(run, stage)
    const shown = output(flags, run)
    for (const event of events) shown.onEvent(event)
    const end = lastEventOf(events)
    if (end) shown.end({ event: end, report: end.report as never, before: undefined })
    else {
      shown.makeRoom()
      const last = events.at(-1)
      const asks = stage && last?.type === 'step.waiting' && last.for === 'answer'
      const approve = asks
        ? `, and waits for an approval\nto approve it: ${invokedAs()} ${command`approve ${run} --remote ${stage.name} --region ${stage.region}`}`
        : ''
      if (!flags.json) process.stdout.write(visible(`it has not ended${approve}\n`))
      if (again && !flags.json) process.stdout.write(visible(`to follow it:  ${again}\n`))
    }
    return exit.done
  })

const eventsOf = async (
  run: string,
  stage: RemoteStage | undefined,
): Promise<{ events: readonly RunEvent[]; again?: string }> => {
  if (!stage)
    return {
      events: recordedEvents(run),
      ...(recordedRun(run)?.underWay ? { again: `${invokedAs()} ${command`runs watch ${run}`}` } : {}),
    }
  return {
    events: await eventsOfExecution(stage, run)(),
    again: `${invokedAs()} ${command`runs watch ${run} --remote ${stage.name} --region ${stage.region}`}`,
  }
}

/** Whether the name is a rollout's and no run's. @throws PreflightFailed where it is neither's */
const isRolloutOf = async (stage: RemoteStage, run: string): Promise<boolean> => {
  if (await stage.executions.find(run)) return false
  if (await hasRollout(stage, run)) return true
  await requireRun(stage, run)
  return false
}

/** The stage that is to have the run. @throws UsageError where none is named */
const stageOrRefuse = async (run: string, flags: RunsFlags): Promise<RemoteStage> => {
  const stage = await stageFor(flags)
  const names = [
    ...recordedRollouts().map(({ head }) => head.rollout),
    ...recordedRuns().map(({ head }) => head.run),
  ]
  if (!stage)
    throw new UsageError(
      `there is no run ${run} in ${journalFolder()}${orElse(run, names, 5)}\nA run of a deployed stage is named with it: --remote STAGE`,
    )
  return stage
}

/** `podid runs watch`: a run from its beginning to its end; its exit code is the run's. */
export const watchRun = (run: string, flags: RunsFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const rollout = recordedRollout(run)
    if (rollout) return watchRecorded(rollout, flags)
    const recorded = recordedRun(run)
    if (!recorded) {
      const stage = await stageOrRefuse(run, flags)
      if (await isRolloutOf(stage, run)) return followRemoteRollout(stage, run, flags)
      return followRemote(stage, run, run, flags)
    }
    if (!recorded.end && !recorded.underWay) {
      await printRun(run, flags)
      throw new PreflightFailed(`the process of the run ${run} is gone, and nothing more will happen in it`)
    }
    return showToEnd({
      run,
      heading: run,
      flags,
      read: async () => recordedEvents(run),
      ways: [
        `to come back:  ${invokedAs()} ${command`runs watch ${run}`}`,
        `to stop it, which puts back what it changed:  ${command`kill -INT ${recorded.head.pid}`}`,
        `to undo it:    ${invokedAs()} ${command`undo ${run}`}`,
      ],
    })
  })
