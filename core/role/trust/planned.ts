import type { Finding } from '../../findings.ts'
import type { Request } from '../../request.ts'
import { podIdentityOf } from '../creation.ts'
import { appendedTrust } from './append.ts'
import type { TrustChange } from './change.ts'
import { issuerUnknown, oidcRemoval } from './oidc.ts'
import { letsPodsIn } from './trust.ts'

/** The cluster as far as trust policies know it. */
interface TrustedCluster {
  arn: string
  name: string
  oidcIssuer?: string | undefined
}

/**
 * What a run would write of its role's trust, which it may only with `manageTrust`: a statement for the pods where one is missing, or with `finish`
 * what OIDC no longer has to grant. Never both, so that each is undone by itself.
 */
export const plannedTrust = (
  request: Request,
  cluster: TrustedCluster,
  role: { name: string; trust: string },
): { change?: TrustChange | undefined; findings: Finding[] } => {
  const identity = podIdentityOf(request, cluster)
  if (!request.manageTrust) return { findings: [] }
  if (!request.finish) return { change: appendedTrust(role.trust, identity), findings: [] }
  if (!request.removeOidcTrust || !letsPodsIn(role.trust, identity)) return { findings: [] }
  if (cluster.oidcIssuer === undefined) return { findings: [issuerUnknown(role, cluster.name)] }
  return oidcRemoval(role, {
    issuer: cluster.oidcIssuer,
    cluster: cluster.name,
    namespace: request.namespace,
    serviceAccount: request.serviceAccount,
  })
}
