import {
  CreatePodIdentityAssociationCommand,
  type CreatePodIdentityAssociationCommandInput,
  DeletePodIdentityAssociationCommand,
  DescribePodIdentityAssociationCommand,
  ListPodIdentityAssociationsCommand,
  paginateListPodIdentityAssociations,
  UpdatePodIdentityAssociationCommand,
} from '@aws-sdk/client-eks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AssociationChange, type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { podIdentityTrust } from '../../../../local/scenarios/workshop/account.ts'
import { clientsOf } from '../support.ts'

const carts = 'arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo'

describe('pod identity associations', () => {
  let aws: AwsStandIn
  let eks: ReturnType<typeof clientsOf>['eks']
  beforeAll(async () => {
    aws = await startAws()
    eks = clientsOf(aws).eks
    aws.state.addCluster({ name: 'eks-workshop' })
    aws.state.addRole({ name: 'eks-workshop-carts-dynamo', trust: podIdentityTrust })
  })
  afterAll(() => aws.close())
  beforeEach(() => {
    for (const { id } of aws.associations.list('eks-workshop')) aws.associations.delete(id)
  })

  const wanted = { clusterName: 'eks-workshop', namespace: 'carts', serviceAccount: 'carts', roleArn: carts }
  const create = (input: Partial<CreatePodIdentityAssociationCommandInput> = {}) =>
    eks.send(new CreatePodIdentityAssociationCommand({ ...wanted, ...input }))

  it('creates one and notifies whoever listens', async () => {
    const changes: AssociationChange[] = []
    const leave = aws.associations.changes.subscribe((change) => changes.push(change))
    const { association } = await create({ tags: { team: 'carts' } })
    leave()
    expect(association).toMatchObject({ ...wanted, tags: { team: 'carts' }, createdAt: expect.any(Date) })
    expect(association?.associationId).toMatch(/^a-[a-z0-9]{17}$/)
    expect(association?.associationArn).toBe(
      `arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks-workshop/${association?.associationId}`,
    )
    expect(changes).toMatchObject([{ kind: 'created', association: { id: association?.associationId } }])
  })

  it('answers a retried request with what it made the first time', async () => {
    const first = await create({ clientRequestToken: 'once' })
    const second = await create({ clientRequestToken: 'once' })
    expect(second.association).toEqual(first.association)
    await expect(create({ clientRequestToken: 'once', namespace: 'other' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
  })

  it('allows one per service account and names the one that is there', async () => {
    const { association } = await create()
    await expect(create()).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: `Association already exists: ${association?.associationId}`,
      $metadata: { httpStatusCode: 409 },
    })
  })

  it('answers an update of the same token as the first time, without writing it again', async () => {
    const { association: made } = await create({})
    const other = aws.state.addRole({ name: 'other', trust: podIdentityTrust }).arn
    const update = (roleArn: string | undefined, clientRequestToken: string) =>
      eks.send(
        new UpdatePodIdentityAssociationCommand({
          clusterName: 'eks-workshop',
          associationId: made?.associationId,
          roleArn,
          clientRequestToken,
        }),
      )
    const first = await update(other, 'once')
    // Somebody points it back since.
    await update(made?.roleArn, 'theirs')
    const second = await update(other, 'once')
    expect(second.association).toEqual(first.association)
    expect(aws.associations.list('eks-workshop')).toMatchObject([{ roleArn: made?.roleArn }])
    await expect(update(made?.roleArn, 'once')).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('different parameters'),
    })
  })

  const irsaOnly = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/oidc.eks' },
        Action: 'sts:AssumeRoleWithWebIdentity',
      },
    ],
  }
  const withAction = (Action: string | string[], extra: object = {}) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action, ...extra }],
  })
  const foreignCluster = {
    Condition: { StringEquals: { 'aws:SourceArn': 'arn:aws:eks:us-west-2:123456789012:cluster/other' } },
  }
  const trusts: [why: string, trust: object, disableSessionTags: boolean, accepted: boolean][] = [
    ['both actions', podIdentityTrust, false, true],
    ['no sts:TagSession', withAction('sts:AssumeRole'), false, false],
    ['no sts:TagSession, and no tags either', withAction('sts:AssumeRole'), true, true],
    ['only IRSA is trusted', irsaOnly, false, false],
    [
      'a condition that no pod will meet, which EKS does not look at',
      withAction('sts:*', foreignCluster),
      false,
      true,
    ],
  ]
  it.each(trusts)('checks the trust policy: %s', async (_why, trust, disableSessionTags, accepted) => {
    const role = aws.state.addRole({ name: 'trusting', trust })
    const attempt = create({ roleArn: role.arn, disableSessionTags })
    if (accepted) await expect(attempt).resolves.toBeDefined()
    else
      await expect(attempt).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: expect.stringContaining('Trust policy of the role provided is invalid'),
      })
  })

  const refusals: [why: string, input: Partial<CreatePodIdentityAssociationCommandInput>, error: object][] = [
    [
      'no such cluster',
      { clusterName: 'nowhere' },
      { name: 'ResourceNotFoundException', message: 'No cluster found for name: nowhere.' },
    ],
    [
      'no such role',
      { roleArn: 'arn:aws:iam::123456789012:role/nobody' },
      { name: 'InvalidParameterException', message: 'Role provided in the request does not exist' },
    ],
    [
      "another account's role",
      { roleArn: 'arn:aws:iam::210987654321:role/theirs' },
      { name: 'AccessDeniedException', message: 'Cross-account pass role is not allowed.' },
    ],
    ['not a role', { roleArn: 'carts' }, { name: 'InvalidParameterException' }],
    [
      'a session policy needs session tags off',
      { policy: '{"Version":"2012-10-17","Statement":[]}' },
      { name: 'InvalidParameterException' },
    ],
    [
      'a member is missing',
      { serviceAccount: undefined },
      {
        name: 'InvalidParameterException',
        message:
          "1 validation error detected: Value null at 'serviceAccount' failed to satisfy constraint: Member must not be null",
      },
    ],
  ]
  it.each(refusals)('refuses: %s', async (_why, input, error) => {
    await expect(create(input)).rejects.toMatchObject(error)
    expect(aws.associations.list('eks-workshop')).toEqual([])
  })

  it('gives a target role its external id', async () => {
    const { association } = await create({ targetRoleArn: 'arn:aws:iam::210987654321:role/theirs' })
    expect(association).toMatchObject({
      targetRoleArn: 'arn:aws:iam::210987654321:role/theirs',
      externalId: 'us-west-2/123456789012/eks-workshop/carts/carts',
    })
  })

  it('lists without role ARNs, filtered, a page at a time', async () => {
    for (const serviceAccount of ['a', 'b', 'c']) await create({ serviceAccount })
    await create({ namespace: 'other' })
    const page = await eks.send(
      new ListPodIdentityAssociationsCommand({
        clusterName: 'eks-workshop',
        namespace: 'carts',
        maxResults: 2,
      }),
    )
    expect(page.associations?.map(({ serviceAccount }) => serviceAccount)).toEqual(['a', 'b'])
    expect(page.associations?.[0]).not.toHaveProperty('roleArn')
    const all: unknown[] = []
    const pages = paginateListPodIdentityAssociations(
      { client: eks, pageSize: 3 },
      { clusterName: 'eks-workshop' },
    )
    for await (const { associations = [] } of pages) all.push(...associations)
    expect(all).toHaveLength(4)
  })

  it('repoints, and notifies', async () => {
    const { association } = await create()
    const other = aws.state.addRole({ name: 'other', trust: podIdentityTrust })
    const key = { clusterName: 'eks-workshop', associationId: association?.associationId }
    await eks.send(new UpdatePodIdentityAssociationCommand({ ...key, roleArn: other.arn }))
    const read = await eks.send(new DescribePodIdentityAssociationCommand(key))
    expect(read.association).toMatchObject({ ...wanted, roleArn: other.arn })
  })

  it('deletes, and then knows it no more', async () => {
    const { association } = await create()
    const key = { clusterName: 'eks-workshop', associationId: association?.associationId }
    await eks.send(new DeletePodIdentityAssociationCommand(key))
    await expect(eks.send(new DescribePodIdentityAssociationCommand(key))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    })
  })

  it("keeps hands off an add-on's association", async () => {
    const { id } = aws.state.addAssociation({
      ...wanted,
      ownerArn: 'arn:aws:eks:us-west-2:123456789012:addon/eks-workshop/vpc-cni/1',
    })
    const key = { clusterName: 'eks-workshop', associationId: id }
    await expect(
      eks.send(new UpdatePodIdentityAssociationCommand({ ...key, roleArn: carts })),
    ).rejects.toMatchObject({
      name: 'InvalidRequestException',
    })
    await expect(eks.send(new DeletePodIdentityAssociationCommand(key))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    })
  })
})
