import { afterEach, expect, it } from 'vitest'
import { executions } from '../../adapters/step-functions.ts'
import { quietRuntime } from '../support/servers/quiet-runtime.ts'
import { type Scripted, scriptedServer } from '../support/servers/scripted-server.ts'

let close: () => Promise<unknown>
afterEach(() => close())

const serving = async (answer: Scripted) => {
  const server = await scriptedServer([answer])
  close = server.close
  const runtime = quietRuntime(server.url)
  const machine = executions(runtime, 'arn:aws:states:us-west-2:111122223333:stateMachine:podid')
  return { machine, received: server.received }
}

const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'r-1' }
const fault = (type: string): Scripted => ({
  status: 400,
  headers,
  body: JSON.stringify({ __type: type, message: 'it said so' }),
})

type Machine = ReturnType<typeof executions>
const ways: [what: string, answer: (machine: Machine) => Promise<boolean>, sent: object][] = [
  [
    'SendTaskSuccess',
    (machine) => machine.succeed('token', { approved: true }),
    { taskToken: 'token', output: '{"approved":true}' },
  ],
  [
    'SendTaskFailure',
    (machine) => machine.fail('token', 'Rejected', 'by U0ADA'),
    { taskToken: 'token', error: 'Rejected', cause: 'by U0ADA' },
  ],
]

it.each(ways)('answers a task that waits: %s', async (what, answer, sent) => {
  const { machine, received } = await serving({ headers, body: '{}' })
  expect(await answer(machine)).toBe(true)
  expect(received[0]?.headers['x-amz-target']).toBe(`AWSStepFunctions.${what}`)
  expect(JSON.parse(received[0]?.body ?? '')).toEqual(sent)
})

it.each(
  ways.flatMap(([what, answer]) =>
    ['TaskDoesNotExist', 'TaskTimedOut', 'InvalidToken'].map((gone) => [what, gone, answer] as const),
  ),
)('tells, and does not fail, where nothing waits any more: %s, %s', async (_what, gone, answer) => {
  const { machine } = await serving(fault(gone))
  expect(await answer(machine)).toBe(false)
})

it.each(ways)('fails where it is not known whether the task was answered: %s', async (_what, answer) => {
  const { machine } = await serving(fault('AccessDeniedException'))
  await expect(answer(machine)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringMatching(/^answering a waiting task.*: AccessDeniedException: it said so$/),
  })
})
