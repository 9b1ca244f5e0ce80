import { advise, type Finding, mendWith, type Remedy } from '../../findings.ts'
import { podIdentityService } from '../../names.ts'
import { type Context, checkPolicyDocument } from '../../policy/evaluate.ts'
import { type PodIdentity, type RoleFacts, roleSubject } from '../role.ts'
import { mostCharacters, mostTrust, sizeOf } from '../sizes.ts'
import { diagnoseTrust, type TrustFault } from './diagnose.ts'
import {
  type ActionEvaluation,
  askTrust,
  assumingActions,
  conditionalTrust,
  invalidTrust,
  seeTrust,
  trustKeys,
  updateTrust,
} from './findings.ts'
import { type Mend, mendDocument, podIdentityStatement, type Width } from './mend.ts'
import { openTrust } from './open.ts'
import { sentContext } from './sent.ts'

/** What a trust check needs to know: the role, and for whom EKS assumes it. */
export interface TrustQuestion extends PodIdentity {
  role: Pick<RoleFacts, 'name' | 'trust'>
}

/**
 * Whether EKS may assume the role for this cluster, namespace and ServiceAccount, and tag the session where
 * tags are on. Each mistake is a blocking finding of its own; all of them carry the same remedy, a command
 * that mends the whole document and changes nothing for anybody else. What hangs on keys that nobody knows
 * beforehand is a warning, and so is a role that anybody may assume.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export const checkTrust = ({ role, ...identity }: TrustQuestion): Finding[] => {
  const subject = roleSubject(role)
  const problems = checkPolicyDocument(role.trust, 'trust')
  if (problems.length > 0) return problems.map((problem) => invalidTrust(subject, problem, seeTrust(role)))
  const { faults, evaluations } = judgeTrust(role, identity)
  return [
    ...faults.map(
      ({ code, found }): Finding => ({
        code,
        severity: 'blocking',
        subject,
        found,
        remedy: remedyFor(role, identity, faults),
      }),
    ),
    ...conditionalTrust(subject, evaluations),
    ...openTrust(role),
  ]
}

/** Whether a trust policy, as a document or its text, lets EKS assume its role for these pods, as far as can be known beforehand. */
export const letsPodsIn = (trust: unknown, identity: PodIdentity): boolean =>
  checkPolicyDocument(trust, 'trust').length === 0 && judgeTrust({ trust }, identity).faults.length === 0

const judgeTrust = (
  role: Pick<RoleFacts, 'trust'>,
  identity: PodIdentity,
): { faults: TrustFault[]; evaluations: ActionEvaluation[] } => {
  const context = trustContext(role, identity)
  const evaluations = assumingActions(identity).map((action) =>
    askTrust(role, { service: podIdentityService }, action, context),
  )
  return { faults: diagnoseTrust(role.trust, identity, context, evaluations), evaluations }
}

/** What a role's conditions may ask about the call that EKS makes. */
const trustContext = (role: Pick<RoleFacts, 'trust'>, identity: PodIdentity): Context =>
  sentContext('service', identity, trustKeys(role))

const remedyFor = (
  role: Pick<RoleFacts, 'name' | 'trust'>,
  identity: PodIdentity,
  faults: readonly TrustFault[],
): Remedy => {
  const advice = [...new Set(faults.flatMap((fault) => fault.advice ?? []))]
  if (faults.some(({ mend }) => mend === 'person')) return advise(advice.join(' '))
  const [narrow, wide] = [
    proposal(role, identity, faults, 'pods'),
    proposal(role, identity, faults, 'cluster'),
  ]
  const most = mostTrust(role.trust)
  const fitting = [narrow, wide].find(({ size }) => size <= most)
  if (fitting) return mendWith([fitting.what, ...advice].join(' '), updateTrust(role.name, fitting.document))
  const raised = most === mostCharacters.raisedTrust
  return advise(
    `The trust policy has ${sizeOf(role.trust)} characters without white space and would have ${narrow.size}, where IAM takes ${most}${raised ? ' at most. Give the pods a role of their own (podid role), or take out what is no longer used.' : ` unless the quota "Role trust policy length" was raised (to ${mostCharacters.raisedTrust} at most). Give the pods a role of their own (podid role), take out what is no longer used, or have the quota raised.`}`,
  )
}

const proposal = (
  role: Pick<RoleFacts, 'trust'>,
  identity: PodIdentity,
  faults: readonly TrustFault[],
  width: Width,
) => {
  const appends = faults.some(({ mend }) => mend === 'append')
  // A statement of the pods' own has all the actions, so that no other needs them; a person's part has been left to them.
  const edits = faults.flatMap(({ mend, code }) =>
    appends && code !== 'trust-explicit-deny' ? [] : [mend as Mend],
  )
  const drops = faults.flatMap(({ drop }) => drop ?? [])
  const own = appends ? [{ append: podIdentityStatement(identity, width) }] : []
  const document = mendDocument(role.trust, [...edits, ...drops, ...own])
  return { document, size: sizeOf(document), what: whatIsDone(appends, edits.length > 0, identity, width) }
}

const whatIsDone = (appends: boolean, edits: boolean, identity: PodIdentity, width: Width): string => {
  const whom =
    width === 'pods' && identity.sessionTags
      ? `for ServiceAccount ${identity.namespace}/${identity.serviceAccount} of ${identity.cluster.name} alone`
      : `for ${identity.cluster.name} alone`
  const own = `Add a statement ${whom}`
  if (appends)
    return edits
      ? `Exempt ${podIdentityService} from the Deny, and add a statement ${whom}; nothing changes for anybody else.`
      : `${own}; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.`
  return `Change what the trust policy says of ${podIdentityService}; nothing changes for anybody else.`
}
