import { limits, passed, policySize } from './limits/table.ts'
import type { PolicyGrant } from './permissions.ts'

/** A function's grants, as far as its role's inline policies hold them, and managed policies for the rest. */
export interface PackedGrants {
  inline: PolicyGrant[]
  /** The documents of managed policies, as JSON. */
  managed: string[]
}

/** What is left for SST, which puts our grants into a document of its own. */
const inlineMargin = 500

/**
 * Divides grants into policies that IAM takes: what fits goes into the role's inline policy, and the rest into as many
 * managed policies as that needs, a grant with many resources in parts, and grants on the same resources in one. Each part
 * has its grant's conditions, so that the role may do what it may otherwise, and nothing else.
 * @throws Error with the number, the limit and what to do, where a role cannot hold them
 */
export const packGrants = (role: string, grants: readonly PolicyGrant[]): PackedGrants => {
  const asWritten = divide(grants)
  const [inline = [], ...managed] = asWritten.length === 1 ? asWritten : divide(merge(grants))
  const fault = passed(role, 'managedPolicies', managed.length)
  if (fault !== undefined) throw new Error(fault)
  return { inline, managed: managed.map(documentOf) }
}

const merge = (grants: readonly PolicyGrant[]): PolicyGrant[] =>
  [
    ...Map.groupBy(grants, ({ resources, conditions = [] }) =>
      JSON.stringify([resources, conditions]),
    ).values(),
  ].map(([first, ...others]) => ({
    ...(first as PolicyGrant),
    actions: [...new Set([first as PolicyGrant, ...others].flatMap(({ actions }) => actions))],
  }))

const divide = (grants: readonly PolicyGrant[]): PolicyGrant[][] => {
  const empty = policySize(documentOf([]))
  const policies: PolicyGrant[][] = [[]]
  let free = limits.inlinePolicies.most - inlineMargin - empty
  for (const grant of grants) {
    let part: PolicyGrant | undefined
    for (const resource of grant.resources) {
      const cost = policySize(JSON.stringify(resource)) + 1
      if (part && cost <= free) {
        part.resources.push(resource)
        free -= cost
        continue
      }
      part = { ...grant, resources: [resource] }
      if (sizeOf(part) > free) {
        policies.push([])
        free = limits.managedPolicy.most - empty
      }
      policies.at(-1)?.push(part)
      free -= sizeOf(part)
    }
  }
  return policies
}

/** What a grant adds to a document, with the comma behind it. */
const sizeOf = (grant: PolicyGrant): number => policySize(JSON.stringify(statementOf(grant))) + 1

const documentOf = (grants: readonly PolicyGrant[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: grants.map(statementOf) })

const statementOf = ({ actions, resources, conditions = [] }: PolicyGrant) => {
  const Condition: Record<string, Record<string, string[]>> = {}
  for (const { test, variable, values } of conditions)
    Condition[test] = { ...Condition[test], [variable]: values }
  return {
    Effect: 'Allow',
    Action: actions,
    Resource: resources,
    ...(conditions.length > 0 ? { Condition } : {}),
  }
}
