import { afterAll, beforeAll, expect, it } from 'vitest'
import { stageAccount } from '../../../adapters/deployed/account.ts'
import { answered, deniedByAws, refused, scriptedAws } from '../../support/servers/scripted-aws.ts'
import type { Scripted } from '../../support/servers/scripted-server.ts'

const region = 'us-west-2'
const machine = `arn:aws:states:${region}:123456789012:stateMachine:podid-test-enable`
let aws: Awaited<ReturnType<typeof scriptedAws>>
beforeAll(async () => {
  aws = await scriptedAws()
})
afterAll(() => aws.close())

type Account = ReturnType<typeof stageAccount>

interface Look {
  doing: string
  look: (account: Account) => Promise<unknown>
  answer: object
  found: unknown
  /** The operation and its input of a service that has them in header and body. */
  asked?: [operation: string, input: object]
  /** The path of one that has them there. */
  path?: string
  /** What the service says where there is none, and what that means. */
  none?: { error: string; means: unknown }
  /** Answers that lack what they must hold, and what that is. */
  lacking: [answer: object, member: string][]
}

const looks: Look[] = [
  {
    doing: 'reading Lambda’s account settings',
    look: (account) => account.concurrency(),
    answer: { AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 900 } },
    found: { limit: 1000, unreserved: 900 },
    path: '/2016-08-19/account-settings',
    lacking: [
      [{}, 'limits'],
      [{ AccountLimit: { UnreservedConcurrentExecutions: 900 } }, 'limit of concurrent executions'],
      [{ AccountLimit: { ConcurrentExecutions: 1000 } }, 'unreserved concurrent executions'],
    ],
  },
  {
    doing: 'looking for the URL of podid-test-chat',
    look: (account) => account.functionUrl('podid-test-chat'),
    answer: { FunctionUrl: 'https://a.lambda-url.us-west-2.on.aws/' },
    found: 'https://a.lambda-url.us-west-2.on.aws/',
    path: '/2021-10-31/functions/podid-test-chat/url',
    none: { error: 'ResourceNotFoundException', means: undefined },
    lacking: [[{}, 'URL of the function']],
  },
  {
    doing: 'looking for the table podid-test',
    look: (account) => account.table('podid-test'),
    answer: { Table: { TableName: 'podid-test' } },
    found: { name: 'podid-test' },
    asked: ['DescribeTable', { TableName: 'podid-test' }],
    none: { error: 'ResourceNotFoundException', means: undefined },
    lacking: [
      [{}, 'name of the table'],
      [{ Table: {} }, 'name of the table'],
    ],
  },
  {
    doing: 'looking for podid-test-enable',
    look: (account) => account.hasStateMachine(machine),
    answer: { stateMachineArn: machine },
    found: true,
    asked: ['DescribeStateMachine', { stateMachineArn: machine }],
    none: { error: 'StateMachineDoesNotExist', means: false },
    lacking: [],
  },
  {
    doing: 'looking for the rule podid-test-sweep',
    look: (account) => account.ruleState('podid-test-sweep'),
    answer: { State: 'DISABLED' },
    found: 'DISABLED',
    asked: ['DescribeRule', { Name: 'podid-test-sweep' }],
    none: { error: 'ResourceNotFoundException', means: undefined },
    lacking: [[{}, 'state of the rule']],
  },
  {
    doing: 'looking for the parameter /podid/test/token',
    look: (account) => account.parameter('/podid/test/token'),
    answer: { Parameter: { Type: 'SecureString', Value: 'AQICAH' } },
    found: { type: 'SecureString' },
    // Without WithDecryption: whoever looks at a deployment needs no secret.
    asked: ['GetParameter', { Name: '/podid/test/token' }],
    none: { error: 'ParameterNotFound', means: undefined },
    lacking: [
      [{}, 'type of the parameter'],
      [{ Parameter: {} }, 'type of the parameter'],
    ],
  },
  {
    doing: 'describing cluster shop',
    look: (account) => account.accessMode('shop'),
    answer: { cluster: { accessConfig: { authenticationMode: 'API' } } },
    found: { cluster: 'shop', region, mode: 'API' },
    path: '/clusters/shop',
    none: { error: 'ResourceNotFoundException', means: undefined },
    lacking: [[{}, 'cluster']],
  },
  {
    doing: 'looking for the trails of us-west-2',
    look: (account) => account.trails(),
    answer: { trailList: [] },
    found: [],
    // A shadow is what a trail of another region is in this one.
    asked: ['DescribeTrails', { includeShadowTrails: true }],
    lacking: [
      [{}, 'list of trails'],
      [{ trailList: [{ Name: 'all', HomeRegion: region }] }, 'state of the trail all'],
    ],
  },
]

