import type { Context } from '../../policy/evaluate.ts'
import { type PodIdentity, type RoleFacts, sessionTagsOf, tagContext } from '../role.ts'

/**
 * What policies may ask about a call that a pod makes with the role's credentials, resource by resource.
 * `asked` are the keys the role's policies ask about; of tags, that is how the absent ones are known.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export const podSessionContext = (
  role: Pick<RoleFacts, 'arn' | 'tags'>,
  identity: PodIdentity,
  asked: readonly string[],
): ((resource: string) => Context) => {
  const session: Context = {
    // The role's own tags are in its sessions too; a session tag of the same key wins.
    ...(role.tags && tagContext('aws:PrincipalTag/', { ...role.tags, ...sessionTagsOf(identity) }, asked)),
    ...(!role.tags && ownTagsUnknown(identity, asked)),
    'aws:PrincipalArn': role.arn,
    'aws:PrincipalAccount': role.arn.split(':')[4] ?? null,
    'aws:PrincipalType': 'AssumedRole',
    'aws:PrincipalIsAWSService': 'false',
    'aws:ViaAWSService': 'false',
    'aws:CalledVia': null,
    'aws:SourceArn': null,
    'aws:SourceAccount': null,
    'aws:SourceIdentity': null,
    // Temporary credentials always say whether there was MFA, and no pod has any.
    'aws:MultiFactorAuthPresent': 'false',
    'aws:MultiFactorAuthAge': null,
    'aws:FederatedProvider': null,
    'aws:username': null,
    'aws:SecureTransport': 'true',
  }
  return (resource) => ({ ...session, ...resourceContext(resource) })
}

/** The session's tags, where the role's own were not read and might answer for the rest. */
const ownTagsUnknown = (identity: PodIdentity, asked: readonly string[]): Context =>
  Object.fromEntries(
    Object.entries(tagContext('aws:PrincipalTag/', sessionTagsOf(identity), asked)).filter(
      ([, value]) => value !== null,
    ),
  )

/** The region and account that an ARN names; a request goes there. */
const resourceContext = (resource: string): Context => {
  const [, , , region, account] = resource.split(':')
  return {
    ...(/^\w+-[\w-]+$/.test(String(region)) && { 'aws:RequestedRegion': region }),
    ...(/^\d{12}$/.test(String(account)) && { 'aws:ResourceAccount': account }),
  }
}
