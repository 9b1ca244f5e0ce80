import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  type IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { podIdentityTrust } from '../../../../local/scenarios/workshop/account.ts'
import { allow, clientsOf } from '../support.ts'

let aws: AwsStandIn
let iam: IAMClient
beforeAll(async () => {
  aws = await startAws()
  iam = clientsOf(aws).iam
  aws.state.addRole({ name: 'reader', trust: podIdentityTrust })
})
afterAll(() => aws.close())

let made = 0
const createPolicy = (document: unknown) =>
  iam.send(
    new CreatePolicyCommand({ PolicyName: `policy-${made++}`, PolicyDocument: JSON.stringify(document) }),
  )
const createRole = (document: unknown) =>
  iam.send(
    new CreateRoleCommand({
      RoleName: `role-${made++}`,
      AssumeRolePolicyDocument: JSON.stringify(document),
    }),
  )
const refusal = (message: string | RegExp) => ({
  name: 'MalformedPolicyDocumentException',
  message: typeof message === 'string' ? message : expect.stringMatching(message),
  $metadata: { httpStatusCode: 400 },
})

const statement = (change: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...change }],
})
const resource = (Resource: unknown) => statement({ Resource })
const action = (Action: unknown) => statement({ Action })
const UNPREFACED = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'

describe('permissions policies that IAM refuses', () => {
  const rows: [why: string, document: unknown, message: string | RegExp][] = [
    ['a list', [], /^Syntax errors in policy\./],
    ['no statement', { Version: '2012-10-17', Statement: [] }, /^Syntax errors in policy\./],
    [
      'an older version',
      { ...statement({}), Version: '2008-10-17' },
      'Policy document must be version 2012-10-17 or greater.',
    ],
    [
      'no version',
      { Statement: statement({}).Statement },
      'Policy document must be version 2012-10-17 or greater.',
    ],
    ['an unknown effect', statement({ Effect: 'Permit' }), /^Syntax errors in policy\./],
    ['an unknown element', statement({ Resources: '*' }), /^Syntax errors in policy\./],
    ['no action', action(undefined), 'Policy statement must contain actions.'],
    ['an empty list of actions', action([]), 'Policy statement must contain actions.'],
    ['an action without a service', action('GetObject'), UNPREFACED],
    ['an action without a name', action('s3:'), UNPREFACED],
    ['an action with two colons', action('s3:Get:Object'), 'Actions/Condition can contain only one colon.'],
    ['a service that is no name', action('s3 x:GetObject'), 'Vendor s3 x is not valid'],
    ['no resource', resource(undefined), 'Policy statement must contain resources.'],
    ['an empty list of resources', resource([]), 'Policy statement must contain resources.'],
    ['a resource that is no ARN', resource('my-bucket'), 'Resource my-bucket must be in ARN format or "*".'],
    ['one of two resources is no ARN', resource(['*', '']), 'Resource  must be in ARN format or "*".'],
    [
      'an unknown partition',
      resource('arn:aws-x:s3:::b'),
      'Partition "aws-x" is not valid for resource "arn:aws-x:s3:::b".',
    ],
    [
      'another partition',
      resource('arn:aws-cn:s3:::b'),
      'Partition "aws-cn" is not valid for resource "arn:aws-cn:s3:::b".',
    ],
    ['an ARN that is too short', resource('arn:aws:s3::b'), 'The policy failed legacy parsing'],
    [
      'a wildcard for the service',
      resource('arn:aws:s*:::b'),
      'Resource vendor must be fully qualified and cannot contain regexes.',
    ],
    [
      'a region in an ARN of IAM',
      resource('arn:aws:iam:us-east-1:123456789012:role/r'),
      'IAM resource arn:aws:iam:us-east-1:123456789012:role/r cannot contain region information.',
    ],
    [
      'nothing of IAM’s',
      resource('arn:aws:iam::123456789012:thing/r'),
      /^IAM resource path must either be "\*" or start with user\//,
    ],
    [
      'doubled Sids',
      {
        Version: '2012-10-17',
        Statement: [statement({ Sid: 'A' }).Statement[0], statement({ Sid: 'A' }).Statement[0]],
      },
      'Statement IDs (SID) in a single policy must be unique.',
    ],
    ['a Sid with a space', statement({ Sid: 'a b' }), /^Statement IDs \(SID\) must be alpha-numeric\./],
    ['a principal', statement({ Principal: '*' }), 'Policy document should not specify a principal.'],
    [
      'an unknown operator',
      statement({ Condition: { StringIs: { 'aws:x': 'y' } } }),
      /^Syntax errors in policy\./,
    ],
    ['a condition key without a service', statement({ Condition: { StringEquals: { x: 'y' } } }), UNPREFACED],
  ]
  it.each(rows)('%s', async (_why, document, message) => {
    await expect(createPolicy(document)).rejects.toMatchObject(refusal(message))
    const PolicyDocument = JSON.stringify(document)
    await expect(
      iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p', PolicyDocument })),
    ).rejects.toMatchObject(refusal(message))
  })
})

