import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
} from '@aws-sdk/client-sts'
import type { Account } from './account/account.ts'
import type { PolicyAuthorizer, RequestContext } from './authorization.ts'
import { AwsFailure } from './failure.ts'
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
    reads: ['RoleArn', 'RoleSessionName', 'Policy', 'DurationSeconds', 'Tags', 'ExternalId'],
    authorized: false, // by the trust policy and the caller's policies together, below
    resource: ({ RoleArn }) => RoleArn,
    subject: ({ RoleArn }) => RoleArn,
    handle: (input, { principal }) => {
      const role = account.roleByArn(input.RoleArn)
      const tags = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']))
      const context = contextOf(input, tags)
      const actions = input.Tags?.length ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole']
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
      const session = account.session(input.RoleArn, input.RoleSessionName, {
        tags,
        ...(input.Policy ? { policy: input.Policy } : {}),
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

const contextOf = (input: Received<AssumeRoleRequest>, tags: Record<string, string>): RequestContext => ({
  'sts:ExternalId': input.ExternalId ?? null,
  'sts:RoleSessionName': input.RoleSessionName,
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  ...(input.Tags?.length ? { 'aws:TagKeys': Object.keys(tags) } : {}),
})

/** STS gives the same answer for a role that does not exist and for one that does not trust the caller. */
const denied = (caller: string, action: string, roleArn: string): AwsFailure =>
  new AwsFailure(
    'AccessDenied',
    `User: ${caller} is not authorized to perform: ${action} on resource: ${roleArn}`,
    { status: 403 },
  )
