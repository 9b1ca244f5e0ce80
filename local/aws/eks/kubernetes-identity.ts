import type { Account } from '../account/account.ts'
import type { AccessScope } from '../account/clusters.ts'
import { verifyToken } from './token.ts'

/** Who a bearer token makes a request to the Kubernetes API. */
export interface KubernetesIdentity {
  /** The signer: a user's ARN or that of a role session. */
  arn: string
  accessKeyId: string
  /** As the access entry says, with `{{SessionName}}` filled in. */
  username: string
  /** The access entry's `kubernetesGroups`. */
  groups: string[]
  /** EKS's own access policies, by the name after the slash: `AmazonEKSClusterAdminPolicy`. */
  accessPolicies: { name: string; scope: AccessScope }[]
}

/** Who the bearer of the token is in that cluster; undefined where the API server would answer 401. */
export const authenticateToken = (
  account: Account,
  { token, clusterName, ownHost, now }: { token: string; clusterName: string; ownHost: string; now: number },
): KubernetesIdentity | undefined => {
  const keyOf = (id: string) => {
    const key = account.principals.keyOf(id)
    return key?.expiresAt !== undefined && now >= key.expiresAt ? undefined : key
  }
  const verdict = verifyToken(token, { clusterName, region: account.region, ownHost, now, keyOf })
  const principal = 'accessKeyId' in verdict && keyOf(verdict.accessKeyId)?.principal
  const cluster = account.clusters.get(clusterName)
  if (!principal || !cluster) return undefined
  const identityArn = account.identityArn(principal)
  const entry = cluster.accessEntries.get(identityArn)
  // A role that was deleted and made anew is not the one that the entry let in.
  if (!entry || entry.principalId !== account.principalId(identityArn)) return undefined
  const session = principal.kind === 'session' ? principal.sessionName : ''
  return {
    arn: principal.arn,
    accessKeyId: verdict.accessKeyId,
    username: entry.username.replaceAll('{{SessionName}}', session.replaceAll('@', '-')),
    groups: [...entry.kubernetesGroups],
    accessPolicies: [...entry.policies].map(([arn, { scope }]) => ({
      name: arn.split('/').at(-1) ?? '',
      scope,
    })),
  }
}
