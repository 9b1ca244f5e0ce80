import { afterEach, describe, expect, it } from 'vitest'
import { iam } from '../../../adapters/iam/iam.ts'
import { roleNames } from '../../../adapters/iam/list-roles.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import { virtualClock } from '../../../local/clock.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { type Scripted, scriptedServer } from '../../support/servers/scripted-server.ts'

const headers = { 'x-amzn-requestid': 'r-1' }
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const runtimeWith = async (...script: Scripted[]): Promise<Runtime> => {
  const server = await scriptedServer(script)
  closing.push(server.close)
  return quietRuntime(server.url, { clock: virtualClock() })
}
const answers = (results: string): Scripted => ({ headers, body: `<Answer>${results}</Answer>` })
const listed = (members: string) => answers(`<ListRolesResult>${members}</ListRolesResult>`)

describe('the names of all roles', () => {
  const role = (members: string) => `<Roles><member>${members}</member></Roles>`
  const last = '<IsTruncated>false</IsTruncated>'

  it.each<[why: string, page: Scripted, names: string[]]>([
    ['one', listed(role('<RoleName>carts</RoleName>') + last), ['carts']],
    ['an account that has none', listed(`<Roles/>${last}`), []],
    ['a page that says it is the last one needs no list', listed(last), []],
  ])('%s', async (_, page, names) => {
    expect(await roleNames(await runtimeWith(page), 'us-west-2')).toEqual(names)
  })

  it.each<[why: string, page: Scripted, error: object]>([
    [
      'a role without a name',
      listed(role('<Path>/</Path>') + last),
      {
        name: 'Transient',
        message: 'listing roles: IncompleteAnswer: the answer holds no name of a role',
      },
    ],
    [
      'a page that does not say whether it is the last one',
      listed('<Roles/>'),
      {
        name: 'Transient',
        message: 'listing roles: IncompleteAnswer: the answer holds no list (IsTruncated)',
      },
    ],
    [
      'a person who may not list them',
      {
        status: 403,
        headers,
        body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
      },
      { name: 'AccessDenied', message: 'listing roles: AccessDenied: no' },
    ],
  ])('are not had from %s', async (_, page, error) => {
    await expect(roleNames(await runtimeWith(page), 'us-west-2')).rejects.toMatchObject(error)
  })
})

describe('the outline of a role', () => {
  const arn = 'arn:aws:iam::123456789012:role/carts'
  const outlineOf = async (members: string, lists = '') =>
    iam(
      await runtimeWith(
        answers(
          `<GetRoleResult><Role><Arn>${arn}</Arn>${members}</Role></GetRoleResult>` +
            `<ListAttachedRolePoliciesResult><IsTruncated>false</IsTruncated>${lists}</ListAttachedRolePoliciesResult>` +
            '<ListRolePoliciesResult><IsTruncated>false</IsTruncated></ListRolePoliciesResult>',
        ),
      ),
      'us-west-2',
    ).outlineRole(arn)
  const trust = (text: string) => `<AssumeRolePolicyDocument>${text}</AssumeRolePolicyDocument>`
  const bare = { name: 'carts', arn, path: '/', policies: [], tags: {} }

  it('has what IAM left out as it is by default', async () => {
    expect(await outlineOf(trust('{}'))).toEqual({ ...bare, trust: {} })
  })

  it('names managed policies and the boundary, whose documents it does not read', async () => {
    const limits = 'arn:aws:iam::123456789012:policy/limits'
    expect(
      await outlineOf(
        `${trust('{}')}<Path>/shop/</Path><Tags><member><Key>team</Key><Value>shop</Value></member></Tags>` +
          `<PermissionsBoundary><PermissionsBoundaryArn>${limits}</PermissionsBoundaryArn></PermissionsBoundary>`,
        `<AttachedPolicies><member><PolicyName>limits</PolicyName><PolicyArn>${limits}</PolicyArn></member></AttachedPolicies>`,
      ),
    ).toEqual({
      ...bare,
      path: '/shop/',
      trust: {},
      policies: [{ name: 'limits', arn: limits, kind: 'managed', document: undefined }],
      boundary: { name: 'limits', arn: limits, document: undefined },
      tags: { team: 'shop' },
    })
  })

  it.each<[why: string, text: string, trust: unknown]>([
    ['encoded as IAM hands it out', encodeURIComponent('{"Id":"50%25"}'), { Id: '50%25' }],
    ['plain JSON is not decoded once more', '{"Id":"50%25"}', { Id: '50%25' }],
    ['what is no JSON, for the checks to quote', 'not%20JSON', 'not JSON'],
    ['what cannot even be decoded', '100% JSON', '100% JSON'],
  ])('has the trust policy: %s', async (_, text, read) => {
    expect(await outlineOf(trust(text))).toEqual({ ...bare, trust: read })
  })

  it('has a tag with an empty value', async () => {
    const tag = '<Tags><member><Key>team</Key><Value></Value></member></Tags>'
    expect(await outlineOf(trust('{}') + tag)).toEqual({ ...bare, trust: {}, tags: { team: '' } })
  })

  it.each<[missing: string, members: string, lists?: string]>([
    ['trust policy of the role', ''],
    ['key of a tag', `${trust('{}')}<Tags><member><Value>shop</Value></member></Tags>`],
    ['value of a tag', `${trust('{}')}<Tags><member><Key>team</Key></member></Tags>`],
    [
      'name of an attached policy',
      trust('{}'),
      '<AttachedPolicies><member><PolicyArn>arn:aws:iam::aws:policy/a</PolicyArn></member></AttachedPolicies>',
    ],
    [
      'ARN of an attached policy',
      trust('{}'),
      '<AttachedPolicies><member><PolicyName>a</PolicyName></member></AttachedPolicies>',
    ],
  ])('is not made up where the answer lacks the %s', async (missing, members, lists) => {
    await expect(outlineOf(members, lists)).rejects.toMatchObject({
      name: 'Transient',
      message: `reading role carts: IncompleteAnswer: the answer holds no ${missing}`,
    })
  })
})

