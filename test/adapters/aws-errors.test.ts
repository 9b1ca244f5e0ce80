import { describe, expect, it } from 'vitest'
import { restateAwsError } from '../../adapters/aws-errors.ts'

const failure = (name: string, extra: object = {}) => Object.assign(new Error('it said so'), { name }, extra)
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } })

describe('restating what an AWS client threw', () => {
  const rows: [string, Error, string][] = [
    ['IAM throttles with 400', failure('Throttling', status(400)), 'Transient'],
    ['EKS throttles with 429', failure('ThrottlingException', status(429)), 'Transient'],
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

  const unchanged: [string, Error][] = [
    [
      'what is not there, since each caller decides what that means',
      failure('NoSuchEntityException', status(404)),
    ],
    ['an abort', failure('AbortError')],
    ['a bug of ours', new TypeError('x is not a function')],
    ['a name that only looks like one of the table', failure('constructor')],
  ]
  it.each(unchanged)('leaves %s', (_why, error) => {
    expect(restateAwsError(error, 'reading role carts')).toBe(error)
  })

  it('makes an error of what was thrown and is none', () => {
    expect(restateAwsError('gone', 'reading role carts').message).toBe('reading role carts: gone')
  })
})
