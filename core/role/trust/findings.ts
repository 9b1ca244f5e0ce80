import { advise, type Finding, lookWith, type Remedy } from '../../findings.ts'
import { podIdentityService } from '../../names.ts'
import {
  askedKeys,
  type Context,
  type DocumentProblem,
  type Evaluation,
  evaluate,
  type NamedPolicy,
  type PolicyLayers,
  preparePolicies,
} from '../../policy/evaluate.ts'
import { command } from '../../text/shell.ts'
import type { PodIdentity, RoleFacts } from '../role.ts'

/** What a trust policy says of one of the actions that assuming a role takes. */
export type ActionEvaluation = Evaluation & { action: string }

/** What STS is asked for when a pod's role is assumed: session tags take a permission of their own. */
export const assumingActions = ({ sessionTags }: Pick<PodIdentity, 'sessionTags'>): string[] =>
  sessionTags ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole']

/** A role's trust as the evaluator takes it. */
const trustPolicy = (role: Pick<RoleFacts, 'trust'>): NamedPolicy => ({
  name: 'trust policy',
  document: role.trust,
})

/** What a role's trust policy answers whom asks to assume the role with this action. */
export const askTrust = (
  role: Pick<RoleFacts, 'trust'>,
  who: Pick<PolicyLayers, 'service' | 'principal'>,
  action: string,
  context: Context,
): ActionEvaluation => ({
  action,
  ...evaluate({ policies: [trustPolicy(role)], ...who, action, resource: '*', context }),
})

/** The context keys that a role's trust policy asks about, whoever asks. */
export const trustKeys = (role: Pick<RoleFacts, 'trust'>): string[] =>
  askedKeys(preparePolicies({ policies: [trustPolicy(role)], service: podIdentityService }))

/** A fault of form. */
export const invalidTrust = (
  subject: string,
  { path, problem }: DocumentProblem,
  remedy: Remedy,
): Finding => ({
  code: 'trust-document-invalid',
  severity: 'blocking',
  subject,
  found: `its trust policy cannot be read: ${path === '' ? 'the document' : path} ${problem}`,
  remedy,
})

/**
 * IAM has the document and takes it for sound, so that the fault may be in our reading of it: nothing is
 * proposed that would replace it.
 */
export const seeTrust = ({ name }: Pick<RoleFacts, 'name'>): Remedy =>
  lookWith(
    'Correct the document at the place that is named; this only shows it. If IAM is right about it, podid does not know what stands there.',
    command`aws iam get-role --role-name ${name} --query Role.AssumeRolePolicyDocument`,
  )

/** One warning for whatever hangs on keys that only a request has. */
export const conditionalTrust = (subject: string, evaluations: readonly ActionEvaluation[]): Finding[] => {
  const open = evaluations.filter(({ decision }) => decision === 'conditional')
  if (open.length === 0) return []
  const keys = [...new Set(open.flatMap(({ missingKeys }) => missingKeys))]
  const statements = [...new Set(open.flatMap(({ by }) => by.map(({ sid }) => sid)))]
  return [
    {
      code: 'trust-conditional',
      severity: 'warning',
      subject,
      found: `whether EKS may ${open.map(({ action }) => action).join(' and ')} depends on ${keys.join(', ')} (trust policy, ${statements.join(', ')}), which cannot be known before a pod asks`,
      remedy: advise(
        'Make sure that your pods meet these conditions; a pod that does not gets no credentials.',
      ),
    },
  ]
}

/** The command that puts a trust policy in force. */
export const updateTrust = (roleName: string, document: object): string =>
  command`aws iam update-assume-role-policy --role-name ${roleName} --policy-document ${JSON.stringify(document, null, 2)}`
