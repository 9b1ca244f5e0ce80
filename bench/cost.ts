import { steps } from '../core/steps/table.ts'
import { workshopBinding } from '../local/scenarios/workshop/binding.ts'
import { workshopScenario } from '../local/scenarios/workshop/index.ts'
import { startWorld } from '../local/world.ts'
import { invoker, localDefinition } from '../stage/execution.ts'

/** What one enablement of the workshop's carts would be billed for, and what that costs. */
export interface CostBenchmark {
  /** States entered, retries included. */
  transitions: number
  invocations: number
  /** Of all functions together. */
  gigabyteSeconds: number
  /** In US dollars. */
  cost: number
}

/** US dollars in us-east-1, November 2026: https://aws.amazon.com/step-functions/pricing, https://aws.amazon.com/lambda/pricing */
const prices = { transition: 25e-6, gigabyteSecond: 0.0000133334, request: 0.2e-6 }

/** What a function takes besides waiting, in milliseconds: calls to AWS and the cluster, and now and then a cold start. */
const workMs = 400

/** Runs the definition on stand-ins in virtual time and adds up what its history and its functions would cost. */
export const benchCost = async (): Promise<CostBenchmark> => {
  const world = await startWorld(workshopScenario, { time: 'jump' })
  const { aws, clock } = world
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const runtime = {
    aws: { endpoint: aws.url, credentials: async () => aws.credentials },
    clock,
    log,
    progress: () => {},
  }
  let invocations = 0
  let gigabyteSeconds = 0
  const { arn } = aws.stateMachines.add({
    name: 'podid-cost',
    definition: localDefinition(aws.account, aws.region),
    task: invoker({
      runtime: () => runtime,
      // Its one write and one read of podid's own table cost nothing that shows.
      replace: { takeTurn: () => async () => ({ message: 'nothing else starts runs here' }) },
      work: async (invoke, name) => {
        const began = clock.now()
        try {
          return await clock.work(invoke)
        } finally {
          invocations++
          gigabyteSeconds += ((steps[name].memoryMb / 1024) * (clock.now() - began + workMs)) / 1000
        }
      },
    }),
  })
  try {
    const execution = aws.stateMachines.start(arn, JSON.stringify(workshopBinding(world)))
    const { history, status, cause } = await aws.stateMachines.closed(execution.arn)
    if (status !== 'SUCCEEDED') throw new Error(`the enablement ended ${status}: ${cause}`)
    const transitions = history.filter(({ type }) => type.endsWith('StateEntered')).length
    const cost =
      transitions * prices.transition + gigabyteSeconds * prices.gigabyteSecond + invocations * prices.request
    return { transitions, invocations, gigabyteSeconds, cost }
  } finally {
    await world.close()
  }
}

if (import.meta.main) {
  const { transitions, invocations, gigabyteSeconds, cost } = await benchCost()
  process.stdout.write(
    `one enablement: ${transitions} transitions, ${invocations} invocations, ${gigabyteSeconds.toFixed(1)} GB-s; $${cost.toFixed(5)}\n`,
  )
}
