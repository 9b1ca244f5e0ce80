import { advise, mendWith, type Remedy } from '../findings.ts'
import { command, words } from '../text/shell.ts'
import type { Need } from './need.ts'
import { allowing, putRolePolicy } from './permissions/remedies.ts'
import { groupVerdicts } from './permissions/verdicts.ts'
import type { PodIdentity } from './role.ts'
import { mostCharacters, sizeOf } from './sizes.ts'
import { assumingActions } from './trust/findings.ts'
import { podIdentityStatement } from './trust/mend.ts'

/** A role as it is to be made: whom it trusts, and what it grants. */
export interface RolePlan {
  name: string
  /** `/` where it has none. */
  path: string
  trust: object
  /** The inline policies, by name. */
  policies: { name: string; document: object }[]
  boundary?: string | undefined
  tags: Record<string, string>
}

/** The tag by which podid knows a role that it made: for which ServiceAccount of which cluster. */
export const madeForTag = 'podid:for'

/** What a role that podid makes is to grant. */
export interface Wants {
  needs: readonly Need[]
  /** The role that it assumes on the pods' behalf, which has the needs then. */
  targetRole?: string | undefined
  sessionTags: boolean
}

export interface NewRole extends PodIdentity, Wants {
  roleArn: string
  /** The ARN of the permissions boundary that the role is to have. */
  boundary?: string | undefined
}

/** The role that these pods need and no more: assumed for them alone, with their needs and nothing else. */
export const planRole = ({ roleArn, needs, targetRole, boundary, ...identity }: NewRole): RolePlan => {
  const [, ...words] = (roleArn.split(':')[5] as string).split('/')
  const name = words.at(-1) as string
  const path = words.length > 1 ? `/${words.slice(0, -1).join('/')}/` : '/'
  return {
    name,
    path,
    trust: { Version: '2012-10-17', Statement: [podIdentityStatement(identity)] },
    policies: plannedPolicies({ needs, targetRole, sessionTags: identity.sessionTags }),
    ...(boundary !== undefined && { boundary }),
    tags: { [madeForTag]: `${identity.cluster.name}/${identity.namespace}/${identity.serviceAccount}` },
  }
}

/**
 * The inline policy of a role that podid makes, in a list, which is empty where it is to grant nothing: the needs
 * that no other policy grants, or the way to the target role, which has the needs then.
 */
export const plannedPolicies = (wants: Wants): RolePlan['policies'] => {
  const needs = ownNeeds(wants)
  return needs.length === 0 ? [] : [{ name: 'podid-needs', document: leastPolicy(needs) }]
}

/** What the role itself has to grant. */
export const ownNeeds = ({ needs, targetRole, sessionTags }: Wants): Pick<Need, 'actions' | 'resources'>[] =>
  targetRole === undefined
    ? needs.filter(({ grantedBy }) => grantedBy === undefined)
    : [{ actions: assumingActions({ sessionTags }), resources: [targetRole] }]

/** A policy that grants the needs and nothing else. */
const leastPolicy = (needs: readonly Pick<Need, 'actions' | 'resources'>[]): object => {
  const pairs = needs.flatMap(({ actions, resources }) =>
    resources.flatMap((resource) => actions.map((action) => ({ action, resource }))),
  )
  return { Version: '2012-10-17', Statement: groupVerdicts(pairs).map(allowing) }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html */
const mostTagCharacters = 256

/** Why a planned role cannot be made as it is: what IAM would not take. */
export const planFaults = ({ policies, tags }: RolePlan): string[] => {
  const size = policies.reduce((sum, { document }) => sum + sizeOf(document), 0)
  const long = Object.entries(tags).filter(([, value]) => value.length > mostTagCharacters)
  return [
    ...(size > mostCharacters.inlinePolicies
      ? [
          `its policies would have ${size} characters without white space, and IAM takes ${mostCharacters.inlinePolicies}: write the needs with wildcards`,
        ]
      : []),
    ...long.map(
      ([key, value]) =>
        `its tag ${key} would have ${value.length} characters (${value}), and IAM takes ${mostTagCharacters}: make the role by hand`,
    ),
  ]
}

/** The commands that give a role what it is planned to grant. */
export const grantCommands = ({ name, policies }: Pick<RolePlan, 'name' | 'policies'>): string[] =>
  policies.map((policy) => putRolePolicy(name, policy.name, policy.document))

/** The commands that make the role. */
export const makeRoleCommands = ({ name, path, trust, policies, boundary, tags }: RolePlan): string[] => [
  command`aws iam create-role --role-name ${name} ${[
    ...(path === '/' ? [] : [words`--path ${path}`]),
    ...(boundary === undefined ? [] : [words`--permissions-boundary ${boundary}`]),
  ]} --tags ${Object.entries(tags).map(([key, value]) => `Key=${key},Value=${value}`)} --assume-role-policy-document ${JSON.stringify(trust, null, 2)}`,
  ...grantCommands({ name, policies }),
]

/** The remedy for a role that is not there. */
export const makeRole = (plan: RolePlan): Remedy => {
  const faults = planFaults(plan)
  if (faults.length > 0) return advise(`Make the role by hand, or correct its name: ${faults.join('; ')}.`)
  return mendWith(
    plan.policies.length > 0
      ? 'Make the role: for these pods alone, with what they need and nothing else. Or let podid do it (podid role --create, or createRole in the request), or correct its name.'
      : 'Make the role, for these pods alone; it grants nothing yet, as the request names no needs. Or correct its name.',
    ...makeRoleCommands(plan),
  )
}
