import { expect, it } from 'vitest'
import * as z from 'zod'
import { Need } from '../../../core/role/need.ts'

const need = (actions: string[], resources: string[], more: object = {}) => ({ actions, resources, ...more })
const action = (word: string) =>
  `✖ "${word}" is not an action, such as dynamodb:Query or s3:Get*\n  → at actions[0]`
const resource = (word: string) =>
  `✖ "${word}" is not a resource: an ARN, such as arn:aws:dynamodb:us-west-2:123456789012:table/Items, or *\n  → at resources[0]`

it.each<[why: string, need: object, fault?: string]>([
  ['one of each', need(['s3:GetObject'], ['*'])],
  ['several of each', need(['s3:Get*', 'execute-api:Invoke?'], ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'])],
  [
    'an ARN with all its fields',
    need(['sqs:SendMessage'], ['arn:aws-us-gov:sqs:us-gov-west-1:123456789012:q']),
  ],
  ['what the resource grants', need(['s3:GetObject'], ['*'], { grantedBy: 'resource-policy' })],
  ['what may be missing', need(['s3:GetObject'], ['*'], { optional: true })],
  ['no action', need([], ['*']), '✖ names no action\n  → at actions'],
  ['no resource', need(['s3:GetObject'], []), '✖ names no resource\n  → at resources'],
  ['a word before it', need(['x s3:GetObject'], ['*']), action('x s3:GetObject')],
  ['a word after it', need(['s3:GetObject x'], ['*']), action('s3:GetObject x')],
  ['a number first', need(['3s:GetObject'], ['*']), action('3s:GetObject')],
  ['a star in the name of the service', need(['s*:GetObject'], ['*']), action('s*:GetObject')],
  ['more than a star', need(['s3:GetObject'], ['**']), resource('**')],
  ['a star and more', need(['s3:GetObject'], ['*x']), resource('*x')],
  ['something before an ARN', need(['s3:GetObject'], ['xarn:aws:s3:::b']), resource('xarn:aws:s3:::b')],
  ['something after an ARN', need(['s3:GetObject'], ['arn:aws:s3:::b c']), resource('arn:aws:s3:::b c')],
  ['an ARN without a resource', need(['s3:GetObject'], ['arn:aws:s3:::']), resource('arn:aws:s3:::')],
  ['an ARN without a partition', need(['s3:GetObject'], ['arn::s3:::b']), resource('arn::s3:::b')],
  ['an ARN without a service', need(['s3:GetObject'], ['arn:aws::::b']), resource('arn:aws::::b')],
  ['an ARN with too few fields', need(['s3:GetObject'], ['arn:aws:s3::b']), resource('arn:aws:s3::b')],
  [
    'another one who grants it',
    need(['s3:GetObject'], ['*'], { grantedBy: 'x' }),
    '✖ Invalid input: expected "resource-policy"\n  → at grantedBy',
  ],
])('a need with %s', (_why, asked, fault) => {
  const { error } = Need.safeParse(asked)
  expect(error && z.prettifyError(error)).toBe(fault)
})

it('says what its members are for', () => {
  expect([Need.shape.grantedBy.description, Need.shape.optional.description]).toEqual([
    'The policy of the resource grants it, so that the role need not; a Deny of the role still counts.',
    'The workload does without it; what is missing of it is reported and stops nothing.',
  ])
})
