import { afterEach, describe, expect, it } from 'vitest'
import { type Iam, iam } from '../../../adapters/iam/iam.ts'
import type { RolePlan } from '../../../core/role/make.ts'
import { virtualClock } from '../../../local/clock.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { type Scripted, scriptedServer } from '../../support/servers/scripted-server.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole' }] }
const document = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
})
const plan: RolePlan = {
  name: 'carts',
  path: '/shop/',
  trust,
  policies: [
    { name: 'needs', document: document('s3:GetObject') },
    { name: 'more', document: document('sqs:SendMessage') },
  ],
  tags: { 'podid:for': 'shop/carts', team: 'shop' },
}

const failure = (status: number, code: string): Scripted => ({
  status,
  headers: { 'x-amzn-requestid': 'r-1' },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>it says why</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
})
const done = (operation: string, result = ''): Scripted => ({
  headers: { 'x-amzn-requestid': 'r-1' },
  body: `<${operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">${result}<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></${operation}Response>`,
})
const roleOf = (members: string) =>
  `<GetRoleResult><Role><RoleName>carts</RoleName>${members}</Role></GetRoleResult>`

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const iamAt = (
  endpoint: string,
  credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
  signal?: AbortSignal,
) => iam(quietRuntime(endpoint, { credentials, clock: virtualClock(), signal }), 'us-west-2')

/** IAM with the answers of a script, and the fields of what it was sent. */
const scripted = async (...script: Scripted[]) => {
  const server = await scriptedServer(script)
  closing.push(server.close)
  return {
    adapter: iamAt(server.url),
    sent: () =>
      server.received.map(({ body }) => {
        const { Version: _, ...fields } = Object.fromEntries(new URLSearchParams(body))
        return fields
      }),
  }
}

const created = {
  Action: 'CreateRole',
  RoleName: 'carts',
  Path: '/shop/',
  AssumeRolePolicyDocument: JSON.stringify(trust),
  'Tags.member.1.Key': 'podid:for',
  'Tags.member.1.Value': 'shop/carts',
  'Tags.member.2.Key': 'team',
  'Tags.member.2.Value': 'shop',
}
const written = plan.policies.map(({ name, document }) => ({
  Action: 'PutRolePolicy',
  RoleName: 'carts',
  PolicyName: name,
  PolicyDocument: JSON.stringify(document),
}))
const boundary = 'arn:aws:iam::123456789012:policy/limits'

type Row = [why: string, call: (adapter: Iam) => Promise<unknown>, sent: object[]]
const requests: Row[] = [
  ['a role without a boundary: the member is left out', (adapter) => adapter.createRole(plan), [created]],
  [
    'a role with a boundary has it from its first moment on',
    (adapter) => adapter.createRole({ ...plan, boundary }),
    [{ ...created, PermissionsBoundary: boundary }],
  ],
  [
    'each policy, in the order of the plan',
    (adapter) => adapter.putRolePolicies('carts', plan.policies),
    written,
  ],
  ['no policy: nothing is asked', (adapter) => adapter.putRolePolicies('carts', []), []],
  [
    'one policy of one role goes',
    (adapter) => adapter.deleteRolePolicy('carts', 'needs'),
    [{ Action: 'DeleteRolePolicy', RoleName: 'carts', PolicyName: 'needs' }],
  ],
  ['the role goes', (adapter) => adapter.deleteRole('carts'), [{ Action: 'DeleteRole', RoleName: 'carts' }]],
  [
    'the trust policy as it is given, by the byte',
    (adapter) => adapter.writeTrust('carts', '{ "Statement":[] }'),
    [{ Action: 'UpdateAssumeRolePolicy', RoleName: 'carts', PolicyDocument: '{ "Statement":[] }' }],
  ],
  [
    'a whole role is the role and then its policies',
    (adapter) => adapter.makeWholeRole(plan, 'podid:for'),
    [created, ...written],
  ],
]

describe('what is sent', () => {
  it.each(requests)('%s', async (_, call, sent) => {
    const server = await scripted(done('Any'))
    await call(server.adapter)
    expect(server.sent()).toEqual(sent)
  })
})

type Refusal = [doing: string, call: (adapter: Iam) => Promise<unknown>]
const calls: Refusal[] = [
  ['creating role carts', (adapter) => adapter.createRole(plan)],
  ['writing policy needs of role carts', (adapter) => adapter.putRolePolicies('carts', plan.policies)],
  ['deleting policy needs of role carts', (adapter) => adapter.deleteRolePolicy('carts', 'needs')],
  ['deleting role carts', (adapter) => adapter.deleteRole('carts')],
  ['reading the trust policy of role carts', (adapter) => adapter.readTrust('carts')],
  ['writing the trust policy of role carts', (adapter) => adapter.writeTrust('carts', '{}')],
]

