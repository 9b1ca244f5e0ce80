import { parseConfig } from '../../core/config.ts'
import type { PodidEvent } from '../../core/events.ts'
import type { FleetReport } from '../../core/fleet/waves/report.ts'
import type { PlainItem } from '../../core/fleet/waves/request.ts'
import { virtualClock } from '../../local/clock.ts'
import { createCallbacks, TaskFailure } from '../../local/engine/index.ts'
import { type AskedGate, type FleetRunOptions, runRollout } from '../../stage/rollout.ts'

const account = '111122223333'
const region = 'us-west-2'

/** A binding `NAME` of the cluster, as a rollout's input spells it out. */
export const plainItem = (name: string, cluster: string): PlainItem => ({
  name,
  input: {
    cluster,
    namespace: 'shop',
    serviceAccount: name,
    role: `arn:aws:iam::${account}:role/${name}`,
    workload: `deployment/${name}`,
  },
})

/** What a run of a binding comes to: its outcome, or an error with its cause. */
export type Script = (run: string, input: Record<string, unknown>) => string | Error | Promise<string | Error>

/** A bucket in memory. */
export const memoryObjects = (): FleetRunOptions['objects'] & { stored: Map<string, unknown> } => {
  const stored = new Map<string, unknown>()
  return {
    bucket: 'rollouts',
    stored,
    get: async (key) => structuredClone(stored.get(key)),
    put: async (key, value) => void stored.set(key, JSON.parse(JSON.stringify(value))),
    list: async (prefix) => [...stored.keys()].filter((key) => key.startsWith(prefix)),
  }
}

const beforeOfRun = (run: string) => ({
  run,
  restartedAt: '2026-11-26T09:00:00.000001Z',
  association: null,
  workload: null,
})

/** What a scripted rollout has seen. */
export interface PlayedRollout {
  status: string
  error: string | undefined
  cause: string | undefined
  report: FleetReport | undefined
  /** The runs in the order in which they were started, with their modes. */
  started: string[]
  /** How many were under way at once at most, and of one cluster. */
  most: { all: number; cluster: number }
  judged: PodidEvent[]
  questions: AskedGate[]
  objects: ReturnType<typeof memoryObjects>
  /** When each run was started, in milliseconds since the rollout's start. */
  at: Map<string, number>
  history: Awaited<ReturnType<typeof runRollout>>['history']
}

/** Plays a rollout through the engine, with runs that do what a script says, in virtual time. */
export const playRollout = async (
  input: object,
  script: Script = () => 'enabled',
  {
    name = 'rollout-test',
    objects = memoryObjects(),
    answer = (gate: AskedGate): object | Error | undefined => ({
      approvedBy: 'a person',
      plan: gate.question.plan,
    }),
    start = Date.parse('2026-11-26T09:00:00Z'),
    runMs = () => 60_000,
    ...change
  }: Partial<FleetRunOptions> & {
    objects?: ReturnType<typeof memoryObjects>
    answer?: (gate: AskedGate) => object | Error | undefined
    start?: number
    runMs?: (run: string) => number
  } = {},
): Promise<PlayedRollout> => {
  const clock = virtualClock({ start })
  clock.release('jump')
  const callbacks = createCallbacks()
  const seen: Pick<PlayedRollout, 'started' | 'most' | 'judged' | 'questions' | 'at'> = {
    started: [],
    most: { all: 0, cluster: 0 },
    judged: [],
    questions: [],
    at: new Map(),
  }
  const underWay = new Map<string, string>()
  const ended = new Map<string, { status: string; output: unknown; cause: string | null }>()
  const runBinding: FleetRunOptions['runBinding'] = async (run, given, signal) => {
    seen.started.push(run)
    seen.at.set(run, clock.now() - start)
    underWay.set(run, String(given.cluster))
    const own = [...underWay.values()].filter((cluster) => cluster === given.cluster).length
    seen.most = { all: Math.max(seen.most.all, underWay.size), cluster: Math.max(seen.most.cluster, own) }
    ended.set(run, { status: 'RUNNING', output: null, cause: null })
    try {
      await clock.sleep(runMs(run), signal)
    } catch (error) {
      ended.set(run, { status: 'ABORTED', output: null, cause: null })
      throw error
    } finally {
      underWay.delete(run)
    }
    const outcome = await script(run, given)
    if (outcome instanceof Error) {
      const { name, message } = outcome
      ended.set(run, { status: 'FAILED', output: null, cause: message })
      const described = { Name: run, Status: 'FAILED', Error: name, Cause: message }
      throw new TaskFailure('States.TaskFailed', JSON.stringify(described))
    }
    const output = { outcome, summary: `${given.serviceAccount} ${outcome}`, before: beforeOfRun(run) }
    ended.set(run, { status: 'SUCCEEDED', output, cause: null })
    return output
  }
  const preflight = (run: string) => [
    {
      id: 1,
      previousEventId: 0,
      timestamp: start,
      type: 'ParallelStateExited',
      stateExitedEventDetails: {
        name: 'Preflight',
        assignedVariables: { before: JSON.stringify(beforeOfRun(run)) },
      },
    },
  ]
  const ended_ = await runRollout({
    input,
    account,
    region,
    name,
    clock,
    objects,
    callbacks,
    config: parseConfig({ account, region }, 'test'),
    clusters: () => {
      throw new Error('no cluster is asked for')
    },
    takeTurn: async () => undefined,
    executions: {
      find: async (run) => {
        const found = ended.get(run)
        return found && { run, arn: run, startedAt: '', input: null, ...found }
      },
      history: async (run) => (ended.get(run)?.status === 'FAILED' ? [] : (preflight(run) as never)),
      stop: async (run) => void ended.set(run, { status: 'ABORTED', output: null, cause: null }),
    },
    runBinding,
    ask: (gate) => {
      seen.questions.push(gate)
      const given = answer(gate)
      if (given instanceof Error) callbacks.fail(gate.token, given.name, given.message)
      else if (given) callbacks.succeed(gate.token, given)
    },
    onJudged: (event) => seen.judged.push(event),
    ...change,
  })
  clock.stop()
  const reported = [...ended_.history]
    .reverse()
    .find(({ stateExitedEventDetails: exited }) => exited?.name === 'Report')?.stateExitedEventDetails?.output
  return {
    ...seen,
    status: ended_.status,
    error: ended_.error,
    cause: ended_.cause,
    report: reported === undefined ? undefined : (JSON.parse(reported) as FleetReport),
    objects,
    history: ended_.history,
  }
}
