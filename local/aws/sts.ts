import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
} from '@aws-sdk/client-sts'
import type { Account } from './account/account.ts'
import type { Principal } from './account/principals.ts'
import type { PolicyAuthorizer, RequestContext } from './authorization.ts'
import { AwsFailure } from './failure.ts'
import { checkSessionPolicy } from './iam/documents.ts'
import { policyByArn } from './iam/support.ts'
import { type Operations, operation, type Received } from './operation.ts'
import { trustsPrincipal } from './trust.ts'

const DEFAULT_SESSION_SECONDS = 3600

/** STS: GetCallerIdentity, and AssumeRole with the role's trust policy enforced. */
export const stsOperations = (
  account: Account,
  authorizer: PolicyAuthorizer,
  signingTime: () => number,
): Operations => ({
  GetCallerIdentity: operation<GetCallerIdentityRequest, GetCallerIdentityResponse>()({
    reads: [],
    authorized: false,
    resource: () => '*',
    handle: (_input, { principal }) => ({
      UserId: principal.userId,
      Account: account.accountId,
      Arn: principal.arn,
    }),
  }),
  AssumeRole: operation<AssumeRoleRequest, AssumeRoleResponse>()({
    reads: [
      'RoleArn',
      'RoleSessionName',
      'Policy',
      'PolicyArns',
      'DurationSeconds',
      'Tags',
      'TransitiveTagKeys',
      'ExternalId',
    ],
    authorized: false, // by the trust policy and the caller's policies together, below
    resource: ({ RoleArn }) => RoleArn,
    subject: ({ RoleArn }) => RoleArn,
    handle: (input, { principal }) => {
      const role = account.roleByArn(input.RoleArn)
      const inherited = transitiveTags(principal)
      const { tags, transitive } = sessionTags(input, inherited)
      const context = contextOf(input, tags)
      const tagged = Object.keys(tags).length > 0
      const actions = tagged ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole']
      for (const action of actions) {
        const own = authorizer.decide(principal, { action, resource: input.RoleArn, context }).decision
        const trust = role
          ? trustsPrincipal({ trust: role.trust, action, context }, principal, account.accountId)
          : 'no'
        if (own === 'allowed' ? trust === 'no' : own === 'explicitDeny' || trust !== 'named')
          throw denied(principal.arn, action, input.RoleArn)
      }
      const seconds = input.DurationSeconds ?? DEFAULT_SESSION_SECONDS
      if (role && seconds > role.maxSessionSeconds)
        throw new AwsFailure(
          'ValidationError',
          'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
        )
      const policy = sessionPolicy(account, input)
      const session = account.session(input.RoleArn, input.RoleSessionName, {
        tags,
        transitive,
        ...(policy === undefined ? {} : { policy }),
      })
      const credentials = account.principals.issue(session, signingTime() + seconds * 1000)
      return {
        Credentials: {
          AccessKeyId: credentials.accessKeyId,
          SecretAccessKey: credentials.secretAccessKey,
          SessionToken: credentials.sessionToken,
          Expiration: credentials.expiration,
        },
        AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
      }
    },
  }),
})

type AssumeInput = Pick<
  Received<AssumeRoleRequest>,
  'RoleSessionName' | 'Policy' | 'PolicyArns' | 'Tags' | 'TransitiveTagKeys' | 'ExternalId'
>

/** The tags that a session hands on to every session that is made with it. */
const transitiveTags = (principal: Principal): Record<string, string> => {
  if (principal.kind === 'user') return {}
  const handedOn = new Set(principal.transitive)
  return Object.fromEntries(Object.entries(principal.tags).filter(([key]) => handedOn.has(key)))
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining */
const sessionTags = (
  { Tags = [], TransitiveTagKeys = [] }: AssumeInput,
  inherited: Record<string, string>,
) => {
  const given = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]))
  const clash = Object.keys(given).find((key) => Object.hasOwn(inherited, key))
  if (clash !== undefined)
    throw new AwsFailure(
      'InvalidParameterValue',
      `The tag ${clash} is a transitive tag of the calling session and cannot be set anew`,
    )
  const unknown = TransitiveTagKeys.find((key) => !Object.hasOwn(given, key))
  if (unknown !== undefined)
    throw new AwsFailure('InvalidParameterValue', `The transitive tag key ${unknown} is no key of the tags`)
  return { tags: { ...given, ...inherited }, transitive: [...TransitiveTagKeys, ...Object.keys(inherited)] }
}

const MAX_SESSION_POLICY = 2048

/**
 * The inline policy and the managed ones, which together limit the session, as one document.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
const sessionPolicy = (account: Account, { Policy, PolicyArns = [] }: AssumeInput): string | undefined => {
  if (Policy === undefined && PolicyArns.length === 0) return undefined
  if (Policy !== undefined) checkSessionPolicy(account, Policy)
  const size = (Policy ?? '').length + PolicyArns.reduce((total, { arn = '' }) => total + arn.length, 0)
  if (size > MAX_SESSION_POLICY)
    throw new AwsFailure(
      'PackedPolicyTooLargeException',
      `The session policies have ${size} characters; together they may have ${MAX_SESSION_POLICY}`,
    )
  const managed = PolicyArns.map(({ arn = '' }) => {
    const { versions, defaultVersion } = policyByArn(account, arn)
    return versions.get(defaultVersion)?.document ?? '{}'
  })
  const documents = [...(Policy === undefined ? [] : [Policy]), ...managed]
  const statements = documents.flatMap(
    (text) => (JSON.parse(text) as { Statement?: unknown }).Statement ?? [],
  )
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

const contextOf = (input: AssumeInput, tags: Record<string, string>): RequestContext => ({
  'sts:ExternalId': input.ExternalId ?? null,
  'sts:RoleSessionName': input.RoleSessionName,
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  ...(Object.keys(tags).length > 0 ? { 'aws:TagKeys': Object.keys(tags) } : {}),
  ...(input.TransitiveTagKeys?.length ? { 'sts:TransitiveTagKeys': [...input.TransitiveTagKeys] } : {}),
})

/** STS gives the same answer for a role that does not exist and for one that does not trust the caller. */
const denied = (caller: string, action: string, roleArn: string): AwsFailure =>
  new AwsFailure(
    'AccessDenied',
    `User: ${caller} is not authorized to perform: ${action} on resource: ${roleArn}`,
    { status: 403 },
  )
