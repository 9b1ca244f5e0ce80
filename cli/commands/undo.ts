import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { waveOfRun } from '../../core/fleet/waves/request.ts'
import type { Report } from '../../core/report.ts'
import type { Before } from '../../core/request.ts'
import { nearestName } from '../../core/text/distance.ts'
import { command } from '../../core/text/shell.ts'
import { targetsFrom } from '../bindings/choose.ts'
import type { SelectionFlags } from '../bindings/chosen.ts'
import type { Flags } from '../bindings/fields.ts'
import { configIn, configNear } from '../bindings/in-file.ts'
import { reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { invokedAs } from '../invoked.ts'
import { journalFolder } from '../journal/folder.ts'
import { parseJournal, type RecordedRun, recordedRun, recordedRuns } from '../journal/read.ts'
import { worstOf } from '../many/side-by-side.ts'
import { hasRollout, type RemoteFlags } from '../remote/stage.ts'
import { undoRemotely } from '../remote/undo.ts'
import { notice } from '../render/screen.ts'
import { withoutMs } from '../render/style.ts'
import { prefixOf } from '../rollout/prefix.ts'
import { recordedRollout, recordedRollouts } from '../rollout/recorded.ts'
import type { OutputFlags } from '../show.ts'
import { UsageError } from '../usage-error.ts'
import { runWithInput } from './enable.ts'
import { stageFor } from './runs.ts'

/** The flags of an undo: how it talks, and where the run is, or whose latest run is meant. */
export type UndoFlags = OutputFlags & RemoteFlags & SelectionFlags & Flags

/** What a run was asked and what was there before it: what an undo needs. */
interface Undoable {
  input: Record<string, unknown>
  before: Before
}

/**
 * `podid undo`: puts back what a run changed: the latest of this machine's, one of them by its name, or the one
 * that a file is about; or a run of a deployed stage. However the run ended, its journal or its report knows what was there before.
 */
export const undoRun = (named: string | undefined, flags: UndoFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    if (named !== undefined && isBinding(named, flags))
      return undoChosen({ ...flags, binding: [...(flags.binding ?? []), named] })
    if (flags.file !== undefined || flags.binding || flags.all) {
      if (named !== undefined)
        throw new UsageError(`the run ${named} and --file, --binding or --all exclude each other`)
      return undoChosen(flags)
    }
    if (named === undefined && flags.remote) throw new UsageError('which run of the stage? Give its name')
    if (named !== undefined && recordedRollout(named)) return undoOfRollout(named, { remote: false })
    if (named !== undefined && !recordedRun(named) && !existsSync(named)) {
      const stage = await stageFor(flags)
      if (stage && !(await stage.executions.find(named)) && (await hasRollout(stage, named)))
        return undoOfRollout(named, { remote: stage.name, region: stage.region })
      if (stage) return undoRemotely(stage, named, flags)
    }
    const { input, before } = named === undefined ? latest(recordedRuns()) : find(named)
    return runWithInput({ ...input, mode: 'undo', before }, flags)
  })

/** Whether a name is no run's and no file's, and one of a binding of the file, of podid.yaml here unless one is given. */
const isBinding = (named: string, { file, stage }: UndoFlags): boolean =>
  !recordedRun(named) &&
  !recordedRollout(named) &&
  !existsSync(named) &&
  Object.hasOwn(
    (file === undefined ? configNear(stage) : configIn(file, stage))?.bindings ?? {},
    named.split('/')[0] ?? '',
  )

/** A rollout is undone wave by wave. */
const undoOfRollout = (named: string, where: { remote: string | false; region?: string }): never => {
  const at =
    where.remote === false ? '' : ` ${command`--remote ${where.remote} --region ${where.region ?? ''}`}`
  throw new UsageError(
    `${named} is a rollout, whose waves are undone by\n  ${invokedAs()} ${command`rollout --undo ${named}`}${at}\nor one of them with --wave NUMBER`,
  )
}

/** Undoes the latest run of each binding that is chosen of a file, one after the other. */
const undoChosen = async (flags: UndoFlags): Promise<ExitCode> => {
  const { targets, config } = await targetsFrom('undo', flags)
  if (flags.remote !== false && (flags.remote ?? config?.remote) !== undefined)
    throw new UsageError(
      `a stage's runs are undone by their names: ${invokedAs()} undo RUN --remote STAGE; ${invokedAs()} runs --remote STAGE lists them, and --no-remote means this machine's`,
    )
  const runs = recordedRuns()
  const found = targets.map(({ name, input }) => ({
    name: `${name} on ${input.cluster}`,
    of: runs.filter(({ head }) => isAbout(input, head.input)),
  }))
  const [only, another] = found
  if (only && !another) {
    const { input, before } = latest(only.of, only.name)
    return runWithInput({ ...input, mode: 'undo', before }, flags)
  }
  const codes: ExitCode[] = []
  for (const { name, of } of found) {
    // Of several, those that nothing is to be done for stand in no other's way.
    const nothing = reasonForNone(of, name)
    if (nothing !== undefined) {
      process.stderr.write(notice(`${name}: ${nothing}`))
      continue
    }
    const { input, before } = latest(of, name)
    codes.push(await runWithInput({ ...input, mode: 'undo', before }, flags))
    if (codes.at(-1) === exit.interrupted) break
  }
  return worstOf(codes)
}

const find = (named: string): Undoable => {
  const recorded = recordedRun(named)
  if (recorded) return undoable(recorded)
  if (existsSync(named)) return inFile(named)
  const runs = recordedRuns()
  const near = nearestName(
    named,
    runs.map(({ head }) => head.run),
  )
  throw new UsageError(
    `there is no run ${named} in ${journalFolder()}, and no file nor binding of that name${near ? `; did you mean ${near}?` : '.'} A run of a deployed stage is undone there: --remote STAGE, /pod-identity undo ${named} in Slack, or the webhook's message run.undo. This machine's runs are\n${listOf(runs)}`,
  )
}

