import { asList, type Fields, readDocument } from '../../policy/document.ts'
import { judge, preparePolicies } from '../../policy/evaluate.ts'
import { covers } from '../../policy/pattern.ts'
import type { RolePolicy } from '../role.ts'
import type { Explained } from './explained.ts'
import type { Verdict } from './verdicts.ts'

/** A version of a policy that is not in force and grants what is missing. */
export interface OtherVersion {
  policy: RolePolicy
  id: string
  /** The verdicts that it would make granted. */
  solved: readonly Verdict[]
}

/**
 * Somebody may have written the right policy and not put it in force. A version is proposed (switches) only if it
 * adds nothing but what is needed, takes nothing away, and nobody else has the policy; the rest is only reported.
 */
export const findInOtherVersions = (
  explained: Explained,
  verdicts: readonly Verdict[],
  missing: readonly Verdict[],
): { switches: OtherVersion[]; others: OtherVersion[]; rest: readonly Verdict[] } => {
  const switches: OtherVersion[] = []
  const others: OtherVersion[] = []
  let rest = missing
  for (const policy of explained.role.policies) {
    for (const version of newestFirst(policy)) {
      const grants = grantsWith(explained, policy, version.document)
      const solved = rest.filter(grants)
      const harmless = verdicts.every((verdict) => !verdict.granted || grants(verdict))
      if (solved.length === 0 || !harmless) continue
      const found = { policy, id: version.id, solved }
      if (policy.attachedTo?.length === 0 && addsOnly(solved, policy, version.document)) {
        switches.push(found)
        rest = rest.filter((verdict) => !solved.includes(verdict))
      } else {
        others.push(found)
      }
      break
    }
  }
  const reported = new Set<Verdict>()
  const distinct = others.flatMap((other) => {
    const solved = other.solved.filter((verdict) => rest.includes(verdict) && !reported.has(verdict))
    for (const verdict of solved) reported.add(verdict)
    return solved.length > 0 ? [{ ...other, solved }] : []
  })
  return { switches, others: distinct, rest }
}

const newestFirst = ({ otherVersions = [] }: RolePolicy) =>
  [...otherVersions].sort((one, other) => Number(other.id.slice(1)) - Number(one.id.slice(1)))

const grantsWith = ({ role, context }: Explained, policy: RolePolicy, document: unknown) => {
  const policies = preparePolicies({
    policies: role.policies.map((other) => (other === policy ? { ...policy, document } : other)),
  })
  return ({ action, resource }: Verdict): boolean =>
    judge(policies, { action, resource, context: context(resource) }).decision === 'allowed'
}

/**
 * Whether the new document grants what the old one does and the needs, and no more, and denies no less and no
 * more. Statements that both have need no look; of the others every pair of action and resource does.
 */
const addsOnly = (needs: readonly Verdict[], policy: RolePolicy, document: unknown): boolean => {
  if (readDocument(policy.document, 'identity').problems.length > 0) return false
  const [old, next] = [rawStatements(policy.document), rawStatements(document)]
  const same = new Set(old.map((statement) => JSON.stringify(statement)))
  const kept = new Set(next.map((statement) => JSON.stringify(statement)))
  const added = next.filter((statement) => !same.has(JSON.stringify(statement)))
  const gone = old.filter((statement) => !kept.has(JSON.stringify(statement)))
  if ([...added, ...gone].some(({ Effect }) => Effect !== 'Allow')) return false
  const needed = (action: string, resource: string) =>
    needs.some(
      (need) => covers(need.action.toLowerCase(), action.toLowerCase()) && covers(need.resource, resource),
    )
  const grantedBy = (one: RolePolicy) => {
    const policies = preparePolicies({ policies: [one] })
    return (action: string, resource: string) =>
      judge(policies, { action, resource, context: {} }).decision === 'allowed'
  }
  const [byOld, byNew] = [grantedBy(policy), grantedBy({ ...policy, document })]
  return (
    everyPair(added, (action, resource) => needed(action, resource) || byOld(action, resource)) &&
    everyPair(gone, (action, resource) => byNew(action, resource))
  )
}

/** The statements of a document without faults, as they stand there. */
const rawStatements = (document: unknown): readonly Fields[] => {
  const fields = typeof document === 'string' ? JSON.parse(document) : document
  return asList((fields as Fields).Statement) as readonly Fields[]
}

/** More pairs than that belong to no policy that a person could compare either. */
const mostPairs = 2000

const everyPair = (
  statements: readonly Fields[],
  holds: (action: string, resource: string) => boolean,
): boolean => {
  let pairs = 0
  for (const { Action: actions, Resource: resources } of statements) {
    // NotAction and NotResource stand for more than can be listed.
    if (actions === undefined || resources === undefined) return false
    for (const action of asList(actions))
      for (const resource of asList(resources))
        if (++pairs > mostPairs || !holds(String(action), String(resource))) return false
  }
  return true
}
