import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { unreachedAdvice } from '../../cli/auth/unreached.ts'
import { accountOf, ownCredentials } from '../../cli/identity.ts'
import { needing, plainEnv } from '../support/command-line.ts'
import { typedInto } from '../support/commands/terminal.ts'
import { type Scripted, scriptedServer } from '../support/servers/scripted-server.ts'

const { skipped, note } = needing('python3')
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

describe('credentials as people have them', () => {
  const home = mkdtempSync(join(tmpdir(), 'podid-credentials-'))
  afterAll(() => rmSync(home, { recursive: true, force: true }))
  mkdirSync(join(home, '.aws/sso/cache'), { recursive: true })
  writeFileSync(
    join(home, 'config'),
    `[profile corp]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Dev
[sso-session corp]
sso_region = us-east-1
sso_start_url = https://corp.awsapps.com/start
[profile vault]
credential_process = sh -c 'exit 3'
[profile chained]
role_arn = arn:aws:iam::123456789012:role/dev
source_profile = gone
[profile guarded]
role_arn = arn:aws:iam::123456789012:role/dev
source_profile = gone
mfa_serial = arn:aws:iam::123456789012:mfa/ada
[profile console]
login_session = arn:aws:iam::123456789012:user/ada
region = us-east-1
`,
  )
  // The session's token is over, and there is nothing to renew it with.
  writeFileSync(
    join(home, '.aws/sso/cache', `${createHash('sha1').update('corp').digest('hex')}.json`),
    JSON.stringify({ accessToken: 't', expiresAt: '2020-01-01T00:00:00Z' }),
  )
  const keysOf = { AWS_ACCESS_KEY_ID: 'ASIA', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' }

  it.each<[what: string, env: Record<string, string>, said: RegExp]>([
    [
      'an SSO session that is over',
      { AWS_PROFILE: 'corp' },
      /Renew the session: aws sso login --profile corp\./,
    ],
    [
      'a process that fails',
      { AWS_PROFILE: 'vault' },
      /See what the profile has: aws configure list --profile vault\./,
    ],
    [
      'a code that nobody can be asked for',
      { AWS_PROFILE: 'guarded' },
      /asks for a code of arn:aws:iam::123456789012:mfa\/ada, and there is no terminal .*--profile guarded --format env\)"/,
    ],
    [
      'a session of aws login that is not there',
      { AWS_PROFILE: 'console' },
      /Renew the session: aws login --profile console\./,
    ],
    ['a role with a source that is not there', { AWS_PROFILE: 'chained' }, /list --profile chained\./],
    [
      'a profile that is not there',
      { AWS_PROFILE: 'two words' },
      /There is no profile two words in the AWS configuration; there are /,
    ],
    [
      'nothing at all',
      {},
      /^there are no AWS credentials: .* Name a profile in AWS_PROFILE, or set AWS_ACCESS/,
    ],
    [
      'a container whose address does not answer',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/credentials' },
      /come from where AWS_CONTAINER_CREDENTIALS_FULL_URI .* points/,
    ],
    [
      'a token of a workload that is not there',
      { AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere/token', AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/ci' },
      /come from AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN/,
    ],
    [
      'an expired session in the environment',
      keysOf,
      /those of AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN in this/,
    ],
  ])('%s: says how to come by others', async (_what, env, said) => {
    script[0] = {
      status: 403,
      headers: { 'x-amzn-requestid': 'r', 'content-type': 'text/xml' },
      body: errorXml('ExpiredToken'),
    }
    vi.stubEnv('HOME', home)
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_ENDPOINT_URL_STS', server.url)
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'))
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'))
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    await expect(accountOf(ownCredentials(), 'us-west-2', () => {})).rejects.toThrow(said)
  })
})

const assumed = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

