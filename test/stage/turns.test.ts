import {
  DescribeExecutionCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../core/report.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { people, stageConfig, startTestStage, type TestStage, sendHook as webhook } from '../support/stage.ts'

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

/** The names of the executions, by what started them where that was no hand. */
const namesOf = (stage: TestStage): string[] =>
  stage.executions().map(({ name }) => /^(webhook|sweep)-/.exec(name)?.[1] ?? name)

/** A run without a workload asks for a third of what one with a workload does. */
const associated = { workload: undefined }

let stage: TestStage & AsyncDisposable
beforeAll(async () => {
  stage = await startTestStage((world) => {
    const { bindings, ...config } = stageConfig(world, { triggers: { sweep: { mode: 'mend' } } })
    const { workload: _none, ...carts } = bindings.carts
    return { ...config, bindings: { carts } }
  })
})
afterAll(() => stage[Symbol.asyncDispose]())

describe('a run that has changed nothing', () => {
  /** Which the other tests ask nothing of. */
  const elsewhere = { ...associated, serviceAccount: 'other' }

  it('as it was stopped before it had looked leaves nothing to undo, and the refusal says so', async () => {
    const { start, end } = byHand(stage)
    let arn = ''
    stopAt(stage, 'GetRole', () => arn)
    const hold = stage.clock.busy()
    arn = await start('early', elsewhere)
    hold()
    await end(arn)
    expect(await webhook(stage, 'run.undo', { run: 'early' })).toEqual({
      status: 409,
      body: { error: 'the run early left nothing to undo: ABORTED: the run was stopped' },
    })
  })

  it('and is redriven fails as it did, and calls nothing', async () => {
    const hand = byHand(stage)
    const run = await hand.start('blocked', {
      ...elsewhere,
      role: `arn:aws:iam::${stage.aws.account}:role/nobody`,
    })
    const before = await hand.end(run)
    expect(before).toMatchObject({ status: 'FAILED', error: 'PreflightFailed' })
    const called = stage.calls.calls.length
    await hand.redrive(run)
    expect(await hand.end(run)).toEqual(before)
    const asked = stage.calls.calls.slice(called).map(({ service }) => service)
    expect(asked.filter((service) => ['eks', 'iam', 'kubernetes'].includes(service))).toEqual([])
  })
})

describe('a run that was stopped after its restart', () => {
  let stopped: { run: string | undefined; undo: string | undefined }
  let sent: Awaited<ReturnType<typeof webhook>>[]
  let sentAgain: typeof sent
  let undone: Awaited<ReturnType<TestStage['ended']>>
  let left: number
  beforeAll(async () => {
    const { start, end } = byHand(stage)
    let arn = ''
    stopAt(stage, 'patch deployments', () => arn)
    const hold = stage.clock.busy()
    arn = await start('stopped')
    hold()
    const { status } = await end(arn)
    // With a button that undoes it.
    await stage.slack.workspace.until(
      ({ text, blocks }) =>
        text.includes('the run was stopped') && JSON.stringify(blocks).includes('undo-stopped'),
    )
    // Its undo is stopped as well.
    let undo = ''
    stopAt(stage, 'DeletePodIdentityAssociation', () => undo)
    const first = await webhook(stage, 'run.undo', { run: 'stopped' })
    undo = stage.executions().at(-1)?.arn ?? ''
    stopped = { run: status, undo: (await end(undo)).status }
    const data = { run: stage.executions().at(-1)?.name }
    sent = [first, await webhook(stage, 'run.undo', data, 'msg_1')]
    sentAgain = [await webhook(stage, 'run.undo', data, 'msg_1')]
    undone = await stage.ended(stage.executions().length - 1)
    sentAgain.push(await webhook(stage, 'run.undo', data, 'msg_1'))
    left = associations(stage).length
  })

  it('holds no turn any more, and is undone from its history', () => {
    expect(stopped.run).toBe('ABORTED')
    expect(sent[0]).toMatchObject({ status: 202, body: { outcome: 'started' } })
  })

  it('and whose undo was stopped is undone by the name of that', () => {
    expect(stopped.undo).toBe('ABORTED')
    expect(sent[1]).toMatchObject({ status: 202, body: { outcome: 'started' } })
    expect(JSON.parse(undone.output ?? '{}')).toMatchObject({ outcome: 'undone' })
    expect(left).toBe(0)
  })

  it('whose undo a signed message asked for is undone once for an id, and how that went is told', async () => {
    expect(sentAgain).toEqual([sent[1], sent[1]])
    expect(undone.name).toBe(sent[1]?.body.run)
    expect(namesOf(stage).slice(-2)).toEqual(['webhook', 'webhook'])
    expect(await webhook(stage, 'run.status', { run: undone.name })).toMatchObject({
      status: 200,
      body: { status: 'SUCCEEDED', what: expect.stringContaining('undo carts/carts on eks-workshop') },
    })
    // Nobody asked for it in Slack: it is shown in the channel for such runs.
    const { channel, blocks } = await stage.slack.workspace.until(
      (one) =>
        /^Undo carts\/carts .*(?:as it was before|put back)/.test(one.text) &&
        JSON.stringify(one.blocks).includes(undone.name),
    )
    expect(channel).toBe('C0PODID')
    expect(JSON.stringify(blocks)).toContain('requested through the webhook by `local`')
  })

  it('is undone for good: the sweep says so and leaves it alone until it is enabled, by one run of all that try at once', async () => {
    const { start, end } = byHand(stage)
    expect(JSON.parse(undone.output ?? '{}').checked[0].found).toContain('the sweep leaves it alone')
    const status = await stage.slack.people.command('status carts', { user: people.requester })
    expect(status.body.text).toContain('the sweep leaves it alone until it is enabled again')

    const before = namesOf(stage)
    stage.integrations.sweep()
    const message = await stage.slack.workspace.until(({ text }) => text.includes('not as declared'))
    expect(JSON.stringify(message.blocks)).toContain(
      `The run \`${undone.name}\` undid it, so that the sweep leaves it alone until somebody enables it again`,
    )
    expect(namesOf(stage)).toEqual(before)

    // By hand and every other way in; a plan asks for no turn.
    const written = writesOf(stage).length
    const hold = stage.clock.busy()
    const started = await Promise.all([start('first', associated), start('second', associated)])
    const plan = await start('plan', { ...associated, mode: 'plan' })
    // One of them has its turn as soon as the other one is refused.
    await Promise.race(started.map((arn) => stage.aws.stateMachines.closed(arn)))
    const other = await webhook(stage, 'run.start', { binding: 'carts' })
    hold()
    const ends = await Promise.all(started.map(end))
    const refused = ends.find(({ status }) => status === 'FAILED')
    const [winner] = ends.flatMap(({ status }, index) => (status === 'SUCCEEDED' ? started[index] : []))
    const run = winner?.split(':').at(-1)
    expect(ends.map(({ status }) => status).sort()).toEqual(['FAILED', 'SUCCEEDED'])
    expect(refused).toMatchObject({ error: 'Refused' })
    expect(refused?.cause).toContain(`the run ${run} (enable) has been at work on carts/carts`)
    expect(refused?.cause).toContain(`aws stepfunctions stop-execution --execution-arn ${winner}`)
    expect(other).toMatchObject({ status: 202, body: { outcome: 'under-way', run } })
    expect(await end(plan)).toMatchObject({ status: 'SUCCEEDED' })
    expect(namesOf(stage)).toEqual([...before, 'first', 'second', 'plan'])
    expect(writesOf(stage).slice(written)).toEqual(['CreatePodIdentityAssociation'])

    const [association] = associations(stage)
    stage.aws.associations.delete(association?.id ?? '')
    stage.integrations.sweep()
    await expect.poll(() => namesOf(stage).at(-1)).toBe('sweep')
    expect((await stage.ended(stage.executions().length - 1)).status).toBe('SUCCEEDED')
    expect(associations(stage)).toHaveLength(1)
  })
})