describe('permissions policies that IAM takes', () => {
  const rows: [why: string, document: unknown][] = [
    [
      'the workshop’s',
      allow('dynamodb:*', [
        'arn:aws:dynamodb:us-west-2:123456789012:table/t',
        'arn:aws:dynamodb:us-west-2:123456789012:table/t/index/*',
      ]),
    ],
    ['one statement outside of a list', { Version: '2012-10-17', Statement: statement({}).Statement[0] }],
    [
      'wildcards in names',
      allow(
        ['s3:Get*', '*'],
        ['arn:aws:s3:::b/*', 'arn:aws:iam::*:role/a*', 'arn:aws:iam::123456789012:ro*'],
      ),
    ],
    ['a star for the rest', resource('arn:aws:dynamodb:*')],
    [
      'a policy variable',
      resource([
        'arn:aws:s3:::b/\u0024{aws:username}/*',
        'arn:aws:iam::123456789012:\u0024{aws:PrincipalTag/kind}/x',
      ]),
    ],
    ['AWS’s own policies', resource('arn:aws:iam::aws:policy/*')],
    [
      'empty Sids',
      {
        Version: '2012-10-17',
        Statement: [statement({ Sid: '' }).Statement[0], statement({ Sid: '' }).Statement[0]],
      },
    ],
  ]
  it.each(rows)('%s', async (_why, document) => {
    await createPolicy(document)
  })
})

const trust = (change: object) => ({
  Version: '2012-10-17',
  Statement: [{ ...podIdentityTrust.Statement[0], ...change }],
})
const principal = (Principal: unknown) => trust({ Principal })
const ONLY_STS = 'AssumeRole policy may only specify STS AssumeRole actions.'

describe('trust policies that IAM refuses', () => {
  const rows: [why: string, document: unknown, message: string | RegExp][] = [
    ['no principal', principal(undefined), 'Missing required field Principal'],
    ['a resource', trust({ Resource: '*' }), 'Has prohibited field Resource'],
    ['another service’s action', trust({ Action: ['sts:AssumeRole', 's3:GetObject'] }), ONLY_STS],
    ['an action of STS that assumes nothing', trust({ Action: 'sts:GetCallerIdentity' }), ONLY_STS],
    ['every action', trust({ Action: '*' }), ONLY_STS],
    ['no action', trust({ Action: undefined }), 'Policy statement must contain actions.'],
    [
      'doubled Sids',
      {
        Version: '2012-10-17',
        Statement: [trust({ Sid: 'A' }).Statement[0], trust({ Sid: 'A' }).Statement[0]],
      },
      'Statement IDs (SID) in a single policy must be unique.',
    ],
    [
      'an unknown service',
      principal({ Service: 'pods.ekz.amazonaws.com' }),
      'Invalid principal in policy: "SERVICE":"pods.ekz.amazonaws.com"',
    ],
    [
      'a service without its domain',
      principal({ Service: 'pods.eks' }),
      'Invalid principal in policy: "SERVICE":"pods.eks"',
    ],
    ['junk', principal({ AWS: 'somebody' }), 'Invalid principal in policy: "AWS":"somebody"'],
    [
      'a service as an AWS principal',
      principal({ AWS: 'pods.eks.amazonaws.com' }),
      'Invalid principal in policy: "AWS":"pods.eks.amazonaws.com"',
    ],
    ['too few digits', principal({ AWS: '12345' }), 'Invalid principal in policy: "AWS":"12345"'],
    [
      'a role with a wildcard',
      principal({ AWS: 'arn:aws:iam::123456789012:role/*' }),
      /^Invalid principal in policy: "AWS"/,
    ],
    [
      'a role that is not there',
      principal({ AWS: 'arn:aws:iam::123456789012:role/absent' }),
      /^Invalid principal in policy: "AWS":".*absent"/,
    ],
    [
      'a session of a role that is not there',
      principal({ AWS: 'arn:aws:sts::123456789012:assumed-role/absent/s' }),
      /^Invalid principal in policy: "AWS"/,
    ],
    [
      'a provider that is none',
      principal({ Federated: 'oidc' }),
      'Invalid principal in policy: "FEDERATED":"oidc"',
    ],
    [
      'an unknown kind of principal',
      principal({ Services: 'ec2.amazonaws.com' }),
      /^Syntax errors in policy\./,
    ],
  ]
  it.each(rows)('%s', async (_why, document, message) => {
    await expect(createRole(document)).rejects.toMatchObject(refusal(message))
    const PolicyDocument = JSON.stringify(document)
    await expect(
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'reader', PolicyDocument })),
    ).rejects.toMatchObject(refusal(message))
  })
})

