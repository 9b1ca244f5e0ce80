import { systemClock } from '../../adapters/clock.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { Request } from '../../core/request.ts'
import { bytesOf } from '../../core/text/fit.ts'
import { visible } from '../../core/text/unprintable.ts'
import { approval } from '../approval.ts'
import { type BindingFlags, inputFrom, regionOf, requestOf } from '../binding.ts'
import { ownRuntime } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { accountOf, endpointAnswers, ownCredentials } from '../identity.ts'
import { invokedAs } from '../invoked.ts'
import { createJournal } from '../journal/write.ts'
import { manualRunName, type RunEnd, runLocally } from '../run.ts'
import { type OutputFlags, output, type WayBack } from '../show.ts'
import { UsageError } from '../usage-error.ts'

export type EnableFlags = BindingFlags & OutputFlags & { yes?: boolean }

/** `podid enable` and `podid plan`: one run against whatever the SDK's environment points at. */
export const enable = async (mode: 'enable' | 'plan', flags: EnableFlags): Promise<ExitCode> =>
  runWithInput(await withNeeds({ ...inputFrom(flags), mode }), flags)

/**
 * Puts observed needs in the place of `needs: observed`, and in a plan's input that has none: shown with their sources,
 * to be kept in the binding. What is faulty otherwise is the first state's to say.
 */
const withNeeds = async (input: Record<string, unknown>): Promise<Record<string, unknown>> => {
  const proposed = input.mode === 'plan' && input.needs === undefined
  if (input.needs !== 'observed' && !proposed) return input
  const { needs: _none, ...others } = input
  const region = regionOf(input)
  const request = checked(others, region)
  if (!request) return others
  await endpointAnswers()
  const { needsYaml, observe } = await import('../observe.ts')
  const observed = await observe(ownRuntime(), { ...request, region: request.region })
  process.stderr.write(
    visible(`${proposed ? 'no needs were given; observed' : 'observed'}:\n${needsYaml(observed)}\n`),
  )
  return { ...others, needs: observed.needs.map(({ actions, resources }) => ({ actions, resources })) }
}

/** The request of an input; undefined where it has faults. */
const checked = (input: Record<string, unknown>, region: string): Request | undefined => {
  try {
    return requestOf(input, accountIn(input.role), region)
  } catch {
    return undefined
  }
}

const accountIn = (role: unknown): string => /^arn:aws[\w-]*:iam::(\d{12}):/.exec(String(role))?.[1] ?? ''

/** Runs an input as it is; Ctrl-C stops the run and puts back what it changed, a second one stops that too. */
export const runWithInput = async (
  input: Record<string, unknown>,
  flags: OutputFlags & { yes?: boolean },
): Promise<ExitCode> => {
  const region = regionOf(input)
  const credentials = ownCredentials()
  const account = await accountFor(input, credentials, region)
  const shown = output(flags, headingOf(input))
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const ask = approval(flags, { signal: interrupted.signal, interrupt, makeRoom: shown.makeRoom })
  const start = async (asked: Record<string, unknown>, signal?: AbortSignal): Promise<RunEnd & WayBack> => {
    const name = manualRunName(Date.now())
    const journal = createJournal({
      run: name,
      input: asked,
      warn: (message) => process.stderr.write(visible(`podid: ${message}\n`)),
    })
    const ended = await runLocally({
      input: asked,
      account,
      region,
      name,
      clock: systemClock,
      aws: { credentials },
      approve: ask.approve,
      takeTurn: journal.takeTurn,
      onBefore: journal.before,
      ...shown,
      onEvent: (event) => {
        journal.event(event)
        shown.onEvent(event)
      },
      ...(signal ? { signal } : {}),
    })
    return journal.acted() && asked.mode === 'enable'
      ? { ...ended, wayBack: `${invokedAs()} undo ${name}` }
      : ended
  }
  const ended = await start(input, interrupted.signal)
  if (!interrupted.signal.aborted) return shown.end(ended)
  process.removeListener('SIGINT', interrupt)
  process.removeListener('SIGTERM', interrupt)
  if (ask.interrupted()) {
    process.stderr.write('interrupted before anything was changed\n')
    return exit.interrupted
  }
  if (ended.before === undefined || input.mode !== 'enable' || input.onFailure === 'keep') {
    shown.end(ended)
    return exit.interrupted
  }
  process.stderr.write('interrupted: putting back what was changed; interrupt again to leave it as it is\n')
  // The run's own Undo cannot run in an execution that was stopped, so another execution does it.
  const undone = await start({ ...input, mode: 'undo', before: ended.before })
  const complete = undone.event.type === 'run.succeeded'
  const code = shown.end(complete || !ended.wayBack ? undone : { ...undone, wayBack: ended.wayBack })
  return code === exit.undoIncomplete ? code : exit.interrupted
}

/**
 * The account the run is in. A faulty request must be rejected before anything is called, so where STS would have to
 * be asked and the request has other faults, the account its role names will do.
 */
const accountFor = async (
  input: Record<string, unknown>,
  credentials: Runtime['aws']['credentials'],
  region: string,
): Promise<string> => {
  const named = accountIn(input.role)
  try {
    requestOf(input, named, region)
  } catch (error) {
    // No execution would start with it, so that no state of one could say what is wrong.
    if (bytesOf(input) > 262_144) throw new UsageError((error as Error).message)
    return named
  }
  return accountOf(credentials, region)
}

const headingOf = ({
  mode,
  namespace = '?',
  serviceAccount = '?',
  role = '?',
  cluster = '?',
}: Record<string, unknown>): string =>
  `${mode} ${namespace}/${serviceAccount} → role ${String(role).split('/').at(-1)} on ${cluster}`
