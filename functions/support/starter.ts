import { digest } from '../../adapters/digest.ts'
import type { Runs } from '../../adapters/records/runs.ts'
import type { Log } from '../../adapters/runtime.ts'
import type { Executions } from '../../adapters/step-functions.ts'
import type { RequestInput } from '../../core/request-input.ts'
import type { Origin } from '../../core/triggers/origin.ts'
import { runName } from '../../core/triggers/run-name.ts'
import { takeTurn } from './turn.ts'

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
  /** Where a run's start is noted, by the names that its own lines have. */
  log?: Pick<Log, 'info'>
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
        : await takeTurn(
            services,
            { cluster, region, namespace, serviceAccount },
            { run, mode },
            // A late duplicate must not pass for the latest run.
            async () => (await services.executions.find(run)) !== undefined,
          )
    const subject = { cluster, region, namespace, serviceAccount, trigger: origin.trigger }
    if (inTheWay) {
      services.log?.info('a run is under way already', { ...subject, run: inTheWay.run })
      return { outcome: 'under-way', run: inTheWay.run }
    }
    await services.runs.note(run, { origin, message: null, approval: null })
    await services.executions.start(run, input)
    services.log?.info('a run was started', { ...subject, run })
    return { outcome: 'started', run }
  }
