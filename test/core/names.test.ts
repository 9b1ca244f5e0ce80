import { expect, it } from 'vitest'
import {
  AccessDenied,
  Conflict,
  errorNames,
  InvalidRequest,
  NotShown,
  PodidError,
  PreflightFailed,
  Refused,
  RolloutFailed,
  TimedOut,
  Transient,
} from '../../core/errors.ts'
import { EventBridgeEvent, eventSource } from '../../core/events.ts'
import {
  dnsLabel,
  dnsSubdomain,
  liveAlias,
  podIdentityService,
  regionPattern,
  regionSuffix,
  unqualifiedStateMachine,
} from '../../core/names.ts'

it.each<[pattern: string, regexp: RegExp, fits: string[], others: string[]]>([
  ['a DNS label', dnsLabel, ['a', '1', 'a-b', 'a--0'], ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'a\nb']],
  ['a DNS subdomain', dnsSubdomain, ['a', 'a.b-1.c'], ['', '.a', 'a.', 'a..b', 'a.-b', 'a.b-', 'A.b', 'a b']],
  [
    'a region',
    regionPattern,
    ['us-west-2', 'us-gov-east-1', 'eusc-de-east-1', 'us-isob-east-1'],
    [
      'us-2',
      'west-2',
      'us-west',
      'us-west-22',
      'us-west-2a',
      'US-west-2',
      ' us-west-2',
      'usa-west-2',
      'us--2',
    ],
  ],
  [
    'a region at the end',
    regionSuffix,
    ['ec2.us-west-2', 'a.b.eusc-de-east-1'],
    ['us-west-2', 'ec2.us-west-2.', 'ec2us-west-2'],
  ],
])('%s is written so', (_what, regexp, fits, others) => {
  expect([...fits, ...others].filter((text) => regexp.test(text))).toEqual(fits)
})

it('names a state machine without its version or alias', () => {
  const machine = 'arn:aws:states:us-west-2:123456789012:stateMachine:podid'
  expect([machine, `${machine}:7`, `${machine}:${liveAlias}`].map(unqualifiedStateMachine)).toEqual([
    machine,
    machine,
    machine,
  ])
})

it('calls by their names what others know by them: AWS, rules and Catch', () => {
  expect([podIdentityService, liveAlias, eventSource]).toEqual(['pods.eks.amazonaws.com', 'live', 'podid'])
  const errors = [
    InvalidRequest,
    PreflightFailed,
    Refused,
    AccessDenied,
    Conflict,
    Transient,
    NotShown,
    TimedOut,
    RolloutFailed,
  ].map((Failure) => new Failure('why'))
  expect(errors.map(({ name }) => name)).toEqual([
    'InvalidRequest',
    'PreflightFailed',
    'Refused',
    'AccessDenied',
    'Conflict',
    'Transient',
    'NotShown',
    'TimedOut',
    'RolloutFailed',
  ])
  expect(errors.every((error) => error instanceof PodidError && error.message === 'why')).toBe(true)
  // These two are the definition's own.
  expect(errorNames.filter((name) => !errors.some((error) => error.name === name))).toEqual([
    'Declined',
    'UndoIncomplete',
  ])
})

it('reads of an event what functions go by', () => {
  const event = { source: 'podid', 'detail-type': 'Run Finished', detail: { run: 'run-1' } }
  expect(EventBridgeEvent.parse({ ...event, account: '1' })).toEqual({ ...event, resources: [] })
  expect(EventBridgeEvent.parse({ ...event, resources: ['a'] })).toEqual({ ...event, resources: ['a'] })
  expect(EventBridgeEvent.safeParse({ ...event, source: undefined }).success).toBe(false)
})