describe('what is not done', () => {
  it.each(calls)('%s: the error says so, and why', async (doing, call) => {
    const { adapter, sent } = await scripted(failure(403, 'AccessDenied'))
    await expect(call(adapter)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `${doing}: AccessDenied: it says why`,
    })
    expect(sent(), 'nothing follows what was refused').toHaveLength(1)
  })

  it.each<Refusal>([
    // What is gone already is as good as deleted.
    ['deleting policy needs of role carts', (adapter) => adapter.deleteRolePolicy('carts', 'needs')],
    ['deleting role carts', (adapter) => adapter.deleteRole('carts')],
    // No role has no trust policy.
    ['reading the trust policy of role carts', (adapter) => adapter.readTrust('carts')],
  ])('%s where there is none is no failure', async (_, call) => {
    const { adapter } = await scripted(failure(404, 'NoSuchEntity'))
    await expect(call(adapter)).resolves.toBeUndefined()
  })

  it.each<Refusal>([
    // A policy or a trust that was not written must not pass for one that was.
    ['writing policy needs of role carts', (adapter) => adapter.putRolePolicies('carts', plan.policies)],
    ['writing the trust policy of role carts', (adapter) => adapter.writeTrust('carts', '{}')],
  ])('%s where there is no role is one', async (doing, call) => {
    const { adapter } = await scripted(failure(404, 'NoSuchEntity'))
    await expect(call(adapter)).rejects.toMatchObject({
      name: 'PreflightFailed',
      message: expect.stringContaining(`${doing}: `),
    })
  })
})

it.each(calls)('%s: nothing is asked after an abort', async (_, call) => {
  const server = await scriptedServer([done('Any')])
  closing.push(server.close)
  await expect(call(iamAt(server.url, undefined, AbortSignal.abort()))).rejects.toMatchObject({
    name: 'AbortError',
  })
  expect(server.received).toEqual([])
})

describe('a role of the name', () => {
  it.each<[why: string, answer: Scripted, made: boolean]>([
    ['is made where there is none', done('CreateRole'), true],
    ['is left as it is where there is one', failure(409, 'EntityAlreadyExists'), false],
  ])('%s', async (_, answer, made) => {
    const { adapter } = await scripted(answer)
    expect(await adapter.createRole(plan)).toBe(made)
  })

  it.each<[why: string, tags: Record<string, string>, mine: boolean]>([
    ['made for these pods: the policies are written once more', plan.tags, true],
    ['made for other pods: it is theirs', { 'podid:for': 'shop/orders' }, false],
    ['not made by podid: it has no such tag', {}, false],
  ])('%s', async (_, tags, mine) => {
    const aws = await startTestAws()
    closing.push(aws.close)
    const role = aws.state.addRole({ name: 'carts', trust, tags })
    const adapter = iamAt(aws.url, aws.credentials)
    const making = adapter.makeWholeRole(plan, 'podid:for')
    if (mine) await making
    else
      await expect(making).rejects.toMatchObject({
        name: 'Refused',
        message:
          'there is a role carts that podid did not make for these pods: give another name, or run podid plan to see what it lacks',
      })
    expect((await adapter.readRole(role.arn))?.policies.map(({ name }) => name).sort()).toEqual(
      mine ? ['more', 'needs'] : [],
    )
  })

  it('that is gone when it is looked at was not made for these pods', async () => {
    const { adapter, sent } = await scripted(
      failure(409, 'EntityAlreadyExists'),
      failure(404, 'NoSuchEntity'),
    )
    await expect(adapter.makeWholeRole(plan, 'podid:for')).rejects.toMatchObject({ name: 'Refused' })
    expect(sent().map(({ Action }) => Action)).not.toContain('PutRolePolicy')
  })
})

describe('the trust policy that is read', () => {
  const text = '{ "Statement": [ ] , "Id":"50%25" }'
  it.each<[why: string, document: string, read: string]>([
    ['IAM encodes it: decoded, and every blank kept', encodeURIComponent(text), text],
    ['plain JSON is not decoded once more', text, text],
    ['no JSON is decoded all the same, for the checks to quote', 'not%20JSON', 'not JSON'],
    ['what cannot be decoded stays as it is', '100% JSON', '100% JSON'],
  ])('%s', async (_, document, read) => {
    const { adapter, sent } = await scripted(
      done('GetRole', roleOf(`<AssumeRolePolicyDocument>${document}</AssumeRolePolicyDocument>`)),
    )
    expect(await adapter.readTrust('carts')).toBe(read)
    expect(sent()).toEqual([{ Action: 'GetRole', RoleName: 'carts' }])
  })

  it.each<[why: string, result: string]>([
    ['a role without the member', roleOf('')],
    ['no role at all', '<GetRoleResult></GetRoleResult>'],
  ])('%s is no answer, and not an absent role', async (_, result) => {
    const { adapter } = await scripted(done('GetRole', result))
    await expect(adapter.readTrust('carts')).rejects.toMatchObject({
      name: 'Transient',
      message:
        'reading the trust policy of role carts: IncompleteAnswer: the answer holds no trust policy of the role carts',
    })
  })
})
