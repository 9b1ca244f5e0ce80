import { expect, it } from 'vitest'
import { advise } from '../../../core/findings.ts'
import type { ExpansionFinding } from '../../../core/fleet/expand/findings.ts'
import { unfitBinding } from '../../../core/triggers/unfit.ts'
import { isWarmUp, warmedUp, warmUpEvent, warmUpRule } from '../../../core/triggers/warm-up.ts'

it.each<[why: string, event: unknown, only: boolean]>([
  ['the event of the rule', warmUpEvent, true],
  ['that it is not to be', { warmUp: false }, false],
  ['more than that', { warmUp: true, cluster: 'x' }, false],
  ['something else', { cluster: 'x' }, false],
  ['a field that is named alike', { warmUps: true }, false],
  ['nothing', null, false],
  ['no event', undefined, false],
  ['a text', 'warmUp', false],
])('a function is called only to be started by %s: %s', (_why, event, only) => {
  expect(isWarmUp(event)).toBe(only)
})

it('starts, as a run starts, the functions that it comes to later: no more than a rule has targets', () => {
  expect(warmedUp).toEqual(['restartWorkload', 'watchRollout', 'verifyCredentials', 'report'])
  expect(warmUpRule('arn:m')).toEqual({
    name: 'WarmUp',
    description: 'A run started: the functions that it comes to later are started meanwhile',
    pattern: {
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: ['arn:m'], status: ['RUNNING'] },
    },
  })
})

const finding = {
  at: ['podid.yaml:1', 'podid.yaml:2'],
  binding: 'carts',
  code: 'binding-twice',
  severity: 'blocking',
  subject: 'bindings a and b',
  found: 'both',
} as const
const cluster = { name: 'shop-1', region: 'us-west-2' }
it.each([
  [
    'why it is held, without a full stop',
    { remedy: advise('See v1.2. Narrow one.') },
    'See v1.2. Narrow one',
  ],
  ['nothing where nobody says what to do', {}, null],
])('tells of a binding that cannot be what the settings say %s', (_why, change, held) => {
  expect(unfitBinding({ ...finding, ...change } as unknown as ExpansionFinding, cluster)).toEqual({
    binding: 'carts',
    cluster: 'shop-1',
    region: 'us-west-2',
    findings: [
      {
        code: 'binding-twice',
        severity: 'blocking',
        subject: 'bindings a and b',
        found: 'podid.yaml:1 and podid.yaml:2: both',
      },
    ],
    run: null,
    undoneBy: null,
    held,
  })
})
