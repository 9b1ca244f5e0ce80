import {
  DescribeExecutionCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseWebhookSecrets, signMessage } from '../../adapters/signatures.ts'
import type { Report } from '../../core/report.ts'
import { isReady } from '../../core/workload/readiness.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { cartsPods } from '../support/run.ts'
import { people, stageConfig, startTestStage, type TestStage } from '../support/stage.ts'

/** Step Functions as somebody with the AWS CLI has it, past every starter of ours. */
const byHand = (stage: TestStage) => {
  const { aws, stateMachineArn } = stage
  const client = new SFNClient({ endpoint: aws.url, region: aws.region, credentials: aws.credentials })
  return {
    start: async (name: string, change: object = {}) => {
      const input = JSON.stringify({ ...workshopBinding(stage), ...change })
      const started = await client.send(new StartExecutionCommand({ stateMachineArn, name, input }))
      return started.executionArn ?? ''
    },
    redrive: (executionArn: string) => client.send(new RedriveExecutionCommand({ executionArn })),
    stop: (executionArn: string) => client.send(new StopExecutionCommand({ executionArn })),
    end: async (executionArn: string) => {
      await aws.stateMachines.closed(executionArn)
      const { status, error, cause, output } = await client.send(
        new DescribeExecutionCommand({ executionArn }),
      )
      return { status, error, cause, report: output ? (JSON.parse(output) as Report) : undefined }
    },
  }
}

