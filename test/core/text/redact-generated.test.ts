import { expect, it } from 'vitest'
import { excerpt, redact } from '../../../core/text/redact.ts'
import { randomSource } from '../../support/random.ts'

const { pick, random } = randomSource(31)
const draw = (characters: string, length: number): string =>
  Array.from({ length }, () => characters.charAt(Math.floor(random() * characters.length))).join('')
const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const base64 = `${alphanumeric}+/`
const anything = `${alphanumeric}!#$%()*+,-./:;<>?@[]^_{|}~`

/** What a secret looks like where it is written down, made anew each time: the text, and the part that is secret. */
const kinds: Record<string, () => [text: string, secret: string]> = {
  'a GitHub token': () => same(`${pick(['ghp_', 'gho_', 'ghs_', 'github_pat_'])}${draw(alphanumeric, 36)}`),
  'a Slack token': () => same(`${pick(['xoxb', 'xoxp', 'xoxe', 'xapp'])}-${draw(alphanumeric, 24)}`),
  'a webhook secret': () => same(`whsec_${draw(base64, 32)}`),
  'an EKS token': () => same(`k8s-aws-v1.${draw(`${alphanumeric}-_`, 80)}`),
  'a JWT': () => same(`eyJ${draw(alphanumeric, 30)}.${draw(alphanumeric, 60)}.${draw(alphanumeric, 43)}`),
  'keys side by side': () =>
    of((secret) => `ASIA${draw('ABCDEFGHIJKLMNOP234567', 16)}:${secret}`, draw(base64, 40)),
  'keys in a file': () =>
    of(
      (secret) => `aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = ${secret}\n`,
      draw(base64, 40),
    ),
  'a URL’s password': () =>
    of((secret) => `redis://user:${secret}@cache:6379/0`, draw(`${alphanumeric}!$*+,-.;_~`, 16)),
  'a variable': () =>
    of(
      (secret) =>
        `${pick(['DB_PASS', 'DB_PASSWORD', 'MY_SECRET', 'API_TOKEN', 'pwd', 'X_APIKEY'])}=${secret}`,
      draw(anything.replace('&', ''), 14),
    ),
  'a field of JSON': () =>
    of(
      (secret) => JSON.stringify({ [pick(['password', 'clientSecret', 'token'])]: secret }),
      draw(`${anything} `, 18),
    ),
  'JSON in JSON': () =>
    of(
      (secret) => JSON.stringify({ m: JSON.stringify({ password: secret }) }),
      draw(`${alphanumeric} ,;}`, 18),
    ),
  'a header': () => of((secret) => `Authorization: Bearer ${secret}`, draw(`${alphanumeric}-._~+/`, 40)),
  'a signed URL': () =>
    of(
      (secret) => `https://s3.amazonaws.com/b/k?X-Amz-Signature=${secret}&x=1`,
      draw('0123456789abcdef', 64),
    ),
  'a private key': () =>
    of(
      (secret) => `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`,
      draw(base64, 64),
    ),
  'a private key without its end': () =>
    of((secret) => `-----BEGIN PRIVATE KEY-----\n${secret}`, draw(base64, 64)),
}
const same = (text: string): [string, string] => [text, text]
const of = (place: (secret: string) => string, secret: string): [string, string] => [place(secret), secret]

/** Whether a piece of the secret that would help somebody is in the text. */
const holdsPartOf = (secret: string, text: string): boolean => {
  const inner = secret.replace(/^(?:github_pat_|gh._|xox.-|xapp-|whsec_|k8s-aws-v1\.)/, '')
  const length = Math.min(8, inner.length)
  for (let at = 0; at + length <= inner.length; at++)
    if (text.includes(inner.slice(at, at + length))) return true
  return false
}

it.each(Object.entries(kinds))(
  'hides %s, wherever in a line it is and wherever the line is cut',
  (_kind, make) => {
    for (let offset = 0; offset < 420; offset += offset > 330 ? 1 : 7) {
      const [text, secret] = make()
      const before = Array.from({ length: offset }, () => (random() < 0.2 ? ' ' : 'x')).join('')
      const line = `${before} ${text} and more`
      const shown = excerpt(line)
      if (holdsPartOf(secret, shown)) expect.fail(`${line}\nis shown as\n${shown}`)
      expect(shown.length).toBeLessThanOrEqual(401)
    }
  },
)

/** What stands between the id of an access key and its secret where somebody writes both down. */
const between = [
  ...[
    ' ',
    ':',
    ',',
    ', ',
    ';',
    '/',
    '|',
    '\t',
    '\n',
    '\r\n',
    '=',
    ' = ',
    '","',
    "', '",
    '\\n',
    '\\t',
    '\\",\\"',
  ],
  ...[
    '(',
    ' (',
    ' - ',
    ' -> ',
    ' => ',
    '&',
    '@',
    '#',
    '%3A',
    '%2F',
    '%20',
    ' and ',
    ' with secret ',
    ': secret=',
  ],
  ...[
    '</AccessKeyId><SecretAccessKey>',
    '", "SecretAccessKey": "',
    '\\u0022,\\u0022',
    '_',
    '-',
    '.',
    '~',
    '<',
    '>',
  ],
]
/** A secret access key, 40 characters of base64, with marks at its ends or next to each other. */
const marked = [
  (text: string) => `/${text.slice(1)}`,
  (text: string) => `+${text.slice(1)}`,
  (text: string) => `${text.slice(1)}/`,
  (text: string) => `${text.slice(1)}+`,
  (text: string) => `//++${text.slice(8)}++//`,
  (text: string) => `${text.slice(0, 18)}/+/+${text.slice(22)}`,
  (text: string) => text,
]
const after = ['', ' ', '=', '==', '.', ',', '"', "'", '/', ':', ')', '\\n', '&', '\n', '</']

it('hides the secret beside an access key id, whatever stands between them and after it', () => {
  for (const separator of between)
    for (const mark of marked)
      for (const end of after) {
        const secret = mark(`aA1${draw(base64, 34)}bB2`)
        const line = `keys ${pick(['AKIA', 'ASIA'])}${draw('ABCDEFGHIJKLMNOP234567', 16)}${separator}${secret}${end}`
        const shown = redact(line)
        if (holdsPartOf(secret, shown)) expect.fail(`${line}\nis shown as\n${shown}`)
        expect(shown).not.toMatch(/A[KS]IA[A-Z0-9]/)
        expect(redact(shown)).toBe(shown)
      }
})
