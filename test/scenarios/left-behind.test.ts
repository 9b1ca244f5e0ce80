import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { signAsSlack } from '../../adapters/signatures.ts'
import { create as followRun } from '../../functions/integrations/follow-run.ts'
import { create as http } from '../../functions/integrations/http.ts'
import { create as notify } from '../../functions/integrations/notify.ts'
import { create as start } from '../../functions/integrations/start.ts'
import { create as sweep } from '../../functions/integrations/sweep.ts'
import { functions, type WorkflowFunction } from '../../functions/registry.ts'
import type { HttpEvent } from '../../functions/support/http.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { webIdentityStatement } from '../../local/scenarios/workshop/from-irsa.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { invoker, localDefinition, machineNames } from '../../stage/execution.ts'
import { watchWhatIsLeft } from '../support/left-behind.ts'
import { people, stageConfig, startTestStage, type TestStage } from '../support/stage.ts'

/** What may outlive an answer, by where it was begun. */
const mayStay = [
  // Idle connections wait for the next call, since opening one costs more than most calls: the sockets of the SDK's
  // agents, of undici's pools and of the Kubernetes API, what they do on being put away, and the timers that close them.
  /node:_http_agent/,
  /node:_http_client/,
  /node:net|node:_tls_wrap|node:internal\/tls/,
  /undici/,
  // What arrives on a connection that stays, where another call uses it by then: node:async_hooks counts it for the call
  // that opened it. Whoever waits for it waits by a promise, and that is seen.
  /node:internal\/stream_base_commons/,
  // Node's own cache of the Date header.
  /node:internal\/http/,
]

/** The machine's time, with sleeps that take a twentieth of theirs. */
const brisk = {
  now: systemClock.now,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 20, signal),
}

/** For the function that waits until nothing has moved for ten seconds: they are over in half a second. */
const hurried = { ...brisk, now: () => began + 20 * (systemClock.now() - began) }
const began = systemClock.now()

const pace = { propagationMs: [50], startMs: 10, readyAfterMs: 20 }

/** Of functions/integrations, by file. */
const integrations = globSync('*.ts', { cwd: join(import.meta.dirname, '../../functions/integrations') }).map(
  (file) => file.replace('.ts', ''),
)

it('no function leaves anything behind that its answer did not wait for', async () => {
  await using stage = await startTestStage(
    (world) => ({
      ...stageConfig(world),
      bindings: { carts: { ...workshopBinding(world), installAgent: true } },
    }),
    { time: 'real', pace, scenario: 'agent-missing' },
  )
  const { aws, slack } = stage
  await Promise.all(Object.values(functions).map((load) => load()))
  const left = watchWhatIsLeft(mayStay)
  const runtimes = new Map<string, Runtime>()
  const runtime = (name: string): Runtime => {
    const made = runtimes.get(name) ?? {
      ...stage.integrations.runtime,
      clock: name === 'awaitUndo' ? hurried : brisk,
    }
    runtimes.set(name, made)
    return made
  }
  const task = invoker<WorkflowFunction>({ runtime, work: (invoke, name) => left.call(name, invoke) })
  for (const machine of ['enable', 'rollout'] as const)
    aws.stateMachines.add({
      name: machineNames[machine],
      definition: localDefinition(aws.account, aws.region, machine),
      task,
    })
  const execution = (input: object) => {
    const request = JSON.stringify({ ...workshopBinding(stage), ...input })
    return aws.stateMachines.closed(aws.stateMachines.start(stage.stateMachineArn, request).arn)
  }
  const { role } = workshop
  const irsa = JSON.stringify({ Version: '2012-10-17', Statement: [webIdentityStatement(stage)] })
  Object.assign(aws.state.roles.get(role) ?? {}, { trust: irsa })
  const migrating = { migrate: 'irsa', manageTrust: true }
  // A person approves; then a write fails that is not retried: stock is taken, and the run undoes what it did before.
  aws.calls.inject({
    operation: 'patch deployments',
    action: { kind: 'error', status: 422, code: 'Invalid', message: 'refused' },
  })
  const waiting = execution({ installAgent: true, approval: 'required', ...migrating })
  const question = await slack.workspace.until(({ blocks }) => JSON.stringify(blocks).includes('"approve"'))
  await slack.people.click(question, 'approve', { user: people.approver })
  // The stage has shown the question; what shows runs is called below.
  for (const name of ['follow-run', 'notify']) aws.functions.delete(`podid-local-${name}`)
  const begun = await waiting
  expect(begun).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('refused') })
  // A role is made, the migration is begun in a rollout, and finished.
  aws.state.roles.delete(role)
  const items = [
    {
      name: 'carts',
      input: { ...workshopBinding(stage), access: 'create', createRole: true, migrate: 'irsa' },
    },
  ]
  const rollout = aws.stateMachines.start(stage.rolloutMachineArn, JSON.stringify({ items }))
  const rolledOut = await aws.stateMachines.closed(rollout.arn)
  expect(rolledOut.status, rolledOut.cause).toBe('SUCCEEDED')
  const finished = await execution({ ...migrating, finish: true })
  expect(finished.status, finished.cause).toBe('SUCCEEDED')

  // What a trigger starts ends at once, as its functions have been called.
  const atOnce = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Done',
    States: { Done: { Type: 'Succeed' } },
  })
  aws.stateMachines.add({ name: machineNames.enable, definition: atOnce, task })
  const ended = { name: begun.name, executionArn: begun.arn, status: begun.status }
  const event = { id: 'event', source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change' }
  const calls: Record<string, () => Promise<unknown>> = {
    start: () => start(runtime('start'))(created(stage)),
    notify: () => notify(runtime('notify'))({ ...event, detail: ended }),
    'follow-run': () =>
      followRun(runtime('follow-run'))({ detail: ended }, { getRemainingTimeInMillis: () => 60_000 }),
    sweep: () => sweep(runtime('sweep'))({ id: 'sweep' }),
    http: () => http(runtime('http'))(command(stage, 'status')),
  }
  for (const [name, call] of Object.entries(calls)) await left.call(name, call)
  for (const { arn } of stage.executions()) await aws.stateMachines.closed(arn)
  // What may still be under way is seen when it comes to an end.
  await systemClock.sleep(50)
  left.stop()
  expect(left.found()).toEqual([])
  expect([...left.called].sort()).toEqual([...Object.keys(functions), ...integrations].sort())
})

const created = ({ aws }: TestStage) => ({
  id: 'created',
  source: 'aws.eks',
  'detail-type': 'AWS API Call via CloudTrail',
  account: aws.account,
  region: aws.region,
  time: new Date().toISOString(),
  detail: {
    eventName: 'CreateCluster',
    awsRegion: aws.region,
    requestParameters: { name: workshop.cluster },
  },
})

/** A slash command, as Slack sends it to the function URL. */
const command = ({ slack }: TestStage, text: string): HttpEvent => {
  const form = {
    command: '/pod-identity',
    text,
    user_id: people.requester,
    channel_id: 'C0PODID',
    trigger_id: '1',
  }
  const body = new URLSearchParams(form).toString()
  const timestamp = String(Math.floor(Date.now() / 1000))
  return {
    rawPath: '/slack/commands',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signAsSlack(slack.people.signingSecret, timestamp, body),
    },
    body,
    isBase64Encoded: false,
    requestContext: { http: { method: 'POST' }, requestId: 'request' },
  } as HttpEvent
}
