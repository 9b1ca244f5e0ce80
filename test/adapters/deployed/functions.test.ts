import { afterAll, beforeAll, expect, it } from 'vitest'
import { deployedFunctions } from '../../../adapters/deployed/functions.ts'
import { answered, deniedByAws, refused, scriptedAws } from '../../support/servers/scripted-aws.ts'
import type { Scripted } from '../../support/servers/scripted-server.ts'

const region = 'us-west-2'
const arn = `arn:aws:lambda:${region}:123456789012:function:podid-test-sweep`
let aws: Awaited<ReturnType<typeof scriptedAws>>
beforeAll(async () => {
  aws = await scriptedAws()
})
afterAll(() => aws.close())

const functions = () => deployedFunctions(aws.runtime, region)
const text = (body: string, headers?: Record<string, string>): Scripted => ({
  ...answered({}, headers),
  body,
})
/** What Lambda answers where the function failed. */
const failed = (body: string) => text(body, { 'x-amz-function-error': 'Unhandled' })

it.each([
  ['call', 'RequestResponse', 'its answer is waited for'],
  ['handOver', 'Event', 'Lambda tries it three times'],
] as const)('%s sends the payload as %s: %s', async (way, type, _why) => {
  aws.answers(text(''))
  await functions()[way](arn, { run: 'run-1' })
  expect(aws.received).toMatchObject([
    {
      path: `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`,
      headers: { 'x-amz-invocation-type': type },
      body: '{"run":"run-1"}',
    },
  ])
})

it.each([
  ['a function’s answer is JSON', text('{"found":2}'), { answer: { found: 2 } }],
  ['a function that returns nothing answers null', text('null'), { answer: null }],
  ['what is no JSON is text', text('as it is'), { answer: 'as it is' }],
  ['an answer without a payload is null', text(''), { answer: null }],
  [
    'an error has a type and a message',
    failed('{"errorType":"Transient","errorMessage":"try again"}'),
    { error: 'Transient: try again' },
  ],
  [
    'an error may have no message',
    failed('{"errorType":"Transient","errorMessage":""}'),
    { error: 'Transient' },
  ],
  [
    'a function that ran out of time has a message alone',
    failed('{"errorMessage":"Task timed out after 3.00 seconds"}'),
    { error: 'Task timed out after 3.00 seconds' },
  ],
  ['an error that says nothing is what Lambda calls it', failed('{}'), { error: 'Unhandled' }],
  ['null says nothing', failed('null'), { error: 'Unhandled' }],
  ['what is no JSON says nothing', failed('out of memory'), { error: 'Unhandled' }],
])('tells what became of a payload: %s', async (_why, answer, invoked) => {
  aws.answers(answer)
  expect(await functions().call(arn, {})).toEqual(invoked)
})

it.each([
  ['who may not call it', deniedByAws, 'AccessDenied', 'AccessDeniedException: not authorized'],
  [
    'that it is not there',
    refused('ResourceNotFoundException', 404),
    'PreflightFailed',
    'ResourceNotFoundException: no',
  ],
  ['that it is busy', refused('TooManyRequestsException', 429), 'Transient', 'TooManyRequestsException: no'],
  ['that Lambda failed', refused('ServiceException', 500), 'Transient', 'ServiceException: no'],
])(
  'says which function was called, and %s; whether it is called again is the caller’s',
  async (_what, answer, name, said) => {
    aws.answers(answer)
    for (const way of ['call', 'handOver'] as const) {
      const message = `calling podid-test-sweep: ${said}`
      await expect(functions()[way](arn, {})).rejects.toMatchObject({ name, message })
    }
    expect(aws.received).toHaveLength(2)
  },
)
