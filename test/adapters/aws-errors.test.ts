import { describe, expect, it } from 'vitest'
import { isNetworkFailure, requiredMember, restateAwsError } from '../../adapters/aws-errors.ts'
import { Conflict } from '../../core/errors.ts'

const failure = (name: string, extra: object = {}) => Object.assign(new Error('it said so'), { name }, extra)
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } })

describe('restating what an AWS client threw', () => {
  const rows: [string, Error, string][] = [
    ['IAM throttles with 400', failure('Throttling', status(400)), 'Transient'],
    ['EKS throttles with 429', failure('ThrottlingException', status(429)), 'Transient'],
    ['a 429 of whatever name', failure('SomethingNew', status(429)), 'Transient'],
    ['a 5xx of whatever name', failure('SomethingNew', status(503)), 'Transient'],
    ['a server that names its own fault', failure('ServerException', status(500)), 'Transient'],
    ['what the SDK itself calls throttling', failure('X', { $retryable: { throttling: true } }), 'Transient'],
    ['a connection that was cut', failure('Error', { code: 'ECONNRESET' }), 'Transient'],
    [
      'a host that no address of answers',
      Object.assign(new AggregateError([failure('Error', { code: 'ECONNREFUSED' })]), {
        name: 'AggregateError',
      }),
      'Transient',
    ],
    ['no answer in time', failure('TimeoutError'), 'Transient'],
    ['IAM and STS deny', failure('AccessDenied', status(403)), 'AccessDenied'],
    ['EKS denies', failure('AccessDeniedException', status(403)), 'AccessDenied'],
    ['the association exists', failure('ResourceInUseException', status(409)), 'Conflict'],
    ['another writer was faster', failure('ConcurrentModificationException', status(409)), 'Conflict'],
    ['a parameter is wrong', failure('InvalidParameterException', status(400)), 'InvalidRequest'],
    ['a query parameter is wrong', failure('ValidationError', status(400)), 'InvalidRequest'],
  ]
  it.each(rows)('%s', (_why, error, name) => {
    const restated = restateAwsError(error, 'reading role carts')
    expect(restated).toMatchObject({ name, cause: error })
    expect(restated.message).toContain('reading role carts')
    expect(restated.message).toContain(error.message)
  })

  const named: [string, Error, string, RegExp][] = [
    [
      'expired credentials, as EKS says it',
      failure('ExpiredTokenException', status(403)),
      'AccessDenied',
      /aws sso login/,
    ],
    [
      'expired credentials, as IAM says it',
      failure('ExpiredToken', status(403)),
      'AccessDenied',
      /aws sso login/,
    ],
    ['a signature from too long ago', failure('RequestExpired', status(400)), 'AccessDenied', /Renew/],
    [
      'keys that AWS does not know',
      failure('InvalidClientTokenId', status(403)),
      'AccessDenied',
      /get-caller-identity/,
    ],
    [
      'keys that EKS does not know',
      failure('UnrecognizedClientException', status(403)),
      'AccessDenied',
      /clock/,
    ],
    [
      'a signature that IAM refuses, which no retry mends',
      failure('SignatureDoesNotMatch', status(403)),
      'PreflightFailed',
      /clock/,
    ],
    [
      'a signature that EKS refuses, which no retry mends',
      failure('InvalidSignatureException', status(403)),
      'PreflightFailed',
      /get-caller-identity/,
    ],
    ['no credentials at all', failure('CredentialsProviderError'), 'AccessDenied', /aws sso login/],
    [
      'no credentials, where the SDK says what to do',
      Object.assign(new Error('run aws sso login with the corresponding profile'), {
        name: 'CredentialsProviderError',
      }),
      'AccessDenied',
      /profile\. Then run it again$/,
    ],
    [
      'what is not there, where the caller has not foreseen it',
      failure('NoSuchEntityException', status(404)),
      'PreflightFailed',
      /reading/,
    ],
    ['a quota', failure('ResourceLimitExceededException', status(400)), 'PreflightFailed', /reading/],
    [
      'a refusal under a name of its own',
      failure('SomethingNew', status(403)),
      'AccessDenied',
      /SomethingNew/,
    ],
    [
      'a fault of the request under a name of its own',
      failure('SomethingNew', status(400)),
      'InvalidRequest',
      /SomethingNew/,
    ],
    [
      'an answer that is no JSON',
      Object.assign(new SyntaxError('Unexpected token <'), status(404)),
      'Transient',
      /could not be understood/,
    ],
    ['an answer without its parts', new TypeError('x is undefined'), 'Transient', /could not be understood/],
    ['a name that only looks like one of the table', failure('constructor'), 'Transient', /constructor/],
    ['an error that says nothing', new Error(''), 'Transient', /without a word/],
    [
      'attempts that say nothing as a whole',
      new AggregateError([failure('Error', { code: 'ECONNREFUSED' })], ''),
      'Transient',
      /it said so/,
    ],
  ]
  it.each(named)('%s', (_why, error, name, message) => {
    const restated = restateAwsError(error, 'reading role carts')
    expect(restated).toMatchObject({ name, cause: error, message: expect.stringMatching(message) })
    expect(restated.message).toMatch(/^reading role carts: /)
  })

  it('sets the advice after one full stop', () => {
    const error = Object.assign(new Error('Credential should be scoped to a valid region.'), {
      name: 'InvalidSignatureException',
    })
    expect(restateAwsError(error, 'reading role carts').message).toContain(
      'valid region. What answered serves another region: correct the region, or the endpoint',
    )
  })

  it('leaves an abort, and what has a name of ours', () => {
    for (const error of [failure('AbortError'), new Conflict('it was deleted meanwhile')])
      expect(restateAwsError(error, 'reading role carts')).toBe(error)
  })

  it('takes secrets out of what AWS said', () => {
    const error = Object.assign(new Error('for https://x/?X-Amz-Signature=abcdef0123&a=b'), {
      name: 'AccessDenied',
    })
    expect(restateAwsError(error, 'reading role carts').message).not.toContain('abcdef0123')
  })

  it('leaves out secrets that a service repeats', () => {
    const error = failure('ValidationError', status(400))
    error.message = 'not valid: https://sts/?X-Amz-Signature=8f32c18f32c18f32c1 with password=hunter22'
    const { message } = restateAwsError(error, 'reading role carts')
    expect(message).toBe(
      'reading role carts: ValidationError: not valid: https://sts/?X-Amz-Signature=(hidden) with password=(hidden)',
    )
  })

  it('makes an error of what was thrown and is none', () => {
    expect(restateAwsError('gone', 'reading role carts')).toMatchObject({
      name: 'Transient',
      message: 'reading role carts: gone',
    })
  })
})

