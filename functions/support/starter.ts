import { digest } from '../../adapters/digest.ts'
import type { BindingKey, LatestRun, Runs } from '../../adapters/records/runs.ts'
import type { Executions } from '../../adapters/step-functions.ts'
import { Transient } from '../../core/errors.ts'
import type { RequestInput } from '../../core/request.ts'
import type { Origin } from '../../core/triggers/origin.ts'
import { runName } from '../../core/triggers/run-name.ts'

/** A run to be started, with its region named. */
export interface Start {
  input: RequestInput & { region: string }
  origin: Origin
  /** All that makes the cause what it is: the same cause delivered twice is one run. */
  cause: readonly string[]
}

/** started: by this or an earlier delivery. under-way: another run of the same binding is, and this one is not needed. */
export interface Started {
  outcome: 'started' | 'under-way'
  run: string
}

export interface StarterServices {
  executions: Pick<Executions, 'start' | 'find'>
  runs: Pick<Runs, 'latest' | 'takeTurn' | 'note'>
  now: () => number
}

/** Starts executions so that duplicates are harmless, and that two runs of a binding do not work at once. */
export const starter =
  (services: StarterServices) =>
  async ({ input, origin, cause }: Start): Promise<Started> => {
    const { mode = 'enable', namespace, serviceAccount, cluster, region } = input
    const run = runName(
      origin.trigger,
      input,
      digest(JSON.stringify([...cause, mode, region, cluster, namespace, serviceAccount]), 20),
    )
    // A plan changes nothing, so that any number of them may run.
    const inTheWay =
      mode === 'plan'
        ? undefined
        : await takeTurn(services, { cluster, region, namespace, serviceAccount }, run)
    if (inTheWay) return { outcome: 'under-way', run: inTheWay }
    await services.runs.note(run, { origin, message: null, approval: null })
    await services.executions.start(run, input)
    return { outcome: 'started', run }
  }

/** Makes the run the one that may work on the binding; answers the name of the run that is in the way. */
const takeTurn = async (
  services: StarterServices,
  binding: BindingKey,
  run: string,
): Promise<string | undefined> => {
  const { executions, runs } = services
  for (let attempt = 0; attempt < 10; attempt++) {
    const latest = await runs.latest(binding)
    // A late duplicate must not pass for the latest run.
    if (latest?.value.run === run || (latest && (await executions.find(run)))) return undefined
    if (latest && (await isUnderWay(services, latest.value))) return latest.value.run
    if (await runs.takeTurn(binding, run, latest)) return undefined
  }
  throw new Transient(
    `many runs of ${binding.serviceAccount} on ${binding.cluster} are being started at once`,
  )
}

/** A run takes its turn before it starts: for a moment there may be no execution yet. */
const isUnderWay = async ({ executions, now }: StarterServices, latest: LatestRun): Promise<boolean> => {
  const execution = await executions.find(latest.run)
  return execution ? execution.status === 'RUNNING' : now() - latest.at < startingMs
}

const startingMs = 60_000
