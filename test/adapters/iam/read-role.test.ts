import { afterEach, beforeEach, expect, it } from 'vitest'
import { iam } from '../../../adapters/iam/iam.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { virtualClock } from '../../../local/clock.ts'
import { podIdentityTrust } from '../../../local/scenarios/workshop/account.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { fullPages, startTestAws } from '../../support/servers/small-pages.ts'

const trust = podIdentityTrust
const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
})

let aws: AwsStandIn
beforeEach(async () => {
  aws = await startTestAws(fullPages)
})
afterEach(() => aws.close())

const reader = (clock = virtualClock()) =>
  iam(quietRuntime(aws.url, { credentials: aws.credentials, clock }), aws.region)
const asked = (operation: string) => aws.calls.calls.filter((call) => call.operation === operation).length

it('looks for a role three more times, within seven seconds, and says so once', async () => {
  const clock = virtualClock()
  const before = clock.now()
  const waits: number[] = []
  expect(await reader(clock).readRole('new', (forMs) => waits.push(forMs))).toBeUndefined()
  expect(waits).toEqual([7000])
  expect(clock.now() - before).toBe(7000)
  expect(asked('GetRole')).toBe(4)
})

it.each<[why: string, policies: number, lists: number]>([
  ['asking for each of four costs less than a list', 4, 0],
  ['five are listed', 5, 1],
])('%s', async (_, policies, lists) => {
  const attached = Array.from(
    { length: policies },
    (_, at) => aws.state.addPolicy({ name: `p${at}`, versions: [allow('s3:*')] }).arn,
  )
  aws.state.addRole({ name: 'carts', trust, attached })
  expect((await reader().readRole('carts'))?.policies).toHaveLength(policies)
  expect(asked('ListPolicies')).toBe(lists)
})

it('takes a boundary that is gone for one that includes nothing', async () => {
  const { arn } = aws.state.addPolicy({ name: 'limits', versions: [allow('*')] })
  aws.state.addRole({ name: 'carts', trust, boundary: arn })
  aws.state.policies.delete(arn)
  expect((await reader().readRole('carts'))?.boundary).toEqual({
    name: 'limits',
    arn,
    document: { Version: '2012-10-17', Statement: [] },
  })
})

it.each<[why: string, path: string]>([
  ['one of the account', '/'],
  ['one whose path only looks like AWS’s', '/arn:aws:iam::aws:/'],
])('says of a policy what else it grants, and whom it is attached to: %s', async (_, path) => {
  const { arn } = aws.state.addPolicy({ name: 'own', path, versions: [allow('s3:*'), allow('sqs:*')] })
  aws.state.addRole({ name: 'carts', trust, attached: [arn] })
  aws.state.addRole({ name: 'other', trust, attached: [arn] })
  const facts = await reader().readRole('carts')
  if (!facts) throw new Error('there is no role')
  const [policy] = (await reader().readOtherVersions(facts)).policies
  expect(policy?.otherVersions).toHaveLength(1)
  expect(policy?.attachedTo).toEqual(['role other'])
})
