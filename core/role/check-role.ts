import { advise, blocking, type Finding } from '../findings.ts'
import { podIdentityService } from '../names.ts'
import { partitionOfArn } from '../partitions/partitions.ts'
import type { Layer } from '../policy/evaluate.ts'
import { makeRole, planRole } from './make.ts'
import { expandNeeds, type NeedInput } from './needs.ts'
import { checkPermissions, type Verdict } from './permissions/permissions.ts'
import { type PodIdentity, type RoleFacts, roleSubject } from './role.ts'
import { compareOpinions, type SecondOpinion } from './second-opinion.ts'
import { checkTrust } from './trust/trust.ts'

/** Everything a verdict on a role is made from. */
export interface RoleQuestion extends PodIdentity {
  /** The role of the binding. */
  roleArn: string
  /** The role as it was read; undefined where there is none of that name. */
  role: RoleFacts | undefined
  needs: readonly NeedInput[]
  /** The session policy of the association, if it has one. */
  session?: unknown
  /** Whether the request has the session policy, and the association does not matter. */
  sessionInRequest?: boolean
  /** The role that `role` assumes on the pods' behalf, and what it is where it could be read. */
  targetRole?: string | undefined
  target?: RoleFacts | undefined
  /** What IAM's simulation says of `role`, where it was asked. */
  second?: SecondOpinion | undefined
}

/** The verdict on a role, as data. */
export interface RoleReport {
  role: string
  /** Whether EKS may assume it for the pods, as far as can be known beforehand. */
  trusted: boolean
  verdicts: Verdict[]
  findings: Finding[]
  /** One line for people: `trusts pods.eks.amazonaws.com; 2 needs granted`. */
  summary: string
}

/** Checks whether pods can get the role's credentials, and can do with them what they need. */
export const checkRole = ({
  roleArn,
  role,
  needs,
  second,
  session,
  sessionInRequest = false,
  targetRole,
  target,
  ...identity
}: RoleQuestion): RoleReport => {
  if (!role) return absent(roleArn, roleMissing(roleArn, identity, needs, targetRole))
  if (role.arn !== roleArn) return absent(roleArn, roleArnDiffers(roleArn, role))
  const trust = checkTrust({ ...identity, role })
  const trusted = blocking(trust).length === 0
  const partition = partitionOfArn(roleArn)
  const spelt = expandNeeds(needs, partition)
  const permissions = checkPermissions({
    ...identity,
    role,
    needs: spelt,
    session,
    sessionInRequest,
    targetRole,
    target,
  })
  const own = ownVerdicts({ role: role.name, verdicts: permissions.verdicts })
  return {
    role: role.name,
    trusted,
    verdicts: permissions.verdicts,
    findings: [...trust, ...permissions.findings, ...(second ? compareOpinions(role, own, second) : [])],
    summary: `${trusted ? 'trusts' : 'does not trust'} ${podIdentityService}; ${countGranted(needs, permissions.verdicts, partition)}`,
  }
}

/** The verdicts of the role itself, without those of a target role. */
export const ownVerdicts = ({ role, verdicts }: Pick<RoleReport, 'role' | 'verdicts'>): Verdict[] =>
  verdicts.filter((verdict) => verdict.role === role)

/** Whether a version of a policy that is not in force might hold what is missing, and is worth reading. */
export const mayHideInOtherVersions = ({ verdicts }: RoleReport): boolean =>
  verdicts.some(({ decision, layers }) => decision === 'implicitDeny' && layers.includes('role'))

const absent = (roleArn: string, finding: Finding): RoleReport => ({
  role: nameOf(roleArn),
  trusted: false,
  verdicts: [],
  findings: [finding],
  summary: finding.found,
})

const nameOf = (roleArn: string): string => roleArn.split('/').at(-1) ?? roleArn

const roleMissing = (
  roleArn: string,
  identity: PodIdentity,
  needs: readonly NeedInput[],
  targetRole: string | undefined,
): Finding => ({
  code: 'role-missing',
  severity: 'blocking',
  subject: roleSubject({ name: nameOf(roleArn) }),
  found: `there is no role ${roleArn}`,
  remedy: makeRole(
    planRole({ ...identity, roleArn, targetRole, needs: expandNeeds(needs, partitionOfArn(roleArn)) }),
  ),
})

/** EKS takes the ARN at its word, path included. */
const roleArnDiffers = (roleArn: string, role: RoleFacts): Finding => ({
  code: 'role-arn-differs',
  severity: 'blocking',
  subject: roleSubject(role),
  found: `the role's ARN is ${role.arn}, and the request says ${roleArn}`,
  remedy: advise(`Write ${role.arn} in the request.`),
})

/** Counts needs as the binding writes them: one is granted when all that it stands for is. */
const countGranted = (
  needs: readonly NeedInput[],
  verdicts: readonly Verdict[],
  partition: string | undefined,
): string => {
  if (needs.length === 0) return 'no needs to check'
  const verdictOn = new Map(verdicts.map((verdict) => [`${verdict.action} ${verdict.resource}`, verdict]))
  const granted = needs.filter((need) =>
    expandNeeds([need], partition).every(
      ({ actions, resources, optional }) =>
        optional ||
        actions.every((action) =>
          resources.every((resource) => verdictOn.get(`${action} ${resource}`)?.granted),
        ),
    ),
  ).length
  const all = granted === needs.length ? '' : `of ${needs.length} `
  return `${granted} ${all}${needs.length === 1 ? 'need' : 'needs'} granted`
}

/**
 * The report as a table for people: a line for each resource and answer, with the statement or layer that
 * decided; the actions come last, as they may be many.
 */
export const renderRoleReport = (report: RoleReport): string => {
  const lines = Map.groupBy(report.verdicts, (verdict) =>
    [verdict.role, verdict.resource, answerOf(verdict), reasonOf(verdict)].join('\n'),
  )
  const rows = [...lines].map(([key, verdicts]) => [
    ...key.split('\n'),
    compactActions(verdicts.map(({ action }) => action)),
  ])
  const head = `role ${report.role}: ${report.summary}`
  return rows.length === 0
    ? head
    : [head, ...align([['ROLE', 'RESOURCE', 'ANSWER', 'BY', 'ACTIONS'], ...rows])].join('\n')
}

const answerOf = ({ decision }: Verdict): string =>
  ({
    allowed: 'granted',
    conditional: 'depends',
    implicitDeny: 'missing',
    explicitDeny: 'denied',
    partialDeny: 'partly denied',
  })[decision]

const reasonOf = ({ by, layers, missingKeys }: Verdict): string => {
  if (by.length === 0) return layers.map((layer) => withoutGrant[layer]).join(', ')
  const statements = by.map(({ policy, sid }) => `${policy}/${sid}`).join(', ')
  return missingKeys.length > 0 ? `${statements} (${missingKeys.join(', ')})` : statements
}

/** The layers in which a grant can be missing. */
const withoutGrant: Readonly<Partial<Record<Layer, string>>> = {
  role: 'no policy',
  boundary: 'not in the boundary',
  session: 'not in the session policy',
}

/** `dynamodb:GetItem,Query sqs:SendMessage` */
const compactActions = (actions: readonly string[]): string =>
  [...Map.groupBy(actions, (action) => action.split(':')[0])]
    .map(
      ([service, own]) =>
        `${service}:${own.map((action) => action.slice(action.indexOf(':') + 1)).join(',')}`,
    )
    .join(' ')

/** Rows of as many cells each. */
const align = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] as string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd(),
  )
}
