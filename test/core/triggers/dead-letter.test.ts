import { expect, it } from 'vitest'
import { type DeadLetterMessage, readDeadLetter } from '../../../core/triggers/dead-letter.ts'
import { undoneBy } from '../../../core/triggers/undone.ts'

const place = { stage: 'dev', account: '123456789012', region: 'us-west-2', partition: 'aws' }
const arnOf = (name: string) => `arn:aws:lambda:us-west-2:123456789012:function:${name}`
const event = (change: object = {}) => ({
  source: 'podid',
  'detail-type': 'Run Finished',
  time: '2026-11-23T06:00:00Z',
  account: '123456789012',
  region: 'us-west-2',
  resources: [],
  detail: { run: 'run-1' },
  ...change,
})
const failed = (
  functionArn: string,
  change: { condition?: string; count?: number; said?: unknown } = {},
) => ({
  requestContext: {
    functionArn,
    condition: change.condition ?? 'RetriesExhausted',
    ...(change.count !== undefined && { approximateInvokeCount: change.count }),
  },
  requestPayload: event(),
  ...('said' in change ? { responsePayload: change.said } : {}),
})
const read = (body: unknown, attributes: Record<string, string> = {}): DeadLetterMessage =>
  readDeadLetter(
    {
      id: 'm-1',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes,
      sentAt: '2026-11-23T07:00:00Z',
    },
    place,
  )

const none = "none of this stage's functions that take events"
const formless =
  'it has neither the attributes of a rule of EventBridge (TARGET_ARN) nor the form of a failure of Lambda (requestContext.functionArn), so that it names no function that it is for'
it.each<[why: string, body: unknown, attributes: Record<string, string>, message: object]>([
  ...['no JSON', '[1]', 'null', '"text"', '1'].map(
    (body): [string, string, Record<string, string>, object] => [
      `${body} is no object`,
      body,
      { TARGET_ARN: arnOf('podid-dev-notify') },
      {
        kind: 'unknown',
        what: 'a message',
        why: 'its body is not a JSON object, and podid puts nothing else here',
      },
    ],
  ),
  [
    'an event that a rule could not deliver',
    event(),
    {
      TARGET_ARN: arnOf('podid-dev-notify'),
      RULE_ARN: 'arn:aws:events:us-west-2:123456789012:rule/podid/RunEnded',
      ERROR_CODE: 'NO_PERMISSIONS',
      ERROR_MESSAGE: 'may not invoke it',
    },
    {
      kind: 'event',
      what: 'Run Finished: run-1',
      why: 'the rule RunEnded could not deliver it: NO_PERMISSIONS: may not invoke it',
      to: { name: 'notify', arn: arnOf('podid-dev-notify'), waits: true },
      payload: event(),
    },
  ],
  [
    'the same, and nobody says of what rule and why',
    event(),
    { TARGET_ARN: arnOf('podid-dev-sweep') },
    {
      kind: 'event',
      what: 'Run Finished: run-1',
      why: 'the rule (without a name) could not deliver it: EventBridge does not say why',
      to: { name: 'sweep', arn: arnOf('podid-dev-sweep'), waits: false },
      payload: event(),
    },
  ],
  [
    'the same, with a code alone',
    event(),
    { TARGET_ARN: arnOf('podid-dev-follow-run'), RULE_ARN: 'R', ERROR_CODE: 'TIMEOUT' },
    {
      kind: 'event',
      what: 'Run Finished: run-1',
      why: 'the rule R could not deliver it: TIMEOUT',
      to: { name: 'follow-run', arn: arnOf('podid-dev-follow-run'), waits: false },
      payload: event(),
    },
  ],
  [
    'an event for a function that takes none',
    event(),
    { TARGET_ARN: arnOf('podid-dev-undo') },
    {
      kind: 'unknown',
      what: 'Run Finished: run-1',
      why: `its target is ${arnOf('podid-dev-undo')}, which is ${none}`,
    },
  ],
  [
    'a failure of a function of the stage',
    failed(arnOf('podid-dev-start'), {
      count: 3,
      said: { errorType: 'Transient', errorMessage: 'try later' },
    }),
    {},
    {
      kind: 'failure',
      what: 'Run Finished: run-1',
      why: 'start failed, tried 3 times: Transient: try later',
      to: { name: 'start', arn: arnOf('podid-dev-start'), waits: true },
      payload: event(),
    },
  ],
  [
    'a failure after one attempt, with a message alone',
    failed(arnOf('podid-dev-start'), { count: 1, said: { errorMessage: 'try later' } }),
    {},
    expect.objectContaining({ why: 'start failed, tried once: try later' }),
  ],
  [
    'a failure of which is not known how often it was tried, nor what was said',
    failed(arnOf('podid-dev-start'), { said: null }),
    {},
    expect.objectContaining({ why: 'start failed' }),
  ],
  [
    'a failure whose answer is of another form',
    failed(arnOf('podid-dev-start'), { said: 'out of memory' }),
    {},
    expect.objectContaining({ kind: 'failure', why: 'start failed' }),
  ],
  [
    'an event that was too old before a function came to it',
    failed(arnOf('podid-dev-sweep'), { condition: 'EventAgeExceeded', count: 0 }),
    {},
    expect.objectContaining({ why: 'sweep did not get to it in time, tried 0 times' }),
  ],
  [
    'a failure of another function',
    failed(arnOf('podid-dev-report')),
    {},
    {
      kind: 'unknown',
      what: 'Run Finished: run-1',
      why: `it is about the function ${arnOf('podid-dev-report')}, which is none of this stage's that take events`,
    },
  ],
  ['an event by itself', event(), {}, { kind: 'unknown', what: 'Run Finished: run-1', why: formless }],
  ['any object', { a: 1 }, {}, { kind: 'unknown', what: 'no event', why: formless }],
])('a message of the dead-letter queue: %s', (_why, body, attributes, message) => {
  const asked = expect.objectContaining({ id: 'm-1', since: '2026-11-23T07:00:00Z' })
  expect(read(body, attributes)).toEqual(asked)
  const { id: _id, since: _since, ...rest } = read(body, attributes)
  expect(rest).toEqual(message)
})

