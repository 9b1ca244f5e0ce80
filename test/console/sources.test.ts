import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { executions } from '../../adapters/step-functions.ts'
import { stageRollouts } from '../../cli/console/stage-rollouts.ts'
import { stageSource } from '../../cli/console/stage-source.ts'
import { silent } from '../../cli/run.ts'
import type { RunSource } from '../../console/server/source.ts'
import type { Credentials } from '../../local/aws/index.ts'
import { type Stage, startStage } from '../../stage/stage.ts'
import { type Here, startHere } from '../support/commands/here.ts'
import { fullPages } from '../support/servers/small-pages.ts'

// What the console reads of a stage, by its own credentials, over the stand-ins.
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`
const settings = {
  account: '123456789012',
  region: 'us-west-2',
  bindings: {
    etl: {
      cluster: 'data',
      namespace: 'shop',
      serviceAccount: 'etl',
      workload: 'deployment/etl',
      role: role('data-etl'),
      needs: [],
    },
    search: {
      cluster: 'shop-green',
      namespace: 'shop',
      serviceAccount: 'search',
      role: role('shop-blue-payments'),
      needs: [],
    },
  },
  rollout: { waves: [1], toleratedFailurePercentage: 100, approval: 'required' },
}
const rollout = 'rollout-20261126t120000-1a2b'

let here: Here
let stage: Stage
const { AWS_ENDPOINT_URL: endpoint } = process.env
beforeAll(async () => {
  // A history is read by pages as large as AWS gives them, which are counted.
  here = await startHere('fleet', fullPages)
  // Whoever answers is asked of STS, which the environment says the place of.
  process.env.AWS_ENDPOINT_URL = here.world.aws.url
  stage = await startStage({ world: here.world, config: settings, log: silent })
})
afterAll(async () => {
  if (endpoint === undefined) delete process.env.AWS_ENDPOINT_URL
  else process.env.AWS_ENDPOINT_URL = endpoint
  await stage.close()
  await here[Symbol.asyncDispose]()
})

const runtimeOf = (credentials: Credentials): Runtime => ({
  aws: { endpoint: here.world.aws.url, credentials: async () => credentials },
  clock: systemClock,
  log: silent,
  progress: () => {},
})

/** The sources of a stage as somebody with these credentials has them. */
const sourcesOf = (
  credentials: Credentials = here.world.aws.credentials,
  { acting = true, arn = stage.stateMachineArn }: { acting?: boolean; arn?: string } = {},
): { runs: RunSource; rollouts: RunSource } => {
  const runtime = runtimeOf(credentials)
  const about = { name: 'local', label: 'local', region: 'us-west-2', arn, others: async () => [] }
  const remote = {
    ...about,
    executions: executions(runtime, arn),
    rollouts: executions(runtime, stage.rolloutMachineArn),
  }
  return { runs: stageSource(runtime, remote, acting), rollouts: stageRollouts(runtime, remote, acting) }
}

const policy = (...actions: string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
})

let users = 0
/** Credentials of somebody who may do so much. */
const whoMay = (...actions: string[]): Credentials =>
  here.world.aws.state.principals.addUser(`reader-${++users}`, { may: policy(...actions) }).credentials

describe('a rollout of a stage', () => {
  it('waits between its waves, is approved after the question that it asks, and names its bindings by wave, cluster and run', async () => {
    const { runs, rollouts } = sourcesOf()
    const started = executions(runtimeOf(here.world.aws.credentials), stage.rolloutMachineArn)
    await started.start(rollout, { bindings: 'all' })
    const waiting = async () => (await rollouts.read(rollout))?.actions
    await expect.poll(waiting, { interval: 200 }).toEqual(['approve', 'decline'])

    const asked = await rollouts.read(rollout)
    expect(asked?.bindings).toEqual({
      fault: null,
      items: [
        expect.objectContaining({ wave: 1, name: 'etl', binding: 'shop/etl', result: 'skipped' }),
        expect.objectContaining({ wave: 2, name: 'search', cluster: 'shop-green', result: null }),
      ],
    })
    expect(await rollouts.question(rollout, 'approve')).toEqual([
      'begin wave 2 of 2: 1 binding on 1 cluster',
      'wave 1 of 2: 1 binding on 1 cluster: 1 skipped (in force already)',
    ])
    expect((await sourcesOf(undefined, { acting: false }).rollouts.read(rollout))?.actions).toEqual([])

    expect((await rollouts.act(rollout, 'approve')).done).toMatch(
      /^approved as arn:aws:iam::123456789012:user/,
    )
    const ended = async () => (await rollouts.read(rollout))?.events.at(-1)?.type
    await expect.poll(ended, { interval: 200 }).toBe('run.succeeded')
    const read = await rollouts.read(rollout)
    expect([read?.actions, read?.changedWaves]).toEqual([['again'], []])
    expect(read?.bindings?.items[1]).toMatchObject({ run: `${rollout}-w2-1`, result: 'failed' })
    await expect(rollouts.question(rollout, 'approve')).rejects.toThrow('does not wait for an approval')

    const [listed] = await rollouts.list(10)
    expect(listed).toMatchObject({
      kind: 'rollout',
      run: rollout,
      status: 'SUCCEEDED',
      way: 'the command line',
      prefix: `${rollout}-`,
      endedAt: read?.events.at(-1)?.at,
    })
    expect(await runs.list(10)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          run: `${rollout}-w1-1`,
          way: 'a rollout',
          binding: 'shop/etl',
          cluster: 'data',
          endedAt: expect.stringMatching(/Z$/),
        }),
      ]),
    )
  })

  it('leaves out the bindings that may not be read, says so, and has those of its report', async () => {
    const { rollouts } = sourcesOf(whoMay('states:*'))
    const { bindings } = (await rollouts.read(rollout)) ?? {}
    expect(bindings?.fault).toMatch(/s3:GetObject.*; these are the bindings of its report/)
    expect(bindings?.items).toMatchObject([
      { name: 'etl', wave: 1 },
      { name: 'search', result: 'failed' },
    ])
  })

  it('is undone by another rollout, whole or one wave alone', async () => {
    const { rollouts } = sourcesOf()
    expect(await rollouts.question(rollout, 'undo')).toContain(
      `what ${rollout} changed is put back, the last wave first`,
    )
    const { run = '' } = await rollouts.act(rollout, 'undo')
    const waves = async () => (await rollouts.read(run))?.events.at(-1)
    await expect
      .poll(waves, { interval: 200 })
      .toMatchObject({ report: { summary: 'no bindings: nothing to do' } })
    const { run: ofOne = '', done } = await rollouts.act(rollout, 'undo', 2)
    expect([done, (await rollouts.raw(ofOne)).input]).toEqual([
      `wave 2 of ${rollout} is being undone`,
      { mode: 'undo', undo: { rollout, waves: [2] } },
    ])
  })
})

describe('the log of a run', () => {
  const run = `${rollout}-w1-1`

  it('is of its own handlers alone, and has no line of another run', async () => {
    const { runs, rollouts } = sourcesOf()
    const [own, ofRollout] = [await runs.log(run), await rollouts.log(rollout)]
    const linesOf = ({ lines }: { lines: readonly string[] }) =>
      lines.map((line) => JSON.parse(line) as { message: string; run: string })
    expect(new Set(linesOf(own).map((line) => line.run))).toEqual(new Set([run]))
    expect(linesOf(own).map(({ message }) => message)).toEqual(
      expect.arrayContaining(['ResolveRequest', 'VerifyRole', 'Report']),
    )
    expect(new Set(linesOf(ofRollout).map((line) => line.run))).toEqual(new Set([rollout]))
    expect(own.note).toMatch(/^from CloudWatch Logs, by the run’s name in \d+ log groups$/)
  })

  it('cannot be had without permission, which it says in place of lines', async () => {
    const { lines, note } = await sourcesOf(whoMay('states:*')).runs.log(run)
    expect(lines).toEqual([])
    expect(note).toMatch(/^the log cannot be had: .*logs:FilterLogEvents/)
  })
})

describe('runs of a stage', () => {
  const faults: [why: string, credentials: () => Credentials, said: RegExp][] = [
    [
      'nobody may list its executions',
      () => whoMay('sts:*'),
      /not authorized to perform: states:ListExecutions/,
    ],
    [
      'its credentials have expired',
      () => ({ ...whoMay('states:*'), sessionToken: 'expired' }),
      /credentials|token/i,
    ],
  ]
  it.each(faults)(
    'are not listed where %s, and the words of AWS say why',
    async (_why, credentials, said) => {
      await expect(sourcesOf(credentials()).runs.list(10)).rejects.toThrow(said)
    },
  )

  it('are listed without who asked for them, where the stage’s records may not be read', async () => {
    const { runs } = sourcesOf(whoMay('states:*'))
    expect((await runs.list(10)).every(({ by }) => by === null)).toBe(true)
  })

  it('do not have an execution of another state machine, by whatever name', async () => {
    const { runs } = sourcesOf()
    expect(await runs.read(rollout)).toBeUndefined()
    expect(await runs.read('arn:aws:states:us-west-2:123456789012:execution:other:x')).toBeUndefined()
  })

  it('have every event of a history of more than a thousand, page by page', async () => {
    const { aws } = here.world
    const items = Array.from({ length: 520 }, (_, index) => index)
    const { arn } = aws.stateMachines.add({
      name: 'long-enable',
      definition: JSON.stringify({
        QueryLanguage: 'JSONata',
        StartAt: 'Each',
        States: {
          Each: {
            Type: 'Map',
            ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
            End: true,
          },
        },
      }),
      task: async () => null,
    })
    const { runs } = sourcesOf(undefined, { arn })
    await executions(runtimeOf(aws.credentials), arn).start('long', items)
    for (const begun of aws.stateMachines.executionsOf(arn)) await aws.stateMachines.closed(begun.arn)
    expect((await runs.read('long'))?.events.at(-1)?.type).toBe('run.succeeded')
    const asked = () => aws.calls.calls.filter(({ operation }) => operation === 'GetExecutionHistory').length
    const before = asked()
    const { history } = await runs.raw('long')
    expect(history?.length).toBeGreaterThan(2000)
    expect(history).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: history?.length, type: 'ExecutionSucceeded' })]),
    )
    expect(asked() - before).toBe(Math.ceil((history?.length ?? 0) / 1000))
  })
})
