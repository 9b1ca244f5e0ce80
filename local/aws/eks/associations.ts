import type {
  CreatePodIdentityAssociationRequest,
  CreatePodIdentityAssociationResponse,
  DeletePodIdentityAssociationRequest,
  DeletePodIdentityAssociationResponse,
  DescribePodIdentityAssociationRequest,
  DescribePodIdentityAssociationResponse,
  ListPodIdentityAssociationsRequest,
  ListPodIdentityAssociationsResponse,
  PodIdentityAssociation,
  UpdatePodIdentityAssociationRequest,
  UpdatePodIdentityAssociationResponse,
} from '@aws-sdk/client-eks'
import { podIdentityService } from '../../../core/names.ts'
import type { Account } from '../account/account.ts'
import type { Association } from '../account/associations.ts'
import { AwsFailure } from '../failure.ts'
import { type Caller, type Operations, operation, type Received } from '../operation.ts'
import { trustsService } from '../trust.ts'
import {
  activeClusterNamed,
  ClientTokens,
  clusterNamed,
  eksPage,
  invalidParameter,
  invalidRequestException,
  passRole,
  requestTagContext,
  requireTagging,
  resourceInUse,
  resourceNotFound,
} from './support.ts'

const ROLE_ARN = /^arn:aws[\w-]*:iam::(\d{12}):role\/[\w+=,.@/-]+$/

/** Pod identity associations: create, describe, list, update, delete. */
export const associationOperations = (account: Account): Operations => {
  const tokens = new ClientTokens()
  const updates = new ClientTokens<UpdatePodIdentityAssociationResponse>()
  const arnOf = (input: { clusterName: string; associationId: string }): string =>
    account.associationArn(input.clusterName, input.associationId)
  const subjectOf = (input: { clusterName: string; associationId: string }): string =>
    `${input.clusterName}/${input.associationId}`

  return {
    CreatePodIdentityAssociation: operation<
      CreatePodIdentityAssociationRequest,
      CreatePodIdentityAssociationResponse
    >()({
      reads: [
        'clusterName',
        'namespace',
        'serviceAccount',
        'roleArn',
        'clientRequestToken',
        'tags',
        'disableSessionTags',
        'targetRoleArn',
        'policy',
      ],
      resource: ({ clusterName }) => account.clusterArn(clusterName),
      context: requestTagContext,
      subject: (input) => `${input.clusterName}/${input.namespace}/${input.serviceAccount}`,
      handle: (input, caller) => {
        const earlier = account.associations.get(input.clusterName, tokens.earlier(input) ?? '')
        if (earlier) return { association: describe(earlier) }
        requireTagging(caller, account.associationArn(input.clusterName, '*'), input.tags)
        const association = create(account, input, caller)
        tokens.remember(input, association.id)
        return { association: describe(association) }
      },
    }),
    DescribePodIdentityAssociation: operation<
      DescribePodIdentityAssociationRequest,
      DescribePodIdentityAssociationResponse
    >()({
      reads: ['clusterName', 'associationId'],
      resource: arnOf,
      subject: subjectOf,
      handle: (input) => ({ association: describe(associationOf(account, input)) }),
    }),
    ListPodIdentityAssociations: operation<
      ListPodIdentityAssociationsRequest,
      ListPodIdentityAssociationsResponse
    >()({
      reads: ['clusterName', 'namespace', 'serviceAccount', 'maxResults', 'nextToken'],
      resource: ({ clusterName }) => account.clusterArn(clusterName),
      subject: ({ clusterName }) => clusterName,
      handle: (input) => {
        clusterNamed(account, input.clusterName)
        const matching = account.associations
          .list(input.clusterName)
          .filter(({ namespace }) => !input.namespace || namespace === input.namespace)
          .filter(({ serviceAccount }) => !input.serviceAccount || serviceAccount === input.serviceAccount)
        const { items, nextToken } = eksPage(matching, input)
        return { associations: items.map(summarize), nextToken }
      },
    }),
    UpdatePodIdentityAssociation: operation<
      UpdatePodIdentityAssociationRequest,
      UpdatePodIdentityAssociationResponse
    >()({
      reads: [
        'clusterName',
        'associationId',
        'roleArn',
        'clientRequestToken',
        'disableSessionTags',
        'targetRoleArn',
        'policy',
      ],
      resource: arnOf,
      subject: subjectOf,
      handle: (input, { require }) => {
        const association = changeableAssociation(account, input)
        // Nothing is written again, whatever others have written since.
        const earlier = updates.earlier(input)
        if (earlier) return earlier
        const disableSessionTags = input.disableSessionTags ?? association.disableSessionTags ?? false
        if (input.roleArn) {
          require(passRole(input.roleArn, podIdentityService))
          requireUsableRole(account, input.roleArn, disableSessionTags)
        }
        checkSessionPolicy(input.policy, disableSessionTags)
        const updated: Association = {
          ...association,
          ...optionsOf(input),
          ...(input.roleArn ? { roleArn: input.roleArn } : {}),
          ...targetOf(account, association, input.targetRoleArn),
          modifiedAt: account.now(),
        }
        account.associations.put(updated)
        const answer = { association: describe(updated) }
        updates.remember(input, answer)
        return answer
      },
    }),
    DeletePodIdentityAssociation: operation<
      DeletePodIdentityAssociationRequest,
      DeletePodIdentityAssociationResponse
    >()({
      reads: ['clusterName', 'associationId'],
      resource: arnOf,
      context: ({ clusterName, associationId }) =>
        Object.fromEntries(
          Object.entries(account.associations.get(clusterName, associationId)?.tags ?? {}).map(
            ([key, value]) => [`aws:ResourceTag/${key}`, value],
          ),
        ),
      subject: subjectOf,
      handle: (input) => {
        const association = changeableAssociation(account, input)
        account.associations.delete(association.id)
        return { association: describe(association) }
      },
    }),
  }
}

