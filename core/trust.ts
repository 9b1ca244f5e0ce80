import type { Finding } from './findings.ts'
import {
  askedKeys,
  type Context,
  checkPolicyDocument,
  type Evaluation,
  evaluate,
  preparePolicies,
} from './policy.ts'
import { type PodIdentity, type RoleFacts, roleSubject, sessionTagsOf, tagContext } from './role.ts'
import { shellWord } from './shell.ts'
import { diagnoseTrust } from './trust/diagnose.ts'
import { mendDocument, podIdentityService, podIdentityStatement } from './trust/mend.ts'

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
    const remedy = updateTrust(role.name, { Version: '2012-10-17', Statement: [podIdentityStatement] })
    return problems.map(({ path, problem }) => ({
      code: 'trust-document-invalid',
      severity: 'blocking',
      subject,
      found: `Its trust policy cannot be read: ${path === '' ? 'the document' : path} ${problem}.`,
      remedy,
    }))
  }
  const context = trustContext(role.trust, identity)
  const evaluations = trustActions(identity).map((action) => ({
    action,
    ...evaluate({
      policies: [{ name: 'trust policy', document: role.trust }],
      action,
      resource: '*',
      context,
      service: podIdentityService,
    }),
  }))
  const faults = diagnoseTrust(role.trust, identity, context, evaluations)
  const remedy = updateTrust(
    role.name,
    mendDocument(
      role.trust,
      faults.map(({ mend }) => mend),
    ),
  )
  return [
    ...faults.map(({ code, found }): Finding => ({ code, severity: 'blocking', subject, found, remedy })),
    ...conditionalFindings(subject, evaluations),
  ]
}

/** What EKS asks of STS when it assumes a role for a pod. */
const trustActions = ({ sessionTags }: PodIdentity): string[] =>
  sessionTags ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole']

/** What a role's conditions may ask about the call that EKS makes. */
const trustContext = (trust: unknown, identity: PodIdentity): Context => {
  const asked = askedKeys(
    preparePolicies({ policies: [{ name: '', document: trust }], service: podIdentityService }),
  )
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

const conditionalFindings = (
  subject: string,
  evaluations: readonly (Evaluation & { action: string })[],
): Finding[] => {
  const open = evaluations.filter(({ decision }) => decision === 'conditional')
  if (open.length === 0) return []
  const keys = [...new Set(open.flatMap(({ missingKeys }) => missingKeys))]
  const statements = [...new Set(open.flatMap(({ by }) => by.map(({ sid }) => sid)))]
  return [
    {
      code: 'trust-conditional',
      severity: 'warning',
      subject,
      found: `Whether EKS may ${open.map(({ action }) => action).join(' and ')} depends on ${keys.join(', ')} (trust policy, ${statements.join(', ')}), which cannot be known before a pod asks.`,
      remedy: `Make sure that your pods meet these conditions; a pod that does not gets no credentials.`,
    },
  ]
}

const updateTrust = (roleName: string, document: object): string =>
  `aws iam update-assume-role-policy --role-name ${shellWord(roleName)} --policy-document ${shellWord(JSON.stringify(document, null, 2))}`
