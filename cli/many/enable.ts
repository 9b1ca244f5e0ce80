import type { Runtime } from '../../adapters/runtime.ts'
import type { Change } from '../../core/changes.ts'
import { stepLabels } from '../../core/steps/table.ts'
import { jsonLine } from '../../core/text/unprintable.ts'
import { act } from '../act.ts'
import { approval } from '../approval.ts'
import { regionOf } from '../binding.ts'
import type { ChosenBinding } from '../bindings/chosen.ts'
import { lookedUp } from '../bindings/defaults.ts'
import { withNeeds } from '../bindings/needs.ts'
import { type ExitCode, exit } from '../exit.ts'
import { accountOf } from '../identity.ts'
import { interruption } from '../interruption.ts'
import { screenOf } from '../render/screen.ts'
import { brief } from '../render/steps.ts'
import type { RunEnd } from '../run.ts'
import { type ManyFlags, type RunFlags, usualParallel } from '../run-flags.ts'
import { exitCodeOf, type Output } from '../show.ts'
import { lines, noLines } from './lines.ts'
import { isFailure, sideBySide, worstOf } from './side-by-side.ts'
import { type BindingOutcome, manyText } from './text.ts'

/**
 * Runs several bindings side by side: a line for each while they go, a table at the end, and beneath it what a person
 * has to know of those that failed and of what a plan would change.
 */
export const enableMany = async (
  runtime: Runtime,
  mode: 'enable' | 'plan',
  targets: readonly ChosenBinding[],
  flags: RunFlags & ManyFlags,
): Promise<ExitCode> => {
  const { credentials } = runtime.aws
  const names = new Map(targets.map((target) => [target, `${target.name} on ${target.input.cluster}`]))
  const nameOf = (target: ChosenBinding): string => names.get(target) ?? target.name
  const shown = flags.json || flags.quiet ? noLines : lines(process.stderr)
  const { signal, interrupt, release } = interruption()
  const ask = approval(flags, { signal, interrupt, makeRoom: shown.hold })
  const inTurn = oneAtATime()
  let told = false
  const puttingBack = () => {
    release()
    if (!told) shown.ended('', interruptedText)
    told = true
  }
  const accounts = new Map<string, Promise<string>>()
  const accountIn = (region: string): Promise<string> => {
    const asked = accounts.get(region) ?? accountOf(credentials, region)
    accounts.set(region, asked)
    return asked
  }
  // Whose the credentials are is a question of the command line: where it has no answer, nothing is begun.
  for (const { input } of targets) await accountIn(regionOf(input))

  const runOne = async (target: ChosenBinding): Promise<BindingOutcome> => {
    const name = nameOf(target)
    const doing = (text: string) => shown.now(name, text)
    doing('')
    let observed = false
    const found = await lookedUp(runtime, { ...target.input, mode })
    const input = await withNeeds(runtime, found, () => {
      observed = true
    })
    const region = regionOf(input)
    const follow: Pick<Output, 'onEvent' | 'onProgress'> = {
      onEvent: (event) => {
        if (flags.json) process.stdout.write(`${jsonLine({ binding: name, ...event })}\n`)
        if (event.type === 'step.started' && stepLabels[event.step]) doing(stepLabels[event.step] ?? '')
      },
      onProgress: ({ step, message }) => doing(`${stepLabels[step] ?? step}: ${brief(message)}`),
    }
    const approve = (changes: readonly Change[]) =>
      inTurn(async () => {
        if (signal.aborted) return 'interrupted at the question'
        const why = await ask.approve(changes, name)
        shown.resume()
        return why
      })
    const acting = {
      input,
      account: await accountIn(region),
      region,
      credentials,
      shown: follow,
      approve,
      kubernetesToken: runtime.kubernetesToken,
    }
    const { ended, undone } = await act(acting, signal, () => {
      puttingBack()
      doing('putting back what was changed')
    })
    const end = undone ?? ended
    const code = exitCodeOf(end)
    return {
      code: signal.aborted && code !== exit.undoIncomplete ? exit.interrupted : code,
      result: resultOf(end, code, signal.aborted),
      took: ended.event.duration + (undone?.event.duration ?? 0),
      said: shortened((end.report?.summary ?? messageOf(end)).split('\n')[0] ?? '', input),
      end,
      observed,
    }
  }
  const outcomes = await sideBySide(
    targets,
    { parallel: flags.parallel ?? usualParallel, failFast: flags.failFast === true, signal },
    async (target) => {
      const outcome = await runOne(target).catch(asOutcome)
      const mark = outcome.code === exit.interrupted ? '■' : isFailure(outcome.code) ? '✖' : '✔'
      const line = ` ${mark} ${nameOf(target)}  ${outcome.result}`
      shown.ended(nameOf(target), line, outcome.said, isFailure(outcome.code))
      return outcome
    },
  )
  release()
  const rows = targets.map((target, index) => ({ target, name: nameOf(target), outcome: outcomes[index] }))
  if (!flags.json) {
    process.stdout.write(manyText(rows, screenOf(process.stdout)))
  }
  const codes = outcomes.flatMap((outcome) => outcome?.code ?? [])
  if (signal.aborted) return worstOf([...codes, exit.interrupted])
  return worstOf(codes)
}

/** What one is told who interrupts, on one line of a terminal. */
const interruptedText = 'interrupted: what was changed is put back; interrupt again to leave it as it is'

/** One that could not be run at all. */
const asOutcome = (error: unknown): BindingOutcome => ({
  code: exit.failed,
  result: 'failed',
  took: 0,
  observed: false,
  said: error instanceof Error ? error.message : String(error),
})

/** A report's summary without what its row says already. */
const shortened = (
  said: string,
  { namespace, serviceAccount, workload, cluster }: Record<string, unknown>,
): string => {
  const names = [serviceAccount, String(workload).split('/')[1]]
  const place = names.map((name) => `${namespace}/${name} on ${cluster}`).find((one) => said.startsWith(one))
  const rest = place === undefined ? said : said.slice(place.length).replace(/^:? /, '')
  return rest.replace(/^(?:\d+ changes? to make|nothing to change)$/, '')
}

const messageOf = ({ event }: RunEnd): string =>
  event.type === 'run.failed' ? `${event.error}: ${event.message}` : ''

const resultOf = ({ report, event }: RunEnd, code: ExitCode, cut: boolean): string => {
  if (code === exit.undoIncomplete) return 'not all put back'
  if (cut) return 'interrupted'
  if (event.type === 'run.failed') return 'failed'
  if (report?.outcome !== 'planned') return report?.outcome ?? 'done'
  const { length } = report.changes
  return length === 0 ? 'no changes' : `${length} ${length === 1 ? 'change' : 'changes'}`
}

/** Does works one after the other, in the order in which they come. */
const oneAtATime = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}
