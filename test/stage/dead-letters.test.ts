import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDeadLetter } from '../../core/triggers/dead-letter.ts'
import type { AwsStandIn } from '../../local/aws/index.ts'
import type { FunctionStandIn } from '../../local/aws/lambda/functions.ts'
import type { MessageAttribute } from '../../local/aws/sqs/queues.ts'
import { allow } from '../local/aws/support.ts'
import { needing, packagedPodid, plainEnv } from '../support/command-line.ts'
import { podidHere } from '../support/commands/here.ts'
import { typedInto } from '../support/commands/terminal.ts'
import { startTestAws } from '../support/servers/small-pages.ts'
import { sendHook, stageConfig, startTestStage, type TestStage } from '../support/stage.ts'

const terminal = needing('python3')

interface Letter {
  body: string
  attributes: Record<string, MessageAttribute>
}

const place = { stage: 'local', account: '123456789012', region: 'us-west-2', partition: 'aws' }
const arnOf = (name: string) => `arn:aws:lambda:us-west-2:123456789012:function:podid-local-${name}`
const names = ['start', 'notify', 'sweep', 'follow-run']

/** One for each kind of event that a stage's functions take, and which function that is. */
const eventsOf = (run: string) => {
  const cluster = 'arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop'
  const execution = {
    name: run,
    executionArn: `arn:aws:states:us-west-2:123456789012:execution:podid-local-enable:${run}`,
    stateMachineArn: 'arn:aws:states:us-west-2:123456789012:stateMachine:podid-local-enable',
  }
  const states = { source: 'aws.states', detailType: 'Step Functions Execution Status Change' }
  const created = { eventSource: 'eks.amazonaws.com', eventName: 'CreateCluster' }
  return [
    [
      'start',
      {
        source: 'aws.eks',
        detailType: 'AWS API Call via CloudTrail',
        detail: { ...created, responseElements: { cluster: { name: 'eks-workshop', arn: cluster } } },
      },
    ],
    [
      'start',
      {
        source: 'aws.eks',
        detailType: 'EKS Addon Creation Succeeded',
        resources: ['arn:aws:eks:us-west-2:123456789012:addon/eks-workshop/eks-pod-identity-agent/1'],
        detail: {},
      },
    ],
    ['follow-run', { ...states, detail: { ...execution, status: 'RUNNING' } }],
    ['follow-run', { source: 'podid', detailType: 'Run Still Under Way', detail: { run } }],
    ['notify', { ...states, detail: { ...execution, status: 'SUCCEEDED' } }],
    [
      'notify',
      {
        source: 'podid',
        detailType: 'Run Finished',
        detail: { run, arn: execution.executionArn, status: 'SUCCEEDED', summary: 'done', report: null },
      },
    ],
  ] as const
}

/** Has every event of a stage fail in the way that `broken` fails, and answers what then is in the queue. */
const lose = async (stage: TestStage, run: string, broken: 'absent' | 'failing'): Promise<Letter[]> => {
  const { functions, bus, queues } = stage.aws
  const queue = queues.find('podid-local-dead-letters')
  if (!queue) throw new Error('the stage has no dead-letter queue')
  const whole = names.map((name) => functions.find(`podid-local-${name}`) as FunctionStandIn)
  for (const { name, onFailure } of whole) {
    functions.delete(name)
    if (broken === 'failing')
      functions.add(
        name,
        () => {
          throw new TypeError(`no such thing: password=hunter2secret`)
        },
        { onFailure: onFailure ?? '' },
      )
  }
  for (const [, event] of eventsOf(run)) bus.publish(event)
  bus.fire('podid-Sweep')
  // As long as three attempts take.
  await stage.clock.sleep(200_000)
  for (const { name, run: work, onFailure } of whole)
    functions.add(name, work, { onFailure: onFailure ?? '' })
  const letters = queue.messages().map(({ body, attributes }) => ({ body, attributes }))
  queue.purge()
  return letters
}