it.skipIf(skipped)(
  `takes the code of a profile’s device at the terminal, once for all that it asks${note}`,
  async () => {
    script[0] = { headers: { 'content-type': 'text/xml' }, body: assumed }
    const folder = mkdtempSync(join(tmpdir(), 'podid-mfa-'))
    const serial = 'arn:aws:iam::123456789012:mfa/ada'
    const profile = `role_arn = arn:aws:iam::123456789012:role/dev\nsource_profile = base\nmfa_serial = ${serial}`
    writeFileSync(join(folder, 'config'), `[profile guarded]\n${profile}\n`)
    writeFileSync(join(folder, 'keys'), '[base]\naws_access_key_id = AKIA\naws_secret_access_key = s\n')
    const program = [process.execPath, join(import.meta.dirname, '../../cli/podid.js')]
    const { said } = await typedInto(
      [
        ...program,
        'status',
        '--profile',
        'guarded',
        '--region',
        'us-west-2',
        '--cluster',
        'one',
        '--cluster',
        'two',
      ],
      {
        ...plainEnv(),
        AWS_CONFIG_FILE: join(folder, 'config'),
        AWS_SHARED_CREDENTIALS_FILE: join(folder, 'keys'),
        AWS_ENDPOINT_URL_STS: server.url,
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      },
      { early: '123456\n' },
    )
    rmSync(folder, { recursive: true })
    expect(said.match(/Code of/g)).toHaveLength(1)
    expect(said.replaceAll(/\s+/g, ' ')).toContain('nothing answers at http://127.0.0.1:9')
    expect(server.received.map(({ body }) => [...new URLSearchParams(body)])).toEqual([
      expect.arrayContaining([
        ['Action', 'AssumeRole'],
        ['SerialNumber', serial],
        ['TokenCode', '123456'],
      ]),
    ])
  },
)

it('has one provider for what a command asks, so that a code is typed once, and another for another profile', () => {
  const mine = ownCredentials()
  expect(ownCredentials()).toBe(mine)
  vi.stubEnv('AWS_PROFILE', 'another')
  expect(ownCredentials()).not.toBe(mine)
})

it('says in one line that the profile counts where keys are there too', async () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.stubEnv('AWS_PROFILE', 'nobody')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's')
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  await ownCredentials()().catch(() => {})
  const said = written.mock.calls.join('')
  written.mockRestore()
  expect(said).toBe('podid: AWS_PROFILE and AWS_ACCESS_KEY_ID are both set; the profile nobody counts\n')
})

const refused = (address: string, port: number) =>
  Object.assign(new Error(`connect ECONNREFUSED ${address}:${port}`), { code: 'ECONNREFUSED', address, port })
const unknownHost = (hostname: string) =>
  Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND', hostname })

it.each<[why: string, error: Error, env: NodeJS.ProcessEnv, advice: string | undefined]>([
  [
    'nobody at the endpoint, in the attempts of a connection',
    new AggregateError([refused('127.0.0.1', 4566)]),
    { AWS_ENDPOINT_URL: 'http://localhost:4566' },
    'nothing answers at http://localhost:4566, where AWS_ENDPOINT_URL points; podid local may have been stopped',
  ],
  [
    'a service with an endpoint of its own',
    refused('127.0.0.1', 4567),
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_ENDPOINT_URL_EKS: 'http://127.0.0.1:4567' },
    'nothing answers at http://127.0.0.1:4567, where AWS_ENDPOINT_URL_EKS points; podid local may have been stopped',
  ],
  [
    'a region that there is not',
    unknownHost('eks.us-wset-2.amazonaws.com'),
    {},
    "there is no host eks.us-wset-2.amazonaws.com: check the region (--region, AWS_REGION), and this machine's network",
  ],
  [
    "a cluster's API, which is not AWS",
    refused('127.0.0.1', 6443),
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' },
    undefined,
  ],
  ['what is no failure to connect', new Error('it said no'), {}, undefined],
])('says of %s what to look at', (_why, error, env, advice) => {
  expect(unreachedAdvice(error, env)).toBe(advice)
})
