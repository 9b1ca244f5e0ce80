import { EKSClient, ListClustersCommand } from '@aws-sdk/client-eks'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clientOptions } from '../../adapters/aws-client.ts'
import { restateAwsError } from '../../adapters/aws-errors.ts'
import { clusters } from '../../adapters/eks/clusters.ts'
import { eks } from '../../adapters/eks/eks.ts'
import { eventBus } from '../../adapters/events.ts'
import { iam } from '../../adapters/iam/iam.ts'
import { topic } from '../../adapters/notifications.ts'
import { records } from '../../adapters/records/records.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { executions } from '../../adapters/step-functions.ts'
import { errorNames } from '../../core/errors.ts'
import { quietRuntime } from '../support/servers/quiet-runtime.ts'
import { type Scripted, scriptedServer } from '../support/servers/scripted-server.ts'

const region = 'us-west-2'
const key = { cluster: 'c', namespace: 'n', serviceAccount: 's' }
const wanted = { ...key, region, role: 'arn:aws:iam::123456789012:role/r', sessionTags: true, replace: false }
const former = {
  id: 'a-1',
  roleArn: wanted.role,
  targetRoleArn: null,
  disableSessionTags: false,
  policy: null,
}
const arn = (service: string, name: string) => `arn:aws:${service}:${region}:123456789012:${name}`

/** Every call of the adapters of AWS, and what its error must name. */
const calls: [what: string, call: (runtime: Runtime) => Promise<unknown>, subject: RegExp][] = [
  ['DescribeCluster', (runtime) => eks(runtime, region).describeCluster('c'), /cluster c/],
  ['DescribeAddon', (runtime) => eks(runtime, region).describeAgentAddon('c'), /add-on .* of c/],
  ['CreateAddon', (runtime) => eks(runtime, region).createAgentAddon('c', 'run'), /add-on .* on c/],
  ['ListPodIdentityAssociations', (runtime) => eks(runtime, region).findAssociation(key), /n\/s/],
  [
    'CreatePodIdentityAssociation',
    (runtime) => eks(runtime, region).createAssociation({ ...wanted, targetRole: undefined }, 'run'),
    /n\/s/,
  ],
  [
    'UpdatePodIdentityAssociation',
    (runtime) => eks(runtime, region).repointAssociation('c', former, 'run'),
    /a-1/,
  ],
  ['DeletePodIdentityAssociation', (runtime) => eks(runtime, region).deleteAssociation('c', 'a-1'), /a-1/],
  [
    'CreateAccessEntry',
    (runtime) =>
      eks(runtime, region).createAccessEntry(
        'c',
        { principalArn: wanted.role, kubernetesGroups: [] },
        'run-1',
      ),
    /access entry/,
  ],
  ['ListClusters', (runtime) => clusters(runtime, region).list(), /clusters of us-west-2/],
  ['DescribeCluster of the triggers', (runtime) => clusters(runtime, region).identify('c'), /cluster c/],
  ['DescribeCluster of the sweep', (runtime) => clusters(runtime, region).describe('c'), /cluster c/],
  ['GetRole and its like', (runtime) => iam(runtime, region).readRole(wanted.role), /role r/],
  [
    'GetItem',
    (runtime) => records(runtime, { tableArn: arn('dynamodb', 'table/t'), kind: 'k' }).get('i'),
    /k\/i/,
  ],
  [
    'PutItem',
    (runtime) => records(runtime, { tableArn: arn('dynamodb', 'table/t'), kind: 'k' }).create('i', 1, 1),
    /k\/i/,
  ],
  [
    'StartExecution',
    (runtime) => executions(runtime, arn('states', 'stateMachine:m')).start('run', {}),
    /run run/,
  ],
  [
    'DescribeExecution',
    (runtime) => executions(runtime, arn('states', 'stateMachine:m')).find('run'),
    /run run/,
  ],
  [
    'ListExecutions',
    (runtime) => executions(runtime, arn('states', 'stateMachine:m')).list(5),
    /listing the runs/,
  ],
  [
    'GetExecutionHistory',
    (runtime) => executions(runtime, arn('states', 'stateMachine:m')).history('run'),
    /history of run/,
  ],
  [
    'SendTaskSuccess',
    (runtime) => executions(runtime, arn('states', 'stateMachine:m')).succeed('token', {}),
    /waiting task/,
  ],
  [
    'PutEvents',
    (runtime) =>
      eventBus(runtime, arn('events', 'event-bus/b')).put({
        type: 'Drift Found',
        resources: [],
        detail: {},
      } as never),
    /event-bus\/b/,
  ],
  ['Publish', (runtime) => topic(runtime, arn('sns', 't')).publish({} as never), /:t/],
]