describe('trust policies that IAM takes', () => {
  const rows: [why: string, document: unknown][] = [
    ['the workshop’s', podIdentityTrust],
    ['of the older version', { ...podIdentityTrust, Version: '2008-10-17' }],
    ['without a version', { Statement: podIdentityTrust.Statement }],
    ['a wildcard of assuming actions', trust({ Action: 'sts:AssumeRole*' })],
    [
      'a service in a region',
      principal({ Service: ['ec2.us-west-2.amazonaws.com', 'states.us-gov-west-1.amazonaws.com'] }),
    ],
    [
      'accounts, this one’s role, another account’s',
      principal({
        AWS: [
          '123456789012',
          'arn:aws:iam::123456789012:root',
          'arn:aws:iam::123456789012:role/reader',
          'arn:aws:sts::123456789012:assumed-role/reader/s',
          'arn:aws:iam::210987654321:role/theirs',
        ],
      }),
    ],
    ['anybody', principal('*')],
    [
      'IRSA',
      trust({
        Principal: {
          Federated: 'arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/ABC',
        },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { 'oidc.eks.us-west-2.amazonaws.com/id/ABC:sub': 'system:serviceaccount:a:b' },
        },
      }),
    ],
  ]
  it.each(rows)('%s', async (_why, document) => {
    await createRole(document)
  })
})

describe('sizes, which count without white space', () => {
  const ofSize = (size: number): string => {
    const document = JSON.stringify(resource(['arn:aws:s3:::']))
    return document.replace('s3:::', `s3:::${'a'.repeat(size - document.length)}`).replaceAll(',', ' ,\n\t')
  }
  const limit = (message: string) => ({
    name: 'LimitExceededException',
    message,
    $metadata: { httpStatusCode: 409 },
  })
  const create = (PolicyDocument: string) =>
    iam.send(new CreatePolicyCommand({ PolicyName: `policy-${made++}`, PolicyDocument }))

  it('6,144 of a managed policy and of its versions', async () => {
    const { Policy } = await create(ofSize(6144))
    const tooLarge = limit('Cannot exceed quota for PolicySize: 6144')
    await expect(create(ofSize(6145))).rejects.toMatchObject(tooLarge)
    const version = { PolicyArn: Policy?.Arn, PolicyDocument: ofSize(6145) }
    await expect(iam.send(new CreatePolicyVersionCommand(version))).rejects.toMatchObject(tooLarge)
  })

  it('10,240 of all inline policies of a role', async () => {
    const put = (PolicyName: string, size: number) =>
      iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName, PolicyDocument: ofSize(size) }))
    await put('a', 6000)
    await put('b', 4240)
    await put('b', 4239)
    await expect(put('c', 200)).rejects.toMatchObject(
      limit('Maximum policy size of 10240 bytes exceeded for role reader'),
    )
  })

  it('2,048 of a trust policy, and 8,192 where AWS raised it', async () => {
    const sized = (size: number) => {
      const document = trust({ Condition: { StringEquals: { 'aws:SourceAccount': '' } } })
      const rest = size - JSON.stringify(document).length
      return JSON.parse(
        JSON.stringify(document).replace(
          '"aws:SourceAccount":""',
          `"aws:SourceAccount":"${'1'.repeat(rest)}"`,
        ),
      )
    }
    await createRole(sized(2048))
    await expect(createRole(sized(2049))).rejects.toMatchObject(
      limit('Cannot exceed quota for ACLSizePerRole: 2048'),
    )
    aws.state.quotas.trustPolicySize = 8192
    await createRole(sized(8192))
    await expect(createRole(sized(8193))).rejects.toMatchObject(
      limit('Cannot exceed quota for ACLSizePerRole: 8192'),
    )
    aws.state.quotas.trustPolicySize = 2048
  })
})
