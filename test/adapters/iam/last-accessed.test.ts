import { afterAll, beforeAll, expect, it } from 'vitest'
import { iam } from '../../../adapters/iam/iam.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { podIdentityTrust } from '../../../local/scenarios/workshop/account.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

let aws: AwsStandIn
beforeAll(async () => {
  aws = await startTestAws()
})
afterAll(() => aws.close())

const adapter = () =>
  iam(
    quietRuntime(aws.url, {
      credentials: aws.credentials,
      clock: { now: () => aws.state.now().getTime(), sleep: async () => {} },
    }),
    aws.region,
  )

it('tells of management actions which were tried, refused ones too, and of data actions only that', async () => {
  const { arn } = aws.state.addRole({ name: 'carts', trust: podIdentityTrust })
  const session = aws.state.session(arn, 'carts-1')
  for (const action of ['dynamodb:DescribeTable', 'dynamodb:PutItem', 'sqs:SendMessage'])
    aws.can(session, action, '*')
  expect(await adapter().lastAccessed(arn)).toEqual([
    {
      service: 'dynamodb',
      at: expect.any(String),
      actions: [{ action: 'dynamodb:DescribeTable', at: expect.any(String) }],
    },
    { service: 'sqs', at: expect.any(String), actions: [] },
  ])
})

it('says that there is no such role', async () => {
  await expect(adapter().lastAccessed('arn:aws:iam::123456789012:role/nobody')).rejects.toThrow(
    'asking what role arn:aws:iam::123456789012:role/nobody used last',
  )
})
