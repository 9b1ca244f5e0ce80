import * as z from 'zod'
import { advise, type Finding, mendWith, type Remedy } from './findings.ts'
import type { AssociationBefore } from './request.ts'
import { clip } from './text/clip.ts'
import { command, type Words, words } from './text/shell.ts'

/** What a run wants of the one association a ServiceAccount can have. */
export interface AssociationRequest {
  cluster: string
  region: string
  namespace: string
  serviceAccount: string
  role: string
  targetRole?: string | undefined
  sessionTags: boolean
  /** A session policy, as JSON text; absent where what is there may stay. */
  sessionPolicy?: string | undefined
  /** Whether an association with another role may be pointed to this one. */
  replace: boolean
}

/** A pod identity association as EKS describes it. Times are RFC 3339. */
export const Association = z.object({
  id: z.string(),
  arn: z.string(),
  role: z.string(),
  targetRole: z.string().exactOptional(),
  sessionTags: z.boolean(),
  /** A session policy that narrows the role, as JSON text. */
  policy: z.string().exactOptional(),
  /** The ARN of the add-on that made it and manages it. */
  owner: z.string().exactOptional(),
  /** The add-on's other associations, where it has an owner. */
  siblings: z.array(z.object({ serviceAccount: z.string(), role: z.string() })).exactOptional(),
  createdAt: z.string(),
  modifiedAt: z.string(),
  tags: z.record(z.string(), z.string()),
})
export type Association = z.infer<typeof Association>

export type AssociationDecision =
  | { action: 'create' }
  | { action: 'keep'; id: string }
  | { action: 'repoint'; id: string }
  | { action: 'refuse'; finding: Finding }

/** The tag by which a run knows an association as its own, even when the answer to its creation was lost. */
export const runTag = 'podid:run'

/** EKS allows one association per service account, so what exists decides what may happen. */
export const decideAssociation = (
  wanted: AssociationRequest,
  existing: Association | undefined,
): AssociationDecision => {
  if (!existing) return { action: 'create' }
  const differences = associationDifferences(wanted, existing)
  if (differences.length === 0) return { action: 'keep', id: existing.id }
  if (existing.owner) return { action: 'refuse', finding: ownedByAddon(wanted, existing, existing.owner) }
  // Nothing says how an update takes a session policy away again, so that an undo could not.
  const noWayBack = wanted.sessionPolicy !== undefined && existing.policy === undefined
  if (!wanted.replace || noWayBack)
    return { action: 'refuse', finding: otherRole(wanted, existing, differences) }
  if (existing.targetRole && !wanted.targetRole)
    return { action: 'refuse', finding: targetRoleStays(wanted, existing, existing.targetRole) }
  return { action: 'repoint', id: existing.id }
}

/** A migration is not finished by what was never begun: the association comes first, and IRSA goes when all pods live by it. */
export const migrationNotBegun = (
  { cluster, region, namespace, serviceAccount, role }: AssociationRequest,
  existing: Association | undefined,
): Finding => ({
  code: 'migration-not-begun',
  severity: 'blocking',
  subject: `association of ${namespace}/${serviceAccount}`,
  found: existing
    ? `${describeFound(existing)}, so that there is no migration to finish`
    : 'there is none, so that there is no migration to finish',
  remedy: advise(
    `Begin it: ${command`podid migrate --cluster ${cluster} --region ${region} -n ${namespace} --service-account ${serviceAccount} --role ${role}`}`,
  ),
})

/**
 * What is to be known before an association is taken from a role: an undo gives it back, and EKS takes a role only from
 * somebody who may pass it. A deployed stage's undo may pass those that bindings name.
 */
export const giveBackFindings = (
  existing: Association,
  formerRoles: readonly string[] | undefined,
): Finding[] =>
  formerRoles?.includes(existing.role)
    ? []
    : [
        {
          code: 'former-role-not-declared',
          severity: 'warning',
          subject: `association ${existing.id}`,
          found: `it grants ${existing.role} now, and an undo gives it back only where podid may pass that role (iam:PassRole): in a deployed stage a binding's formerRoles allow that, and they do not name it`,
          remedy: {
            advice: `Add ${existing.role} to formerRoles of the binding and deploy, before the run.`,
          },
        },
      ]

