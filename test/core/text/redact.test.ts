import { expect, it } from 'vitest'
import { excerpt, redact } from '../../../core/text/redact.ts'

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
  // A value that begins as a token does, and goes on: as much of it as of any other value.
  ['GET /?X-Amz-Security-Token=eyJhbGciOiJS%2FUzI1NiJ9%3D&b=1', 'GET /?X-Amz-Security-Token=(hidden)&b=1'],
  ['X-Amz-Credential: hvs.CAESIJaBcDeFgHi~jKlMnO next', 'X-Amz-Credential: (hidden) next'],
  ['--token eyJhbGciOiJS.%2FUzI1NiJ9 next', '--token (hidden) next'],
  ['password=eyJhbGciOiJS, token: hvs.CAESIJaBcDeFgHi.', 'password=(token), token: (token).'],
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
  ['see https://host:44/x@y and https://h:4433', 'see https://host:44/x@y and https://h:4433'],
  ['see https://h:4433?q=x@y', 'see https://h:4433?q=x@y'],
  ['see https://h:4433 x@y', 'see https://h:4433 x@y'],
  ['user with digits: https://u:4433x@h', 'user with digits: https://(hidden)@h'],
  ['clone https://x-access-token@github.com/a/b', 'clone https://(hidden)@github.com/a/b'],
  ['glpat-aBcDeFgHiJkLmNoPqRsT', '(token)'],
  ['npm_aBcDeFgHiJkLmNoPqRsTuVwX', '(token)'],
  ['sk_live_aBcDeFgHiJkLmNoP and rk_test_aBcDeFgHiJ', '(token) and (token)'],
  ['vault token is hvs.CAESIJaBcDeFgHi', 'vault token is (token)'],
  ['AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEYKEYS', 'AKIA… (hidden)'],
  // Of a secret that is cut off: what stands between does not matter.
  ['AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEX', 'AKIA…:(hidden)'],
  ['"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEX"', '"AKIA…", "(hidden)"'],
  ['ASIAIOSFODNN7EXAMPLE\\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYEX=', 'ASIA…\\n(hidden)'],
  // Of one that is longer than forty, further on in the text.
  ['AKIAIOSFODNN7EXAMPLE with wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEYKEYS', 'AKIA… with (hidden)'],
  ['AKIAIOSFODNN7EXAMPLE with WJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEYKEYS=', 'AKIA… with (hidden)'],
  ['AKIAIOSFODNN7EXAMPLE with 7WJalrXUtnFEMI/KMDENG/bPxRfiCYEXAMPLEKEYKEYS', 'AKIA… with (hidden)'],
  // A long word beside it is none without a digit, nor without small letters.
  [
    'AKIAIOSFODNN7EXAMPLE in ThisIsTheLongNameOfSomethingThatHasNoDigitAnywhereInIt',
    'AKIA… in ThisIsTheLongNameOfSomethingThatHasNoDigitAnywhereInIt',
  ],
  [
    'AKIAIOSFODNN7EXAMPLE in ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQR',
    'AKIA… in ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQR',
  ],
  ['AKIAIOSFODNN7EXAMPLE in eu1 and us2', 'AKIA… in eu1 and us2'],
  ['WJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '(hidden)'],
  ['wjalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '(hidden)'],
  ['ghp_abcdefghijkl and xoxb-1234-abcdefgh', '(token) and (token)'],
  ['x --Password hunter22 --token abcdefgh', 'x --Password (hidden) --token (hidden)'],
  ['postgres://u:4433x/y@h', 'postgres://(hidden)@h'],
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
  'digest ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGH',
  'the name ThisIsALongNameWithoutAnyDigitInItAtAlll',
  "InvalidSignatureException: Credential should be scoped to a valid region, not 'eu-west-1'.",
  'SignatureDoesNotMatch: Signature expired: 20261126T030000Z is now earlier than 20261126T030500Z',
  'AuthorizationError: User: arn:aws:iam::123456789012:user/carts is not authorized to perform: SNS:Publish',
  'secrets is forbidden: User "podid" cannot list resource "secrets" in API group "" in the namespace "carts"',
])('leaves alone what is no secret: %s', (text) => {
  expect(redact(text)).toBe(text)
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
