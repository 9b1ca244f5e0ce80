import { describe, expect, it } from 'vitest'
import {
  callerOf,
  isSignedBySlack,
  parseWebhookSecrets,
  signAsSlack,
  signMessage,
} from '../../adapters/signatures.ts'

describe('the signature of Slack', () => {
  // The example of https://docs.slack.dev/authentication/verifying-requests-from-slack
  const secret = '8f742231b10e8888abcd99yyyzzz85a5'
  const timestamp = '1531420618'
  const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'
  const body = Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  )
  const now = Number(timestamp) * 1000

  it('is the documented one', () => {
    expect(signAsSlack(secret, timestamp, body)).toBe(signature)
    expect(isSignedBySlack(secret, { timestamp, signature, body }, now)).toBe(true)
  })

  it.each<[why: string, change: object, at: number]>([
    ['five minutes and a moment late', {}, now + 300_001],
    ['five minutes and a moment early', {}, now - 300_001],
    ['another time than was signed', { timestamp: '1531420619' }, now],
    ['a time that is no number', { timestamp: '1531420618 ' }, now],
    ['a time in hexadecimal', { timestamp: '0x5b47a04a' }, now],
    ['capitals', { signature: signature.toUpperCase() }, now],
    ['half of it', { signature: signature.slice(0, 35) }, now],
    ['nothing', { signature: '' }, now],
    ['something before it', { signature: `v0=,${signature}` }, now],
    ['something behind it', { signature: `${signature}00` }, now],
  ])('is not good with %s', (_why, change, at) => {
    expect(isSignedBySlack(secret, { timestamp, signature, body, ...change }, at)).toBe(false)
  })
})

it.each<[why: string, timestamp: string, good: boolean]>([
  ['a time in whole seconds', '1531420618', true],
  ['the last moment of the window', '1531420318', true],
  ['its first moment', '1531420918', true],
  ['a space before it, which is a number too', ' 1531420618', false],
  ['a space behind it', '1531420618 ', false],
  ['parts of a second', '1531420618.5', false],
  ['so many digits that no time has', '0001531420618', false],
])('takes a time that was signed for what it says: %s', (_why, timestamp, good) => {
  const now = 1531420618_000
  const body = Buffer.from('text=')
  const signature = signAsSlack('secret', timestamp, body)
  expect(isSignedBySlack('secret', { timestamp, signature, body }, now)).toBe(good)
})

it.each<[why: string, id: string, good: boolean]>([
  ['as many characters as an id may have', 'm'.repeat(128), true],
  ['one more', 'm'.repeat(129), false],
  ['none', '', false],
  ['a space before it', ' msg', false],
  ['a space behind it', 'msg ', false],
  ['what is no character of ASCII', 'msg-é', false],
])('takes an id that was signed only if it is one: %s', (_why, id, good) => {
  const [secret] = parseWebhookSecrets(`ci=whsec_${Buffer.alloc(24, 7).toString('base64')}`)
  const message = { id, timestamp: '1614265330', body: '{}' }
  const signature = signMessage(secret?.key ?? Buffer.alloc(0), message)
  expect(callerOf(secret ? [secret] : [], message, signature, 1614265330_000)).toBe(good ? 'ci' : undefined)
})

const ofBytes = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`
it.each<[why: string, text: string, callers: string[]]>([
  ['nothing', '', []],
  ['white space alone', ' \n', []],
  [
    'one to a line, with what an editor leaves',
    ` ci=${ofBytes(24)}\r\n\nb-2=${ofBytes(32)}\n`,
    ['ci', 'b-2'],
  ],
  ['an old and a new secret of one name', `ci=${ofBytes(24)} ci=${ofBytes(25)}`, ['ci', 'ci']],
])('reads the secrets of callers: %s', (_why, text, callers) => {
  expect(parseWebhookSecrets(text).map(({ caller }) => caller)).toEqual(callers)
})

it.each<[why: string, entry: string]>([
  ['a name in capitals', `CI=${ofBytes(24)}`],
  ['a name that ends well', `Team.ci=${ofBytes(24)}`],
  ['a secret without a name', ofBytes(24)],
  ['too few bytes', `ci=${ofBytes(23)}`],
  ['what is no base64 at its end', `ci=${ofBytes(24)}!`],
])('says which entry is no secret, and not what is in it: %s', (_why, entry) => {
  expect(() => parseWebhookSecrets(`ok=${ofBytes(24)} ${entry}`)).toThrow(
    /^webhook secret 2 is not NAME=whsec_ and the base64 of 24 bytes or more$/,
  )
})

describe('the signature of Standard Webhooks', () => {
  // The example of the specification's reference implementations.
  const secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: '1614265330',
    body: '{"test": 2432232314}',
  }
  const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
  const now = 1614265330_000
  const secrets = parseWebhookSecrets(`old=whsec_${Buffer.alloc(24).toString('base64')} ci=whsec_${secret}`)

  it('is the documented one, and says whose it is', () => {
    expect(signMessage(Buffer.from(secret, 'base64'), message)).toBe(signature)
    expect(callerOf(secrets, message, signature, now)).toBe('ci')
    expect(callerOf(secrets, message, `v1,AAAA v2,BBBB ${signature}`, now)).toBe('ci')
  })

  it.each<[why: string, change: object, signatures: string, at: number]>([
    ['a moment too late', {}, signature, now + 300_001],
    ['a moment too early', {}, signature, now - 300_001],
    ['another id', { id: 'msg_other' }, signature, now],
    ['an id with a line break', { id: 'msg\n' }, signature, now],
    ['an id without end', { id: 'm'.repeat(129) }, signature, now],
    ['no version', {}, signature.slice(3), now],
    ['no signature', {}, '', now],
    ['more signatures than anybody has', {}, `${'v1,AAAA '.repeat(10)}${signature}`, now],
  ])('is nobody’s with %s', (_why, change, signatures, at) => {
    expect(callerOf(secrets, { ...message, ...change }, signatures, at)).toBeUndefined()
  })

  it.each([
    ['too short', 'ci=whsec_c2hvcnQ='],
    ['not base64', 'ci=plain-text-secret-of-enough-length'],
    ['without a name', `whsec_${secret}`],
  ])('needs a secret that is one, and does not show one that is %s', (_why, text) => {
    expect(() => parseWebhookSecrets(`ok=whsec_${secret} ${text}`)).toThrow(
      /^webhook secret 2 is not NAME=whsec_ and the base64 of 24 bytes or more$/,
    )
  })
})
