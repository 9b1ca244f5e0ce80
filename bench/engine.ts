import { runStateMachine } from '../local/engine/index.ts'

/** What the engine's own work costs, beside a loop that does nothing but the calls. */
export interface EngineBenchmark {
  /** States entered in one run. */
  states: number
  /** Microseconds of the engine per state, median of the rounds. */
  perState: number
  /** Microseconds of the bare loop per call, median of the rounds. */
  perCall: number
  statesPerSecond: number
  /** Engine to bare loop. */
  ratio: number
}

const turns = 2000

/** Counts to `turns` with one task and one choice a turn: the shape of a poll. */
const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'Count',
  States: {
    Count: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'count', Payload: { n: '{% $states.input.n %}' } },
      TimeoutSeconds: 30,
      Output: '{% $states.result.Payload %}',
      Next: 'Enough',
    },
    Enough: {
      Type: 'Choice',
      Choices: [{ Condition: `{% $states.input.n >= ${turns} %}`, Next: 'Done' }],
      Default: 'Count',
    },
    Done: { Type: 'Succeed' },
  },
}

const count = async (payload: { n: number }) => ({ n: payload.n + 1 })

const engine = async (): Promise<void> => {
  const { status, error, cause } = await runStateMachine({
    definition,
    input: { n: 0 },
    task: async (_resource, args) => ({ Payload: await count((args as { Payload: { n: number } }).Payload) }),
  })
  if (status !== 'SUCCEEDED')
    throw new Error(`the benchmark's execution ended as ${status}: ${error} ${cause}`)
}

const bareLoop = async (): Promise<void> => {
  let state = { n: 0 }
  while (state.n < turns) state = await count(state)
}

/** Runs both by turns in one process, so that what disturbs one disturbs the other. */
export const benchEngine = async (rounds = 7): Promise<EngineBenchmark> => {
  const times = { engine: [] as number[], bare: [] as number[] }
  for (let round = -1; round < rounds; round++) {
    const engineTime = await timed(engine)
    const bareTime = await timed(bareLoop)
    if (round < 0) continue // the first round warms up
    times.engine.push(engineTime)
    times.bare.push(bareTime)
  }
  const states = 2 * turns + 1
  const perState = (median(times.engine) * 1000) / states
  const perCall = (median(times.bare) * 1000) / turns
  return { states, perState, perCall, statesPerSecond: 1e6 / perState, ratio: perState / perCall }
}

const timed = async (work: () => Promise<void>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

if (import.meta.main) {
  const { states, perState, perCall, statesPerSecond, ratio } = await benchEngine()
  process.stdout.write(
    `engine: ${states} states, ${perState.toFixed(1)} µs each (${Math.round(statesPerSecond)} a second); ` +
      `bare loop: ${perCall.toFixed(2)} µs a call; ratio ${ratio.toFixed(0)}\n`,
  )
}
