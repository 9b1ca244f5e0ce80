import { expect, it } from 'vitest'
import { excerpt, redact } from '../../../core/text/redact.ts'
import { randomSource } from '../../support/random.ts'

it.each([
  ['using key AKIAIOSFODNN7EXAMPLE now', 'using key AKIA… now'],
  ['ASIAIOSFODNN7EXAMPLE/20260101/us-west-2', 'ASIA…/20260101/us-west-2'],
  ['secret is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.', 'secret is (hidden).'],
  ['aws_secret_access_key = wJalrXUtnFEMI', 'aws_secret_access_key = (hidden)'],
  ['{"sessionToken":"IQoJb3JpZ2luX2VjE"}', '{"sessionToken":"(hidden)"}'],
  [
    '{"message":"{\\"db_pass\\":\\"a b, c\\",\\"n\\":1}"}',
    '{"message":"{\\"db_pass\\":\\"(hidden)\\",\\"n\\":1}"}',
  ],
  ['Authorization: Bearer abcdefghijkl', 'Authorization: Bearer (hidden)'],
  [
    'Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/1, Signature=fe5f80',
    'Authorization: (hidden)',
  ],
  ['token k8s-aws-v1.aHR0cHM6Ly9zdHM rejected', 'token (token) rejected'],
  ['got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwcyJ9.c2ln', 'got (token)'],
  ['GET /?Action=X&X-Amz-Signature=8f32c1&b=1', 'GET /?Action=X&X-Amz-Signature=(hidden)&b=1'],
  ['{"X-Amz-Security-Token": "IQoJb3Jp"}', '{"X-Amz-Security-Token": "(hidden)"}'],
  ['X-Amz-Security-Token : IQoJb3Jp next', 'X-Amz-Security-Token : (hidden) next'],
  ['X-Amz-Credential%3DIQoJ%2Fx y', 'X-Amz-Credential%3D(hidden) y'],
  ['bearer   abcdefghijkl', 'bearer (hidden)'],
  ['Cookie:   session=abc; theme=dark', 'Cookie:   (hidden)'],
  ['Basic-Password: hunter22', 'Basic-Password: (hidden)'],
  ['API_KEY: hunter22', 'API_KEY: (hidden)'],
  ['GET /?Expires=1&Signature=8f32c1&b=1', 'GET /?Expires=1&Signature=(hidden)&b=1'],
  ['password: hunter22, user: me', 'password: (hidden), user: me'],
  ['pwd=x', 'pwd=(hidden)'],
  ['PGPASSWORD=a,b;c psql', 'PGPASSWORD=(hidden) psql'],
  ['mysql --password hunter22 -h db', 'mysql --password (hidden) -h db'],
  ['dial postgres://carts:h@n/ter:22@db:5432/carts failed', 'dial postgres://(hidden)@db:5432/carts failed'],
  ['dial s3+x://u:p@h', 'dial s3+x://(hidden)@h'],
  ['dial s3+x://token12@h', 'dial s3+x://(hidden)@h'],
  ['see https://h:44/x@y and https://h:4433', 'see https://h:44/x@y and https://h:4433'],
  ['see https://h:4433?q=x@y', 'see https://h:4433?q=x@y'],
  ['see https://h:4433 x@y', 'see https://h:4433 x@y'],
  ['user with digits: https://u:4433x@h', 'user with digits: https://(hidden)@h'],
  ['clone https://x-access-token@github.com/a/b', 'clone https://(hidden)@github.com/a/b'],
  ['glpat-aBcDeFgHiJkLmNoPqRsT', '(token)'],
  ['npm_aBcDeFgHiJkLmNoPqRsTuVwX', '(token)'],
  ['sk_live_aBcDeFgHiJkLmNoP and rk_test_aBcDeFgHiJ', '(token) and (token)'],
  ['vault token is hvs.CAESIJaBcDeFgHi', 'vault token is (token)'],
  ['AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEYKEYS', 'AKIA… (hidden)'],
  ['Set-Cookie: session=abc; Path=/', 'Set-Cookie: (hidden)'],
  ['Proxy-Authorization: Basic dXNlcjpwYXNz', 'Proxy-Authorization: Basic (hidden)'],
  ['said basic dXNlcjpwYXNzd29yZA', 'said basic (hidden)'],
  ['private-key: abcdefgh', 'private-key: (hidden)'],
  ['accessKey=abcdefgh', 'accessKey=(hidden)'],
  [`${'MIIEpAIBAAKCAQEA'.repeat(4)}\nnext`, '(hidden)\nnext'],
  ['-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\nok', '(private key)\nok'],
  ['key: -----BEGIN PRIVATE KEY-----\nMHc\nabc', 'key: (private key)'],
])('%s', (text, shown) => {
  expect(redact(text)).toBe(shown)
  expect(redact(shown)).toBe(shown)
})

it.each([
  'arn:aws:sts::123456789012:assumed-role/eks-workshop-carts-dynamo/eks-eks-workshop-carts',
  'commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12',
  'secret "carts-db" not found',
  'Back-off pulling image "public.ecr.aws/aws-containers/retail-store-sample-cart:1.2.1"',
  'not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-west-2:123456789012:secret:carts-AbCdEf',
  'connect to https://10.0.0.1:6443/api refused, see https://docs.aws.amazon.com/eks/latest/userguide/@x',
  'all 12 checks passed: 0 failed',
  "InvalidSignatureException: Credential should be scoped to a valid region, not 'eu-west-1'.",
  'SignatureDoesNotMatch: Signature expired: 20261126T030000Z is now earlier than 20261126T030500Z',
  'AuthorizationError: User: arn:aws:iam::123456789012:user/carts is not authorized to perform: SNS:Publish',
  'secrets is forbidden: User "podid" cannot list resource "secrets" in API group "" in the namespace "carts"',
])('leaves alone what is no secret: %s', (text) => {
  expect(redact(text)).toBe(text)
})

const { pick, random } = randomSource(31)
const draw = (characters: string, length: number): string =>
  Array.from({ length }, () => pick([...characters])).join('')
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

it('takes no time to speak of, however long and odd the text', () => {
  for (const odd of [
    'pass',
    'secret=',
    'a:',
    '://',
    '-----BEGIN PRIVATE KEY-----',
    '"token":"',
    'eyJ',
    'A',
    '\\"',
  ]) {
    expect(redact(odd.repeat(4000)).length).toBeGreaterThan(0)
  }
})

it('cuts after it has hidden, and only what is too long', () => {
  expect(excerpt('a'.repeat(400))).toBe('a'.repeat(400))
  expect(excerpt('a'.repeat(401))).toBe(`${'a'.repeat(400)}…`)
  expect(excerpt(`${'a '.repeat(195)}password: hunter22hunter22`)).toContain('password:')
})

it('cuts no character in half, and leaves one alone that is whole', () => {
  expect(excerpt(`${'a'.repeat(399)}🦊b`)).toBe(`${'a'.repeat(399)}…`)
  expect(excerpt(`🦊${'a'.repeat(400)}`)).toBe(`🦊${'a'.repeat(398)}…`)
  expect(excerpt('abcdef', 3)).toBe('abc…')
})
