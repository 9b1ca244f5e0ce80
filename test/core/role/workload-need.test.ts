import { expect, it } from 'vitest'
import { anything, arn, need } from '../../../core/role/workload-need.ts'

const about = arn('stream', 'kinesis', 'stream/[\\w.]+', 'stream/orders')

it('shows an ARN of the kind', () => {
  expect([about.field, about.example]).toEqual([
    'stream',
    'arn:aws:kinesis:us-west-2:123456789012:stream/orders',
  ])
})

it.each<[arn: string, is: boolean]>([
  [about.example, true],
  ['arn:aws-us-gov:kinesis:us-gov-west-1:123456789012:stream/a', true],
  ['arn:aws:kinesis:*:*:stream/a', true],
  ['arn:aws:kinesis:::stream/a', true],
  ['arn:aws:kinesis:us-west-2:1:stream/a', false],
  ['arn:aws:kinesis:us-west-2:123456789012:channel/a', false],
  ['arn:aws:sqs:us-west-2:123456789012:stream/a', false],
  ['arn:gcp:kinesis:us-west-2:123456789012:stream/a', false],
  ['x-arn:aws:kinesis:us-west-2:123456789012:stream/a', false],
  ['arn:aws:kinesis:us-west-2:123456789012:stream/a b', false],
])('%s is an ARN of a stream: %s', (text, is) => {
  expect(about.pattern.test(text)).toBe(is)
})

it('is a need of one resource', () => {
  expect(need(anything, 'a:B', 'a:C')).toEqual({ actions: ['a:B', 'a:C'], resources: ['*'] })
})
