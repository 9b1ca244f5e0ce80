import { expect, it } from 'vitest'
import { Account } from '../../local/aws/account/account.ts'
import { PolicyAuthorizer } from '../../local/aws/authorization.ts'
import { EventBusStandIn } from '../../local/aws/events/bus.ts'
import { Topics } from '../../local/aws/sns.ts'
import { Queues } from '../../local/aws/sqs/queues.ts'
import { StateMachines } from '../../local/aws/states/state-machines.ts'
import { CallLog } from '../../local/calls.ts'
import { virtualClock } from '../../local/clock.ts'
import { eventRecorder } from '../../local/kubernetes/store/events.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { Store } from '../../local/kubernetes/store/store.ts'
import { WatchCache } from '../../local/kubernetes/store/watch.ts'
import { Workspace } from '../../local/slack/workspace.ts'
import { steppedClock } from '../support/clocks/stepped-clock.ts'

const clock = steppedClock()
const account = new Account({ accountId: '123456789012', region: 'us-west-2', clock })
const authorizer = new PolicyAuthorizer(account)
const calls = new CallLog()
const bus = new EventBusStandIn(account, async () => {}, new Queues(account))
const topics = new Topics(account)
const slack = new Workspace(clock)
const store = new Store({ clock })
store.create(resources.namespaces, { metadata: { name: 'default' } })
const about = store.create(resources.configmaps, { metadata: { namespace: 'default', name: 'about' } })
const record = eventRecorder({ store, clock })({ component: 'test' })

/** Who has the session does not matter: the role need not be there. */
const sessionOf = (roleName: string) => ({
  kind: 'session' as const,
  roleName,
  roleArn: `arn:aws:iam::123456789012:role/${roleName}`,
  sessionName: 's',
  arn: `arn:aws:sts::123456789012:assumed-role/${roleName}/s`,
  userId: 'AROAEXAMPLE:s',
  tags: {},
})

const someSession = sessionOf('role')

/** What is remembered of the past, how much of it at most, and how it is made and counted. */
const memories: [what: string, most: number, add: (turn: number) => void, count: () => number][] = [
  [
    'requests',
    20_000,
    (at) => calls.record({ service: 'iam', operation: 'GetRole', write: false, at }),
    () => calls.calls.length,
  ],
  [
    'decisions about permissions',
    20_000,
    () => authorizer.decide(someSession, { action: 'eks:ListClusters', resource: '*' }),
    () => authorizer.log.length,
  ],
  [
    'what roles needed last',
    1000,
    (turn) => authorizer.decide(sessionOf(`role-${turn}`), { action: 'eks:ListClusters', resource: '*' }),
    () => authorizer.lastUse.size,
  ],
  [
    'events on the bus',
    2000,
    () => bus.publish({ source: 'test', detailType: 'Turn', detail: {} }),
    () => bus.published.length,
  ],
  [
    'CloudTrail’s events',
    5000,
    (at) => account.history.record({ name: 'AssumeRole', at, resources: [], detail: {} }),
    () => account.history.events.length,
  ],
  [
    'notifications',
    1000,
    (turn) => topics.publish({ topicArn: 'arn', message: String(turn) }),
    () => topics.published.length,
  ],
  [
    'Slack’s messages',
    1000,
    (turn) => slack.call('chat.postMessage', { channel: 'C1', text: String(turn) }),
    () => slack.messages.length,
  ],
]

it.each(memories)('remembers the newest %s, %i at most', (_what, most, add, count) => {
  for (let turn = 0; turn < 1.02 * most; turn++) add(turn)
  expect(count()).toBeLessThanOrEqual(most)
  expect(count()).toBeGreaterThanOrEqual(most * 0.9)
})

it('keeps Kubernetes’ events for an hour, and 5,000 of them at most', () => {
  const events = () => store.list(resources.events).length
  const happen = (count: number) => {
    for (let turn = 0; turn < count; turn++)
      record({ ...about, metadata: { ...about.metadata, uid: `uid-${turn}` } } as never, {
        type: 'Normal',
        reason: 'Turned',
        message: `turn ${turn}`,
      })
  }
  happen(5100)
  clock.advance(61_000)
  happen(1)
  expect(events()).toBeLessThanOrEqual(5001)
  clock.advance(3_700_000)
  happen(1)
  expect(events()).toBeLessThanOrEqual(2)
})

it('lets watches resume from the newest 5,000 writes', () => {
  const cache = new WatchCache(store)
  const scope = { resource: resources.configmaps, matches: () => true }
  const from = store.resourceVersion
  for (let turn = 0; turn < 5001; turn++)
    store.mutate(resources.configmaps, 'default', 'about', (draft) => ({
      ...draft,
      data: { turn: String(turn) },
    }))
  expect(() => cache.since(scope, from)).toThrow('too old resource version')
  expect(cache.since(scope, from + 501)).toHaveLength(4500)
})

it.each([
  ['long', 1200, 5],
  ['many', 1, 1001],
])('forgets closed executions whose histories are %s', async (_why, items, count) => {
  const jumping = virtualClock()
  const machines = new StateMachines(
    new Account({ accountId: '123456789012', region: 'us-west-2', clock: jumping }),
    (task) => task,
  )
  const states = { Once: { Type: 'Pass', End: true } }
  const each = { Type: 'Map', ItemProcessor: { StartAt: 'Once', States: states }, End: true }
  // An execution of one event each is many as well.
  const Each = items === 1 ? states.Once : each
  const definition = { QueryLanguage: 'JSONata', StartAt: 'Each', States: { Each } }
  const { arn } = machines.add({ name: 'm', definition: JSON.stringify(definition), task: () => ({}) })
  const input = JSON.stringify(Array.from({ length: items }, (_, index) => index))
  for (let turn = 0; turn < count; turn++) await machines.closed(machines.start(arn, input).arn)
  const left = machines.executionsOf(arn)
  expect(left.length).toBeLessThan(count)
  expect(left.reduce((sum, { history }) => sum + history.length, 0)).toBeLessThanOrEqual(
    Math.max(5000, left[0]?.history.length ?? 0),
  )
  jumping.stop()
})