type CreateInput = Received<CreatePodIdentityAssociationRequest>

const create = (account: Account, input: CreateInput, { require }: Caller): Association => {
  activeClusterNamed(account, input.clusterName)
  checkNames(input)
  require(passRole(input.roleArn, podIdentityService))
  requireUsableRole(account, input.roleArn, input.disableSessionTags ?? false)
  checkSessionPolicy(input.policy, input.disableSessionTags)
  const existing = account.associations.find(input.clusterName, input.namespace, input.serviceAccount)
  if (existing)
    throw resourceInUse(`Association already exists: ${existing.id}`, { clusterName: input.clusterName })
  const most = account.quotas.associationsPerCluster
  if (account.associations.list(input.clusterName).length >= most)
    throw new AwsFailure(
      'ResourceLimitExceededException',
      `The cluster ${input.clusterName} has ${most} pod identity associations, which is the most a cluster may have`,
      { fields: { clusterName: input.clusterName } },
    )
  return account.addAssociation({
    clusterName: input.clusterName,
    namespace: input.namespace,
    serviceAccount: input.serviceAccount,
    roleArn: input.roleArn,
    tags: input.tags ?? {},
    ...optionsOf(input),
    ...targetOf(account, input, input.targetRoleArn),
  })
}

const checkNames = ({ namespace, serviceAccount }: CreateInput): void => {
  if (!namespace) throw invalidParameter('Namespace cannot be empty')
  if (!serviceAccount) throw invalidParameter('Service account cannot be empty')
}

/** EKS's checks of a role: it exists here and its trust policy is right, conditions aside. */
export const requireUsableRole = (account: Account, roleArn: string, disableSessionTags: boolean): void => {
  const [, owner] = ROLE_ARN.exec(roleArn) ?? []
  if (!owner) throw invalidParameter(`The role ARN is invalid: ${roleArn}`)
  if (owner !== account.accountId)
    throw new AwsFailure('AccessDeniedException', 'Cross-account pass role is not allowed.', { status: 403 })
  const role = account.roleByArn(roleArn)
  if (!role) throw invalidParameter('Role provided in the request does not exist')
  const actions = disableSessionTags ? ['sts:AssumeRole'] : ['sts:AssumeRole', 'sts:TagSession']
  const trust = withoutConditions(role.trust)
  if (!actions.every((action) => trustsService({ trust, action, context: {} }, podIdentityService)))
    throw invalidParameter(
      'Trust policy of the role provided is invalid. Follow the official documentation to resolve the issue.',
    )
}

const withoutConditions = (trust: string): string => {
  try {
    return JSON.stringify(JSON.parse(trust), (key, value: unknown) =>
      key === 'Condition' ? undefined : value,
    )
  } catch {
    return trust
  }
}

const checkSessionPolicy = (policy: string | undefined, disableSessionTags: boolean | undefined): void => {
  if (policy && !disableSessionTags)
    throw invalidParameter('Session tags must be disabled when a policy is specified')
}

const optionsOf = ({
  disableSessionTags,
  policy,
}: Pick<UpdatePodIdentityAssociationRequest, 'disableSessionTags' | 'policy'>) => ({
  ...(disableSessionTags === undefined ? {} : { disableSessionTags }),
  ...(policy === undefined ? {} : { policy }),
})

/** A target role comes with the external id by which its trust policy may know the service account. */
const targetOf = (
  account: Account,
  {
    clusterName,
    namespace,
    serviceAccount,
  }: Pick<Association, 'clusterName' | 'namespace' | 'serviceAccount'>,
  targetRoleArn: string | undefined,
): Partial<Pick<Association, 'targetRoleArn' | 'externalId'>> => {
  if (!targetRoleArn) return {}
  if (!ROLE_ARN.test(targetRoleArn))
    throw invalidParameter(`The target role ARN is invalid: ${targetRoleArn}`)
  const externalId = `${account.region}/${account.accountId}/${clusterName}/${namespace}/${serviceAccount}`
  return { targetRoleArn, externalId }
}

interface AssociationKey {
  clusterName: string
  associationId: string
}

const associationOf = (account: Account, { clusterName, associationId }: AssociationKey): Association => {
  clusterNamed(account, clusterName)
  const association = account.associations.get(clusterName, associationId)
  if (!association) throw resourceNotFound(`Association not found: ${associationId}`, { clusterName })
  return association
}

const changeableAssociation = (account: Account, key: AssociationKey): Association => {
  const association = associationOf(account, key)
  if (association.ownerArn)
    throw invalidRequestException(
      `Association ${association.id} is owned by ${association.ownerArn} and can only be changed through it`,
      { clusterName: association.clusterName },
    )
  return association
}

const summarize = (association: Association) => ({
  clusterName: association.clusterName,
  namespace: association.namespace,
  serviceAccount: association.serviceAccount,
  associationArn: association.arn,
  associationId: association.id,
  ownerArn: association.ownerArn,
})

const describe = (association: Association): PodIdentityAssociation => ({
  ...summarize(association),
  roleArn: association.roleArn,
  tags: association.tags,
  createdAt: association.createdAt,
  modifiedAt: association.modifiedAt,
  disableSessionTags: association.disableSessionTags,
  targetRoleArn: association.targetRoleArn,
  externalId: association.externalId,
  policy: association.policy,
})
