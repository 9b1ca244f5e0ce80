import type {
  CreateRoleRequest,
  CreateRoleResponse,
  DeleteRolePermissionsBoundaryRequest,
  DeleteRoleRequest,
  GetRoleRequest,
  GetRoleResponse,
  ListRolesRequest,
  ListRolesResponse,
  ListRoleTagsRequest,
  ListRoleTagsResponse,
  PutRolePermissionsBoundaryRequest,
  Role as RoleAnswer,
  TagRoleRequest,
  UntagRoleRequest,
  UpdateAssumeRolePolicyRequest,
} from '@aws-sdk/client-iam'
import type { Account } from '../account/account.ts'
import type { IamRole } from '../account/roles.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { checkTrustPolicy } from './documents.ts'
import { checkTrustSize } from './quotas.ts'
import {
  encodeDocument,
  iamPage,
  noSuchEntity,
  onRole,
  policyByArn,
  roleContext,
  roleNamed,
  tagList,
  tagMap,
} from './support.ts'

/** Roles: create, get, list, delete, trust policy, boundary, tags. */
export const roleOperations = (account: Account): Operations => ({
  CreateRole: operation<CreateRoleRequest, CreateRoleResponse>()({
    reads: [
      'RoleName',
      'AssumeRolePolicyDocument',
      'Path',
      'Description',
      'MaxSessionDuration',
      'PermissionsBoundary',
      'Tags',
    ],
    resource: ({ RoleName, Path = '/' }) =>
      `arn:${account.partition}:iam::${account.accountId}:role${Path}${RoleName}`,
    context: ({ PermissionsBoundary, Tags }) => ({
      ...(PermissionsBoundary === undefined ? {} : { 'iam:PermissionsBoundary': PermissionsBoundary }),
      ...tagsAsked(Tags),
    }),
    subject: ({ RoleName }) => RoleName,
    handle: (input, { require }) => {
      if (input.Tags?.length)
        require({
          action: 'iam:TagRole',
          resource: `arn:${account.partition}:iam::${account.accountId}:role${input.Path ?? '/'}${input.RoleName}`,
          label: `role ${input.RoleName}`,
          context: tagsAsked(input.Tags),
        })
      if (account.roles.has(input.RoleName))
        throw new AwsFailure(
          'EntityAlreadyExistsException',
          `Role with name ${input.RoleName} already exists.`,
        )
      checkTrustPolicy(account, input.AssumeRolePolicyDocument)
      checkTrustSize(input.AssumeRolePolicyDocument, account.quotas.trustPolicySize)
      if (input.PermissionsBoundary) checkBoundary(account, input.PermissionsBoundary)
      const role = account.addRole({
        name: input.RoleName,
        trust: input.AssumeRolePolicyDocument,
        tags: Object.fromEntries(tagMap(input.Tags)),
        ...(input.Path === undefined ? {} : { path: input.Path }),
        ...(input.Description === undefined ? {} : { description: input.Description }),
        ...(input.MaxSessionDuration === undefined ? {} : { maxSessionSeconds: input.MaxSessionDuration }),
        ...(input.PermissionsBoundary === undefined ? {} : { boundary: input.PermissionsBoundary }),
      })
      return { Role: summarize(role) }
    },
  }),
  GetRole: operation<GetRoleRequest, GetRoleResponse>()({
    reads: ['RoleName'],
    ...onRole(account),
    handle: ({ RoleName }) => ({ Role: describe(roleNamed(account, RoleName)) }),
  }),
  ListRoles: operation<ListRolesRequest, ListRolesResponse>()({
    reads: ['PathPrefix', 'Marker', 'MaxItems'],
    resource: () => `arn:${account.partition}:iam::${account.accountId}:role/`,
    handle: (input) => {
      const roles = [...account.roles.values()]
        .filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
      const { items, more } = iamPage(roles, input)
      return { Roles: items.map(summarize), ...more }
    },
  }),
  DeleteRole: operation<DeleteRoleRequest, object>()({
    reads: ['RoleName'],
    ...onRole(account),
    handle: ({ RoleName }) => {
      const role = roleNamed(account, RoleName)
      if (role.attached.size > 0)
        throw new AwsFailure(
          'DeleteConflictException',
          'Cannot delete entity, must detach all policies first.',
        )
      if (role.inline.size > 0)
        throw new AwsFailure('DeleteConflictException', 'Cannot delete entity, must delete policies first.')
      account.roles.delete(role.name)
      return {}
    },
  }),
  UpdateAssumeRolePolicy: operation<UpdateAssumeRolePolicyRequest, object>()({
    reads: ['RoleName', 'PolicyDocument'],
    ...onRole(account),
    handle: ({ RoleName, PolicyDocument }) => {
      const role = roleNamed(account, RoleName)
      checkTrustPolicy(account, PolicyDocument)
      checkTrustSize(PolicyDocument, account.quotas.trustPolicySize)
      role.trust = PolicyDocument
      return {}
    },
  }),
  PutRolePermissionsBoundary: operation<PutRolePermissionsBoundaryRequest, object>()({
    reads: ['RoleName', 'PermissionsBoundary'],
    ...onRole(account),
    context: ({ RoleName, PermissionsBoundary }) => ({
      ...roleContext(account, RoleName),
      'iam:PermissionsBoundary': PermissionsBoundary,
    }),
    handle: ({ RoleName, PermissionsBoundary }) => {
      const role = roleNamed(account, RoleName)
      checkBoundary(account, PermissionsBoundary)
      role.boundary = PermissionsBoundary
      return {}
    },
  }),
  DeleteRolePermissionsBoundary: operation<DeleteRolePermissionsBoundaryRequest, object>()({
    reads: ['RoleName'],
    ...onRole(account),
    handle: ({ RoleName }) => {
      const role = roleNamed(account, RoleName)
      if (!role.boundary) throw noSuchEntity(`Role ${RoleName} does not have a permissions boundary.`)
      delete role.boundary
      return {}
    },
  }),
  TagRole: operation<TagRoleRequest, object>()({
    reads: ['RoleName', 'Tags'],
    ...onRole(account),
    context: ({ RoleName, Tags }) => ({ ...roleContext(account, RoleName), ...tagsAsked(Tags) }),
    handle: ({ RoleName, Tags }) => {
      const { tags } = roleNamed(account, RoleName)
      for (const [key, value] of tagMap(Tags)) tags.set(key, value)
      return {}
    },
  }),
  UntagRole: operation<UntagRoleRequest, object>()({
    reads: ['RoleName', 'TagKeys'],
    ...onRole(account),
    context: ({ RoleName, TagKeys }) => ({ ...roleContext(account, RoleName), 'aws:TagKeys': TagKeys }),
    handle: ({ RoleName, TagKeys }) => {
      const { tags } = roleNamed(account, RoleName)
      for (const key of TagKeys) tags.delete(key)
      return {}
    },
  }),
  ListRoleTags: operation<ListRoleTagsRequest, ListRoleTagsResponse>()({
    reads: ['RoleName', 'Marker', 'MaxItems'],
    ...onRole(account),
    handle: (input) => {
      const { items, more } = iamPage(tagList(roleNamed(account, input.RoleName).tags), input)
      return { Tags: items, ...more }
    },
  }),
})

/** What policies may ask about the tags of a request. */
const tagsAsked = (tags: Parameters<typeof tagMap>[0]): Record<string, string | string[]> => {
  const asked = tagMap(tags)
  return {
    ...Object.fromEntries([...asked].map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...(asked.size > 0 ? { 'aws:TagKeys': [...asked.keys()] } : {}),
  }
}

const checkBoundary = (account: Account, arn: string): void => {
  policyByArn(account, arn, `Scope ARN: ${arn} does not exist or is not attachable.`)
}

/** What CreateRole and ListRoles say of a role. */
const summarize = (role: IamRole): RoleAnswer => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: role.createdAt,
  AssumeRolePolicyDocument: encodeDocument(role.trust),
  Description: role.description,
  MaxSessionDuration: role.maxSessionSeconds,
})

/** What only GetRole says. */
const describe = (role: IamRole): RoleAnswer => ({
  ...summarize(role),
  ...(role.boundary
    ? {
        PermissionsBoundary: {
          PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
          PermissionsBoundaryArn: role.boundary,
        },
      }
    : {}),
  ...(role.tags.size > 0 ? { Tags: tagList(role.tags) } : {}),
  RoleLastUsed: {},
})
