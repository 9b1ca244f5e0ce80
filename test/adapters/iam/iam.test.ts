import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { iam } from '../../../adapters/iam/iam.ts'
import { checkPolicyDocument } from '../../../core/policy/evaluate.ts'
import { checkPermissions } from '../../../core/role/permissions/permissions.ts'
import type { RoleFacts } from '../../../core/role/role.ts'
import { compareOpinions } from '../../../core/role/second-opinion.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { virtualClock } from '../../../local/clock.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { fullPages, startTestAws } from '../../support/servers/small-pages.ts'

const trust = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: 'sts:*' },
}
const allow = (Action: string, Resource = '*') => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource }],
})
const range = (count: number) => Array.from({ length: count }, (_, at) => at)

let aws: AwsStandIn
beforeEach(async () => {
  aws = await startTestAws()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await aws.close()
})

/** For what counts calls. */
const startWithFullPages = async () => {
  await aws.close()
  aws = await startTestAws(fullPages)
}

/** The adapter over a real client, signed in as `credentials` (the administrator unless given). */
const reader = (credentials = aws.credentials, signal?: AbortSignal) =>
  iam(quietRuntime(aws.url, { credentials, clock: virtualClock(), signal }), aws.region)

const operations = () => aws.calls.calls.map(({ operation }) => operation)

