import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { accountOf } from '../../cli/identity.ts'
import { type Scripted, scriptedServer } from '../support/scripted-server.ts'

const keys = { accessKeyId: 'AKIA', secretAccessKey: 's' }
const limits = { credentialsMs: 40, stsMs: 40, silentMs: 10 }
/** For who is answered, however long this machine takes over it. */
const ample = { credentialsMs: 120_000, stsMs: 120_000, silentMs: 120_000 }
const script: Scripted[] = [{}]
let server: Awaited<ReturnType<typeof scriptedServer>>
const said: string[] = []

beforeEach(async () => {
  said.length = 0
  server = await scriptedServer(script)
  vi.stubEnv('AWS_ENDPOINT_URL_STS', server.url)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await server.close()
})

const ask = (credentials = async () => keys, within = limits) =>
  accountOf(credentials, 'us-west-2', (line) => said.push(line), within)

it('does not wait without end for STS, and says what it waits for', async () => {
  script[0] = { silent: true }
  await expect(ask()).rejects.toThrow(/^nothing answers at http/)
  expect(said).toEqual([`waiting for ${server.url} to say whose the credentials are …`])
})

it('does not wait without end for credentials', async () => {
  vi.stubEnv('AWS_PROFILE', 'shop')
  await expect(ask(() => new Promise(() => {}))).rejects.toThrow(
    /no credentials came: no answer within 0.04 s/,
  )
  expect(said).toEqual(['waiting for AWS credentials of the profile shop …'])
})

const errorXml = (code: string) =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>The security token included in the request is expired</Message></Error><RequestId>r</RequestId></ErrorResponse>`

it.each<[string, Scripted, RegExp]>([
  [
    'expired credentials',
    {
      status: 403,
      headers: { 'x-amzn-requestid': 'r', 'content-type': 'text/xml' },
      body: errorXml('ExpiredToken'),
    },
    /not accept the credentials: The security token .* is expired\. Renew the credentials .*aws sso login/,
  ],
  [
    'a page of a proxy',
    { status: 200, body: '<html>Sign in</html>' },
    /AWS was not reached: .*Sign in.*proxy/,
  ],
  ['nothing', { status: 200 }, /AWS was not reached: .*an empty body/],
])('distinguishes %s from others', async (_what, answer, message) => {
  script[0] = answer
  await expect(ask(undefined, ample)).rejects.toThrow(message)
})

it('does not start a run towards an endpoint where nobody listens, also where the account is known', async () => {
  script[0] = {}
  const known = async () => ({ ...keys, accountId: '123456789012' })
  await expect(ask(known)).resolves.toBe('123456789012')
  await server.close()
  await expect(ask(known)).rejects.toThrow(/^nothing answers at http.*podid local may have been stopped/)
})