const read = ({ body, attributes }: Letter) =>
  readDeadLetter(
    {
      id: 'm-1',
      sentAt: '2026-11-26T10:00:00.000Z',
      body,
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
      ),
    },
    place,
  )

describe('what a stage loses', () => {
  let stage: TestStage & AsyncDisposable
  let run: string
  let failed: Letter[]
  let letters: Letter[]
  beforeAll(async () => {
    // Without a workload a run asks for a third of it.
    stage = await startTestStage((world) => {
      const { bindings, ...config } = stageConfig(world)
      const { workload: _none, ...carts } = bindings.carts
      return { ...config, bindings: { carts } }
    })
    const { body } = await sendHook(stage, 'run.start', { binding: 'carts' }, 'msg_1')
    run = String(body.run)
    await stage.ended()
    // Until whoever follows the run has done so: those events are no lost ones.
    await stage.clock.sleep(60_000)
    const undelivered = await lose(stage, run, 'absent')
    failed = await lose(stage, run, 'failing')
    letters = [...undelivered, ...failed]
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('ends in its queue, in the forms that EventBridge and Lambda have, and is known again', () => {
    const wanted = [...eventsOf(run).map(([name]) => name), 'sweep'].sort()
    const found = letters.map(read)
    for (const kind of ['event', 'failure'] as const)
      expect(found.flatMap((letter) => (letter.kind === kind ? [letter.to.name] : [])).sort()).toEqual(wanted)
    expect(found.map(({ why }) => why)).toEqual(
      expect.arrayContaining([
        'the rule podid-RunStarted could not deliver it: NO_RESOURCE: Function not found: arn:aws:lambda:us-west-2:123456789012:function:podid-local-follow-run',
        'notify failed, tried 3 times: TypeError: no such thing: password=(hidden)',
      ]),
    )
    expect(found.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'AWS API Call via CloudTrail: eks-workshop',
        'EKS Addon Creation Succeeded: eks-workshop',
        `Run Finished: ${run}`,
        'Scheduled Event: podid-Sweep',
      ]),
    )
  })

  it('is done by the functions it goes back to; twice starts no second run', async () => {
    const invoke = async (letter: Letter) => {
      const known = read(letter)
      if (known.kind === 'unknown') throw new Error(known.why)
      return stage.aws.functions.invoke(
        stage.aws.functions.find(known.to.arn) as FunctionStandIn,
        known.payload,
      )
    }
    const starting = failed.filter((letter) => {
      const known = read(letter)
      return known.kind !== 'unknown' && known.to.name === 'start'
    })
    expect(starting).toHaveLength(2)
    for (const letter of [...failed, ...starting]) expect(await invoke(letter)).not.toHaveProperty('error')
    expect(stage.executions().map(({ name }) => name.split('-')[0])).toEqual(['webhook', 'cluster', 'agent'])
  })

  describe('podid redrive', () => {
    let aws: AwsStandIn
    let sqs: SQSClient
    let taken: [name: string, payload: unknown][]
    const queueUrl = () => `${aws.url}/123456789012/podid-local-dead-letters`
    const env = ({ accessKeyId, secretAccessKey } = aws.credentials): NodeJS.ProcessEnv => ({
      ...plainEnv(),
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    })
    const redrive = (args: string[], credentials = aws.credentials) =>
      podidHere(['redrive', ...args], env(credentials))
    const local = ['--stage', 'local']
    const put = ({ body, attributes }: Letter) =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl(),
          MessageBody: body,
          MessageAttributes: attributes as never,
        }),
      )
    const left = () => aws.queues.find('podid-local-dead-letters')?.messages() ?? []
    beforeAll(async () => {
      // The stage has done its part, and its time would go on wherever a command waits.
      stage.clock.busy()
      aws = await startTestAws()
      sqs = new SQSClient({ endpoint: aws.url, region: aws.region, credentials: aws.credentials })
      aws.queues.add('podid-local-dead-letters')
      taken = []
      for (const name of names)
        aws.addFunction(`podid-local-${name}`, (payload) => {
          taken.push([name, payload])
          return name === 'start' ? { runs: [{ run: 'cluster-1' }] } : undefined
        })
    })
    afterAll(() => aws.close())

    /** What podid never put there. */
    const strangers: [why: string, letter: Letter, said: string][] = [
      ['no JSON', { body: 'hello \u0085\u202e', attributes: {} }, 'its body is not a JSON object'],
      [
        'another function',
        {
          body: JSON.stringify({
            requestContext: {
              functionArn: 'arn:aws:lambda:us-west-2:123456789012:function:shop',
              condition: 'x',
            },
            requestPayload: {},
          }),
          attributes: {},
        },
        'it is about the function arn:aws:lambda:us-west-2:123456789012:function:shop',
      ],
      [
        'a step of the workflow',
        { body: '{}', attributes: { TARGET_ARN: { DataType: 'String', StringValue: arnOf('undo') } } },
        "which is none of this stage's functions that take events",
      ],
      [
        'another account',
        {
          body: '{}',
          attributes: {
            TARGET_ARN: {
              DataType: 'String',
              StringValue: arnOf('start').replace('123456789012', '999999999999'),
            },
          },
        },
        'its target is arn:aws:lambda:us-west-2:999999999999',
      ],
      [
        "a function's own dead-letter queue",
        {
          body: '{"source":"aws.eks","detail-type":"x \\u001b[31m","detail":{"token":"abc"}}',
          attributes: {
            ErrorMessage: { DataType: 'String', StringValue: 'x' },
            RequestID: { DataType: 'String', StringValue: '1' },
          },
        },
        'it names no function that it is for',
      ],
    ]

    it('shows what is there, why, and where it would go; nothing is sent', async () => {
      const [none, elsewhere] = await Promise.all([redrive(local), redrive(['--stage', 'moon'])])
      expect(none).toMatchObject({ code: 0, stdout: 'no messages in podid-local-dead-letters\n' })
      expect(elsewhere).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(
          'there is no queue podid-moon-dead-letters in us-west-2: is the stage deployed there?',
        ),
      })
      for (const letter of letters) await put(letter)
      for (const [, letter] of strangers) await put(letter)
      const { code, stdout, stderr } = await redrive(local)
      expect([code, stderr]).toEqual([3, ''])
      expect(stdout).toMatch(/^19 messages in podid-local-dead-letters\n/)
      expect(stdout).toContain('what     EKS Addon Creation Succeeded: eks-workshop\n')
      expect(stdout).toContain('goes to  start, whose answer is waited for\n')
      for (const [, , said] of strangers) expect(stdout).toContain(said)
      expect(stdout).not.toMatch(/[^\P{Cc}\n]|\u202e|hunter2/u)
      expect(stdout).toMatch(/to send them: podid redrive --stage local --region us-west-2 --yes\n$/)
      expect([taken, left().map(({ visibleAt }) => visibleAt <= Date.now())]).toEqual([
        [],
        left().map(() => true),
      ])
    })

    it('sends each to its function with the very event, deletes what was taken, and leaves what it does not know', async () => {
      const [first] = left()
      const one = await redrive([...local, first?.id ?? '', '--yes'])
      expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('; deleted\n') })
      expect(left()).toHaveLength(18)
      const { code, stdout } = await redrive([...local, '--yes', '--json'])
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(code).toBe(1)
      expect(lines.filter(({ outcome }) => outcome === 'sent')).toHaveLength(13)
      expect(lines.filter(({ kind }) => kind === 'unknown').map(({ outcome, to }) => [outcome, to])).toEqual(
        strangers.map(() => ['left', null]),
      )
      expect(left()).toHaveLength(strangers.length)
      const payloadOf = (letter: Letter) => {
        const known = read(letter)
        return known.kind === 'unknown' ? [] : [[known.to.name, known.payload]]
      }
      expect(taken).toHaveLength(14)
      expect(taken).toEqual(expect.arrayContaining(letters.flatMap(payloadOf)))
    })

    it('keeps what a function fails at again, and what it may not send, and says why', async () => {
      aws.queues.find('podid-local-dead-letters')?.purge()
      await put(letters.find((one) => read(one).kind === 'event') as Letter)
      aws.addFunction('podid-local-start', () => {
        throw new Error('still broken: token=abcdefgh1234')
      })
      expect(await redrive([...local, '--yes'])).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(
          'not deleted: start failed again: Error: still broken: token=(hidden)\n',
        ),
      })
      const { credentials } = aws.state.principals.addUser('reader', { sqs: allow('sqs:*') })
      expect(await redrive([...local, '--yes'], credentials)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('not deleted: calling podid-local-start: AccessDeniedException'),
      })
      expect(left()).toMatchObject([{ received: 2 }])
    })

    it('says which message stays hidden where it may not show it again', async () => {
      const { credentials } = aws.state.principals.addUser('looker', {
        sqs: allow(['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:GetQueueAttributes']),
      })
      const [letter] = left()
      expect(await redrive(local, credentials)).toMatchObject({
        code: 3,
        stdout: expect.stringContaining('1 message in podid-local-dead-letters\n'),
        stderr: expect.stringMatching(
          `^podid: the message ${letter?.id} stays hidden from everybody for up to 5 minutes: keeping the message ${letter?.id}: AccessDenied.*sqs:ChangeMessageVisibility`,
        ),
      })
    })

    /** Three events for `notify`, which it takes. */
    const three = async () => {
      aws.queues.find('podid-local-dead-letters')?.purge()
      const [letter] = letters.filter((one) => {
        const known = read(one)
        return known.kind === 'event' && known.to.name === 'notify'
      })
      for (let count = 0; count < 3; count++) await put(letter as Letter)
      taken = []
    }

    it.skipIf(terminal.skipped)(
      `asks about each at a terminal, sends what somebody agrees to, and Ctrl-C ends it${terminal.note}`,
      async () => {
        await three()
        const [first, second, third] = left().map(({ id }) => id)
        const typed = { keys: ['n\r', 'y\r', '\x03'] }
        const program = [process.execPath, await packagedPodid(), 'redrive', ...local]
        const { code, said } = await typedInto(program, env(), typed)
        const lines = said.replaceAll('\r', '')
        expect(lines).toContain(`Send ${first} to notify? [y/N] n\n${first}: left in the queue\n`)
        expect(lines).toContain(`${second}: sent to notify; deleted\n`)
        expect(lines).toContain(`${third}: left in the queue, as all that come after it\n`)
        expect([code, taken.length]).toEqual([130, 1])
        expect(left().map(({ id, visibleAt }) => [id, visibleAt <= Date.now()])).toEqual([
          [first, true],
          [third, true],
        ])
      },
    )

    it('ended between sending and deleting sends a message again, to a function that knows the event', async () => {
      await three()
      const [, , ...others] = left()
      for (const one of others) aws.queues.find('podid-local-dead-letters')?.delete(one)
      // From then on nothing that it asks for arrives, as where it is killed.
      const cut = { action: { kind: 'cut' }, times: Number.POSITIVE_INFINITY } as const
      let revive = () => {}
      const stop = aws.calls.onCall(({ operation }) => {
        if (operation !== 'Invoke') return
        stop()
        revive = aws.calls.inject({ ...cut, skip: 1 })
      })
      expect(await redrive([...local, '--yes'])).toMatchObject({ code: 1 })
      revive()
      expect(taken).toHaveLength(1)
      // Both are hidden from the next one, which says so.
      expect(await redrive([...local, '--yes'])).toMatchObject({
        code: 0,
        stdout:
          'no messages in podid-local-dead-letters; about 2 more are being read just now, or were in the last five minutes\n',
      })
      for (const one of left()) aws.queues.find('podid-local-dead-letters')?.hide(one, 0)
      expect(await redrive([...local, '--yes'])).toMatchObject({ code: 0 })
      expect([taken.length, left()]).toEqual([3, []])
    })
  })
})