const account = (...answers: Scripted[]): Account => {
  aws.answers(...answers)
  return stageAccount(aws.runtime, region)
}

it.each(looks)('answers what it found, $doing', async ({ look, answer, found, asked, path }) => {
  expect(await look(account(answered(answer)))).toEqual(found)
  if (asked) expect(aws.asked()).toEqual([asked])
  if (path) expect(aws.received).toMatchObject([{ path, body: '' }])
})

it.each(looks)('says who may not, $doing', async ({ doing, look }) => {
  await expect(look(account(deniedByAws))).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `${doing}: AccessDeniedException: not authorized`,
  })
})

it.each(looks.flatMap((one) => (one.none ? [{ ...one, ...one.none }] : [])))(
  'takes $error for none, $doing',
  async ({ look, error, means }) => {
    expect(await look(account(refused(error)))).toBe(means)
  },
)

it.each(looks.flatMap((one) => one.lacking.map(([answer, member]) => ({ ...one, answer, member }))))(
  'takes no answer without its $member, $doing',
  async ({ doing, look, answer, member }) => {
    await expect(look(account(answered(answer)))).rejects.toMatchObject({
      name: 'Transient',
      message: `${doing}: IncompleteAnswer: the answer holds no ${member}`,
    })
  },
)

it.each([{}, { accessConfig: {} }])('knows a cluster from before access entries by %j', async (cluster) => {
  expect(await account(answered({ cluster })).accessMode('shop')).toEqual({
    cluster: 'shop',
    region,
    mode: 'CONFIG_MAP',
  })
})

const trailArn = (home: string) => `arn:aws:cloudtrail:${home}:123456789012:trail/t`
/** What a trail is told to log, as both of its two questions are answered: which is asked first is left open. */
const trailWith = (selectors: object, IsLogging = true): Scripted => answered({ ...selectors, IsLogging })
const management = { EventSelectors: [{ IncludeManagementEvents: true, ReadWriteType: 'All' }] }

it.each([
  [
    { Name: 't', TrailARN: trailArn(region), HomeRegion: region, IsMultiRegionTrail: false },
    ['t'],
    'at home',
  ],
  [
    { Name: 't', TrailARN: trailArn('eu-west-1'), HomeRegion: 'eu-west-1', IsMultiRegionTrail: true },
    ['t'],
    'of another region, and of all',
  ],
  [
    { Name: 't', TrailARN: trailArn('eu-west-1'), HomeRegion: 'eu-west-1', IsMultiRegionTrail: false },
    [],
    'of another region alone',
  ],
  [{ TrailARN: trailArn(region), HomeRegion: region }, [''], 'without a name'],
])('has of the trail %j what gets the region’s events: %j, %s', async (trail, names, _where) => {
  const trails = await account(answered({ trailList: [trail] }), trailWith(management)).trails()
  expect(trails).toEqual(names.map((name) => ({ name, logging: true, writes: true })))
  // By its ARN: a name is one of a trail at home.
  const { TrailARN } = trail
  expect(aws.asked().slice(1).toSorted()).toEqual(
    names.flatMap(() => [
      ['GetEventSelectors', { TrailName: TrailARN }],
      ['GetTrailStatus', { Name: TrailARN }],
    ]),
  )
})

