import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readSecret } from '../../adapters/secrets.ts'
import type { AwsStandIn } from '../../local/aws/index.ts'
import { allow } from '../local/aws/support.ts'
import { quietRuntime } from '../support/servers/quiet-runtime.ts'
import { startTestAws } from '../support/servers/small-pages.ts'

let aws: AwsStandIn
let arn: string
beforeEach(async () => {
  aws = await startTestAws()
  arn = aws.parameters.put('/podid/test/slack-bot-token', 'xoxb-old')
})
afterEach(async () => {
  vi.useRealTimers()
  await aws.close()
})

const runtime = (credentials = aws.credentials) =>
  quietRuntime(aws.url, { credentials, clock: { now: () => Date.now(), sleep: async () => {} } })
const reads = () => aws.calls.calls.filter(({ operation }) => operation === 'GetParameter').length

it('reads a secret once a minute, and a new one after that without a deployment', async () => {
  const here = runtime()
  const answers = await Promise.all([readSecret(here, arn), readSecret(here, arn)])
  expect(answers).toEqual(['xoxb-old', 'xoxb-old'])
  aws.parameters.put('/podid/test/slack-bot-token', 'xoxb-new')
  const sofar = reads()
  const start = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: start + 50_000 })
  expect(await readSecret(here, arn)).toBe('xoxb-old')
  expect(reads()).toBe(sofar)
  vi.setSystemTime(start + 61_000)
  expect(await readSecret(here, arn)).toBe('xoxb-new')
})

it('does not remember that there is none', async () => {
  const here = runtime()
  const missing = arn.replace('slack-bot-token', 'webhook-secrets')
  await expect(readSecret(here, missing)).rejects.toThrow(
    'Systems Manager has no parameter /podid/test/webhook-secrets in us-west-2, or nothing is in it',
  )
  aws.parameters.put('/podid/test/webhook-secrets', 'ci=whsec_x')
  expect(await readSecret(here, missing)).toBe('ci=whsec_x')
})

it.each(['\n', ' \r\n\t'])('is none where only white space is there: %j', async (text) => {
  aws.parameters.put('/podid/test/slack-bot-token', text)
  await expect(readSecret(runtime(), arn)).rejects.toThrow(/or nothing is in it: put the secret there/)
})

it('is read without the line break that its file ended with', async () => {
  aws.parameters.put('/podid/test/slack-bot-token', 'xoxb-new\n')
  expect(await readSecret(runtime(), arn)).toBe('xoxb-new')
})

it('says that it may not, by the parameter', async () => {
  const { credentials } = aws.state.principals.addUser('other', {
    secrets: allow('ssm:GetParameter', arn.replace('slack-bot-token', 'slack-signing-secret')),
  })
  await expect(readSecret(runtime(credentials), arn)).rejects.toThrow(
    /reading the parameter \/podid\/test\/slack-bot-token.*ssm:GetParameter/,
  )
})
