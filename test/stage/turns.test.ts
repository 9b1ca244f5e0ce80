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

let stage: TestStage & AsyncDisposable
let hand: ReturnType<typeof byHand>
beforeAll(async () => {
  stage = await startTestStage((world) => stageConfig(world, { triggers: { sweep: { mode: 'mend' } } }))
  hand = byHand(stage)
})
afterAll(() => stage[Symbol.asyncDispose]())

const endOf = async (run: unknown) => {
  const execution = stage.executions().find(({ name }) => name === run)
  const { status, output } = await stage.aws.stateMachines.closed(execution?.arn ?? '')
  return { status, report: JSON.parse(output ?? '{}') as Report }
}

const undo = async (run: string) => {
  const { status, body } = await webhook(stage, 'run.undo', { run })
  expect({ status, outcome: body.outcome }).toEqual({ status: 202, outcome: 'started' })
  return { name: body.run ?? '', ...(await endOf(body.run)) }
}

const latest = (outcome: Report['outcome']) =>
  stage.executions().findLast(({ output }) => JSON.parse(output ?? '{}').outcome === outcome)

/** What tests begin with: of all on this one stage, most leave what the next one needs. */
const given = {
  enabled: async (): Promise<Report> => {
    if (associations(stage).length === 0) await hand.end(await hand.start('enabled'))
    return JSON.parse(latest('enabled')?.output ?? '{}') as Report
  },
  /** Answers which run undid it. */
  undone: async (): Promise<string> => {
    const by = latest('undone')
    if (by && associations(stage).length === 0) return by.name
    await given.enabled()
    return (await undo(latest('enabled')?.name ?? '')).name
  },
}

describe('one run at a time for a ServiceAccount', () => {
  let started: { first: string; second: string; plan: string }
  let sent: Awaited<ReturnType<typeof webhook>>
  let ends: Record<keyof typeof started, Awaited<ReturnType<typeof hand.end>>>
  let called: string[]
  beforeAll(async () => {
    const hold = stage.clock.busy()
    const [first, second, plan] = await Promise.all([
      hand.start('first'),
      hand.start('second'),
      hand.start('plan', { mode: 'plan' }),
    ])
    started = { first, second, plan }
    // One of the two has its turn as soon as the other one is refused.
    await Promise.race([first, second].map((arn) => stage.aws.stateMachines.closed(arn)))
    sent = await webhook(stage, 'run.start', { binding: 'carts' })
    hold()
    const all = await Promise.all([first, second, plan].map(hand.end))
    ends = { first: all[0], second: all[1], plan: all[2] } as typeof ends
    called = writesOf(stage)
  })

  it('holds for executions started by hand: the second is refused, names the first and touches nothing', () => {
    const [winner, loser] =
      ends.first.status === 'SUCCEEDED' ? (['first', 'second'] as const) : (['second', 'first'] as const)
    expect([ends[winner].status, ends[loser].status]).toEqual(['SUCCEEDED', 'FAILED'])
    expect(ends[loser]).toMatchObject({ error: 'Refused' })
    expect(ends[loser].cause).toContain(`the run ${winner} (enable) has been at work on carts/carts`)
    expect(ends[loser].cause).toContain(`aws stepfunctions stop-execution --execution-arn ${started[winner]}`)
    expect(called).toEqual(['CreatePodIdentityAssociation', 'patch deployments'])
    expect(cartsPods(stage).map(isReady)).toEqual([true])
  })

  it('holds between an execution by hand and every other way in', () => {
    const winner = ends.first.status === 'SUCCEEDED' ? 'first' : 'second'
    expect(sent).toMatchObject({ status: 202, body: { outcome: 'under-way', run: winner } })
    expect(stage.executions().map(({ name }) => name)).toEqual(['first', 'second', 'plan'])
  })

  it('asks nothing of a plan, which changes nothing', () => {
    expect(ends.plan.status).toBe('SUCCEEDED')
  })
})

