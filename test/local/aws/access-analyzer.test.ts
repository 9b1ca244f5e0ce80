import {
  AccessAnalyzerClient,
  type AccessCheckPolicyType,
  CheckNoNewAccessCommand,
  type PolicyType,
  ValidatePolicyCommand,
  type ValidatePolicyResourceType,
} from '@aws-sdk/client-accessanalyzer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { allow, config } from './support.ts'

let aws: AwsStandIn
let client: AccessAnalyzerClient
beforeAll(async () => {
  aws = await startAws()
  client = new AccessAnalyzerClient(config(aws))
})
afterAll(() => aws.close())

const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/Items'
const statements = (...Statement: object[]) => ({ Version: '2012-10-17', Statement })
const podsOf = (tags: Record<string, string | string[]>) =>
  statements({
    Effect: 'Allow',
    Principal: { Service: 'pods.eks.amazonaws.com' },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: {
      StringEquals: Object.fromEntries(
        Object.entries(tags).map(([tag, value]) => [`aws:RequestTag/${tag}`, value]),
      ),
    },
  })

describe('CheckNoNewAccess', () => {
  const check = (next: object, existing: object, policyType: AccessCheckPolicyType) =>
    client.send(
      new CheckNoNewAccessCommand({
        newPolicyDocument: JSON.stringify(next),
        existingPolicyDocument: JSON.stringify(existing),
        policyType,
      }),
    )
  const pass = 'The modified permissions do not grant new access compared to your existing policy.'
  const fail = 'The modified permissions grant new access compared to your existing policy.'

  const identity: [why: string, next: object, existing: object, reasons: number[]][] = [
    ['the same', allow('s3:GetObject', 'arn:aws:s3:::b/*'), allow('s3:GetObject', 'arn:aws:s3:::b/*'), []],
    ['less of a wildcard', allow('s3:GetObject', 'arn:aws:s3:::b/*'), allow('s3:Get*', '*'), []],
    [
      'two statements in one',
      allow(['a:B', 'a:C'], table),
      statements(allow('a:B').Statement[0] ?? {}, allow('a:C').Statement[0] ?? {}),
      [],
    ],
    ['another action', allow(['a:B', 'a:C']), allow('a:B'), [0]],
    ['more of a resource', allow('a:B', `${table}*`), allow('a:B', table), [0]],
    [
      'the crossing of two statements',
      allow(['a:B', 'a:C'], ['arn:aws:a:::x', 'arn:aws:a:::y']),
      statements(
        { Effect: 'Allow', Action: 'a:B', Resource: 'arn:aws:a:::x' },
        { Effect: 'Allow', Action: 'a:C', Resource: 'arn:aws:a:::y' },
      ),
      [0],
    ],
    [
      'a condition left out',
      allow('a:B'),
      statements({
        Effect: 'Allow',
        Action: 'a:B',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalTag/team': 'x' } },
      }),
      [0],
    ],
  ]
  it.each(identity)('of permissions: %s', async (_why, next, existing, reasons) => {
    expect(await check(next, existing, 'IDENTITY_POLICY')).toMatchObject({
      result: reasons.length === 0 ? 'PASS' : 'FAIL',
      message: reasons.length === 0 ? pass : fail,
      ...(reasons.length > 0 && {
        reasons: reasons.map((statementIndex) => ({
          description: `New access in the statement with index: ${statementIndex}.`,
          statementIndex,
        })),
      }),
    })
  })

  const trusts: [why: string, next: object, existing: object, result: 'PASS' | 'FAIL'][] = [
    ['a narrower condition', podsOf({ a: 'x', b: 'y' }), podsOf({ a: 'x' }), 'PASS'],
    ['one of two values', podsOf({ a: 'x' }), podsOf({ a: ['x', 'z'] }), 'PASS'],
    ['a value more', podsOf({ a: ['x', 'z'] }), podsOf({ a: 'x' }), 'FAIL'],
    ['a wider condition', podsOf({ a: 'x' }), podsOf({ a: 'x', b: 'y' }), 'FAIL'],
    [
      'another service',
      statements({
        Effect: 'Allow',
        Principal: { Service: ['pods.eks.amazonaws.com', 'ec2.amazonaws.com'] },
        Action: 'sts:AssumeRole',
      }),
      statements({ Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: 'sts:*' }),
      'FAIL',
    ],
  ]
  it.each(trusts)('of trust: %s', async (_why, next, existing, result) => {
    expect((await check(next, existing, 'RESOURCE_POLICY')).result).toBe(result)
  })

  const undecided: [what: string, statement: object][] = [
    ['Effect Deny', { Effect: 'Deny', Action: '*', Resource: '*' }],
    ['NotAction', { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }],
    ['NotResource', { Effect: 'Allow', Action: 'a:B', NotResource: table }],
    [
      'StringLike',
      { Effect: 'Allow', Action: 'a:B', Resource: '*', Condition: { StringLike: { 'aws:userid': 'x' } } },
    ],
    [
      '\u0024{aws:username}',
      {
        Effect: 'Allow',
        Action: 'a:B',
        Resource: '*',
        Condition: { StringEquals: { 'aws:userid': '\u0024{aws:username}' } },
      },
    ],
  ]
  it.each(undecided)('refuses to decide by %s', async (what, statement) => {
    const refused = { name: 'NotImplemented', message: expect.stringContaining(what) }
    const [one, other] = [statements(statement), allow('*')]
    await expect(check(one, other, 'IDENTITY_POLICY')).rejects.toMatchObject(refused)
    await expect(check(other, one, 'IDENTITY_POLICY')).rejects.toMatchObject(refused)
  })

  it('refuses principals other than services, and what is no policy', async () => {
    const people = statements({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' })
    await expect(check(people, people, 'RESOURCE_POLICY')).rejects.toMatchObject({ name: 'NotImplemented' })
    await expect(check({ Statement: [{}] }, allow('a:B'), 'IDENTITY_POLICY')).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('newPolicyDocument'),
    })
    await expect(check(allow('a:B'), allow('a:B'), 'SERVICE_CONTROL_POLICY' as never)).rejects.toMatchObject({
      name: 'ValidationException',
    })
  })
})

