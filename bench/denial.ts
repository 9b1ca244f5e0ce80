import { runLocally } from '../cli/run.ts'
import type { Pod } from '../core/kubernetes.ts'
import { readInjection } from '../core/workload/injection.ts'
import { resources } from '../local/kubernetes/store/resources.ts'
import { scenarios } from '../local/scenarios/index.ts'
import { workshopBinding } from '../local/scenarios/workshop/binding.ts'
import { workshop } from '../local/scenarios/workshop/index.ts'
import { startWorld } from '../local/world.ts'

/** From a pod's first denied call to those who look on, in milliseconds. */
export interface DenialBenchmark {
  rounds: number
  /** To the line on the terminal: the median and the worst. */
  line: { median: number; worst: number }
  /** To the run's event, which Slack, `--json` and a deployed stage's followers read. */
  event: { median: number; worst: number }
}

/** What the project promises. */
export const budgetMs = 2000

/** Lets a run restart a workload whose role is denied its first call, and looks when the denial is heard of. */
export const benchDenial = async (rounds = 3): Promise<DenialBenchmark> => {
  const times = { line: [] as number[], event: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    const { line, event } = await denied()
    times.line.push(line)
    times.event.push(event)
  }
  return { rounds, line: summary(times.line), event: summary(times.event) }
}

const denied = async (): Promise<{ line: number; event: number }> => {
  if (!scenarios.workshop) throw new Error('there is no scenario workshop')
  const world = await startWorld(scenarios.workshop, {
    pace: { propagationMs: [300], startMs: 200, readyAfterMs: 400 },
  })
  try {
    // Preflight finds the role as it should be; what it grants is gone afterwards.
    world.aws.associations.changes.subscribe(() => world.aws.state.roles.get(workshop.role)?.attached.clear())
    const seen = { denied: 0, line: 0, event: 0 }
    world.clusters.get(workshop.cluster)?.store.subscribe(({ resource, object }) => {
      const pod = object as Pod
      const ended = pod.status?.containerStatuses?.some(({ state }) => state?.terminated?.exitCode === 1)
      if (resource === resources.pods && ended && readInjection(pod).injected)
        seen.denied ||= performance.now()
    })
    const over = new AbortController()
    const says = (text: string) =>
      text.includes(`assumed-role/${workshop.role}/`) && text.includes('dynamodb:Query')
    await runLocally({
      input: workshopBinding(world),
      account: world.aws.account,
      region: world.aws.region,
      name: 'benchmark',
      clock: world.clock,
      aws: { endpoint: world.aws.url, credentials: async () => world.aws.credentials },
      onProgress: ({ detail }) => {
        if (says(JSON.stringify(detail ?? null))) seen.line ||= performance.now()
      },
      onEvent: (event) => {
        if (event.type !== 'rollout.progress' || !says(event.message)) return
        seen.event ||= performance.now()
        over.abort(new Error('the benchmark has seen enough'))
      },
      signal: over.signal,
    })
    if (seen.line === 0 || seen.event === 0) throw new Error('the run ended without telling of the denial')
    return { line: seen.line - seen.denied, event: seen.event - seen.denied }
  } finally {
    await world.close()
  }
}

const summary = (times: number[]) => {
  const sorted = times.toSorted((one, other) => one - other)
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, worst: sorted.at(-1) ?? 0 }
}

if (import.meta.main) {
  const { rounds, line, event } = await benchDenial()
  const figures = ({ median, worst }: { median: number; worst: number }) =>
    `${median.toFixed(0)} ms (worst ${worst.toFixed(0)} ms, ${(worst / budgetMs).toFixed(2)} of the ${budgetMs} ms promised)`
  process.stdout.write(
    `denial: ${rounds} runs; from the pod's first AccessDenied to the terminal's line ${figures(line)}, to the run's event ${figures(event)}\n`,
  )
  if (Math.max(line.worst, event.worst) > budgetMs) process.exitCode = 1
}