const webhook = async ({ integrations, clock, webhookSecret }: TestStage, type: string, data: object) => {
  const [secret] = parseWebhookSecrets(`local=${webhookSecret}`)
  const [id, timestamp] = [crypto.randomUUID(), String(Math.floor(clock.now() / 1000))]
  const body = JSON.stringify({ type, data })
  const response = await fetch(`${integrations.functionUrl.url}/hooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signMessage(secret?.key ?? Buffer.alloc(0), { id, timestamp, body }),
    },
    body,
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

/** Stops the execution as soon as it makes this call, once `when` is so, and lets no time pass until it has stopped. */
const stopAt = (stage: TestStage, operation: string, arn: () => string, when = () => true): void => {
  const withdraw = stage.calls.onCall((call) => {
    if (call.operation !== operation || !when()) return
    withdraw()
    const hold = stage.clock.busy()
    void byHand(stage).stop(arn()).finally(hold)
  })
}

const associations = ({ aws }: TestStage) => [...aws.associations.list('eks-workshop')]

const writesOf = ({ calls }: TestStage) =>
  calls
    .writes()
    .filter(({ service }) => service === 'eks' || service === 'kubernetes')
    .map(({ operation }) => operation)

describe('one run at a time for a ServiceAccount', () => {
  it('holds for executions by hand and every other way in: one is at work, and the others are told so; a plan asks for no turn', async () => {
    await using stage = await startTestStage()
    const { start, end } = byHand(stage)
    const hold = stage.clock.busy()
    const started = await Promise.all([start('first'), start('second')])
    const plan = await start('plan', { mode: 'plan' })
    // One of them has its turn as soon as the other one is refused.
    await Promise.race(started.map((arn) => stage.aws.stateMachines.closed(arn)))
    const sent = await webhook(stage, 'run.start', { binding: 'carts' })
    hold()
    const ends = await Promise.all(started.map(end))
    const refused = ends.find(({ status }) => status === 'FAILED')
    const [winner] = ends.flatMap(({ status }, index) => (status === 'SUCCEEDED' ? started[index] : []))
    const run = winner?.split(':').at(-1)
    expect(ends.map(({ status }) => status).sort()).toEqual(['FAILED', 'SUCCEEDED'])
    expect(refused).toMatchObject({ error: 'Refused' })
    expect(refused?.cause).toContain(`the run ${run} (enable) has been at work on carts/carts`)
    expect(refused?.cause).toContain(`aws stepfunctions stop-execution --execution-arn ${winner}`)
    expect(sent).toMatchObject({ status: 202, body: { outcome: 'under-way', run } })
    expect(await end(plan)).toMatchObject({ status: 'SUCCEEDED' })
    expect(stage.executions().map(({ name }) => name)).toEqual(['first', 'second', 'plan'])
    expect(writesOf(stage)).toEqual(['CreatePodIdentityAssociation', 'patch deployments'])
    expect(cartsPods(stage).map(isReady)).toEqual([true])
  })
})

describe('a run that was stopped', () => {
  // Before the association, between it and the restart, after the restart.
  it.each(['CreatePodIdentityAssociation', 'create pods', 'patch deployments'])(
    'at %s holds no turn any more, and is undone from its history',
    async (operation) => {
      await using stage = await startTestStage()
      const { start, end } = byHand(stage)
      let arn = ''
      // The checks before the first write create pods, too: as dry runs.
      const created = () =>
        stage.calls.writes().some((call) => call.operation.startsWith('CreatePodIdentity'))
      stopAt(stage, operation, () => arn, created)
      const hold = stage.clock.busy()
      arn = await start('stopped')
      hold()
      expect(await end(arn)).toMatchObject({ status: 'ABORTED' })
      const message = await stage.slack.workspace.until(({ text }) => text.includes('the run was stopped'))
      expect(JSON.stringify(message.blocks)).toContain('undo-stopped')
      const undo = await webhook(stage, 'run.undo', { run: 'stopped' })
      expect(undo).toMatchObject({ status: 202, body: { outcome: 'started' } })
      const undone = await stage.ended(1)
      expect(JSON.parse(undone.output ?? '{}')).toMatchObject({ outcome: 'undone' })
      expect(associations(stage)).toEqual([])
    },
  )
})

describe('a run that has changed nothing', () => {
  let stage: Awaited<ReturnType<typeof startTestStage>>
  beforeAll(async () => {
    stage = await startTestStage()
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('as it was stopped before it had looked leaves nothing to undo, and the refusal says so', async () => {
    const { start, end } = byHand(stage)
    let arn = ''
    stopAt(stage, 'GetRole', () => arn)
    const hold = stage.clock.busy()
    arn = await start('stopped')
    hold()
    await end(arn)
    expect(await webhook(stage, 'run.undo', { run: 'stopped' })).toEqual({
      status: 409,
      body: { error: 'the run stopped left nothing to undo: ABORTED: the run was stopped' },
    })
  })

  it('and is redriven fails as it did, and calls nothing', async () => {
    const hand = byHand(stage)
    const run = await hand.start('blocked', { role: `arn:aws:iam::${stage.aws.account}:role/nobody` })
    const before = await hand.end(run)
    expect(before).toMatchObject({ status: 'FAILED', error: 'PreflightFailed' })
    const called = stage.calls.calls.length
    await hand.redrive(run)
    expect(await hand.end(run)).toEqual(before)
    const asked = stage.calls.calls.slice(called).map(({ service }) => service)
    expect(asked.filter((service) => ['eks', 'iam', 'kubernetes'].includes(service))).toEqual([])
  })
})

describe('an undo', () => {
  let stage: Awaited<ReturnType<typeof startTestStage>>
  let stopped: string
  let undone: Awaited<ReturnType<TestStage['ended']>>
  beforeAll(async () => {
    stage = await startTestStage((world) => stageConfig(world, { triggers: { sweep: { mode: 'mend' } } }))
    const { start, end } = byHand(stage)
    const { report } = await end(await start('first'))
    let arn = ''
    stopAt(stage, 'DeletePodIdentityAssociation', () => arn)
    const hold = stage.clock.busy()
    arn = await start('undo', { mode: 'undo', before: report?.before })
    hold()
    stopped = (await end(arn)).status ?? ''
    expect(await webhook(stage, 'run.undo', { run: 'undo' })).toMatchObject({ status: 202 })
    undone = await stage.ended(2)
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('that was stopped is started again by name', () => {
    expect(stopped).toBe('ABORTED')
    expect(JSON.parse(undone.output ?? '{}')).toMatchObject({ outcome: 'undone' })
  })

  it('lasts: the sweep leaves the binding alone and says so, until somebody enables it again', async () => {
    const { start, end } = byHand(stage)
    expect(associations(stage)).toEqual([])
    expect(JSON.parse(undone.output ?? '{}').checked[0].found).toContain('the sweep leaves it alone')
    const status = await stage.slack.people.command('status carts', { user: people.requester })
    expect(status.body.text).toContain('the sweep leaves it alone until it is enabled again')

    stage.integrations.sweep()
    const message = await stage.slack.workspace.until(({ text }) => text.includes('not as declared'))
    expect(JSON.stringify(message.blocks)).toContain(
      `The run \`${undone.name}\` undid it, so that the sweep leaves it alone until somebody enables it again`,
    )
    expect(stage.executions()).toHaveLength(3)

    await end(await start('again'))
    const [association] = associations(stage)
    stage.aws.associations.delete(association?.id ?? '')
    stage.integrations.sweep()
    await expect.poll(() => stage.executions()).toHaveLength(5)
    expect((await stage.ended(4)).status).toBe('SUCCEEDED')
    expect(associations(stage)).toHaveLength(1)
  })
})