/** Their answers are empty where all is well. */
const empty = ['GetItem', 'PutItem', 'SendTaskSuccess']

const html = '<html><title>Sign in</title></html>'
const id = { 'x-amzn-requestid': '0' }
const answers: [what: string, answer: Scripted, name: string, says: RegExp][] = [
  ['an empty body', { status: 200 }, 'Transient', /empty body/],
  [
    'a page',
    { status: 200, headers: { 'content-type': 'text/html' }, body: html },
    'Transient',
    /Sign in.*proxy/,
  ],
  ['a page that is not found', { status: 404, body: html }, 'Transient', /proxy/],
  ['a page that forbids', { status: 403, body: html }, 'Transient', /proxy/],
  ['nothing, under the name of AWS', { status: 404, headers: id }, 'InvalidRequest', /./],
  ['an empty body, under the name of AWS', { status: 200, headers: id }, 'Transient', /./],
  ['a page, under the name of AWS', { status: 200, headers: id, body: html }, 'Transient', /./],
]

let server: Awaited<ReturnType<typeof scriptedServer>>
const script: Scripted[] = [{}]
beforeEach(async () => {
  server = await scriptedServer(script)
})
afterEach(() => server.close())

const runtime = () => quietRuntime(server.url)

describe.each(answers)('answered with %s', (what, answer, name, says) => {
  it.each(calls)(
    '%s fails by a name, and is not taken for "there is none"',
    async (operation, call, subject) => {
      if (what.startsWith('an empty body, under') && empty.includes(operation)) return
      script[0] = answer
      const failure = await call(runtime()).then(
        (value) => expect.fail(`it came back with ${JSON.stringify(value)}`),
        (error: Error) => error,
      )
      expect(errorNames, failure.message).toContain(failure.name)
      expect(failure.message).toMatch(subject)
      expect(failure.message).not.toMatch(/undefined|hidden field/)
      if (what.includes('name of AWS')) return
      expect(failure.name, operation).toBe(name)
      expect(failure.message).toMatch(says)
    },
  )
})

it('gives up on a service that does not answer, after every attempt', async () => {
  script[0] = { silent: true }
  const sdk = new EKSClient(clientOptions(runtime(), region, 40))
  const failure = await sdk.send(new ListClustersCommand({})).catch((error: unknown) => error)
  expect(restateAwsError(failure, 'listing the clusters')).toMatchObject({
    name: 'Transient',
    message: expect.stringMatching(/^listing the clusters: TimeoutError: .*40 ms/),
  })
  // What the SDK counts: on a busy machine an attempt may be over before the server has read a word of it.
  expect(failure).toMatchObject({ $metadata: { attempts: 3 } })
})

it('does not take a 404 of the list of associations for an empty list', async () => {
  const body = JSON.stringify({ message: 'No cluster found for name: c.' })
  script[0] = { status: 404, headers: { ...id, 'x-amzn-errortype': 'ResourceNotFoundException' }, body }
  await expect(eks(runtime(), region).findAssociation(key)).rejects.toMatchObject({
    name: 'PreflightFailed',
    message: expect.stringMatching(/no cluster c in us-west-2/),
  })
})

describe('a look at a whole fleet', () => {
  const strategyOf = (patient: boolean) => {
    const options = clientOptions({ aws: { credentials: async () => never() }, patient }, 'us-west-2')
    return 'retryStrategy' in options ? options.retryStrategy : undefined
  }
  const never = () => {
    throw new Error('not asked for')
  }

  it('is the only one that is patient', () => {
    expect([strategyOf(false), strategyOf(true)]).toEqual([undefined, expect.anything()])
  })

  it.each([
    ['THROTTLING', 10, 'goes on'],
    ['THROTTLING', 11, 'gives up'],
    ['TRANSIENT', 1, 'goes on'],
    ['TRANSIENT', 2, 'gives up'],
  ] as const)('after what is %s and attempt %i it %s', async (errorType, count, outcome) => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 25) })
    try {
      // The SDK's rate limiter waits for fractions of a millisecond: Node makes one of them, and clocks of tests none, for ever.
      const { setTimeout: faked } = globalThis
      const atLeastOne = (run: () => void, ms = 0) => faked(run, Math.max(ms, 1))
      globalThis.setTimeout = atLeastOne as typeof setTimeout
      const token = { getRetryCount: () => count, getRetryDelay: () => 0, getRetryCost: () => undefined }
      const asked = strategyOf(true)
        ?.refreshRetryTokenForRetry(token as never, { error: new Error('no') as never, errorType })
        .then(
          () => 'goes on',
          () => 'gives up',
        )
      await vi.runAllTimersAsync()
      expect(await asked).toBe(outcome)
    } finally {
      vi.useRealTimers()
    }
  })
})