/** What undo needs to know to put the association back. */
export const associationBefore = (existing: Association | undefined): AssociationBefore | null =>
  existing ? settingsOf(existing) : null

/** An association as far as a run may change it or is distinguished by it. */
export const settingsOf = (existing: Association): AssociationBefore => ({
  id: existing.id,
  roleArn: existing.role,
  targetRoleArn: existing.targetRole ?? null,
  disableSessionTags: !existing.sessionTags,
  policy: existing.policy ?? null,
  run: existing.tags[runTag] ?? null,
})

export type WriteDecision =
  | { action: 'create' }
  | { action: 'repoint'; found: Association }
  /** It is as wanted; `ours` where this run has made it so, in an attempt whose answer was lost. */
  | { action: 'none'; found: Association; ours: boolean }
  | { action: 'refuse'; why: string }

/**
 * What a run may write now: what it decided when it looked before (`expected`), if nothing has changed since. It
 * does not decide afresh; its own mark on an association that is else as expected is from an earlier attempt.
 */
export const decideWrite = (
  wanted: AssociationRequest,
  run: string,
  expected: AssociationBefore | null,
  found: Association | undefined,
): WriteDecision => {
  const marked = found?.tags[runTag] === run
  if (found && associationDifferences(wanted, found).length === 0)
    return { action: 'none', found, ours: marked }
  if (!found && !expected) return { action: 'create' }
  if (
    found &&
    expected &&
    !found.owner &&
    isAsBefore(found, expected) &&
    (marked || markOf(found) === expected.run)
  )
    return { action: 'repoint', found }
  return { action: 'refuse', why: changedSince(wanted, expected, found) }
}

const markOf = ({ tags }: Association): string | null => tags[runTag] ?? null

/** Whether an association is as it was, its mark aside. */
export const isAsBefore = (found: Association, before: AssociationBefore): boolean =>
  found.id === before.id &&
  found.role === before.roleArn &&
  (found.targetRole ?? null) === before.targetRoleArn &&
  found.sessionTags === !before.disableSessionTags &&
  (found.policy ?? null) === before.policy

/** What was expected and what is there, for a run that stops. */
export const changedSince = (
  wanted: Pick<AssociationRequest, 'namespace' | 'serviceAccount'>,
  expected: AssociationBefore | null,
  found: Association | undefined,
): string =>
  `the association of ${wanted.namespace}/${wanted.serviceAccount} has changed since this run looked: expected ${
    expected ? describeSettings(expected) : 'none'
  }, found ${found ? describeFound(found) : 'none'}. It is left as it is; run this again to decide by what is there now`

/** An association in words: `a-… with ROLE, marked by run-1`. */
export const describeFound = (found: Association): string => describeSettings(settingsOf(found))

/** The same of what was there when a run looked. */
export const describeSettings = ({
  id,
  roleArn,
  targetRoleArn,
  disableSessionTags,
  policy,
  run,
}: AssociationBefore): string =>
  [
    `${id} with ${roleArn}`,
    ...(targetRoleArn ? [`target role ${targetRoleArn}`] : []),
    ...(disableSessionTags ? ['session tags off'] : []),
    ...(policy ? [`session policy ${clip(policy, 300)}`] : []),
    ...(run ? [`marked by ${run}`] : []),
  ].join(', ')

/** What an association is to grant, and how. */
export type AssociationSettings = Pick<
  AssociationRequest,
  'role' | 'targetRole' | 'sessionTags' | 'sessionPolicy'
>

/** In what an association differs from what is wanted: `it grants ROLE`; nothing where it is as wanted. */
export const associationDifferences = (wanted: AssociationSettings, existing: Association): string[] => [
  ...(existing.role === wanted.role ? [] : [`it grants ${existing.role}`]),
  ...(existing.targetRole === wanted.targetRole
    ? []
    : [`its target role is ${existing.targetRole ?? 'not set'}`]),
  ...(existing.sessionTags === wanted.sessionTags
    ? []
    : [`its session tags are ${existing.sessionTags ? 'on' : 'off'}`]),
  ...(wanted.sessionPolicy === undefined || isSamePolicy(existing.policy, wanted.sessionPolicy)
    ? []
    : [`its session policy is ${existing.policy ?? 'not set'}`]),
]