describe('a role', () => {
  const last = '<IsTruncated>false</IsTruncated>'
  const attached = `<ListAttachedRolePoliciesResult>${last}</ListAttachedRolePoliciesResult>`
  const named = `<ListRolePoliciesResult>${last}<PolicyNames><member>needs</member></PolicyNames></ListRolePoliciesResult>`
  const role = (members: string) =>
    `<GetRoleResult><Role>${members}<AssumeRolePolicyDocument>{}</AssumeRolePolicyDocument></Role></GetRoleResult>`
  const document = (members: string) => `<GetRolePolicyResult>${members}</GetRolePolicyResult>`
  const whole = document('<PolicyDocument>{}</PolicyDocument>')

  it.each<[missing: string, doing: string, results: string]>([
    ['role', 'reading role carts', '<GetRoleResult></GetRoleResult>'],
    ['ARN of the role', 'reading role carts', role('') + whole],
    ['document of the policy', 'reading policy needs of role carts', role('<Arn>a</Arn>') + document('')],
  ])('is not read from an answer that holds no %s', async (missing, doing, results) => {
    const runtime = await runtimeWith(answers(attached + named + results))
    await expect(iam(runtime, 'us-west-2').outlineRole('carts')).rejects.toMatchObject({
      name: 'Transient',
      message: `${doing}: IncompleteAnswer: the answer holds no ${missing}`,
    })
  })
})

describe('the policy that is to bound a role', () => {
  const arn = 'arn:aws:iam::123456789012:policy/shop/limits'

  it('is the version in force', async () => {
    const runtime = await runtimeWith(
      answers(
        '<GetPolicyResult><Policy><DefaultVersionId>v2</DefaultVersionId></Policy></GetPolicyResult>' +
          '<GetPolicyVersionResult><PolicyVersion><VersionId>v2</VersionId><IsDefaultVersion>true</IsDefaultVersion><Document>{"Id":"two"}</Document></PolicyVersion></GetPolicyVersionResult>',
      ),
    )
    expect(await iam(runtime, 'us-west-2').readBoundary(arn)).toEqual({
      name: 'limits',
      arn,
      document: { Id: 'two' },
    })
  })

  it('is undefined where there is none', async () => {
    const runtime = await runtimeWith({
      status: 404,
      headers,
      body: '<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no</Message></Error></ErrorResponse>',
    })
    expect(await iam(runtime, 'us-west-2').readBoundary(arn)).toBeUndefined()
  })
})
