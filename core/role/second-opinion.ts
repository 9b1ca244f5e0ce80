import { advise, type Finding, lookWith } from '../findings.ts'
import { command } from '../text/shell.ts'
import { describeGroup, groupVerdicts, type Verdict } from './permissions/verdicts.ts'
import { type RoleFacts, roleSubject } from './role.ts'

/** What iam:SimulatePrincipalPolicy says of one action on one resource. */
export interface Opinion {
  action: string
  resource: string
  decision: 'allowed' | 'implicitDeny' | 'explicitDeny'
  /** Context keys that it would have needed. */
  missingKeys: string[]
  /** A service control policy of the organization forbids it; the simulation alone sees these. */
  blockedByOrganization: boolean
}

/** The opinions and why some of what was asked has none, or why there are none at all. */
export type SecondOpinion = { opinions: readonly Opinion[]; unanswered?: string } | { skipped: string }

/**
 * Holds our verdicts about a role against IAM's simulation of it. Not compared is what the two see
 * differently by nature: the association's session policy, what a target role's trust grants, keys that either
 * side lacks, and wildcard resources that the simulation is content to see granted in part.
 */
export const compareOpinions = (
  role: Pick<RoleFacts, 'name' | 'arn'>,
  verdicts: readonly Verdict[],
  second: SecondOpinion,
): Finding[] => {
  const subject = roleSubject(role)
  if ('skipped' in second) return [skipped(subject, second.skipped)]
  const unanswered = second.unanswered === undefined ? [] : [incomplete(subject, second.unanswered)]
  const opinions = new Map(second.opinions.map((opinion) => [keyOf(opinion), opinion]))
  const pairs = verdicts.flatMap((verdict) => {
    const opinion = opinions.get(keyOf(verdict))
    return opinion && isComparable(verdict, opinion) ? [{ verdict, opinion }] : []
  })
  const blocked = pairs.filter(({ opinion }) => opinion.blockedByOrganization)
  const stricter = pairs.filter(
    ({ verdict, opinion }) =>
      verdict.granted && opinion.decision !== 'allowed' && !opinion.blockedByOrganization,
  )
  const laxer = pairs.filter(({ verdict, opinion }) => !verdict.granted && opinion.decision === 'allowed')
  return [
    ...groupVerdicts(blocked.map(({ verdict }) => verdict)).map(
      (group): Finding => ({
        code: 'scp-blocks',
        severity: 'blocking',
        subject,
        found: `a service control policy of the organization forbids ${describeGroup(group)}, whatever the role's policies grant`,
        remedy: advise(
          `Ask the organization's administrators to allow ${group.actions.join(', ')} in this account.`,
        ),
      }),
    ),
    ...disagreements(role, stricter, 'granted by our evaluation, denied'),
    ...disagreements(role, laxer, 'not granted by our evaluation, allowed'),
    ...unanswered,
  ]
}

interface Pair {
  verdict: Verdict
  opinion: Opinion
}

const isComparable = (verdict: Verdict, opinion: Opinion): boolean => {
  if (verdict.decision === 'conditional') return opinion.blockedByOrganization
  const sessionAlone = verdict.layers.length > 0 && verdict.layers.every((layer) => layer === 'session')
  const byTrust =
    opinion.decision === 'implicitDeny' &&
    verdict.by.some(({ layer }) => layer === 'trust' || layer === 'resource')
  if (sessionAlone || byTrust || opinion.missingKeys.length > 0) return opinion.blockedByOrganization
  return verdict.granted || opinion.decision !== 'allowed' || !/[*?]/.test(verdict.resource)
}

const disagreements = (
  role: Pick<RoleFacts, 'name' | 'arn'>,
  pairs: readonly Pair[],
  what: string,
): Finding[] =>
  groupVerdicts(pairs.map(({ verdict }) => verdict)).map((group) => ({
    code: 'second-opinion-disagrees',
    severity: 'warning',
    subject: roleSubject(role),
    found: `${describeGroup(group)}: ${what} by iam:SimulatePrincipalPolicy (${decisions(pairs.filter(({ verdict }) => group.resources.includes(verdict.resource)))})`,
    remedy: lookWith(
      "See the simulation's reasons.",
      command`aws iam simulate-principal-policy --policy-source-arn ${role.arn} --action-names ${group.actions} --resource-arns ${group.resources}`,
    ),
  }))

const decisions = (pairs: readonly Pair[]): string => {
  const ours = new Set(pairs.map(({ verdict }) => verdict.decision))
  const theirs = new Set(pairs.map(({ opinion }) => opinion.decision))
  return `ours: ${[...ours].join(', ')}; IAM's: ${[...theirs].join(', ')}`
}

const skipped = (subject: string, why: string): Finding => ({
  code: 'second-opinion-skipped',
  severity: 'info',
  subject,
  found: `IAM was not asked for a second opinion (${why}); service control policies were therefore not looked at`,
  remedy: advise('Grant the caller iam:SimulatePrincipalPolicy on the role to have it asked.'),
})

const incomplete = (subject: string, why: string): Finding => ({
  code: 'second-opinion-skipped',
  severity: 'info',
  subject,
  found: `iam:SimulatePrincipalPolicy was not compared with all of our evaluation (${why}); whether a service control policy forbids that was not seen`,
  remedy: advise('Name the actions that matter one by one in the binding’s needs to have them simulated.'),
})

const keyOf = ({ action, resource }: { action: string; resource: string }): string =>
  `${action.toLowerCase()} ${resource}`