/** Whether two session policies say the same, white space aside. */
export const isSamePolicy = (one: string | null | undefined, other: string | null | undefined): boolean =>
  compactJson(one ?? null) === compactJson(other ?? null)

const compactJson = (text: string | null): string | null => {
  try {
    return text === null ? null : JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}

const subject = (wanted: AssociationRequest): string =>
  `association of ${wanted.namespace}/${wanted.serviceAccount}`

const where = ({ cluster, region }: AssociationRequest): Words =>
  words`--cluster-name ${cluster} --region ${region}`

/** Updating an add-on replaces all of its associations, so that the others must be named with this one. */
const ownedByAddon = (wanted: AssociationRequest, existing: Association, owner: string): Finding => {
  // arn:aws:eks:REGION:ACCOUNT:addon/CLUSTER/NAME/UUID
  const addon = owner.split('/')[2] ?? owner
  const others = existing.siblings ?? []
  const all = [...others, { serviceAccount: wanted.serviceAccount, role: wanted.role }].map(
    ({ serviceAccount, role }) => ({ serviceAccount, roleArn: role }),
  )
  const beside =
    others.length > 0
      ? ` and keep its other associations (${others.map(({ serviceAccount }) => serviceAccount).join(', ')})`
      : ''
  return {
    code: 'association-owned-by-addon',
    severity: 'blocking',
    subject: subject(wanted),
    found: `${existing.id} is managed by the add-on ${addon} (${owner}) and grants ${existing.role}`,
    remedy: mendWith(
      `Let the add-on ${addon} give its ServiceAccount the role${beside}.`,
      command`aws eks update-addon ${where(wanted)} --addon-name ${addon} --pod-identity-associations ${JSON.stringify(all)}`,
    ),
  }
}

const otherRole = (wanted: AssociationRequest, existing: Association, differences: string[]): Finding => {
  const changes = [
    words`--role-arn ${wanted.role}`,
    ...(wanted.targetRole && wanted.targetRole !== existing.targetRole
      ? [words`--target-role-arn ${wanted.targetRole}`]
      : []),
    ...(wanted.sessionTags === existing.sessionTags
      ? []
      : [wanted.sessionTags ? '--no-disable-session-tags' : '--disable-session-tags']),
    ...(wanted.sessionPolicy === undefined || isSamePolicy(existing.policy, wanted.sessionPolicy)
      ? []
      : [words`--policy ${wanted.sessionPolicy}`]),
  ]
  return {
    code: 'association-differs',
    severity: 'blocking',
    subject: subject(wanted),
    found: `${existing.id} exists and differs: ${differences.join('; ')}`,
    remedy:
      existing.targetRole && !wanted.targetRole
        ? withoutTarget(wanted, existing)
        : mendWith(
            wanted.sessionPolicy !== undefined && existing.policy === undefined
              ? 'Change it yourself: a run gives no association a session policy that had none, as an undo could not take it away.'
              : 'Let the run change it (--replace, or "replace": true in the request), or change it yourself.',
            command`aws eks update-pod-identity-association ${where(wanted)} --association-id ${existing.id} ${changes}`,
          ),
  }
}

/** An update leaves out what it does not change, and has no way to say that a target role is to go. */
const targetRoleStays = (wanted: AssociationRequest, existing: Association, targetRole: string): Finding => ({
  code: 'association-target-role-stays',
  severity: 'blocking',
  subject: subject(wanted),
  found: `${existing.id} has the target role ${targetRole}, which an update cannot take away`,
  remedy: withoutTarget(wanted, existing),
})

const withoutTarget = (wanted: AssociationRequest, existing: Association): Remedy =>
  mendWith(
    'Ask for that target role, or delete the association and run this again; new pods get no credentials in between.',
    command`aws eks delete-pod-identity-association ${where(wanted)} --association-id ${existing.id}`,
  )
