import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { linesWith } from '../../../adapters/deployed/logs.ts'
import { stateMachineNames } from '../../../adapters/deployed/state-machines.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import { answered, deniedByAws, refused, scriptedAws } from '../../support/servers/scripted-aws.ts'

const region = 'us-west-2'
let aws: Awaited<ReturnType<typeof scriptedAws>>
beforeAll(async () => {
  aws = await scriptedAws()
})
beforeEach(() => aws.answers(answered({})))
afterAll(() => aws.close())

const read = (most = 2, runtime: Runtime = aws.runtime) =>
  linesWith(runtime, { region, group: '/aws/lambda/f' }, 'run-1', { from: 1, to: 9, most })
const events = (...messages: string[]) => messages.map((message, at) => ({ timestamp: at, message }))
const line = (text: string, at: number) => ({ at, text })

it('asks for the lines with the text, between the times', async () => {
  await read()
  expect(aws.asked()).toEqual([
    [
      'FilterLogEvents',
      { logGroupName: '/aws/lambda/f', filterPattern: '"run-1"', startTime: 1, endTime: 9 },
    ],
  ])
})

it.each([
  ['a page that does not say what is on it has nothing', [answered({})], [], 1],
  ['what a line lacks is empty', [answered({ events: [{}] })], [line('', 0)], 1],
  [
    'a page may be empty and not be the last one',
    [answered({ events: [], nextToken: 'more' }), answered({ events: events('a') })],
    [line('a', 0)],
    2,
  ],
  [
    'no more is asked for than was wanted',
    [answered({ events: events('a', 'b'), nextToken: 'more' }), deniedByAws],
    [line('a', 0), line('b', 1)],
    1,
  ],
  [
    'no more is told than was wanted',
    [answered({ events: events('a', 'b', 'c') }), deniedByAws],
    [line('a', 0), line('b', 1)],
    1,
  ],
  ['the last page is the last', [answered({ events: events('a') }), deniedByAws], [line('a', 0)], 1],
  ['a function that never ran has no log', [refused('ResourceNotFoundException')], [], 1],
])('reads the lines of a log: %s', async (_why, script, lines, times) => {
  aws.answers(...script)
  expect(await read()).toEqual(lines)
  expect(aws.received).toHaveLength(times)
})

it('goes on from where the page before ended', async () => {
  aws.answers(answered({ nextToken: 'more' }), answered({}))
  await read()
  expect(aws.asked()[1]).toMatchObject(['FilterLogEvents', { nextToken: 'more' }])
})

it('says which log may not be read', async () => {
  aws.answers(deniedByAws)
  await expect(read()).rejects.toMatchObject({
    name: 'AccessDenied',
    message: 'reading the log /aws/lambda/f: AccessDeniedException: not authorized',
  })
})

it('reads no log for somebody who has gone', async () => {
  await expect(read(2, { ...aws.runtime, signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  })
  expect(aws.received).toEqual([])
})

it.each([
  ['denied', deniedByAws, 'AccessDenied', 'listing state machines: AccessDeniedException: not authorized'],
  [
    'without a list',
    answered({}),
    'Transient',
    'listing state machines: IncompleteAnswer: the answer holds no list of state machines',
  ],
  [
    'with a machine without a name',
    answered({ stateMachines: [{}] }),
    'Transient',
    'listing state machines: IncompleteAnswer: the answer holds no name of a state machine',
  ],
])('lists no state machines where the answer is %s', async (_what, answer, name, message) => {
  aws.answers(answer)
  await expect(stateMachineNames(aws.runtime, region)).rejects.toMatchObject({ name, message })
})
