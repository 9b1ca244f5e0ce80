import {
  CreateStateMachineAliasCommand,
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  PublishStateMachineVersionCommand,
  StartExecutionCommand,
  UpdateStateMachineAliasCommand,
} from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { clientsOf } from '../support.ts'

let aws: AwsStandIn
let states: ReturnType<typeof clientsOf>['states']
let machine: string
let count = 0

beforeAll(async () => {
  aws = await startAws()
  states = clientsOf(aws).states
})
afterAll(() => aws.close())

/** A state machine that answers the number of its revision. */
const revise = (name: string, revision: number) =>
  aws.stateMachines.add({
    name,
    definition: JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'Answer',
      States: { Answer: { Type: 'Pass', Output: revision, End: true } },
    }),
    task: async () => null,
  }).arn

const publish = async () =>
  (await states.send(new PublishStateMachineVersionCommand({ stateMachineArn: machine })))
    .stateMachineVersionArn ?? ''

const to = (stateMachineVersionArn: string) => [{ stateMachineVersionArn, weight: 100 }]

const point = (version: string) =>
  states.send(
    new UpdateStateMachineAliasCommand({
      stateMachineAliasArn: `${machine}:live`,
      routingConfiguration: to(version),
    }),
  )

const run = async (stateMachineArn: string) => {
  const { executionArn = '' } = await states.send(new StartExecutionCommand({ stateMachineArn }))
  await aws.stateMachines.closed(executionArn)
  return states.send(new DescribeExecutionCommand({ executionArn }))
}

beforeEach(async () => {
  machine = revise(`m${++count}`, 1)
  await states.send(
    new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration: to(await publish()) }),
  )
})

it('an alias starts the version that it leads to, whatever the latest revision is', async () => {
  const alias = `${machine}:live`
  revise(`m${count}`, 2)
  expect(await run(alias)).toMatchObject({
    output: '1',
    executionArn: expect.stringMatching(/:execution:m\d+:[\w-]+$/),
    stateMachineArn: machine,
    stateMachineVersionArn: `${machine}:1`,
    stateMachineAliasArn: alias,
  })
  await point(await publish())
  expect((await run(alias)).output).toBe('2')
  await point(`${machine}:1`)
  expect((await run(alias)).output).toBe('1')
  expect((await run(`${machine}:2`)).output).toBe('2')
  const unqualified = await run(machine)
  expect([unqualified.output, unqualified.stateMachineVersionArn]).toEqual(['2', undefined])
})

it('a revision has one version, and versions and aliases are listed', async () => {
  expect([await publish(), await publish()]).toEqual([`${machine}:1`, `${machine}:1`])
  revise(`m${count}`, 2)
  await publish()
  const { stateMachineVersions: versions } = await states.send(
    new ListStateMachineVersionsCommand({ stateMachineArn: machine }),
  )
  expect(versions?.map((one) => one.stateMachineVersionArn)).toEqual([`${machine}:2`, `${machine}:1`])
  const { stateMachineAliases: aliases } = await states.send(
    new ListStateMachineAliasesCommand({ stateMachineArn: machine }),
  )
  expect(aliases?.map((one) => one.stateMachineAliasArn)).toEqual([`${machine}:live`])
  const stateMachineAliasArn = `${machine}:live`
  expect(await states.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }))).toMatchObject({
    name: 'live',
    routingConfiguration: to(`${machine}:1`),
  })
  const described = await states.send(new DescribeStateMachineCommand({ stateMachineArn: `${machine}:1` }))
  expect(described.definition).toContain('"Output":1')
})

it('executions are listed by machine, version and alias', async () => {
  await run(`${machine}:live`)
  await run(`${machine}:1`)
  await run(machine)
  const listed = async (stateMachineArn: string) =>
    (await states.send(new ListExecutionsCommand({ stateMachineArn }))).executions?.length
  expect([await listed(machine), await listed(`${machine}:1`), await listed(`${machine}:live`)]).toEqual([
    3, 2, 1,
  ])
})

it.each<[why: string, ask: () => Promise<unknown>, error: string]>([
  ['an alias that is not there starts nothing', () => run(`${machine}:prod`), 'StateMachineDoesNotExist'],
  ['a version that is not there starts nothing', () => run(`${machine}:7`), 'StateMachineDoesNotExist'],
  ['an alias leads to a version that is there', () => point(`${machine}:7`), 'ResourceNotFound'],
  [
    'and of its own state machine',
    async () => {
      const other = machine
      machine = revise(`other${count}`, 1)
      const version = await publish()
      machine = other
      return point(version)
    },
    'ValidationException',
  ],
  [
    'a name of an alias is used once',
    async () => {
      revise(`m${count}`, 2)
      const version = await publish()
      return states.send(
        new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration: to(version) }),
      )
    },
    'ConflictException',
  ],
  [
    'and is no number',
    () =>
      states.send(
        new CreateStateMachineAliasCommand({ name: '1', routingConfiguration: to(`${machine}:1`) }),
      ),
    'ValidationException',
  ],
  [
    'weights sum up to 100',
    () =>
      states.send(
        new UpdateStateMachineAliasCommand({
          stateMachineAliasArn: `${machine}:live`,
          routingConfiguration: [{ stateMachineVersionArn: `${machine}:1`, weight: 50 }],
        }),
      ),
    'ValidationException',
  ],
])('%s', async (_why, ask, error) => {
  await expect(ask()).rejects.toMatchObject({ name: error })
})
