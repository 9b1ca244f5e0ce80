import { stepEntries } from '../core/steps/table.ts'
import { warmedUp } from '../core/triggers/warm-up.ts'
import { workshopBinding } from '../local/scenarios/workshop/binding.ts'
import { workshopScenario } from '../local/scenarios/workshop/index.ts'
import { startWorld } from '../local/world.ts'
import { invoker, localDefinition } from '../stage/execution.ts'
import { type BundleBenchmark, benchBundles } from './bundles.ts'

/** How much longer an enablement takes where no function has run for a while. */
export interface ColdBenchmark {
  /** Seconds of the run with every function warm, and with every one cold. */
  warm: number
  cold: number
  /** And with every one cold that the rule WarmUp does not start, as if there were none. */
  coldWithoutRule: number
  /** The functions whose cold start the run waits for, and for how many milliseconds of it; the longest first. */
  path: { name: string; ms: number }[]
  transitions: number
}

/**
 * A stated figure, and not a measured one: what Lambda takes to make a sandbox and to start Node 24 in it on arm64, before the
 * bundle is imported. Published measurements of Node's runtimes are between 130 and 200 ms; a VPC adds nothing since 2019
 * (https://aws.amazon.com/blogs/compute/announcing-improved-vpc-networking-for-aws-lambda-functions/).
 */
const runtimeStartMs = 170

/** The same for the event of a run's start, until it has called a function. */
const warmUpAfterMs = 1000

/** The same for a transition of a Standard workflow, cold or warm. */
const transitionMs = 20

type ImportMs = ReadonlyMap<string, number>

/**
 * The workshop's run on the stand-ins in virtual time; each function's first call takes as long as its cold start, unless
 * that was over by then.
 */
const enable = async (
  coldMs: (name: string) => number,
  warmed: readonly string[],
): Promise<{ ms: number; transitions: number }> => {
  const world = await startWorld(workshopScenario, { time: 'jump' })
  const { aws, clock } = world
  const runtime = {
    aws: { endpoint: aws.url, credentials: async () => aws.credentials },
    clock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    progress: () => {},
  }
  const started = new Set<string>()
  const began = clock.now()
  const isWarm = (name: string): boolean =>
    warmed.includes(name) && clock.now() - began >= warmUpAfterMs + coldMs(name)
  const { arn } = aws.stateMachines.add({
    name: 'podid-cold',
    definition: localDefinition(aws.account, aws.region),
    task: invoker({
      runtime: () => runtime,
      replace: { takeTurn: () => async () => ({ message: 'nothing else starts runs here' }) },
      work: async (invoke, name) => {
        const first = !started.has(name) && !isWarm(name)
        started.add(name)
        return clock.work(async () => {
          if (first) await clock.sleep(coldMs(name))
          return invoke()
        })
      },
    }),
  })
  try {
    const execution = aws.stateMachines.start(arn, JSON.stringify(workshopBinding(world)))
    const { history, status, cause } = await aws.stateMachines.closed(execution.arn)
    if (status !== 'SUCCEEDED') throw new Error(`the enablement ended ${status}: ${cause}`)
    const [first, last] = [history[0]?.timestamp ?? 0, history.at(-1)?.timestamp ?? 0]
    return {
      ms: last - first,
      transitions: history.filter(({ type }) => type.endsWith('StateEntered')).length,
    }
  } finally {
    await world.close()
  }
}

/** @param imports of each function's bundle, in milliseconds, by the function's name */
export const benchCold = async (imports: ImportMs): Promise<ColdBenchmark> => {
  const coldMs = (name: string) => runtimeStartMs + (imports.get(name) ?? 0)
  const warm = await enable(() => 0, [])
  const coldWithoutRule = await enable(coldMs, [])
  const cold = await enable(coldMs, warmedUp)
  const path: ColdBenchmark['path'] = []
  for (const [name] of stepEntries) {
    const without = await enable((one) => (one === name ? 0 : coldMs(one)), warmedUp)
    const ms = Math.round(cold.ms - without.ms)
    if (ms > 0) path.push({ name, ms })
  }
  return {
    warm: warm.ms / 1000,
    cold: cold.ms / 1000,
    coldWithoutRule: coldWithoutRule.ms / 1000,
    path: path.toSorted((one, other) => other.ms - one.ms),
    transitions: cold.transitions,
  }
}

const camel = (name: string): string =>
  name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

if (import.meta.main) {
  const bundles: BundleBenchmark[] = await benchBundles()
  const imports = new Map(bundles.map(({ name, importMs }) => [camel(name), importMs]))
  const { warm, cold, coldWithoutRule, path, transitions } = await benchCold(imports)
  const spent = path.reduce((sum, { ms }) => sum + ms, 0)
  process.stdout.write(
    [
      `by the model, the workshop's run takes ${(cold - warm).toFixed(2)} s longer where every function is cold (2.0 aimed at; ${(coldWithoutRule - warm).toFixed(2)} s without the rule WarmUp);`,
      `${runtimeStartMs} ms for each start of Node (stated), and the import of its bundle (measured, above an empty start of Node here);`,
      `${warmUpAfterMs} ms from a run's start until its event has called a function (stated)`,
      `on the critical path, ${(spent / 1000).toFixed(2)} s: ${path.map(({ name, ms }) => `${name} ${ms}`).join(', ')}`,
      `cold or warm: ${transitions} transitions at ${transitionMs} ms (stated), ${((transitions * transitionMs) / 1000).toFixed(2)} s`,
      '',
    ].join('\n'),
  )
}
