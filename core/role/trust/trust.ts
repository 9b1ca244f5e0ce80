import { type Finding, mendWith } from '../../findings.ts'
import {
  askedKeys,
  type Context,
  checkPolicyDocument,
  evaluate,
  preparePolicies,
} from '../../policy/evaluate.ts'
import { type PodIdentity, type RoleFacts, roleSubject, sessionTagsOf, tagContext } from '../role.ts'
import { diagnoseTrust } from './diagnose.ts'
import { assumingActions, conditionalTrust, invalidTrust, trustPolicy, updateTrust } from './findings.ts'
import { mendDocument, podIdentityService, podIdentityStatement } from './mend.ts'

/** What a trust check needs to know: the role, and for whom EKS assumes it. */
export interface TrustQuestion extends PodIdentity {
  role: Pick<RoleFacts, 'name' | 'trust'>
}

/**
 * Whether EKS may assume the role for this cluster, namespace and ServiceAccount, and tag the session where
 * tags are on. Each mistake is a blocking finding of its own; all of them carry the same remedy, a command
 * that mends the whole document. What hangs on keys that nobody knows beforehand is a warning.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export const checkTrust = ({ role, ...identity }: TrustQuestion): Finding[] => {
  const subject = roleSubject(role)
  const problems = checkPolicyDocument(role.trust, 'trust')
  if (problems.length > 0) {
    const remedy = mendWith(
      'Replace the trust policy.',
      updateTrust(role.name, { Version: '2012-10-17', Statement: [podIdentityStatement] }),
    )
    return problems.map((problem) => ({ ...invalidTrust(subject, problem), remedy }))
  }
  const context = trustContext(role, identity)
  const evaluations = assumingActions(identity).map((action) => ({
    action,
    ...evaluate({
      policies: [trustPolicy(role)],
      action,
      resource: '*',
      context,
      service: podIdentityService,
    }),
  }))
  const faults = diagnoseTrust(role.trust, identity, context, evaluations)
  const remedy = mendWith(
    'Put the mended trust policy in force.',
    updateTrust(
      role.name,
      mendDocument(
        role.trust,
        faults.map(({ mend }) => mend),
      ),
    ),
  )
  return [
    ...faults.map(({ code, found }): Finding => ({ code, severity: 'blocking', subject, found, remedy })),
    ...conditionalTrust(subject, evaluations),
  ]
}

/** What a role's conditions may ask about the call that EKS makes. */
const trustContext = (role: Pick<RoleFacts, 'trust'>, identity: PodIdentity): Context => {
  const asked = askedKeys(preparePolicies({ policies: [trustPolicy(role)], service: podIdentityService }))
  const tags = sessionTagsOf(identity)
  return {
    ...tagContext('aws:RequestTag/', tags, asked),
    ...tagContext('aws:PrincipalTag/', {}, asked),
    'aws:TagKeys': identity.sessionTags ? Object.keys(tags) : null,
    // The cluster's ARN, not the association's: https://github.com/terraform-aws-modules/terraform-aws-eks/pull/3743
    'aws:SourceArn': identity.cluster.arn,
    'aws:SourceAccount': identity.account,
    'aws:PrincipalIsAWSService': 'true',
    'aws:PrincipalServiceName': podIdentityService,
    'aws:PrincipalArn': null,
    'aws:PrincipalAccount': null,
    'aws:MultiFactorAuthPresent': null,
    'aws:SecureTransport': 'true',
    'sts:ExternalId': null,
  }
}
