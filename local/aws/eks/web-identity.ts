import type { Account } from '../account/account.ts'
import type { RoleSession } from '../account/principals.ts'
import { trustsFederated } from '../trust.ts'

/** A pod that calls STS with its ServiceAccount's token (IRSA). */
export interface WebIdentity {
  cluster: string
  namespace: string
  serviceAccount: string
  roleArn: string
}

/** STS does not tell a role that is not there from one that does not trust. */
const refused = { error: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' }

/**
 * What AssumeRoleWithWebIdentity answers the pod, by the role's trust in the cluster's OIDC issuer.
 * https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 */
export const assumeWithWebIdentity = (
  account: Account,
  { cluster, namespace, serviceAccount, roleArn }: WebIdentity,
): { session: RoleSession } | { error: string } => {
  const role = account.roleByArn(roleArn)
  const issuer = account.clusters.get(cluster)?.oidcIssuer.replace('https://', '')
  if (!role || !issuer) return refused
  const question = {
    trust: role.trust,
    action: 'sts:AssumeRoleWithWebIdentity',
    context: {
      [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${serviceAccount}`,
      [`${issuer}:aud`]: 'sts.amazonaws.com',
    },
  }
  return trustsFederated(
    question,
    `arn:${account.partition}:iam::${account.accountId}:oidc-provider/${issuer}`,
  )
    ? { session: account.session(role.arn, 'aws-sdk-java') }
    : refused
}
