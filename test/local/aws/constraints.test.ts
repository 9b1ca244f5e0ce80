import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { sendSigned, type WireCall } from './wire.ts'

let aws: AwsStandIn
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws.close())

const iam = (form: Record<string, string>): WireCall => ({
  service: 'iam',
  method: 'POST',
  target: '/',
  body: new URLSearchParams(form).toString(),
})
const json = (service: string, operation: string, body: object): WireCall => ({
  service,
  method: 'POST',
  target: '/',
  headers: { 'x-amz-target': `X.${operation}` },
  body: JSON.stringify(body),
})
const eks = (method: string, target: string, body?: object): WireCall => ({
  service: 'eks',
  method,
  target,
  ...(body ? { body: JSON.stringify(body) } : {}),
})

const trust = '{}'
const rows: [why: string, call: WireCall, said: RegExp][] = [
  [
    'an unknown scope of policies',
    iam({ Action: 'ListPolicies', Scope: 'Mine' }),
    /Value 'Mine' at 'scope' .*enum value set: \[All, AWS, Local\]/,
  ],
  [
    'an unknown type of a context key',
    iam({
      Action: 'SimulatePrincipalPolicy',
      PolicySourceArn: 'arn:aws:iam::1:role/a',
      'ActionNames.member.1': 's3:a',
      'ContextEntries.member.1.ContextKeyType': 'text',
    }),
    /'contextEntries.1.member.contextKeyType' .*enum value set/,
  ],
  [
    'an unknown mode of authentication',
    eks('POST', '/clusters', {
      name: 'c',
      roleArn: 'r',
      resourcesVpcConfig: {},
      accessConfig: { authenticationMode: 'NONE' },
    }),
    /'accessConfig.authenticationMode' .*enum value set: \[API, /,
  ],
  [
    'an unknown family of addresses',
    eks('POST', '/clusters', {
      name: 'c',
      roleArn: 'r',
      resourcesVpcConfig: {},
      kubernetesNetworkConfig: { ipFamily: 'ipv5' },
    }),
    /enum value set: \[ipv4, ipv6\]/,
  ],
  [
    'an unknown way to resolve conflicts',
    eks('POST', '/clusters/c/addons', { addonName: 'a', resolveConflicts: 'maybe' }),
    /'resolveConflicts' .*enum value set/,
  ],
  [
    'an unknown scope of access',
    eks('POST', '/clusters/c/access-entries/arn/access-policies', {
      policyArn: 'p',
      accessScope: { type: 'world' },
    }),
    /'accessScope.type' .*enum value set/,
  ],
  [
    'an unknown state of a rule',
    json('events', 'PutRule', { Name: 'r', State: 'ON' }),
    /'state' .*enum value set/,
  ],
  [
    'an unknown status of executions',
    json('states', 'ListExecutions', { statusFilter: 'DONE' }),
    /'statusFilter' .*enum value set/,
  ],
  [
    'a name with a space',
    iam({ Action: 'GetRole', RoleName: 'a b' }),
    /'roleName' .*regular expression pattern: \[/,
  ],
  [
    'a path without its slashes',
    iam({ Action: 'CreateRole', RoleName: 'r', Path: 'shop', AssumeRolePolicyDocument: trust }),
    /'path' .*regular expression/,
  ],
  [
    'a cluster’s name that is too long',
    eks('POST', '/clusters', { name: 'c'.repeat(101), roleArn: 'r', resourcesVpcConfig: {} }),
    /'name' .*length less than or equal to 100/,
  ],
  [
    'a page of none',
    eks('GET', '/clusters?maxResults=0'),
    /Value '0' at 'maxResults' .*value greater than or equal to 1/,
  ],
  [
    'a session that is too long',
    iam({
      Action: 'CreateRole',
      RoleName: 'r',
      MaxSessionDuration: '50000',
      AssumeRolePolicyDocument: trust,
    }),
    /Value '50000' at 'maxSessionDuration' .*less than or equal to 43200/,
  ],
  [
    'a tag’s key that is too long',
    iam({
      Action: 'TagRole',
      RoleName: 'r',
      'Tags.member.1.Key': 'k'.repeat(129),
      'Tags.member.1.Value': 'v',
    }),
    /'tags.1.member.key' .*length less than or equal to 128/,
  ],
  [
    'a tag without a value',
    iam({ Action: 'TagRole', RoleName: 'r', 'Tags.member.1.Key': 'k' }),
    /Value null at 'tags.1.member.value' .*must not be null/,
  ],
  [
    'a tag of a map that is too long',
    eks('POST', '/clusters/c/access-entries', { principalArn: 'p', tags: { k: 'v'.repeat(257) } }),
    /'tags.k.member' .*length less than or equal to 256/,
  ],
  [
    'eleven events',
    json('events', 'PutEvents', { Entries: Array(11).fill({}) }),
    /'entries' .*length less than or equal to 10/,
  ],
  [
    'nothing in a list',
    json('events', 'PutEvents', { Entries: [null] }),
    /Value null at 'entries.1.member' .*must not be null/,
  ],
  [
    'no required member',
    json('dynamodb', 'GetItem', { TableName: 'items' }),
    /Value null at 'key' .*must not be null/,
  ],
]
it.each(rows)('refuses %s', async (_why, call, said) => {
  const { status, text } = await sendSigned(aws, call)
  expect(status).toBe(400)
  expect(text.replaceAll('&quot;', '"')).toMatch(said)
})
