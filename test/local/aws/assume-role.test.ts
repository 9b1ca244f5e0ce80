import { GetRoleCommand, ListRolesCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, type AssumeRoleCommandInput } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsStandIn, type Credentials, startAws } from '../../../local/aws/index.ts'
import { allow, clientsOf } from './support.ts'

const account = '123456789012'
const trusting = (Action: string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action }],
})

let aws: AwsStandIn
let readRoles: string
let listRoles: string
beforeAll(async () => {
  aws = await startAws()
  const inline = { all: allow('*') }
  aws.state.addRole({ name: 'reader', trust: trusting(['sts:AssumeRole', 'sts:TagSession']), inline })
  aws.state.addRole({ name: 'untagged', trust: trusting(['sts:AssumeRole']), inline })
  readRoles = aws.state.addPolicy({ name: 'read', versions: [allow('iam:GetRole')] }).arn
  listRoles = aws.state.addPolicy({ name: 'list', versions: [allow('iam:ListRoles')] }).arn
})
afterAll(() => aws.close())

const assume = async (
  change: Partial<AssumeRoleCommandInput>,
  { role = 'reader', as }: { role?: string; as?: Credentials } = {},
): Promise<Credentials> => {
  const input = { RoleArn: `arn:aws:iam::${account}:role/${role}`, RoleSessionName: 'me', ...change }
  const { Credentials: given } = await clientsOf(aws, as).sts.send(new AssumeRoleCommand(input))
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  }
}

/** Which of two permissions a session has. */
const powers = async (credentials: Credentials) => {
  const { iam } = clientsOf(aws, credentials)
  const may = (sent: Promise<unknown>) =>
    sent.then(
      () => true,
      () => false,
    )
  return {
    get: await may(iam.send(new GetRoleCommand({ RoleName: 'reader' }))),
    list: await may(iam.send(new ListRolesCommand({}))),
  }
}

describe('session policies', () => {
  const Policy = JSON.stringify(allow('iam:ListRoles'))
  const rows: [
    why: string,
    change: () => Partial<AssumeRoleCommandInput>,
    may: { get: boolean; list: boolean },
  ][] = [
    ['none', () => ({}), { get: true, list: true }],
    ['a managed one', () => ({ PolicyArns: [{ arn: readRoles }] }), { get: true, list: false }],
    [
      'two managed ones allow what either does',
      () => ({ PolicyArns: [{ arn: readRoles }, { arn: listRoles }] }),
      { get: true, list: true },
    ],
    ['an inline one', () => ({ Policy }), { get: false, list: true }],
    [
      'an inline one beside a managed one',
      () => ({ Policy, PolicyArns: [{ arn: readRoles }] }),
      { get: true, list: true },
    ],
  ]
  it.each(rows)('limit the session: %s', async (_why, change, may) => {
    expect(await powers(await assume(change()))).toEqual(may)
  })

  const refused: [why: string, change: () => Partial<AssumeRoleCommandInput>, name: string][] = [
    [
      'one that does not exist',
      () => ({ PolicyArns: [{ arn: `${readRoles}-not` }] }),
      'NoSuchEntityException',
    ],
    ['one that is no policy', () => ({ Policy: '{}' }), 'MalformedPolicyDocumentException'],
    [
      'one that is too large',
      () => ({ Policy: JSON.stringify(allow('iam:GetRole', `arn:aws:s3:::${'a'.repeat(2048)}`)) }),
      'PackedPolicyTooLargeException',
    ],
  ]
  it.each(refused)('are refused: %s', async (_why, change, name) => {
    await expect(assume(change())).rejects.toMatchObject({ name })
  })
})

describe('transitive tags', () => {
  const tagged = { Tags: [{ Key: 'team', Value: 'shop' }], TransitiveTagKeys: ['team'] }

  it('go on to the next role, whose trust must allow tagging', async () => {
    const first = await assume(tagged)
    await assume({}, { as: first })
    await expect(assume({}, { as: first, role: 'untagged' })).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('sts:TagSession'),
    })
    await assume({}, { as: await assume({ Tags: tagged.Tags }), role: 'untagged' })
  })

  it('cannot be set anew, and must be among the tags', async () => {
    const first = await assume(tagged)
    await expect(assume({ Tags: tagged.Tags }, { as: first })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    })
    await expect(assume({ TransitiveTagKeys: ['team'] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    })
  })

  it('are all that the session of a pod has', async () => {
    aws.state.addCluster({ name: 'shop' })
    const trust = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'pods.eks.amazonaws.com' },
          Action: ['sts:AssumeRole', 'sts:TagSession'],
        },
      ],
    }
    const { arn } = aws.state.addRole({ name: 'pod', trust, inline: { a: allow('sts:*') } })
    aws.state.addAssociation({ clusterName: 'shop', namespace: 'n', serviceAccount: 's', roleArn: arn })
    const answer = aws.assumeForPod({
      cluster: 'shop',
      namespace: 'n',
      serviceAccount: 's',
      pod: { name: 'p', uid: 'u' },
    })
    if (!('session' in answer)) throw new Error(answer.error)
    const as = aws.state.principals.issue(answer.session, Date.now() + 3600_000)
    await assume({}, { as })
    await expect(assume({}, { as, role: 'untagged' })).rejects.toMatchObject({ name: 'AccessDenied' })
  })
})