describe('reading a role', () => {
  it('gives its trust, policies in force, boundary and tags', async () => {
    const policy = aws.state.addPolicy({
      name: 'carts-dynamo',
      path: '/shop/',
      versions: [allow('s3:*'), allow('dynamodb:*')],
      defaultVersion: 'v2',
    })
    const boundary = aws.state.addPolicy({ name: 'limits', versions: [allow('*')] })
    const role = aws.state.addRole({
      name: 'carts',
      path: '/shop/',
      trust,
      attached: [policy.arn],
      inline: { extra: allow('sqs:*') },
      boundary: boundary.arn,
      tags: { team: 'shop' },
    })
    await expect(reader().readRole(role.arn)).resolves.toEqual({
      name: 'carts',
      arn: role.arn,
      path: '/shop/',
      trust,
      policies: [
        {
          name: 'carts-dynamo',
          arn: policy.arn,
          kind: 'managed',
          version: 'v2',
          document: allow('dynamodb:*'),
        },
        { name: 'extra', kind: 'inline', document: allow('sqs:*') },
      ],
      boundary: { name: 'limits', arn: boundary.arn, document: allow('*') },
      tags: { team: 'shop' },
      createdAt: expect.any(String),
    })
  })

  it('takes few calls for a role with everything, few of them at once', async () => {
    await startWithFullPages()
    const attached = range(10).map(
      (at) => aws.state.addPolicy({ name: `p${at}`, versions: [allow('s3:*')] }).arn,
    )
    const inline = Object.fromEntries(range(10).map((at) => [`i${at}`, allow('sqs:*')]))
    aws.state.addRole({ name: 'carts', trust, attached, inline })
    const atOnce: number[] = []
    aws.calls.inject({ operation: /^Get/, times: 30, action: { kind: 'delay', ms: 5 } })
    aws.calls.onCall(() => atOnce.push(aws.calls.calls.filter(({ status }) => status === undefined).length))
    const facts = await reader().readRole('carts')
    expect(facts?.policies).toHaveLength(20)
    expect(operations().length).toBeLessThan(25)
    expect(Math.max(...atOnce)).toBeGreaterThan(1)
    expect(Math.max(...atOnce)).toBeLessThan(8)
  })

  it('asks policy by policy where they cannot be listed: that only saves calls', async () => {
    const attached = range(6).map(
      (at) => aws.state.addPolicy({ name: `p${at}`, versions: [allow('s3:*')] }).arn,
    )
    aws.state.addRole({ name: 'carts', trust, attached })
    aws.calls.inject({
      operation: 'ListPolicies',
      times: Number.POSITIVE_INFINITY,
      action: { kind: 'error', status: 503, code: 'ServiceFailure' },
    })
    expect((await reader().readRole('carts'))?.policies).toHaveLength(6)
  })

  it('asks policy by policy where it may not list them', async () => {
    const attached = range(6).map(
      (at) => aws.state.addPolicy({ name: `p${at}`, versions: [allow('s3:*')] }).arn,
    )
    const { arn } = aws.state.addRole({
      name: 'carts',
      trust,
      attached,
      inline: { read: allow('iam:Get*'), list: allow('iam:List*Role*') },
    })
    const facts = await reader(aws.sessionFor(arn)).readRole('carts')
    expect(facts?.policies).toHaveLength(8)
    expect(operations().filter((operation) => operation === 'GetPolicy')).toHaveLength(6)
  })

  it('reads every page', async () => {
    const attached = range(12).map(
      (at) => aws.state.addPolicy({ name: `p${at}`, versions: [allow('s3:*')] }).arn,
    )
    const inline = Object.fromEntries(range(13).map((at) => [`i${at}`, allow('sqs:*')]))
    aws.state.addRole({ name: 'carts', trust, attached, inline })
    expect((await reader().readRole('carts'))?.policies).toHaveLength(25)
  })

  it('takes documents in whatever way they were written', async () => {
    const text =
      '{ "Version": "2012-10-17",\n "Statement": { "Sid": "100% + ünïcode", "Effect": "Allow", "Action": "*", "Resource": "*" } }'
    aws.state.addRole({ name: 'carts', trust, inline: { 'a-odd': text, 'b-broken': '{"Statement": %zz' } })
    const facts = await reader().readRole('carts')
    expect(facts?.policies.map(({ document }) => document)).toEqual([JSON.parse(text), '{"Statement": %zz'])
    expect(checkPolicyDocument(facts?.policies[1]?.document)[0]?.problem).toContain('is not JSON')
  })

  it('waits a little for a role that was just made', async () => {
    const stop = aws.calls.onCall(({ id, operation }) => {
      if (operation === 'GetRole' && id > 3) aws.state.addRole({ name: 'carts', trust })
    })
    expect((await reader().readRole('carts'))?.name).toBe('carts')
    stop()
  })

  it('is undefined for a role that stays unknown', async () => {
    expect(await reader().readRole('carts')).toBeUndefined()
    expect(operations().filter((operation) => operation === 'GetRole')).toHaveLength(4)
  })

  it('leaves out what was deleted between the list and its reading', async () => {
    const gone = aws.state.addPolicy({ name: 'gone', versions: [allow('s3:*')] })
    const role = aws.state.addRole({
      name: 'carts',
      trust,
      attached: [gone.arn],
      inline: { gone: allow('sqs:*'), stays: allow('sns:*') },
    })
    aws.calls.onCall(({ operation }) => {
      if (operation !== 'GetPolicy') return
      aws.state.policies.delete(gone.arn)
      role.inline.delete('gone')
    })
    aws.calls.inject({ operation: 'GetRolePolicy', action: { kind: 'delay', ms: 20 } })
    expect((await reader().readRole('carts'))?.policies.map(({ name }) => name)).toEqual(['stays'])
  })

  it('follows a version that is put in force meanwhile', async () => {
    const policy = aws.state.addPolicy({ name: 'p', versions: [allow('s3:*'), allow('dynamodb:*')] })
    aws.state.addRole({ name: 'carts', trust, attached: [policy.arn] })
    const stop = aws.calls.onCall(({ operation }) => {
      if (operation !== 'GetPolicyVersion') return
      policy.defaultVersion = 'v2'
      policy.versions.delete('v1')
      stop()
    })
    expect((await reader().readRole('carts'))?.policies).toMatchObject([
      { version: 'v2', document: allow('dynamodb:*') },
    ])
  })

  it('gets past throttling, and names it where it does not end', async () => {
    aws.state.addRole({ name: 'carts', trust })
    const throttling = { kind: 'error', status: 400, code: 'Throttling', message: 'Rate exceeded' } as const
    aws.calls.inject({ operation: 'GetRole', action: throttling })
    expect((await reader().readRole('carts'))?.name).toBe('carts')
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
    aws.calls.inject({ operation: 'GetRole', times: 10, action: throttling })
    await expect(reader().readRole('carts')).rejects.toMatchObject({
      name: 'Transient',
      message: expect.stringContaining('reading role carts'),
    })
  })

  it('says who may not read what', async () => {
    const { arn } = aws.state.addRole({ name: 'carts', trust })
    await expect(reader(aws.sessionFor(arn)).readRole('carts')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('iam:'),
    })
  })

  it('ends with an abort', async () => {
    const abort = new AbortController()
    aws.calls.onCall(() => abort.abort())
    await expect(reader(aws.credentials, abort.signal).readRole('carts')).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})

describe('reading the versions that are not in force', () => {
  it('is done for policies of the account, and changes nothing else', async () => {
    const own = aws.state.addPolicy({
      name: 'own',
      versions: [allow('s3:*'), allow('dynamodb:*'), allow('sqs:*')],
      defaultVersion: 'v2',
    })
    const awsOwned = aws.state.addPolicy({
      name: 'ReadOnlyAccess',
      aws: true,
      versions: [allow('s3:*'), allow('s3:*')],
    })
    aws.state.addRole({
      name: 'carts',
      trust,
      attached: [own.arn, awsOwned.arn],
      inline: { extra: allow('sns:*') },
    })
    const facts = (await reader().readRole('carts')) as RoleFacts
    const complete = await reader().readOtherVersions(facts)
    expect(complete.policies.map(({ otherVersions }) => otherVersions?.map(({ id }) => id).sort())).toEqual([
      ['v1', 'v3'],
      undefined,
      undefined,
    ])
    expect(complete).toMatchObject(facts)
  })
})

describe('reading the versions that are not in force, where that is not permitted', () => {
  it('leaves the role as it was', async () => {
    const own = aws.state.addPolicy({ name: 'own', versions: [allow('iam:Get*'), allow('s3:*')] })
    const { arn } = aws.state.addRole({
      name: 'carts',
      trust,
      attached: [own.arn],
      inline: { list: allow('iam:ListRolePolicies'), attached: allow('iam:ListAttachedRolePolicies') },
    })
    const roles = reader(aws.sessionFor(arn))
    const facts = (await roles.readRole('carts')) as RoleFacts
    expect(await roles.readOtherVersions(facts)).toEqual(facts)
  })
})

describe('the second opinion', () => {
  const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/Items'
  const asked = [
    { action: 'dynamodb:Query', resource: table },
    { action: 'dynamodb:*', resource: table },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::a/b' },
  ]

  it('is asked in one request where it fits a page, without wildcard actions', async () => {
    await startWithFullPages()
    const { arn } = aws.state.addRole({ name: 'carts', trust, inline: { a: allow('dynamodb:*', table) } })
    const second = await reader().simulate({
      roleArn: arn,
      asked,
      context: { 'aws:PrincipalTag/team': 'shop', 'aws:SourceArn': null },
    })
    expect(second).toMatchObject({
      opinions: expect.arrayContaining([
        {
          action: 'dynamodb:Query',
          resource: table,
          decision: 'allowed',
          missingKeys: [],
          blockedByOrganization: false,
        },
      ]),
    })
    expect(operations()).toEqual(['SimulatePrincipalPolicy'])
  })

  it('is skipped, not failed, where the caller may not ask', async () => {
    const { arn } = aws.state.addRole({ name: 'carts', trust })
    const second = await reader(aws.sessionFor(arn)).simulate({ roleArn: arn, asked, context: {} })
    expect(second).toMatchObject({ skipped: expect.stringContaining('iam:SimulatePrincipalPolicy') })
    expect(compareOpinions({ name: 'carts', arn }, [], second)).toMatchObject([
      { code: 'second-opinion-skipped', severity: 'info' },
    ])
  })

  it.each([
    [400, 'Throttling'],
    [404, 'NoSuchEntity'],
    [409, 'EntityTemporarilyUnmodifiable'],
    [429, 'TooManyRequestsException'],
    [500, 'ServiceFailure'],
  ])('is skipped, not failed, where IAM answers %i %s for good', async (status, code) => {
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
    const { arn } = aws.state.addRole({ name: 'carts', trust })
    aws.calls.inject({
      operation: 'SimulatePrincipalPolicy',
      times: 10,
      action: { kind: 'error', status, code },
    })
    const second = await reader().simulate({ roleArn: arn, asked, context: {} })
    expect(second).toMatchObject({ skipped: expect.stringContaining(code) })
    expect(compareOpinions({ name: 'carts', arn }, [], second)).toMatchObject([
      { code: 'second-opinion-skipped', severity: 'info', found: expect.stringContaining(code) },
    ])
  })

  it('agrees with us about what the stand-in enforces', async () => {
    const { arn } = aws.state.addRole({ name: 'carts', trust, inline: { a: allow('dynamodb:*', table) } })
    const role = (await reader().readRole(arn)) as RoleFacts
    const cluster = { name: 'c', arn: 'arn:aws:eks:us-west-2:123456789012:cluster/c' }
    const needs = [{ actions: ['dynamodb:Query', 's3:GetObject'], resources: [table] }]
    const { verdicts } = checkPermissions({
      cluster,
      account: '123456789012',
      namespace: 'n',
      serviceAccount: 's',
      sessionTags: true,
      role,
      needs,
    })
    const second = await reader().simulate({ roleArn: arn, asked: verdicts, context: {} })
    expect(compareOpinions(role, verdicts, second)).toEqual([])
  })
})
