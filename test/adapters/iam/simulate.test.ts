import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { iam } from '../../../adapters/iam/iam.ts'
import { compareOpinions } from '../../../core/role/second-opinion.ts'
import { virtualClock } from '../../../local/clock.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'

const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/Items'
const other = 'arn:aws:dynamodb:us-west-2:123456789012:table/Others'
const template = '\u0024{Partition}:dynamodb:\u0024{Region}:\u0024{Account}:table/\u0024{TableName}'

/** IAM's answers as its API reference describes them; `results` is the XML of the list's members. */
let results = ''
const server = http.createServer((_request, response) => {
  const result = `<EvaluationResults>${results}</EvaluationResults><IsTruncated>false</IsTruncated>`
  response
    .writeHead(200, { 'content-type': 'text/xml', 'x-amzn-requestid': 'r' })
    .end(
      `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult>${result}</SimulatePrincipalPolicyResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></SimulatePrincipalPolicyResponse>`,
    )
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => server.close(resolve)))

const ask = (resources: string[], actions = ['dynamodb:Query']) => {
  const credentials = { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x'.repeat(40) }
  const adapter = iam(
    quietRuntime(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      credentials,
      clock: virtualClock(),
    }),
    'us-west-2',
  )
  const asked = actions.flatMap((action) => resources.map((resource) => ({ action, resource })))
  return adapter.simulate({ roleArn: 'arn:aws:iam::123456789012:role/carts', asked, context: {} })
}

const result = (resource: string, decision: string, more = '') =>
  `<member><EvalActionName>dynamodb:Query</EvalActionName><EvalResourceName>${resource}</EvalResourceName><EvalDecision>${decision}</EvalDecision>${more}</member>`
const specific = (resource: string, decision: string, more = '') =>
  `<member><EvalResourceName>${resource}</EvalResourceName><EvalResourceDecision>${decision}</EvalResourceDecision>${more}</member>`
const specifics = (...members: string[]) =>
  `<ResourceSpecificResults>${members.join('')}</ResourceSpecificResults>`
const missing = '<MissingContextValues><member>aws:SourceVpc</member></MissingContextValues>'
const forbidden =
  '<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>'
const statement = '<MatchedStatements><member><SourcePolicyId>p</SourcePolicyId></member></MatchedStatements>'

interface Read {
  resource: string
  decision: string
  missingKeys?: string[]
  blockedByOrganization?: boolean
}

describe('answers of SimulatePrincipalPolicy', () => {
  const rows: [why: string, resources: string[], xml: string, read: Read[]][] = [
    [
      'until 2026-07: a result for each resource',
      [table, other],
      result(table, 'allowed') + result(other, 'implicitDeny', missing + forbidden),
      [
        { resource: table, decision: 'allowed', blockedByOrganization: false },
        {
          resource: other,
          decision: 'implicitDeny',
          missingKeys: ['aws:SourceVpc'],
          blockedByOrganization: true,
        },
      ],
    ],
    [
      'now: one result, which has one for each resource',
      [table, other],
      result(
        template,
        'implicitDeny',
        missing + specifics(specific(table, 'allowed'), specific(other, 'implicitDeny', missing)),
      ),
      [
        { resource: table, decision: 'allowed', missingKeys: [] },
        { resource: other, decision: 'implicitDeny', missingKeys: ['aws:SourceVpc'] },
      ],
    ],
    [
      'now, an SCP denies one of two: its statement is not shown',
      [table, other],
      result(
        template,
        'explicitDeny',
        forbidden + specifics(specific(table, 'implicitDeny'), specific(other, 'explicitDeny')),
      ),
      [
        { resource: table, decision: 'implicitDeny', blockedByOrganization: false },
        { resource: other, decision: 'explicitDeny', blockedByOrganization: true },
      ],
    ],
    [
      'now, the role’s own Deny beside an SCP’s',
      [table, other],
      result(
        template,
        'explicitDeny',
        forbidden + specifics(specific(table, 'explicitDeny', statement), specific(other, 'explicitDeny')),
      ),
      [
        { resource: table, decision: 'explicitDeny', blockedByOrganization: false },
        { resource: other, decision: 'explicitDeny', blockedByOrganization: true },
      ],
    ],
    [
      'now, one resource and no result of its own',
      [table],
      result(template, 'allowed'),
      [{ resource: table, decision: 'allowed' }],
    ],
    ['now, all resources', ['*'], result('*', 'allowed'), [{ resource: '*', decision: 'allowed' }]],
  ]
  it.each(rows)('%s', async (_why, resources, xml, read) => {
    results = xml
    const second = await ask(resources)
    expect(second).toEqual({
      opinions: read.map((each) => expect.objectContaining({ action: 'dynamodb:Query', ...each })),
    })
  })

  const silent: [why: string, resources: string[], actions: string[], xml: string, found: RegExp][] = [
    ['no result at all', [table], ['dynamodb:Query'], '', /says nothing of dynamodb:query on .*Items/],
    [
      'two resources, and only a template',
      [table, other],
      ['dynamodb:Query'],
      result(template, 'implicitDeny'),
      /says nothing of .*Items, .*Others/,
    ],
    [
      'one of two resources',
      [table, other],
      ['dynamodb:Query'],
      result(template, 'allowed', specifics(specific(table, 'allowed'))),
      /says nothing of dynamodb:query on .*Others\)/,
    ],
    ['actions with wildcards only', [table], ['dynamodb:*'], '', /takes no wildcards/],
  ]
  it.each(silent)(
    'is a finding where it could not look: %s',
    async (_why, resources, actions, xml, found) => {
      results = xml
      const second = await ask(resources, actions)
      expect(compareOpinions({ name: 'carts', arn: 'a' }, [], second)).toMatchObject([
        { code: 'second-opinion-skipped', severity: 'info', found: expect.stringMatching(found) },
      ])
    },
  )
})