it.each<[why: string, arn: string, to: string | undefined]>([
  ['the latest', arnOf('podid-dev-notify'), arnOf('podid-dev-notify')],
  ['$LATEST', arnOf('podid-dev-notify:$LATEST'), arnOf('podid-dev-notify')],
  ['a version, which may have the fault', arnOf('podid-dev-notify:12'), arnOf('podid-dev-notify')],
  ['an alias, which stays', arnOf('podid-dev-notify:live'), arnOf('podid-dev-notify:live')],
  ['an alias with a number in it', arnOf('podid-dev-notify:v2'), arnOf('podid-dev-notify:v2')],
  ['an alias that begins with a number', arnOf('podid-dev-notify:2v'), arnOf('podid-dev-notify:2v')],
  ['another stage', arnOf('podid-prod-notify'), undefined],
  ['a stage whose name begins so', arnOf('podid-dev-2-notify'), undefined],
  ['the name behind something else', arnOf('my-podid-dev-notify'), undefined],
  ['no name', arnOf('podid-dev-'), undefined],
  ['a name that begins so', arnOf('podid-dev-notify-all'), undefined],
  ['an empty qualifier', arnOf('podid-dev-notify:'), undefined],
  ['a qualifier of other marks', arnOf('podid-dev-notify:a.b'), undefined],
  ['what every object has', arnOf('podid-dev-toString'), undefined],
  ['another account', arnOf('podid-dev-notify').replace('123456789012', '999999999999'), undefined],
  ['another region', arnOf('podid-dev-notify').replace('us-west-2', 'eu-west-1'), undefined],
  ['another partition', arnOf('podid-dev-notify').replace('arn:aws:', 'arn:aws-cn:'), undefined],
  ['another service', arnOf('podid-dev-notify').replace(':lambda:', ':states:'), undefined],
  ['an ARN in a longer text', `x${arnOf('podid-dev-notify')}`, undefined],
  ['an ARN with more behind it', `${arnOf('podid-dev-notify:live')}:x`, undefined],
])('goes back to the function of the stage alone: %s', (_why, arn, to) => {
  const message = read(event(), { TARGET_ARN: arn })
  expect('to' in message ? message.to.arn : undefined).toBe(to)
})

const addon = 'arn:aws:eks:us-west-2:123456789012:addon/eks-workshop/eks-pod-identity-agent/1'
it.each<[why: string, change: object, what: string]>([
  [
    'a cluster of EKS',
    { source: 'aws.eks', 'detail-type': 'EKS Addon Creation Succeeded', resources: [addon], detail: {} },
    'EKS Addon Creation Succeeded: eks-workshop',
  ],
  [
    'an execution by its name',
    { detail: { name: 'run-2', run: 'run-1', cluster: 'shop' } },
    'Run Finished: run-2',
  ],
  ['a run', { detail: { run: 'run-1', cluster: 'shop' } }, 'Run Finished: run-1'],
  ['a cluster', { detail: { cluster: 'shop' } }, 'Run Finished: shop'],
  [
    'what it is about by its ARN',
    { resources: ['arn:aws:states:us-west-2:123456789012:execution:podid:run-3'], detail: {} },
    'Run Finished: run-3',
  ],
  [
    'the same by a path',
    { resources: ['arn:aws:eks:us-west-2:123456789012:cluster/shop'], detail: {} },
    'Run Finished: shop',
  ],
  ['nothing', { detail: {} }, 'Run Finished'],
  ['a detail of another form', { detail: { name: 1 } }, 'Run Finished'],
])('says what an event is about: %s', (_why, change, what) => {
  expect(read(event(change), { TARGET_ARN: arnOf('podid-dev-notify') }).what).toBe(what)
})

it('shows no secret of what others wrote', () => {
  const key = 'AKIAIOSFODNN7EXAMPLE'
  const attributes = { TARGET_ARN: arnOf('podid-dev-notify'), ERROR_MESSAGE: `denied for ${key}` }
  const shown = [
    read(event({ detail: { name: key } }), attributes),
    read(failed(arnOf('podid-dev-start'), { said: { errorMessage: key } })),
    read(event(), { TARGET_ARN: key }),
  ]
  for (const { what, why } of shown) expect(`${what} ${why}`).not.toContain(key)
})

const created = '2026-11-23T06:00:00Z'
const at = Date.parse(created)
it.each<[why: string, latest: Parameters<typeof undoneBy>[0], by: string | null]>([
  ['no run yet', undefined, null],
  ['the latest enabled it', { run: 'run-1', mode: 'enable', at: at + 1 }, null],
  ['the latest undid it', { run: 'run-1', mode: 'undo', at: at + 1 }, 'run-1'],
  ['the latest undid it as the cluster was created', { run: 'run-1', mode: 'undo', at }, 'run-1'],
  ['the cluster was made anew since', { run: 'run-1', mode: 'undo', at: at - 1 }, null],
])('whether a binding was undone: %s', (_why, latest, by) => {
  expect(undoneBy(latest, created)).toBe(by)
})
