import { checkPolicyDocument } from '../../policy/evaluate.ts'
import type { PodIdentity } from '../role.ts'
import { mostTrust, sizeOf } from '../sizes.ts'
import { type TrustChange, withStatements } from './change.ts'
import { podIdentityStatement } from './mend.ts'
import { letsPodsIn } from './trust.ts'

/**
 * The change by which a role's trust comes to let these pods in: one more statement, for them alone, beside all that is there. Undefined where it
 * lets them in already, and where a statement more would not do it (a Deny, a document that cannot be read) or not fit.
 */
export const appendedTrust = (text: string, identity: PodIdentity): TrustChange | undefined => {
  if (checkPolicyDocument(text, 'trust').length > 0 || letsPodsIn(text, identity)) return undefined
  const planned = withStatements(text, (all) => [...all, podIdentityStatement(identity)])
  if (!letsPodsIn(planned, identity) || sizeOf(planned) > mostTrust(text)) return undefined
  const { namespace, serviceAccount, cluster, sessionTags } = identity
  return {
    found: text,
    planned,
    what: [
      sessionTags
        ? `add a statement for ${namespace}/${serviceAccount} of ${cluster.name} alone`
        : `add a statement for ${cluster.name} alone, as the association switches session tags off`,
    ],
  }
}