it('asks for a trail by its name where it has no ARN', async () => {
  const trail = { Name: 't', HomeRegion: region }
  await account(answered({ trailList: [trail] }), trailWith(management)).trails()
  expect(aws.asked().slice(1)).toContainEqual(['GetTrailStatus', { Name: 't' }])
})

it.each([true, false])('tells whether a trail logs now: %s', async (now) => {
  const list = answered({ trailList: [{ Name: 't', HomeRegion: region }] })
  expect(await account(list, trailWith(management, now)).trails()).toEqual([
    { name: 't', logging: now, writes: true },
  ])
})

const basic = (selector: object, ...more: object[]) => ({ EventSelectors: [selector, ...more] })
const advanced = (...FieldSelectors: object[]) => ({ AdvancedEventSelectors: [{ FieldSelectors }] })
const is = (Field: string, ...Equals: string[]) => ({ Field, Equals })
const isNot = (Field: string, ...NotEquals: string[]) => ({ Field, NotEquals })
const dataOnly = { IncludeManagementEvents: false, ReadWriteType: 'All' }
const ofManagement = is('eventCategory', 'Management')

it.each<[why: string, selectors: object, writes: boolean]>([
  ['no selectors are none that log', {}, false],
  ['all of management', basic({ IncludeManagementEvents: true, ReadWriteType: 'All' }), true],
  ['writes alone', basic({ IncludeManagementEvents: true, ReadWriteType: 'WriteOnly' }), true],
  ['management and both kinds are what a selector means that does not say', basic({}), true],
  ['reads alone', basic({ IncludeManagementEvents: true, ReadWriteType: 'ReadOnly' }), false],
  ['data alone', basic(dataOnly), false],
  ['one selector of two is enough', basic(dataOnly, {}), true],
  ['without those of KMS', basic({ ExcludeManagementEventSources: ['kms.amazonaws.com'] }), true],
  ['without those of EKS', basic({ ExcludeManagementEventSources: ['eks.amazonaws.com'] }), false],
  ['advanced: all of management', advanced(ofManagement), true],
  ['advanced: management behind another field', advanced(is('readOnly', 'false'), ofManagement), true],
  ['advanced: data', advanced(is('eventCategory', 'Data')), false],
  ['advanced: data, whatever else is called so', advanced(is('other', 'Management')), false],
  ['advanced: a category that only says what it is not', advanced(isNot('eventCategory', 'Data')), false],
  ['advanced: nothing is said', { AdvancedEventSelectors: [{}] }, false],
  ['advanced: reads alone', advanced(ofManagement, is('readOnly', 'true')), false],
  ['advanced: writes alone', advanced(ofManagement, is('readOnly', 'false')), true],
  ['advanced: not reads', advanced(ofManagement, isNot('readOnly', 'true')), true],
  ['advanced: without those of KMS', advanced(ofManagement, isNot('eventSource', 'kms.amazonaws.com')), true],
  [
    'advanced: without those of EKS',
    advanced(ofManagement, isNot('eventSource', 'eks.amazonaws.com')),
    false,
  ],
  ['advanced: those of a source', advanced(ofManagement, is('eventSource', 'eks.amazonaws.com')), true],
])('tells whether management events that write are logged: %s', async (_why, selectors, writes) => {
  const list = answered({ trailList: [{ Name: 't', HomeRegion: region }] })
  const [trail] = await account(list, trailWith(selectors)).trails()
  expect(trail?.writes).toBe(writes)
})

it('says so where a trail went meanwhile: there is an answer about all of them, or none', async () => {
  const list = answered({ trailList: [{ Name: 't', HomeRegion: region }] })
  await expect(account(list, refused('TrailNotFoundException')).trails()).rejects.toMatchObject({
    message: 'looking for the trails of us-west-2: TrailNotFoundException: no',
  })
})
