import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { accessAnalyzer } from '../../../adapters/iam/access-analyzer.ts'
import type { WrittenDocument } from '../../../core/role/written.ts'
import { virtualClock } from '../../../local/clock.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'

/** What the service answers to each of its paths, in order: as its API reference describes it. */
let answers: Record<string, [status: number, body: object][]> = {}
const asked: { path: string; body: Record<string, unknown> }[] = []
const server = http.createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const [path = ''] = (request.url ?? '').split('?')
    asked.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) as never })
    const [status, body] = answers[path]?.shift() ?? [500, { message: 'nothing is planned' }]
    const type = (body as { __type?: string }).__type
    response
      .writeHead(status, {
        'content-type': 'application/json',
        'x-amzn-requestid': 'r',
        ...(type && { 'x-amzn-errortype': type }),
      })
      .end(JSON.stringify(body))
  })
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => {
  asked.length = 0
})

const newAccess = '/policy/check-no-new-access'
const validation = '/policy/validation'
const document = { Version: '2012-10-17', Statement: [] }
const written: WrittenDocument = {
  name: 'the trust policy',
  kind: 'trust',
  document,
  atMost: { Version: '2012-10-17', Statement: [{ Effect: 'Deny' }] },
}

const analyze = async (port = (server.address() as AddressInfo).port, signal?: AbortSignal) => {
  const credentials = { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x'.repeat(40) }
  const [analysis] = await accessAnalyzer(
    quietRuntime(`http://127.0.0.1:${port}`, { credentials, clock: virtualClock(), signal }),
    'us-west-2',
  ).analyze([written])
  return analysis
}

describe('IAM Access Analyzer', () => {
  it('is asked about a document as what it is, and read to the last page', async () => {
    const finding = {
      findingDetails: 'Words of AWS.',
      findingType: 'SECURITY_WARNING',
      issueCode: 'SOME_CODE',
      learnMoreLink: 'https://docs.aws.amazon.com/x',
      locations: [{ path: [{ value: 'Statement' }, { index: 1 }, { value: 'Action' }, { substring: {} }] }],
    }
    answers = {
      [newAccess]: [[200, { result: 'PASS', message: 'none' }]],
      [validation]: [
        [200, { findings: [finding], nextToken: 'more' }],
        [200, { findings: [{ ...finding, findingType: 'NEW_TYPE', locations: [] }] }],
      ],
    }
    const read = { code: 'SOME_CODE', details: 'Words of AWS.', link: 'https://docs.aws.amazon.com/x' }
    expect(await analyze()).toEqual({
      name: 'the trust policy',
      newAccess: [],
      issues: [
        { ...read, level: 'security-warning', at: 'Statement[1].Action' },
        { ...read, level: 'warning', at: '' },
      ],
    })
    expect(asked.find(({ path }) => path === newAccess)?.body).toEqual({
      policyType: 'RESOURCE_POLICY',
      newPolicyDocument: JSON.stringify(document),
      existingPolicyDocument: JSON.stringify(written.atMost),
    })
    expect(asked.find(({ path }) => path === validation)?.body).toEqual({
      policyType: 'RESOURCE_POLICY',
      validatePolicyResourceType: 'AWS::IAM::AssumeRolePolicyDocument',
      policyDocument: JSON.stringify(document),
    })
  })

  it.each([
    [
      { reasons: [{ description: 'in statement 0' }, { description: 'in statement 2' }] },
      ['in statement 0', 'in statement 2'],
    ],
    [{ message: 'it does' }, ['it does']],
    [{}, ['it does not say where']],
  ])('finds new access, with what it says of it: %j', async (said, expected) => {
    answers = { [newAccess]: [[200, { result: 'FAIL', ...said }]], [validation]: [[200, { findings: [] }]] }
    expect(await analyze()).toMatchObject({ newAccess: expected, issues: [] })
  })

  it.each([
    [
      'denied',
      403,
      { __type: 'AccessDeniedException', message: 'no identity-based policy allows it' },
      'no identity-based policy allows it',
    ],
    [
      'refused',
      400,
      { __type: 'InvalidParameterException', message: 'The policy is invalid' },
      'The policy is invalid',
    ],
    ['too complex', 422, { __type: 'UnprocessableEntityException', message: 'too complex' }, 'too complex'],
    ['no answer of the service', 200, {}, 'the answer holds no'],
  ])('says of each question by itself that it was not answered: %s', async (_why, status, body, said) => {
    const good: [number, object][] = [[200, { result: 'PASS' }]]
    answers = { [newAccess]: good, [validation]: Array.from({ length: 3 }, () => [status, body]) }
    expect(await analyze()).toMatchObject({
      newAccess: [],
      issues: { skipped: expect.stringContaining(said) },
    })
    answers = {
      [newAccess]: Array.from({ length: 3 }, () => [status, body]),
      [validation]: [[200, { findings: [] }]],
    }
    expect(await analyze()).toMatchObject({
      newAccess: { skipped: expect.stringMatching(/^checking the trust policy for new access: /) },
      issues: [],
    })
  })

  it('takes the end of its own time for no answer of the service', async () => {
    const over = new Error('the function’s time is over')
    await expect(analyze(undefined, AbortSignal.abort(over))).rejects.toBe(over)
  })

  it('says that nobody answered', async () => {
    // Nothing listens on port 9.
    expect(await analyze(9)).toMatchObject({
      newAccess: { skipped: expect.stringMatching(/^checking the trust policy for new access: /) },
      issues: { skipped: expect.stringMatching(/^validating the trust policy: /) },
    })
  })
})
