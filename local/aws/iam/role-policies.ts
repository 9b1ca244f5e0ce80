import type {
  AttachRolePolicyRequest,
  DeleteRolePolicyRequest,
  DetachRolePolicyRequest,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse,
  ListRolePoliciesRequest,
  ListRolePoliciesResponse,
  PutRolePolicyRequest,
} from '@aws-sdk/client-iam'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { checkPermissionsPolicy } from './documents.ts'
import { checkInlineSize } from './quotas.ts'
import {
  encodeDocument,
  iamPage,
  noSuchEntity,
  onRole,
  policyByArn,
  roleContext,
  roleNamed,
} from './support.ts'

const MAX_ATTACHED = 10

/** What a role is granted: managed policies attached to it, and inline ones. */
export const rolePolicyOperations = (account: Account): Operations => ({
  AttachRolePolicy: operation<AttachRolePolicyRequest, object>()({
    reads: ['RoleName', 'PolicyArn'],
    ...onRole(account),
    context: ({ RoleName, PolicyArn }) => ({
      ...roleContext(account, RoleName),
      'iam:PolicyARN': PolicyArn,
    }),
    handle: ({ RoleName, PolicyArn }) => {
      const role = roleNamed(account, RoleName)
      policyByArn(account, PolicyArn, `Policy ${PolicyArn} does not exist or is not attachable.`)
      if (role.attached.size >= MAX_ATTACHED && !role.attached.has(PolicyArn))
        throw new AwsFailure(
          'LimitExceededException',
          `Cannot exceed quota for PoliciesPerRole: ${MAX_ATTACHED}`,
        )
      role.attached.add(PolicyArn)
      return {}
    },
  }),
  DetachRolePolicy: operation<DetachRolePolicyRequest, object>()({
    reads: ['RoleName', 'PolicyArn'],
    ...onRole(account),
    context: ({ RoleName, PolicyArn }) => ({
      ...roleContext(account, RoleName),
      'iam:PolicyARN': PolicyArn,
    }),
    handle: ({ RoleName, PolicyArn }) => {
      if (!roleNamed(account, RoleName).attached.delete(PolicyArn))
        throw noSuchEntity(`Policy ${PolicyArn} was not found.`)
      return {}
    },
  }),
  ListAttachedRolePolicies: operation<ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse>()({
    reads: ['RoleName', 'PathPrefix', 'Marker', 'MaxItems'],
    ...onRole(account),
    handle: (input) => {
      const attached = [...roleNamed(account, input.RoleName).attached].filter((arn) =>
        (account.policy(arn)?.path ?? '/').startsWith(input.PathPrefix ?? '/'),
      )
      const { items, more } = iamPage(attached, input)
      const AttachedPolicies = items.map((PolicyArn) => ({
        PolicyName: PolicyArn.split('/').at(-1),
        PolicyArn,
      }))
      return { AttachedPolicies, ...more }
    },
  }),
  PutRolePolicy: operation<PutRolePolicyRequest, object>()({
    reads: ['RoleName', 'PolicyName', 'PolicyDocument'],
    ...onRole(account),
    handle: ({ RoleName, PolicyName, PolicyDocument }) => {
      const role = roleNamed(account, RoleName)
      checkPermissionsPolicy(account, PolicyDocument)
      checkInlineSize(role, PolicyName, PolicyDocument)
      role.inline.set(PolicyName, PolicyDocument)
      return {}
    },
  }),
  GetRolePolicy: operation<GetRolePolicyRequest, GetRolePolicyResponse>()({
    reads: ['RoleName', 'PolicyName'],
    ...onRole(account),
    handle: ({ RoleName, PolicyName }) => {
      const document = roleNamed(account, RoleName).inline.get(PolicyName)
      if (document === undefined) throw noInlinePolicy(PolicyName)
      return { RoleName, PolicyName, PolicyDocument: encodeDocument(document) }
    },
  }),
  ListRolePolicies: operation<ListRolePoliciesRequest, ListRolePoliciesResponse>()({
    reads: ['RoleName', 'Marker', 'MaxItems'],
    ...onRole(account),
    handle: (input) => {
      const names = [...roleNamed(account, input.RoleName).inline.keys()].sort()
      const { items, more } = iamPage(names, input)
      return { PolicyNames: items, ...more }
    },
  }),
  DeleteRolePolicy: operation<DeleteRolePolicyRequest, object>()({
    reads: ['RoleName', 'PolicyName'],
    ...onRole(account),
    handle: ({ RoleName, PolicyName }) => {
      if (!roleNamed(account, RoleName).inline.delete(PolicyName)) throw noInlinePolicy(PolicyName)
      return {}
    },
  }),
})

const noInlinePolicy = (name: string): AwsFailure =>
  noSuchEntity(`The role policy with name ${name} cannot be found.`)
