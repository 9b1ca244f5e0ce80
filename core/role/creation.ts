import { runTag } from '../association.ts'
import { advise, type Finding } from '../findings.ts'
import { isFields } from '../policy/document.ts'
import type { Request } from '../request.ts'
import { clip } from '../text/clip.ts'
import { command } from '../text/shell.ts'
import { madeForTag, ownNeeds, planFaults, planRole, type RolePlan } from './make.ts'
import { describeGroup, groupVerdicts } from './permissions/verdicts.ts'
import type { PodIdentity, RoleFacts } from './role.ts'

/** For whom EKS assumes the role of a request. */
export const podIdentityOf = (
  request: Request,
  { arn, name }: { arn: string; name: string },
): PodIdentity => ({
  cluster: { arn, name },
  account: request.account,
  namespace: request.namespace,
  serviceAccount: request.serviceAccount,
  sessionTags: request.sessionTags,
})

/** The role that a run makes for its request where it is missing: marked as the run's, as its association is. */
export const plannedRole = (request: Request, cluster: { arn: string; name: string }): RolePlan => {
  const plan = planRole({
    ...podIdentityOf(request, cluster),
    roleArn: request.role,
    needs: request.needs,
    targetRole: request.targetRole,
    boundary: request.permissionsBoundary,
  })
  return { ...plan, tags: { ...plan.tags, [runTag]: request.run } }
}

/** A role that is planned, as the checks would find it once it is made. */
export const asMade = (plan: RolePlan, roleArn: string, boundary: RoleFacts['boundary']): RoleFacts => ({
  name: plan.name,
  arn: roleArn,
  path: plan.path,
  trust: plan.trust,
  policies: plan.policies.map((policy) => ({ kind: 'inline', ...policy })),
  tags: plan.tags,
  ...(boundary && { boundary }),
})

/**
 * What the checks say of a role that is not there yet: no command of theirs can be run on it, but the request can be
 * changed.
 */
export const findingsBeforeMaking = (
  plan: RolePlan,
  findings: readonly Finding[],
  boundary: RoleFacts['boundary'],
): Finding[] => [
  ...findings.map((finding) =>
    finding.code === 'permission-boundary-blocks'
      ? {
          ...finding,
          remedy: advise(
            'Name another permissions boundary in the request (permissionsBoundary), or ask whoever sets boundaries here to include it.',
          ),
        }
      : finding,
  ),
  ...(plan.boundary !== undefined && !boundary
    ? [refusedPlan(plan, `there is no policy ${plan.boundary} to be its permissions boundary`)]
    : []),
  ...planFaults(plan).map((fault) => refusedPlan(plan, fault)),
]

const refusedPlan = ({ name }: RolePlan, found: string): Finding => ({
  code: 'role-not-makeable',
  severity: 'blocking',
  subject: `role ${name}`,
  found: `it is not there, and cannot be made as the request has it: ${found}`,
  remedy: advise('Correct the request, or make the role by hand.'),
})

/** What is left to do for a role that is to be there as planned. */
export type RoleDecision =
  | { action: 'create' }
  /** It is the run's own, from an attempt whose answer was lost, and lacks these of its policies. */
  | { action: 'complete'; policies: RolePlan['policies'] }
  /** It is as planned; `ours` where this run has made it. */
  | { action: 'none'; ours: boolean }
  | { action: 'refuse'; why: string }

/** What a run may write of a role that was missing when it looked. */
export const decideRole = (plan: RolePlan, run: string, found: RoleFacts | undefined): RoleDecision => {
  if (!found) return { action: 'create' }
  const refuse = (why: string): RoleDecision => ({
    action: 'refuse',
    why: `a role ${plan.name} has come to be since this run looked, ${why}. It is left as it is; run this again to decide by what is there now`,
  })
  const tags = found.tags ?? {}
  if (tags[madeForTag] !== plan.tags[madeForTag]) return refuse('which podid did not make for these pods')
  const changes = changesSince(plan, found)
  const lacking = lackingPolicies(plan, found)
  const ours = tags[runTag] === run
  if (changes.length > 0) return refuse(`and is another than planned: ${changes.join('; ')}`)
  if (lacking.length === 0) return { action: 'none', ours }
  return ours
    ? { action: 'complete', policies: lacking }
    : refuse(`without its policy ${lacking.map(({ name }) => name).join(', ')}`)
}

/** What an undo does about the role that a run may have made. */
export type RoleUndo =
  | { action: 'none' }
  | { action: 'delete'; policies: string[] }
  /** Somebody has changed it since, in these words. */
  | { action: 'keep'; why: string }

/** A role goes only where it bears the run's mark and is as the run left it, be it without the policy it wrote last. */
export const decideRoleUndo = (plan: RolePlan, run: string, found: RoleFacts | undefined): RoleUndo => {
  const tags = found?.tags ?? {}
  if (!found || tags[runTag] !== run || tags[madeForTag] !== plan.tags[madeForTag]) return { action: 'none' }
  const changes = changesSince(plan, found)
  return changes.length > 0
    ? {
        action: 'keep',
        why: `role ${plan.name} stays, as it is not as the run left it: ${changes.join('; ')}`,
      }
    : { action: 'delete', policies: found.policies.map(({ name }) => name) }
}

/** How a role that is there is another than the planned one; what it lacks yet of its policies is no difference. */
const changesSince = (plan: RolePlan, found: RoleFacts): string[] => {
  const planned = new Map(plan.policies.map(({ name, document }) => [name, document]))
  const boundary = found.boundary?.arn
  return [
    ...(found.path === plan.path ? [] : [`its path is ${found.path}`]),
    ...(isSameDocument(found.trust, plan.trust) ? [] : ['its trust policy differs']),
    ...(boundary === plan.boundary ? [] : [`its permissions boundary is ${boundary ?? 'not set'}`]),
    ...found.policies.flatMap(({ name, kind, document }) =>
      kind === 'managed'
        ? [`it has the policy ${name}`]
        : !planned.has(name)
          ? [`it has the inline policy ${name}`]
          : isSameDocument(document, planned.get(name))
            ? []
            : [`its inline policy ${name} differs`],
    ),
  ]
}

const lackingPolicies = (plan: RolePlan, found: RoleFacts): RolePlan['policies'] =>
  plan.policies.filter(({ name }) => !found.policies.some((policy) => policy.name === name))

/** Whether two documents say the same, whatever the order of their members. */
const isSameDocument = (one: unknown, other: unknown): boolean =>
  JSON.stringify(ordered(one)) === JSON.stringify(ordered(other))

const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, ordered(value[key])]),
  )
}

/** What a role that podid makes grants, in words for a plan: `dynamodb:GetItem on arn:…`. */
export const plannedGrants = (request: Request): string => {
  const pairs = ownNeeds(request).flatMap(({ actions, resources }) =>
    resources.flatMap((resource) => actions.map((action) => ({ action, resource }))),
  )
  return clip(groupVerdicts(pairs).map(describeGroup).join('; '), 2000)
}

/** The commands that take a role away again which has only inline policies. */
export const deleteRoleCommands = (name: string, policies: readonly string[]): string =>
  [
    ...policies.map(
      (policy) => command`aws iam delete-role-policy --role-name ${name} --policy-name ${policy}`,
    ),
    command`aws iam delete-role --role-name ${name}`,
  ].join('\n')