describe('a run that was stopped', () => {
  it('before it had looked left nothing to undo, and the refusal says so', async () => {
    let arn = ''
    stopAt(stage, 'GetRole', () => arn)
    const hold = stage.clock.busy()
    arn = await hand.start('too-early')
    hold()
    await hand.end(arn)
    expect(await webhook(stage, 'run.undo', { run: 'too-early' })).toEqual({
      status: 409,
      body: { error: 'the run too-early left nothing to undo: ABORTED: the run was stopped' },
    })
  })

  it('while it undid another one is started again by name', async () => {
    const { before } = await given.enabled()
    let arn = ''
    stopAt(stage, 'DeletePodIdentityAssociation', () => arn)
    const hold = stage.clock.busy()
    arn = await hand.start('undo', { mode: 'undo', before })
    hold()
    expect(await hand.end(arn)).toMatchObject({ status: 'ABORTED' })
    expect((await undo('undo')).report).toMatchObject({ outcome: 'undone' })
    expect(associations(stage)).toEqual([])
  })

  // Before the association, between it and the restart, after the restart.
  it.each(['CreatePodIdentityAssociation', 'create pods', 'patch deployments'])(
    'at %s holds no turn any more, and is undone from its history',
    async (operation) => {
      if (associations(stage).length > 0) await given.undone()
      const run = `stopped-at-${operation.replace(' ', '-')}`
      const before = stage.calls.writes().length
      let arn = ''
      // The checks before the first write create pods, too: as dry runs.
      const created = () =>
        stage.calls
          .writes()
          .slice(before)
          .some((call) => call.operation.startsWith('CreatePodIdentity'))
      stopAt(stage, operation, () => arn, created)
      const hold = stage.clock.busy()
      arn = await hand.start(run)
      hold()
      expect(await hand.end(arn)).toMatchObject({ status: 'ABORTED' })
      await stage.slack.workspace.until(
        ({ text, blocks }) =>
          text.includes('the run was stopped') && JSON.stringify(blocks).includes(`undo-${run}`),
      )
      expect((await undo(run)).report).toMatchObject({ outcome: 'undone' })
      expect(associations(stage)).toEqual([])
    },
  )
})

describe('an undo', () => {
  it('lasts: the sweep leaves the binding alone and says so, until somebody enables it again', async () => {
    const name = await given.undone()
    const undone = await endOf(name)
    expect(undone.report.checked[0]?.found).toContain('the sweep leaves it alone')
    const status = await stage.slack.people.command('status carts', { user: people.requester })
    expect(status.body.text).toContain('the sweep leaves it alone until it is enabled again')

    const before = stage.executions().length
    stage.integrations.sweep()
    const message = await stage.slack.workspace.until(({ text }) => text.includes('not as declared'))
    expect(JSON.stringify(message.blocks)).toContain(
      `The run \`${name}\` undid it, so that the sweep leaves it alone until somebody enables it again`,
    )
    expect(stage.executions()).toHaveLength(before)

    await hand.end(await hand.start('again'))
    const [association] = associations(stage)
    stage.aws.associations.delete(association?.id ?? '')
    stage.integrations.sweep()
    await expect.poll(() => stage.executions()).toHaveLength(before + 2)
    expect((await endOf(stage.executions().at(-1)?.name)).status).toBe('SUCCEEDED')
    expect(associations(stage)).toHaveLength(1)
  })
})

it('a run that is redriven fails as it did, and calls nothing', async () => {
  const run = await hand.start('blocked', { role: `arn:aws:iam::${stage.aws.account}:role/nobody` })
  const before = await hand.end(run)
  expect(before).toMatchObject({ status: 'FAILED', error: 'PreflightFailed' })
  const called = stage.calls.calls.length
  await hand.redrive(run)
  expect(await hand.end(run)).toEqual(before)
  const asked = stage.calls.calls.slice(called).map(({ service }) => service)
  expect(asked.filter((service) => ['eks', 'iam', 'kubernetes'].includes(service))).toEqual([])
})
