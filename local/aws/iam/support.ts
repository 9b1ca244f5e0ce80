import type { Tag } from '@aws-sdk/client-iam'
import type { Account } from '../account/account.ts'
import { carriedPolicies, isAwsManaged } from '../account/aws-policies.ts'
import type { IamRole, ManagedPolicy } from '../account/roles.ts'
import { AwsFailure } from '../failure.ts'
import { pageOf } from '../pages.ts'

const PAGE_SIZE = 100

export const noSuchEntity = (message: string): AwsFailure => new AwsFailure('NoSuchEntityException', message)

/** The role of that name; throws as IAM does when there is none. */
export const roleNamed = (account: Account, name: string): IamRole => {
  const role = account.roles.get(name)
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`)
  return role
}

/** The managed policy with that ARN; throws as IAM does when there is none, with its sentence if it is given. */
export const policyByArn = (
  account: Account,
  arn: string,
  absent = `Policy ${arn} was not found.`,
): ManagedPolicy => {
  const policy = account.policy(arn)
  if (policy) return policy
  if (!isAwsManaged(arn)) throw noSuchEntity(absent)
  // It may well exist at AWS, so this is no NoSuchEntity.
  const carried = [...carriedPolicies(account.partition).keys()].join(', ')
  throw new AwsFailure(
    'NotImplemented',
    `The stand-in does not carry the AWS managed policy ${arn}; it carries ${carried}`,
    { status: 501 },
  )
}

/** As `policyByArn`, for changes, which only the policy's owner may make. */
export const ownPolicyByArn = (account: Account, arn: string): ManagedPolicy => {
  if (isAwsManaged(arn))
    throw new AwsFailure('AccessDenied', 'Policy is outside your own account.', { status: 403 })
  return policyByArn(account, arn)
}

/** Documents travel URL-encoded as RFC 3986 has it. */
export const encodeDocument = (document: string): string =>
  encodeURIComponent(document).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** A page in IAM's terms. */
export const iamPage = <Item>(
  all: readonly Item[],
  { MaxItems, Marker }: { MaxItems?: number | undefined; Marker?: string | undefined },
): { items: Item[]; more: { IsTruncated: boolean; Marker?: string } } => {
  const page = pageOf(all, { size: MaxItems ?? PAGE_SIZE, token: Marker })
  if (!page) throw new AwsFailure('ValidationError', 'Invalid Marker.', { status: 400 })
  const { items, nextToken } = page
  return { items, more: nextToken ? { IsTruncated: true, Marker: nextToken } : { IsTruncated: false } }
}

/** What policies may ask about a role that a request is about. */
export const roleContext = (account: Account, name: string): Record<string, string> => {
  const role = account.roles.get(name)
  return {
    ...Object.fromEntries(
      [...(role?.tags ?? [])].flatMap(([key, value]) => [
        [`aws:ResourceTag/${key}`, value],
        [`iam:ResourceTag/${key}`, value],
      ]),
    ),
    ...(role?.boundary ? { 'iam:PermissionsBoundary': role.boundary } : {}),
  }
}

/** What requests ask of a role: the ARN that policies name, what they may ask, and the words that denials use. */
export const onRole = (account: Account) => ({
  context: ({ RoleName }: { RoleName: string }): Record<string, string> => roleContext(account, RoleName),
  resource: ({ RoleName }: { RoleName: string }): string =>
    account.roles.get(RoleName)?.arn ?? `arn:${account.partition}:iam::${account.accountId}:role/${RoleName}`,
  resourceLabel: ({ RoleName }: { RoleName: string }): string => `role ${RoleName}`,
  subject: ({ RoleName }: { RoleName: string }): string => RoleName,
})

/** What requests ask of a managed policy. */
export const onPolicy = {
  resource: ({ PolicyArn }: { PolicyArn: string }): string => PolicyArn,
  resourceLabel: ({ PolicyArn }: { PolicyArn: string }): string => `policy ${PolicyArn}`,
  subject: ({ PolicyArn }: { PolicyArn: string }): string => PolicyArn,
}

export const tagList = (tags: ReadonlyMap<string, string>): Tag[] =>
  [...tags].map(([Key, Value]) => ({ Key, Value }))

export const tagMap = (tags: readonly Tag[] = []): Map<string, string> =>
  new Map(tags.map(({ Key, Value }) => [Key ?? '', Value ?? '']))
