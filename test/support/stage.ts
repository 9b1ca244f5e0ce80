import { parseWebhookSecrets, signMessage } from '../../adapters/signatures.ts'
import { actions } from '../../core/config.ts'
import type { Execution } from '../../local/aws/index.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { type Stage as StandInStage, startStage as start } from '../../stage/stage.ts'
import { startWorkshop, type Workshop } from './run.ts'

/** A whole local stage: the workshop's world, Slack, the workflow and everything that starts and shows it. */
export interface TestStage extends Workshop, Omit<StandInStage, 'close'> {
  /** Every line that a function logged, as JSON. */
  logged: string[]
  executions(): Execution[]
  /** Resolves when the execution of that number, in the order of starting, has ended. */
  ended(index?: number): Promise<Execution>
}

/** People of the tests: two who may do everything, one by a group, and one who may nothing. */
export const people = {
  requester: 'U0REQUESTER',
  approver: 'U0APPROVER',
  member: 'U0MEMBER',
  stranger: 'U0STRANGER',
}
export const channel = 'C0CARTS'

/** podid.yaml of the tests, for the account and region of a world. */
export const stageConfig = (world: Workshop, change: Record<string, unknown> = {}) => ({
  account: world.aws.account,
  region: world.aws.region,
  bindings: { carts: workshopBinding(world) },
  access: [
    { users: [people.requester, people.approver], may: [...actions] },
    { groups: ['S0CARTS'], may: ['plan', 'status'], namespaces: ['carts'] },
    { callers: ['local'], may: [...actions] },
  ],
  channels: { slack: { channel: 'C0PODID' } },
  ...change,
})

export const startTestStage = async (
  config: (world: Workshop) => object = stageConfig,
  options: Parameters<typeof startWorkshop>[0] = {},
): Promise<TestStage & AsyncDisposable> => {
  const world = await startWorkshop(options)
  const logged: string[] = []
  const note = (level: string) => (message: string, data?: Record<string, unknown>) =>
    void logged.push(JSON.stringify({ level, message, ...data }))
  const log = { info: note('info'), warn: note('warn'), error: note('error') }
  const stage = await start({ world, config: config(world), log })
  stage.slack.workspace.groups.set('S0CARTS', [people.member])
  const { stateMachines } = world.aws
  const executions = () => stateMachines.executionsOf(stage.stateMachineArn).toReversed()
  return {
    ...world,
    ...stage,
    logged,
    executions,
    ended: async (index = 0) => {
      const execution = executions()[index]
      if (!execution) throw new Error(`there is no execution ${index}`)
      return stateMachines.closed(execution.arn)
    },
    [Symbol.asyncDispose]: async () => {
      await stage.close()
      await world.close()
    },
  }
}

/**
 * From the first StartExecution on no time passes, so that the run stays under way, until the returned function is
 * called. Not before: what starts it may have to wait before it asks again, on a machine that is slow.
 */
export const holdFromStart = ({ calls, clock }: TestStage): (() => void) => {
  let letGo: (() => void) | undefined
  const ignore = calls.onCall(({ operation }) => {
    if (operation === 'StartExecution') letGo ??= clock.busy()
  })
  return () => {
    ignore()
    letGo?.()
  }
}

/** Sends a signed message to a stage's webhook. */
export const sendHook = async (
  { integrations, clock, webhookSecret }: TestStage,
  type: string,
  data: object,
  id: string = crypto.randomUUID(),
) => {
  const [secret] = parseWebhookSecrets(`local=${webhookSecret}`)
  const key = secret?.key ?? Buffer.alloc(0)
  const body = JSON.stringify({ type, data })
  const timestamp = String(Math.floor(clock.now() / 1000))
  const response = await fetch(`${integrations.functionUrl.url}/hooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signMessage(key, { id, timestamp, body }),
    },
    body,
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