const renew = /Renew the credentials/
const notAccepted = /does not accept the credentials/
it.each([
  ['ExpiredToken', 'AccessDenied', renew],
  ['RequestExpired', 'AccessDenied', renew],
  ['TokenRefreshRequired', 'AccessDenied', renew],
  ['Unauthorized', 'AccessDenied', renew],
  ['CredentialsProviderError', 'AccessDenied', renew],
  ['TokenProviderError', 'AccessDenied', renew],
  // Fresh credentials take a while to be known everywhere.
  ['AuthFailure', 'AccessDenied', notAccepted],
  ['InvalidAccessKeyId', 'AccessDenied', notAccepted],
  ['InvalidClientTokenId', 'AccessDenied', notAccepted],
  ['NotSignedUp', 'AccessDenied', notAccepted],
  ['OptInRequired', 'AccessDenied', notAccepted],
  ['UnrecognizedClient', 'AccessDenied', notAccepted],
  // No time mends a signature that is none.
  ['IncompleteSignature', 'PreflightFailed', notAccepted],
  ['InvalidSignature', 'PreflightFailed', notAccepted],
  ['MissingAuthenticationToken', 'PreflightFailed', notAccepted],
  ['SignatureDoesNotMatch', 'PreflightFailed', notAccepted],
])('says what to do about credentials: %s', (said, name, advice) => {
  for (const variant of [said, `${said}Exception`])
    expect(restateAwsError(failure(variant), 'reading role carts')).toMatchObject({
      name,
      message: expect.stringMatching(advice),
    })
})

