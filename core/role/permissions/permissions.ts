import { advise, type Finding } from '../../findings.ts'
import {
  askedKeys,
  checkPolicyDocument,
  type DecidingStatement,
  type Judgement,
  judge,
  type NamedPolicy,
  type PolicyLayers,
  preparePolicies,
} from '../../policy/evaluate.ts'
import type { Need } from '../need.ts'
import { type PodIdentity, type RoleFacts, roleSubject } from '../role.ts'
import { assumingActions } from '../trust/findings.ts'
import { checkTargetTrust, namedByTarget } from '../trust/target.ts'
import { broadGrants } from './broad-grants.ts'
import { podSessionContext } from './context.ts'
import { explainVerdicts } from './explain.ts'
import { unseenFindings } from './unseen.ts'
import { describeGroup, groupVerdicts, type Verdict } from './verdicts.ts'

export type { Verdict } from './verdicts.ts'

export interface PermissionQuestion extends PodIdentity {
  role: RoleFacts
  needs: readonly Need[]
  /** The session policy of the association; with a target role it narrows that one. */
  session?: unknown
  /** Whether the request has the session policy, and the association does not matter. */
  sessionInRequest?: boolean
  /** The ARN of a role that `role` assumes on the pods' behalf: the needs are that role's. */
  targetRole?: string | undefined
  /** That role, where it could be read. */
  target?: RoleFacts | undefined
}

export interface PermissionCheck {
  verdicts: Verdict[]
  findings: Finding[]
}

/**
 * What the role may do of what the workload needs, action by action and resource by resource, with what to do
 * about the rest. With a target role the chain is judged: our role may assume it, it trusts our role, and it
 * grants the needs; what cannot be read is said.
 */
export const checkPermissions = (question: PermissionQuestion): PermissionCheck => {
  const { role, needs, session, sessionInRequest = false, targetRole, target, ...identity } = question
  if (targetRole === undefined) return checkGrants({ role, identity, needs, session, sessionInRequest })
  const assuming = { actions: assumingActions(identity), resources: [targetRole] }
  const grantedBy = target && namedByTarget({ ...identity, role, target })
  const hop = checkGrants({ role, identity, needs: [assuming], sessionInRequest, grantedBy })
  if (!target) return { ...hop, findings: [...hop.findings, unread(role, targetRole, needs)] }
  const beyond = checkGrants({ role: target, identity, needs, session, sessionInRequest })
  return {
    verdicts: [...hop.verdicts, ...beyond.verdicts],
    findings: [...hop.findings, ...checkTargetTrust({ ...identity, role, target }), ...beyond.findings],
  }
}

interface GrantQuestion {
  role: RoleFacts
  identity: PodIdentity
  needs: readonly Need[]
  session?: unknown
  sessionInRequest: boolean
  /** Statements of others that make up for what the role's own policies do not say, as far as nothing denies it. */
  grantedBy?: readonly DecidingStatement[] | undefined
}

const checkGrants = ({
  role,
  identity,
  needs,
  session,
  sessionInRequest,
  grantedBy = [],
}: GrantQuestion): PermissionCheck => {
  const layers: PolicyLayers = {
    policies: role.policies,
    boundary: role.boundary,
    session: session === undefined ? undefined : { name: 'session policy', document: session },
  }
  const policies = preparePolicies(layers)
  const context = podSessionContext(role, identity, askedKeys(policies))
  const extra = new Set<Verdict>()
  const verdicts = needs.flatMap(({ actions, resources, grantedBy: elsewhere, optional }) =>
    resources.flatMap((resource) => {
      const inContext = context(resource)
      return actions.map((action): Verdict => {
        const own = judge(policies, { action, resource, context: inContext })
        const others = elsewhere ? [byResource] : grantedBy
        const judgement = others.length > 0 ? grantedBesides(own, others) : own
        const granted = judgement.decision === 'allowed'
        const verdict = { role: role.name, action, resource, granted, ...judgement }
        if (optional) extra.add(verdict)
        return verdict
      })
    }),
  )
  return {
    verdicts,
    findings: [
      ...documentFindings(role, layers),
      ...explainVerdicts(
        { role, layers, identity, context, sessionInRequest },
        verdicts.filter((verdict) => !extra.has(verdict)),
      ),
      ...optionalFindings(role, [...extra]),
      ...unseenFindings(role, verdicts),
      ...broadGrants(role),
    ],
  }
}

/** What a need says of itself: its grant stands in a policy that is not the role's. */
const byResource: DecidingStatement = {
  layer: 'resource',
  policy: 'policy of the resource',
  sid: 'as the need says',
}

const optionalFindings = (role: RoleFacts, extra: readonly Verdict[]): Finding[] => {
  const missing = extra.filter(({ granted }) => !granted)
  if (missing.length === 0) return []
  return [
    {
      code: 'permission-optional-missing',
      severity: 'info',
      subject: roleSubject(role),
      found: `not granted, and the workload can do without: ${groupVerdicts(missing).map(describeGroup).join('; ')}`,
    },
  ]
}

/**
 * What others grant to the role by its name makes up for its own policies; a boundary and a session policy still bound it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
 */
const grantedBesides = (own: Judgement, by: readonly DecidingStatement[]): Judgement => {
  if (own.decision !== 'implicitDeny') return own
  const layers = own.layers.filter((layer) => layer !== 'role')
  return layers.length === 0
    ? { decision: 'allowed', by: [...by], missingKeys: [], layers }
    : { ...own, layers }
}

const documentFindings = (role: RoleFacts, { policies, boundary, session }: PolicyLayers): Finding[] =>
  [...policies, boundary, session]
    .filter((policy): policy is NamedPolicy => policy !== undefined)
    .flatMap(({ name, document }) =>
      checkPolicyDocument(document).map(
        ({ path, problem }): Finding => ({
          code: 'policy-document-invalid',
          severity: 'blocking',
          subject: roleSubject(role),
          found: `policy ${name} cannot be read: ${path === '' ? 'the document' : path} ${problem}. Nothing in it counts as granted`,
          remedy: advise(
            `Correct the document of policy ${name} at ${path === '' ? 'its beginning' : path}, then run this again.`,
          ),
        }),
      ),
    )

const unread = (role: RoleFacts, targetRole: string, needs: readonly Need[]): Finding => ({
  code: 'target-role-unread',
  severity: 'info',
  subject: roleSubject(role),
  found: `the target role ${targetRole} could not be read: neither its trust in ${role.arn} nor its ${needs.length} needs were checked`,
  remedy: advise(
    `In the target role's account, see that its trust policy allows ${role.arn} sts:AssumeRole and sts:TagSession, and that its policies grant the needs.`,
  ),
})