describe('ValidatePolicy', () => {
  const codes = async (
    document: unknown,
    policyType: PolicyType = 'IDENTITY_POLICY',
    validatePolicyResourceType?: ValidatePolicyResourceType,
  ) => {
    const policyDocument = typeof document === 'string' ? document : JSON.stringify(document)
    const { findings = [] } = await client.send(
      new ValidatePolicyCommand({
        policyDocument,
        policyType,
        ...(validatePolicyResourceType && { validatePolicyResourceType }),
      }),
    )
    return findings.map(({ findingType, issueCode }) => `${findingType} ${issueCode}`)
  }
  const trust = (statement: object) =>
    codes(statements(statement), 'RESOURCE_POLICY', 'AWS::IAM::AssumeRolePolicyDocument')

  const permissions: [document: unknown, found: string[]][] = [
    [allow('dynamodb:Query', table), []],
    ['{', ['ERROR JSON_SYNTAX_ERROR']],
    [{ Statement: [] }, ['WARNING MISSING_VERSION']],
    [{ Version: '2012-10-17' }, ['ERROR MISSING_STATEMENT']],
    [statements({}), ['ERROR MISSING_EFFECT', 'ERROR MISSING_ACTION', 'ERROR MISSING_RESOURCE']],
    [statements({ Effect: 'allow', Action: 'a:B', Resource: '*' }), ['ERROR INVALID_EFFECT']],
    [allow('dynamodb:Qurey', table), ['ERROR INVALID_ACTION']],
    [allow('sts:GetCallerIdentity'), []],
    [allow('dynamodb:Q*', table), []],
    [allow('dynamodb:Query', 'table/Items'), ['ERROR INVALID_ARN_PREFIX']],
    [allow('dynamodb:Query', 'arn:aws:dynamodb:us-west-2:12345:table/Items'), ['ERROR INVALID_ARN_ACCOUNT']],
    [allow('s3:GetObject', 'arn:aws:s3:::b/*'), []],
    [allow('iam:PassRole'), ['SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE']],
    [allow('iam:*'), ['SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE']],
    [allow('iam:PassRole', 'arn:aws:iam::123456789012:role/carts'), []],
    [allow(['s3:*', 's3:GetObject'], 'arn:aws:s3:::b/*'), ['SUGGESTION REDUNDANT_ACTION']],
    [allow([]), ['SUGGESTION EMPTY_ARRAY_ACTION']],
    [statements({ ...allow('a:B').Statement[0], Principal: '*' }), ['ERROR UNSUPPORTED_PRINCIPAL']],
    [
      statements(...['a:B', 'a:C'].map((Action) => ({ Sid: 'one', Effect: 'Allow', Action, Resource: '*' }))),
      ['ERROR UNIQUE_SIDS_REQUIRED'],
    ],
  ]
  it.each(permissions)('of permissions: %j', async (document, found) => {
    expect(await codes(document)).toEqual(found)
  })

  it('of trust policies', async () => {
    expect(await trust({ Effect: 'Allow', Principal: { Service: 'x' }, Action: 'sts:AssumeRole' })).toEqual(
      [],
    )
    expect(await trust({ Effect: 'Allow', Action: 'sts:AssumeRole' })).toEqual(['ERROR MISSING_PRINCIPAL'])
    expect(
      await trust({ Effect: 'Allow', NotPrincipal: { AWS: '123456789012' }, Action: 'sts:AssumeRole' }),
    ).toEqual(['SECURITY_WARNING ALLOW_WITH_NOT_PRINCIPAL'])
  })

  it('says where, and where to read about it', async () => {
    const { findings } = await client.send(
      new ValidatePolicyCommand({
        policyDocument: JSON.stringify(statements({ Effect: 'Deny', Action: 'a:B', Resource: '*' }, {})),
        policyType: 'IDENTITY_POLICY',
      }),
    )
    expect(findings?.[0]).toMatchObject({
      findingDetails: 'Add an Effect element to the policy statement with a value of Allow or Deny.',
      learnMoreLink: expect.stringMatching(/#access-analyzer-reference-policy-checks-error-missing-effect$/),
      locations: [{ path: [{ value: 'Statement' }, { index: 1 }] }],
    })
  })

  it('refuses kinds of policies that it has no checks for', async () => {
    await expect(codes(allow('a:B'), 'SERVICE_CONTROL_POLICY')).rejects.toMatchObject({
      name: 'NotImplemented',
    })
    await expect(codes(allow('a:B'), 'RESOURCE_POLICY', 'AWS::S3::Bucket')).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('AWS::S3::Bucket'),
    })
  })
})