it.each([
  ['who is not known', 401, 'AccessDenied'],
  ['a service that was tired of waiting for the request', 408, 'Transient'],
  ['a request that came too early', 425, 'Transient'],
  ['what another one changes', 409, 'Conflict'],
  ['the first of the service’s own faults', 500, 'Transient'],
  ['an answer that is no failure by its status', 399, 'Transient'],
])('goes by the status where the name says nothing: %s', (_why, httpStatusCode, name) => {
  expect(restateAwsError(failure('SomethingNew', status(httpStatusCode)), 'reading role carts').name).toBe(
    name,
  )
})

it.each<[why: string, thrown: unknown, message: string]>([
  ['nothing at all', '', 'it failed without a word'],
  [
    'a name that has Exception in its midst is another name',
    failure('AccessExceptionDenied'),
    'AccessExceptionDenied: it said so',
  ],
  ['a code, where there is no message', Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET'],
  [
    'a code that is a number tells nobody anything',
    Object.assign(new Error(''), { code: 5 }),
    'it failed without a word',
  ],
  ['without the space around it', new Error(' it said so\n'), 'it said so'],
  [
    'without what the SDK tells programmers',
    new SyntaxError(
      'Unexpected token <\n  Deserialization error: to see the raw response, inspect the hidden field {error}.$response on this object.',
    ),
    'the answer could not be understood: SyntaxError: Unexpected token <',
  ],
  [
    'without the part of the SDK that says it',
    failure('TimeoutError', {
      message: '@smithy/node-http-handler - [ERROR] Request did not complete within 15000 ms.',
    }),
    'TimeoutError: Request did not complete within 15000 ms.',
  ],
  [
    'a service that was not reached is no answer that was not understood',
    new TypeError('fetch failed', { cause: failure('Error', { code: 'ENOTFOUND' }) }),
    'TypeError: fetch failed',
  ],
])('says what happened, and no more: %s', (_why, thrown, message) => {
  expect(restateAwsError(thrown, 'reading role carts')).toMatchObject({
    name: 'Transient',
    message: `reading role carts: ${message}`,
    cause: thrown,
  })
})

it('takes the last full stop alone from what is said of credentials', () => {
  const error = failure('InvalidAccessKeyId', { message: 'The key AKIA.EXAMPLE is not known.' })
  expect(restateAwsError(error, 'reading role carts').message).toContain(
    'The key AKIA.EXAMPLE is not known. AWS does',
  )
})

const coded = (code: unknown) => failure('Error', { code })
it.each([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENETUNREACH',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EPIPE',
  'ETIMEDOUT',
])('takes %s for a failure of the network', (code) => {
  expect(isNetworkFailure(coded(code))).toBe(true)
})

it.each<[why: string, error: Error, is: boolean]>([
  ['a file that is not there is none of the network’s', coded('ENOENT'), false],
  ['an error without a code', failure('Error'), false],
  ['one address of several was not reached', new AggregateError([coded('ENOENT'), coded('EPIPE')]), true],
  ['attempts that failed otherwise', new AggregateError([coded('ENOENT'), 'gone']), false],
  ['what was thrown is no error', new AggregateError([{ code: 'EPIPE' }]), false],
  ['wrapped as a cause, twice', new Error('a', { cause: new Error('b', { cause: coded('EPIPE') }) }), true],
  ['a cause of another kind', new Error('a', { cause: coded('ENOENT') }), false],
  ['a cause that is no error', new Error('a', { cause: { code: 'EPIPE' } }), false],
])('tells whether the network failed: %s', (_why, error, is) => {
  expect(isNetworkFailure(error)).toBe(is)
})

it.each([undefined, null])('does not take what an answer lacks for none: %s', (value) => {
  expect(() => requiredMember(value, 'role')).toThrow(
    expect.objectContaining({ name: 'IncompleteAnswer', message: 'the answer holds no role' }),
  )
})

it.each([0, '', false])('takes what is there, however little: %j', (value) => {
  expect(requiredMember(value, 'count')).toBe(value)
})