/**
 * The latest run that changed something. An earlier one has to be named: nobody undoes it by mistake.
 * @param about the binding whose runs these are
 */
const latest = (runs: readonly RecordedRun[], about?: string): Undoable => {
  const none = reasonForNone(runs, about)
  const run = latestActing(runs)
  if (none !== undefined || !run) throw new UsageError(none ?? '')
  const { wave, beginsWith } = waveOfRun(run.head.run) ?? {}
  const rollout = recordedRollouts().find(({ head }) => prefixOf(head.rollout) === beginsWith)?.head.rollout
  // Nobody undoes one binding of many, or all of them, by mistake.
  if (about === undefined && rollout !== undefined)
    throw new UsageError(
      `the latest run that changed something, ${run.head.run}, is one of wave ${wave} of the rollout ${rollout}. Undo that wave, or this run alone:\n  ${invokedAs()} ${command`rollout --undo ${rollout} --wave ${wave ?? 1}`}\n  ${invokedAs()} ${command`undo ${run.head.run}`}`,
    )
  return undoable(run)
}

const latestActing = (runs: readonly RecordedRun[]): RecordedRun | undefined =>
  runs.find(({ head, acted, underWay }) => head.mode === 'enable' && (acted || underWay))

/** Why there is nothing to undo; undefined where there is. */
const reasonForNone = (runs: readonly RecordedRun[], about?: string): string | undefined => {
  const run = latestActing(runs)
  if (!run)
    return `no run in ${journalFolder()} has changed anything${about ? ` for ${about}` : ''}: there is nothing to undo`
  const undone = undoOf(run, runs)
  return undone
    ? `the latest run that changed something, ${run.head.run}, was undone by ${undone.head.run}; an earlier one is undone by its name: ${invokedAs()} undo RUN\n${listOf(runs)}`
    : undefined
}

/** The run that has undone another one, if one has. */
const undoOf = (run: RecordedRun, runs: readonly RecordedRun[]): RecordedRun | undefined =>
  runs.find(
    ({ head, end }) =>
      head.mode === 'undo' &&
      (head.input.before as Before | undefined)?.run === run.head.run &&
      end?.type === 'run.succeeded',
  )

const undoable = ({ head, before, underWay }: RecordedRun): Undoable => {
  const { run, pid, mode, input } = head
  if (underWay)
    throw new UsageError(
      `the run ${run} is still under way in process ${pid}; stop it first, which puts back what it changed: kill -INT ${pid}`,
    )
  // An undo that was killed is done again; it was given what to put back.
  const found = mode === 'undo' ? (input.before as Before | undefined) : before
  if (!found)
    throw new UsageError(`the run ${run} ended before it looked at anything: there is nothing to undo`)
  return { input, before: found }
}

const listOf = (runs: readonly RecordedRun[]): string =>
  runs
    .filter(({ acted }) => acted)
    .slice(0, 10)
    .map((recorded) => {
      const { run, at, mode, input } = recorded.head
      const { namespace, serviceAccount, cluster } = input
      const undone = undoOf(recorded, runs) ? ', undone' : ''
      return `  ${run}  ${withoutMs(at)}  ${mode} ${namespace}/${serviceAccount} on ${cluster}${undone}`
    })
    .join('\n') || '  none'

/** A journal, a run's events or its report, or a binding, which stands for its latest run. */
const inFile = (path: string): Undoable => {
  const text = readFileSync(path, 'utf8').trim()
  const recorded = parseJournal(text)
  if (recorded) return undoable(recorded)
  const last = lastRecord(text)
  const report = isRecord(last?.report) ? last.report : last
  if (report && isRecord(report.binding)) return ofReport(report as unknown as Report, path)
  if (last && typeof last.run === 'string') {
    const run = recordedRun(last.run)
    if (run) return undoable(run)
    throw new UsageError(
      `${path} ends before the report of the run ${last.run}, and ${journalFolder()} has no journal of that run`,
    )
  }
  const binding = bindingIn(text)
  if (binding) return latest(recordedRuns().filter(({ head }) => isAbout(binding, head.input)))
  throw new UsageError(
    `${path} cannot be read as the report of a run (what --json prints), nor as the file of a binding; bindings of podid.yaml are chosen by --file`,
  )
}

const ofReport = ({ binding, before }: Report, path: string): Undoable => {
  if (!before)
    throw new UsageError(`the run in ${path} ended before it looked at anything: there is nothing to undo`)
  const { workload, ...rest } = binding
  return { input: { ...rest, ...(workload ? { workload } : {}) }, before }
}

/** A document by itself, or the last line that can be read: a killed process may have cut the very last one short. */
const lastRecord = (text: string): Record<string, unknown> | undefined => {
  const documents = text.startsWith('{\n') ? [text] : text.split('\n')
  return documents
    .flatMap((document) => {
      try {
        const parsed: unknown = JSON.parse(document)
        return isRecord(parsed) ? [parsed] : []
      } catch {
        return []
      }
    })
    .at(-1)
}

const place = ['cluster', 'namespace', 'serviceAccount'] as const

const bindingIn = (text: string): Record<string, unknown> | undefined => {
  try {
    const parsed: unknown = parse(text)
    return isRecord(parsed) && place.every((field) => typeof parsed[field] === 'string') ? parsed : undefined
  } catch {
    return undefined
  }
}

const isAbout = (binding: Record<string, unknown>, input: Record<string, unknown>): boolean =>
  [...place, ...('region' in binding ? ['region'] : [])].every((field) => binding[field] === input[field])

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
