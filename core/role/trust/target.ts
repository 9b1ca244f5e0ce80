import { advise, type Finding, mendWith } from '../../findings.ts'
import { conditionHolds } from '../../policy/condition.ts'
import { lookupIn } from '../../policy/context.ts'
import { readDocument, type Statement } from '../../policy/document.ts'
import { type Context, checkPolicyDocument, type DecidingStatement } from '../../policy/evaluate.ts'
import { type PodIdentity, type RoleFacts, roleSubject } from '../role.ts'
import { mostCharacters, mostTrust, sizeOf } from '../sizes.ts'
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
import { mendDocument, podTags } from './mend.ts'
import { externalId, sentContext } from './sent.ts'

/** The chain from a pod's role to the role that EKS then assumes with it, in whatever account. */
export interface TargetTrustQuestion extends PodIdentity {
  role: Pick<RoleFacts, 'name' | 'arn' | 'tags'>
  target: Pick<RoleFacts, 'name' | 'arn' | 'trust'>
}

/** Whether the target role lets the pods' role assume it. */
export const checkTargetTrust = ({ role, target, ...identity }: TargetTrustQuestion): Finding[] => {
  const subject = roleSubject(target)
  const problems = checkPolicyDocument(target.trust, 'trust')
  if (problems.length > 0) return problems.map((problem) => invalidTrust(subject, problem, seeTrust(target)))
  const context = chainContext(role, target, identity)
  const evaluations = assumingActions(identity).map((action) =>
    askTrust(target, { principal: { AWS: role.arn } }, action, context),
  )
  const refused = evaluations.filter(
    ({ decision }) => decision === 'implicitDeny' || decision === 'explicitDeny',
  )
  return [
    ...(refused.length > 0 ? [refusal(role, target, identity, refused)] : []),
    ...conditionalTrust(subject, evaluations),
  ]
}

/**
 * The statements of the target's trust policy that let the role in by its name. Within one account that is a
 * grant by itself; a trust in the whole account only leaves the grant to the role's own policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
 */
export const namedByTarget = ({ role, target, ...identity }: TargetTrustQuestion): DecidingStatement[] => {
  if (role.arn.split(':')[4] !== target.arn.split(':')[4]) return []
  const context = chainContext(role, target, identity)
  const naming = new Set(statementsNaming(role, target).map(({ sid }) => sid))
  const admitted = assumingActions(identity).map((action) => {
    const { decision, by } = askTrust(target, { principal: { AWS: role.arn } }, action, context)
    return decision === 'allowed' ? by.filter(({ sid }) => naming.has(sid)) : []
  })
  return admitted.some((by) => by.length === 0) ? [] : admitted.flat()
}

const statementsNaming = (role: Pick<RoleFacts, 'arn'>, target: Pick<RoleFacts, 'trust'>): Statement[] =>
  readDocument(target.trust, 'trust').statements.filter(
    ({ effect, principals }) =>
      effect === 'Allow' && !principals.negated && principals.aws.includes(role.arn),
  )

/** What the request for the target role carries: the pods' role, with the tags of its session or the external id. */
const chainContext = (
  role: Pick<RoleFacts, 'arn' | 'tags'>,
  target: Pick<RoleFacts, 'trust'>,
  identity: PodIdentity,
): Context => sentContext('role', { ...identity, role }, trustKeys(target))

const refusal = (
  role: Pick<RoleFacts, 'arn'>,
  target: Pick<RoleFacts, 'name' | 'trust'>,
  identity: PodIdentity,
  refused: readonly ActionEvaluation[],
): Finding => {
  // Where nothing but a grant is missing, no statement has decided.
  const denying = [...new Set(refused.flatMap(({ by }) => by.map(({ sid }) => sid)))]
  return {
    code: 'target-trust-missing',
    severity: 'blocking',
    subject: roleSubject(target),
    found: `its trust policy ${denying.length > 0 ? `denies (${denying.join(', ')})` : 'does not allow'} ${role.arn} ${refused.map(({ action }) => action).join(' and ')}${denying.length > 0 ? '' : unmet(role, target, identity)}`,
    remedy:
      denying.length > 0
        ? advise(
            `Have a person exempt ${role.arn} from ${denying.map((sid) => `statement ${sid}`).join(', ')} of its trust policy.`,
          )
        : letIn(role, target, identity),
  }
}

/** The conditions of statements that name the role and that its request does not meet. */
const unmet = (
  role: Pick<RoleFacts, 'arn' | 'tags'>,
  target: Pick<RoleFacts, 'trust'>,
  identity: PodIdentity,
): string => {
  const context = chainContext(role, target, identity)
  const lookup = lookupIn(context)
  const failed = statementsNaming(role, target).flatMap(({ sid, conditions }) =>
    conditions
      .filter((condition) => conditionHolds(condition, lookup, new Set()) === false)
      .map(({ key, name, values }) => {
        const sent = lookup(key)
        return `statement ${sid} asks for ${key} ${name} ${values.join(' or ')}, where ${sent ? `${sent} is sent` : 'nothing is sent'}`
      }),
  )
  return failed.length > 0 ? `: ${failed.join('; ')}` : ''
}

/** A statement that keeps the guard of AWS's own example: the pods' tags, or the external id without them. */
const letIn = (
  role: Pick<RoleFacts, 'arn'>,
  target: Pick<RoleFacts, 'name' | 'trust'>,
  identity: PodIdentity,
) => {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: role.arn },
    Action: assumingActions(identity),
    Condition: {
      StringEquals: identity.sessionTags ? podTags(identity) : { 'sts:ExternalId': externalId(identity) },
    },
  }
  const document = mendDocument(target.trust, [{ append: statement }])
  const [size, most] = [sizeOf(document), mostTrust(target.trust)]
  return size > most
    ? advise(
        `Its trust policy would have ${size} characters without white space, where IAM takes ${most}${most === mostCharacters.raisedTrust ? ' at most' : ' unless the quota "Role trust policy length" was raised'}: let the role in through a target role of its own.`,
      )
    : mendWith(
        'Let the role in for these pods, with credentials of the target role’s account.',
        updateTrust(target.name, document),
      )
}
