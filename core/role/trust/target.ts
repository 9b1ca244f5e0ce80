import { advise, type Finding, mendWith } from '../../findings.ts'
import {
  askedKeys,
  type Context,
  checkPolicyDocument,
  type DecidingStatement,
  evaluate,
  preparePolicies,
} from '../../policy/evaluate.ts'
import { type PodIdentity, type RoleFacts, roleSubject, sessionTagsOf, tagContext } from '../role.ts'
import {
  type ActionEvaluation,
  assumingActions,
  conditionalTrust,
  invalidTrust,
  trustPolicy,
  updateTrust,
} from './findings.ts'
import { mendDocument } from './mend.ts'

/** The chain from a pod's role to the role that EKS then assumes with it, in whatever account. */
export interface TargetTrustQuestion extends PodIdentity {
  role: Pick<RoleFacts, 'name' | 'arn'>
  target: Pick<RoleFacts, 'name' | 'arn' | 'trust'>
}

/** Whether the target role lets the pods' role assume it. */
export const checkTargetTrust = ({ role, target, ...identity }: TargetTrustQuestion): Finding[] => {
  const subject = roleSubject(target)
  const problems = checkPolicyDocument(target.trust, 'trust')
  if (problems.length > 0) return problems.map((problem) => invalidTrust(subject, problem))
  const context = chainContext(role, target, identity)
  const evaluations = assumingActions(identity).map((action) => ({
    action,
    ...evaluate({
      policies: [trustPolicy(target)],
      action,
      resource: '*',
      context,
      principal: { AWS: role.arn },
    }),
  }))
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
  const account = role.arn.split(':')[4]
  if (account !== target.arn.split(':')[4]) return []
  const context = chainContext(role, target, identity)
  const admitted = (AWS: string) =>
    assumingActions(identity).map((action) =>
      evaluate({ policies: [trustPolicy(target)], action, resource: '*', context, principal: { AWS } }),
    )
  const anybodyElse = `arn:aws:iam::${account}:user/anybody-else`
  if (admitted(anybodyElse).some(({ decision }) => decision === 'allowed')) return []
  const answers = admitted(role.arn)
  return answers.every(({ decision }) => decision === 'allowed') ? answers.flatMap(({ by }) => by) : []
}

const chainContext = (
  role: Pick<RoleFacts, 'arn'>,
  target: Pick<RoleFacts, 'trust'>,
  identity: PodIdentity,
): Context => {
  const { cluster, account, namespace, serviceAccount, sessionTags } = identity
  const asked = askedKeys(preparePolicies({ policies: [trustPolicy(target)], principal: { AWS: role.arn } }))
  const tags = Object.entries(tagContext('aws:PrincipalTag/', sessionTagsOf(identity), asked))
  const [, , , region = ''] = cluster.arn.split(':')
  return {
    // The role's own tags may answer for what is no session tag, and they were not read.
    ...Object.fromEntries(tags.filter(([, value]) => value !== null)),
    'aws:PrincipalArn': role.arn,
    'aws:PrincipalAccount': role.arn.split(':')[4] ?? null,
    'aws:PrincipalType': 'AssumedRole',
    'aws:SecureTransport': 'true',
    // EKS names the pod's place in the external id where no session tags say it.
    ...(!sessionTags && {
      'sts:ExternalId': [region, account, cluster.name, namespace, serviceAccount].join('/'),
    }),
  }
}

const refusal = (
  role: Pick<RoleFacts, 'arn'>,
  target: Pick<RoleFacts, 'name' | 'trust'>,
  identity: PodIdentity,
  refused: readonly ActionEvaluation[],
): Finding => {
  const denials = refused.filter(({ decision }) => decision === 'explicitDeny')
  const denying = [...new Set(denials.flatMap(({ by }) => by.map(({ sid }) => sid)))]
  const statement = { Effect: 'Allow', Principal: { AWS: role.arn }, Action: assumingActions(identity) }
  return {
    code: 'target-trust-missing',
    severity: 'blocking',
    subject: roleSubject(target),
    found: `its trust policy ${denying.length > 0 ? `denies (${denying.join(', ')})` : 'does not allow'} ${role.arn} ${refused.map(({ action }) => action).join(' and ')}`,
    remedy:
      denying.length > 0
        ? advise(
            `Have ${denying.map((sid) => `statement ${sid}`).join(', ')} of its trust policy spare ${role.arn}.`,
          )
        : mendWith(
            'Let the role in, in the target role’s account.',
            updateTrust(target.name, mendDocument(target.trust, [{ append: statement }])),
          ),
  }
}
