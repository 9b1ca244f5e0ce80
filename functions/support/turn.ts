import type { BindingKey, LatestRun, Runs } from '../../adapters/records/runs.ts'
import type { Executions } from '../../adapters/step-functions.ts'
import { Transient } from '../../core/errors.ts'

export interface TurnServices {
  executions: Pick<Executions, 'find'>
  runs: Pick<Runs, 'latest' | 'takeTurn'>
  now: () => number
}

/** A run that wants to be the only one at work on a binding. */
export interface Turn {
  run: string
  mode: LatestRun['mode']
}

/**
 * Makes a run the one that may work on a binding, unless another one does: of many that try at once one wins. A run
 * holds its turn while its execution runs, so that a run that was stopped or timed out holds none.
 * @param hadItsTurn whether the run had its turn earlier, so that it must not take another one
 * @returns the run that is in the way; undefined where the turn is taken
 * @throws Transient where others were faster every time
 */
export const takeTurn = async (
  services: TurnServices,
  binding: BindingKey,
  turn: Turn,
  hadItsTurn: () => Promise<boolean> = async () => false,
): Promise<LatestRun | undefined> => {
  for (let attempt = 0; attempt < 10; attempt++) {
    const latest = await services.runs.latest(binding)
    if (latest?.value.run === turn.run || (latest && (await hadItsTurn()))) return undefined
    if (latest && (await isUnderWay(services, latest.value))) return latest.value
    if (await services.runs.takeTurn(binding, turn, latest)) return undefined
  }
  throw new Transient(
    `many runs of ${binding.serviceAccount} on ${binding.cluster} are being started at once`,
  )
}

/** A starter takes a run's turn before it starts the run: for a moment there may be no execution yet. */
const isUnderWay = async ({ executions, now }: TurnServices, latest: LatestRun): Promise<boolean> => {
  const execution = await executions.find(latest.run)
  return execution ? execution.status === 'RUNNING' : now() - latest.at < startingMs
}

const startingMs = 60_000

/** What stands for all bindings: one rollout of a stage goes on at a time. */
const everything = { cluster: '*', region: '*', namespace: '*', serviceAccount: '*' }

/** Takes the turn of a rollout, which ends with its execution, and answers the name of the one that is in the way. */
export const turnOfRollouts =
  (services: { rollouts: TurnServices['executions'] } & Omit<TurnServices, 'executions'>) =>
  async (run: string, mode: Turn['mode']): Promise<string | undefined> =>
    (await takeTurn({ ...services, executions: services.rollouts }, everything, { run, mode }))?.run
