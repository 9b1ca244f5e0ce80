import type {
  CreatePolicyRequest,
  CreatePolicyResponse,
  CreatePolicyVersionRequest,
  CreatePolicyVersionResponse,
  DeletePolicyRequest,
  DeletePolicyVersionRequest,
  GetPolicyRequest,
  GetPolicyResponse,
  GetPolicyVersionRequest,
  GetPolicyVersionResponse,
  ListEntitiesForPolicyRequest,
  ListEntitiesForPolicyResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
  ListPolicyVersionsRequest,
  ListPolicyVersionsResponse,
  Policy as PolicyAnswer,
  PolicyVersion as PolicyVersionAnswer,
  SetDefaultPolicyVersionRequest,
} from '@aws-sdk/client-iam'
import type { Account } from '../account/account.ts'
import { carriedPolicies, isAwsManaged } from '../account/aws-policies.ts'
import type { ManagedPolicy, PolicyVersion } from '../account/roles.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { checkPermissionsPolicy } from './documents.ts'
import { checkManagedSize } from './quotas.ts'
import { encodeDocument, iamPage, noSuchEntity, onPolicy, ownPolicyByArn, policyByArn } from './support.ts'

const MAX_VERSIONS = 5

/** Managed policies and their versions. */
export const policyOperations = (account: Account): Operations => ({
  CreatePolicy: operation<CreatePolicyRequest, CreatePolicyResponse>()({
    reads: ['PolicyName', 'PolicyDocument', 'Path', 'Description'],
    resource: ({ PolicyName, Path = '/' }) =>
      `arn:${account.partition}:iam::${account.accountId}:policy${Path}${PolicyName}`,
    resourceLabel: ({ PolicyName }) => `policy ${PolicyName}`,
    subject: ({ PolicyName }) => PolicyName,
    handle: ({ PolicyName, Path = '/', PolicyDocument, Description }) => {
      if (
        account.policies.has(`arn:${account.partition}:iam::${account.accountId}:policy${Path}${PolicyName}`)
      )
        throw new AwsFailure(
          'EntityAlreadyExistsException',
          `A policy called ${PolicyName} already exists. Duplicate names are not allowed.`,
        )
      checkPermissionsPolicy(account, PolicyDocument)
      checkManagedSize(PolicyDocument)
      const policy = account.addPolicy({ name: PolicyName, path: Path, versions: [PolicyDocument] })
      if (Description !== undefined) policy.description = Description
      return { Policy: describe(account, policy) }
    },
  }),
  GetPolicy: operation<GetPolicyRequest, GetPolicyResponse>()({
    reads: ['PolicyArn'],
    ...onPolicy,
    handle: ({ PolicyArn }) => ({ Policy: describe(account, policyByArn(account, PolicyArn)) }),
  }),
  ListPolicies: operation<ListPoliciesRequest, ListPoliciesResponse>()({
    reads: ['Scope', 'OnlyAttached', 'PathPrefix', 'PolicyUsageFilter', 'Marker', 'MaxItems'],
    resource: () => '*',
    handle: (input) => {
      if (input.Scope !== 'Local')
        for (const arn of carriedPolicies(account.partition).keys()) account.policy(arn)
      const usedAs = usage(account, input.PolicyUsageFilter)
      const policies = [...account.policies.values()].filter(
        ({ arn, path }) =>
          (!input.OnlyAttached || attachments(account, arn) > 0) &&
          path.startsWith(input.PathPrefix ?? '/') &&
          usedAs(arn) &&
          (input.Scope === undefined ||
            input.Scope === 'All' ||
            (input.Scope === 'AWS') === isAwsManaged(arn)),
      )
      const { items, more } = iamPage(policies, input)
      return { Policies: items.map((policy) => describe(account, policy)), ...more }
    },
  }),
  ListEntitiesForPolicy: operation<ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse>()({
    reads: ['PolicyArn', 'EntityFilter', 'PathPrefix', 'PolicyUsageFilter', 'Marker', 'MaxItems'],
    ...onPolicy,
    handle: (input) => {
      const { arn } = policyByArn(account, input.PolicyArn)
      const ofRoles = !input.EntityFilter || input.EntityFilter === 'Role'
      const roles = [...account.roles.values()].filter(
        (role) =>
          ofRoles &&
          role.path.startsWith(input.PathPrefix ?? '/') &&
          ((input.PolicyUsageFilter !== 'PermissionsBoundary' && role.attached.has(arn)) ||
            (input.PolicyUsageFilter !== 'PermissionsPolicy' && role.boundary === arn)),
      )
      const { items, more } = iamPage(roles, input)
      const PolicyRoles = items.map(({ name, id }) => ({ RoleName: name, RoleId: id }))
      return { PolicyGroups: [], PolicyUsers: [], PolicyRoles, ...more }
    },
  }),
  DeletePolicy: operation<DeletePolicyRequest, object>()({
    reads: ['PolicyArn'],
    ...onPolicy,
    handle: ({ PolicyArn }) => {
      const policy = ownPolicyByArn(account, PolicyArn)
      if (attachments(account, PolicyArn) > 0)
        throw new AwsFailure('DeleteConflictException', 'Cannot delete a policy attached to entities.')
      if (policy.versions.size > 1)
        throw new AwsFailure(
          'DeleteConflictException',
          'This policy has more than one version. Before you delete a policy, you must delete the policy’s versions. The default version is deleted with the policy.',
        )
      account.policies.delete(PolicyArn)
      return {}
    },
  }),
  CreatePolicyVersion: operation<CreatePolicyVersionRequest, CreatePolicyVersionResponse>()({
    reads: ['PolicyArn', 'PolicyDocument', 'SetAsDefault'],
    ...onPolicy,
    handle: ({ PolicyArn, PolicyDocument, SetAsDefault }) => {
      const policy = ownPolicyByArn(account, PolicyArn)
      checkPermissionsPolicy(account, PolicyDocument)
      checkManagedSize(PolicyDocument)
      if (policy.versions.size >= MAX_VERSIONS)
        throw new AwsFailure(
          'LimitExceededException',
          `A managed policy can have up to ${MAX_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
        )
      const version = { id: `v${policy.nextVersion++}`, document: PolicyDocument, createdAt: account.now() }
      policy.versions.set(version.id, version)
      policy.updatedAt = version.createdAt
      if (SetAsDefault) policy.defaultVersion = version.id
      return { PolicyVersion: summarizeVersion(policy, version) }
    },
  }),
  GetPolicyVersion: operation<GetPolicyVersionRequest, GetPolicyVersionResponse>()({
    reads: ['PolicyArn', 'VersionId'],
    ...onPolicy,
    handle: ({ PolicyArn, VersionId }) => {
      const policy = policyByArn(account, PolicyArn)
      const version = versionOf(policy, VersionId)
      const Document = encodeDocument(version.document)
      return { PolicyVersion: { ...summarizeVersion(policy, version), Document } }
    },
  }),
  ListPolicyVersions: operation<ListPolicyVersionsRequest, ListPolicyVersionsResponse>()({
    reads: ['PolicyArn', 'Marker', 'MaxItems'],
    ...onPolicy,
    handle: (input) => {
      const policy = policyByArn(account, input.PolicyArn)
      const { items, more } = iamPage([...policy.versions.values()].reverse(), input)
      return { Versions: items.map((version) => summarizeVersion(policy, version)), ...more }
    },
  }),
  SetDefaultPolicyVersion: operation<SetDefaultPolicyVersionRequest, object>()({
    reads: ['PolicyArn', 'VersionId'],
    ...onPolicy,
    handle: ({ PolicyArn, VersionId }) => {
      const policy = ownPolicyByArn(account, PolicyArn)
      policy.defaultVersion = versionOf(policy, VersionId).id
      return {}
    },
  }),
  DeletePolicyVersion: operation<DeletePolicyVersionRequest, object>()({
    reads: ['PolicyArn', 'VersionId'],
    ...onPolicy,
    handle: ({ PolicyArn, VersionId }) => {
      const policy = ownPolicyByArn(account, PolicyArn)
      const { id } = versionOf(policy, VersionId)
      if (id === policy.defaultVersion)
        throw new AwsFailure('DeleteConflictException', 'Cannot delete the default version of a policy.')
      policy.versions.delete(id)
      return {}
    },
  }),
})

const versionOf = (policy: ManagedPolicy, id: string): PolicyVersion => {
  const version = policy.versions.get(id)
  if (!version) throw noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`)
  return version
}

/** Whether a policy is used as the filter of a request says. */
const usage = (account: Account, filter: string | undefined) => (arn: string) => {
  if (filter === 'PermissionsPolicy') return attachments(account, arn) > 0
  return (
    filter !== 'PermissionsBoundary' || [...account.roles.values()].some(({ boundary }) => boundary === arn)
  )
}

const attachments = (account: Account, arn: string): number =>
  [...account.roles.values()].filter(({ attached }) => attached.has(arn)).length

const describe = (account: Account, policy: ManagedPolicy): PolicyAnswer => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersion,
  AttachmentCount: attachments(account, policy.arn),
  PermissionsBoundaryUsageCount: [...account.roles.values()].filter(({ boundary }) => boundary === policy.arn)
    .length,
  IsAttachable: true,
  Description: policy.description,
  CreateDate: policy.createdAt,
  UpdateDate: policy.updatedAt,
})

const summarizeVersion = (policy: ManagedPolicy, version: PolicyVersion): PolicyVersionAnswer => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === policy.defaultVersion,
  CreateDate: version.createdAt,
})
