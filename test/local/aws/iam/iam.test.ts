import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRoles,
  SetDefaultPolicyVersionCommand,
  SimulatePrincipalPolicyCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { podIdentityTrust } from '../../../../local/scenarios/workshop/account.ts'
import { allow, clientsOf } from '../support.ts'

const text = (document: object): string => JSON.stringify(document)
const decoded = (document: string | undefined): unknown => JSON.parse(decodeURIComponent(document ?? ''))

describe('IAM', () => {
  let aws: AwsStandIn
  let iam: IAMClient
  beforeEach(async () => {
    aws = await startAws()
    iam = clientsOf(aws).iam
  })
  afterEach(() => aws.close())

  const createRole = (RoleName: string, change: object = {}) =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: text(podIdentityTrust), ...change }))
  const createPolicy = async (
    PolicyName: string,
    document: object = allow('dynamodb:*'),
  ): Promise<string> => {
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: text(document) }))
    return Policy?.Arn ?? ''
  }

  it('keeps a role as it was made', async () => {
    await createRole('carts', {
      Path: '/shop/',
      Description: 'reads <carts> & more',
      Tags: [{ Key: 'a', Value: 'b' }],
    })
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'carts' }))
    expect(Role).toMatchObject({
      Arn: 'arn:aws:iam::123456789012:role/shop/carts',
      Path: '/shop/',
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      CreateDate: expect.any(Date),
      Description: 'reads <carts> & more',
      MaxSessionDuration: 3600,
      Tags: [{ Key: 'a', Value: 'b' }],
    })
    expect(Role?.AssumeRolePolicyDocument).toMatch(/^%7B%22Version%22%3A/)
    expect(decoded(Role?.AssumeRolePolicyDocument)).toEqual(podIdentityTrust)
  })

  it('changes trust policy, boundary and tags', async () => {
    await createRole('carts')
    const boundary = await createPolicy('bounds')
    const trust = { ...podIdentityTrust, Id: 'changed' }
    const RoleName = 'carts'
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: text(trust) }))
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: boundary }))
    await iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'team', Value: 'shop' }] }))
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }))
    expect(decoded(Role?.AssumeRolePolicyDocument)).toEqual(trust)
    expect(Role).toMatchObject({
      PermissionsBoundary: {
        PermissionsBoundaryArn: boundary,
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
      },
      Tags: [{ Key: 'team', Value: 'shop' }],
    })
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }))
    expect((await iam.send(new GetRoleCommand({ RoleName }))).Role).not.toHaveProperty('PermissionsBoundary')
  })

  it('attaches, inlines, and deletes only what is bare', async () => {
    await createRole('carts')
    const PolicyArn = await createPolicy('dynamo')
    const RoleName = 'carts'
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }))
    const PolicyDocument = text(allow('s3:GetObject'))
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'files', PolicyDocument }))
    expect(await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).toMatchObject({
      AttachedPolicies: [{ PolicyName: 'dynamo', PolicyArn }],
      IsTruncated: false,
    })
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual(['files'])
    const inline = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'files' }))
    expect(decoded(inline.PolicyDocument)).toEqual(allow('s3:GetObject'))

    const conflict = { name: 'DeleteConflictException', $metadata: { httpStatusCode: 409 } }
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject(conflict)
    await expect(iam.send(new DeleteRoleCommand({ RoleName }))).rejects.toMatchObject(conflict)
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }))
    await expect(iam.send(new DeleteRoleCommand({ RoleName }))).rejects.toMatchObject(conflict)
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'files' }))
    await iam.send(new DeleteRoleCommand({ RoleName }))
    await iam.send(new DeletePolicyCommand({ PolicyArn }))
    expect([aws.state.roles.size, aws.state.policies.size]).toEqual([0, 0])
  })

  it('numbers versions once and for all, and keeps five', async () => {
    const PolicyArn = await createPolicy('dynamo')
    const add = (SetAsDefault = false) =>
      iam.send(
        new CreatePolicyVersionCommand({
          PolicyArn,
          PolicyDocument: text(allow('dynamodb:Query')),
          SetAsDefault,
        }),
      )
    for (const expected of ['v2', 'v3', 'v4', 'v5'])
      expect((await add()).PolicyVersion?.VersionId).toBe(expected)
    await expect(add()).rejects.toMatchObject({ name: 'LimitExceededException' })
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' }))
    expect((await add(true)).PolicyVersion).toMatchObject({ VersionId: 'v6', IsDefaultVersion: true })
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
      DefaultVersionId: 'v6',
    })
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }))
    await expect(
      iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v1' })),
    ).rejects.toMatchObject({
      name: 'DeleteConflictException',
    })
    const { Versions } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual(['v6', 'v5', 'v4', 'v3', 'v1'])
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }))
    expect(PolicyVersion).toMatchObject({ IsDefaultVersion: true })
    expect(decoded(PolicyVersion?.Document)).toEqual(allow('dynamodb:*'))
  })

  it('pages by marker', async () => {
    const attached = Array.from(
      { length: 5 },
      (_, n) => aws.state.addPolicy({ name: `p${n}`, versions: [{}] }).arn,
    )
    aws.state.addRole({ name: 'many', trust: podIdentityTrust, attached })
    const arns: unknown[] = []
    const pages = paginateListAttachedRolePolicies({ client: iam, pageSize: 2 }, { RoleName: 'many' })
    for await (const { AttachedPolicies = [] } of pages)
      arns.push(AttachedPolicies.map(({ PolicyArn }) => PolicyArn))
    expect(arns).toEqual([attached.slice(0, 2), attached.slice(2, 4), attached.slice(4)])
    aws.state.addRole({ name: 'another', trust: podIdentityTrust })
    const names: unknown[] = []
    for await (const { Roles = [] } of paginateListRoles({ client: iam, pageSize: 1 }, {}))
      names.push(...Roles.map(({ RoleName }) => RoleName))
    expect(names).toEqual(['another', 'many'])
  })

  const absent = 'arn:aws:iam::123456789012:policy/absent'
  const notThere: [string, () => Promise<unknown>, string][] = [
    [
      'role',
      () => iam.send(new GetRoleCommand({ RoleName: 'absent' })),
      'The role with name absent cannot be found.',
    ],
    [
      'policy',
      () => iam.send(new GetPolicyCommand({ PolicyArn: absent })),
      `Policy ${absent} was not found.`,
    ],
    [
      'version',
      async () =>
        iam.send(new GetPolicyVersionCommand({ PolicyArn: await createPolicy('one'), VersionId: 'v2' })),
      'Policy arn:aws:iam::123456789012:policy/one version v2 does not exist or is not attachable.',
    ],
    [
      'inline policy',
      async () => {
        await createRole('bare')
        return iam.send(new GetRolePolicyCommand({ RoleName: 'bare', PolicyName: 'absent' }))
      },
      'The role policy with name absent cannot be found.',
    ],
  ]
  it.each(notThere)('says that there is no such %s', async (_what, ask, message) => {
    await expect(ask()).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message,
      $metadata: { httpStatusCode: 404 },
    })
  })

  it('allows each name once', async () => {
    await createRole('carts')
    await createPolicy('dynamo')
    await expect(createRole('carts')).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      message: 'Role with name carts already exists.',
      $metadata: { httpStatusCode: 409 },
    })
    await expect(createPolicy('dynamo')).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' })
  })

  const trusting = (Principal: object) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
  })
  const malformed: [why: string, document: string, message: RegExp][] = [
    ['no JSON', '{', /invalid Json/],
    ['no statement', '{"Version":"2012-10-17"}', /Statement/],
    ['an identity policy', text(allow('s3:*')), /./],
    [
      'a service that is none',
      text(trusting({ Service: 'pods.eks' })),
      /Invalid principal in policy: "SERVICE":"pods.eks"/,
    ],
    [
      'a role that does not exist',
      text(trusting({ AWS: 'arn:aws:iam::123456789012:role/absent' })),
      /Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role\/absent"/,
    ],
  ]
  it.each(malformed)('refuses a trust policy: %s', async (_why, AssumeRolePolicyDocument, message) => {
    await expect(createRole('carts', { AssumeRolePolicyDocument })).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    })
  })

  it('refuses a permissions policy with a principal', async () => {
    await expect(createPolicy('odd', podIdentityTrust)).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    })
  })

  it('names every member at fault', async () => {
    await expect(iam.send(new GetRoleCommand({ RoleName: 'a b'.repeat(30) }))).rejects.toMatchObject({
      name: 'ValidationError',
      message:
        "2 validation errors detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64; Value at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    })
  })

  describe('SimulatePrincipalPolicy', () => {
    const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/carts'
    const simulate = (PolicySourceArn: string, ActionNames: string[], extra: object = {}) =>
      iam.send(
        new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames, ResourceArns: [table], ...extra }),
      )
    const decisions = (results: { EvalDecision?: string | undefined }[] = []) =>
      results.map(({ EvalDecision }) => EvalDecision)

    it('decides each action and resource', async () => {
      const deny = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Deny', Action: 'dynamodb:Delete*', Resource: '*' }],
      }
      const inline = { use: allow('dynamodb:*', table), deny }
      const { arn } = aws.state.addRole({ name: 'carts', trust: podIdentityTrust, inline })
      const { EvaluationResults } = await simulate(arn, [
        'dynamodb:Query',
        'dynamodb:DeleteItem',
        's3:GetObject',
      ])
      expect(decisions(EvaluationResults)).toEqual(['allowed', 'explicitDeny', 'implicitDeny'])
      expect(EvaluationResults?.[1]?.MatchedStatements).toMatchObject([{ SourcePolicyId: 'deny' }])
    })

    it('names the context keys that it would need, and takes them', async () => {
      const conditional = {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'dynamodb:Query',
            Resource: '*',
            Condition: { StringEquals: { 'aws:PrincipalTag/team': 'shop' } },
          },
        ],
      }
      const { arn } = aws.state.addRole({ name: 'carts', trust: podIdentityTrust, inline: { conditional } })
      const without = await simulate(arn, ['dynamodb:Query'])
      expect(without.EvaluationResults).toMatchObject([
        { EvalDecision: 'implicitDeny', MissingContextValues: ['aws:PrincipalTag/team'] },
      ])
      const entry = {
        ContextKeyName: 'aws:PrincipalTag/team',
        ContextKeyType: 'string',
        ContextKeyValues: ['shop'],
      }
      const given = await simulate(arn, ['dynamodb:Query'], { ContextEntries: [entry] })
      expect(decisions(given.EvaluationResults)).toEqual(['allowed'])
    })

    it('says whether the boundary allows it, and pages', async () => {
      const { arn: boundary } = aws.state.addPolicy({ name: 'bounds', versions: [allow('s3:*')] })
      const inline = { all: allow('*') }
      const { arn } = aws.state.addRole({ name: 'carts', trust: podIdentityTrust, inline, boundary })
      const first = await simulate(arn, ['dynamodb:Query', 's3:GetObject'], { MaxItems: 1 })
      expect(first).toMatchObject({
        IsTruncated: true,
        EvaluationResults: [
          {
            EvalDecision: 'implicitDeny',
            PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
          },
        ],
      })
      const rest = await simulate(arn, ['dynamodb:Query', 's3:GetObject'], { Marker: first.Marker })
      expect(decisions(rest.EvaluationResults)).toEqual(['allowed'])
    })

    it('gives one result for an action, with the resources in it', async () => {
      const { arn } = aws.state.addRole({
        name: 'carts',
        trust: podIdentityTrust,
        inline: { use: allow('dynamodb:*', table) },
      })
      const { EvaluationResults } = await simulate(arn, ['dynamodb:Query'], { ResourceArns: [table, '*'] })
      expect(EvaluationResults).toMatchObject([
        {
          EvalActionName: 'dynamodb:Query',
          EvalResourceName: 'arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}',
          EvalDecision: 'implicitDeny',
          ResourceSpecificResults: [
            { EvalResourceName: table, EvalResourceDecision: 'allowed' },
            { EvalResourceName: '*', EvalResourceDecision: 'implicitDeny' },
          ],
        },
      ])
      expect(EvaluationResults?.[0]).not.toHaveProperty('OrganizationsDecisionDetail')
      const whole = await simulate(arn, ['sqs:SendMessage'], { ResourceArns: undefined })
      expect(whole.EvaluationResults).toMatchObject([{ EvalResourceName: '*', EvalDecision: 'implicitDeny' }])
      expect(whole.EvaluationResults?.[0]?.ResourceSpecificResults).toBeUndefined()
    })

    it('shows the Deny of a service control policy without its statement, and enforces it', async () => {
      const { arn } = aws.state.addRole({
        name: 'carts',
        trust: podIdentityTrust,
        inline: { use: allow('dynamodb:*') },
      })
      const scp = {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: 'dynamodb:*', Resource: `${table}-2` },
        ],
      }
      aws.state.serviceControlPolicies.push({ name: 'guard', document: scp })
      const { EvaluationResults } = await simulate(arn, ['dynamodb:Query'], {
        ResourceArns: [table, `${table}-2`],
      })
      expect(EvaluationResults).toMatchObject([
        {
          EvalDecision: 'explicitDeny',
          OrganizationsDecisionDetail: { AllowedByOrganizations: false },
          MatchedStatements: [],
          ResourceSpecificResults: [
            { EvalResourceName: table, EvalResourceDecision: 'allowed' },
            { EvalResourceName: `${table}-2`, EvalResourceDecision: 'explicitDeny' },
          ],
        },
      ])
      const session = aws.state.session(arn, 's')
      expect(aws.can(session, 'dynamodb:Query', table)).toEqual({ allowed: true })
      expect(aws.can(session, 'dynamodb:Query', `${table}-2`)).toMatchObject({
        allowed: false,
        message: expect.stringContaining('with an explicit deny in a service control policy'),
      })
    })
  })
})
