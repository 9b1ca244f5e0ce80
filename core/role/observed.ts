import { covers } from '../policy/pattern.ts'
import { readDenial } from '../workload/diagnosis/denial.ts'
import type { LogTail } from '../workload/diagnosis/facts.ts'
import { type AttachedNeed, needsFromPolicies } from './attached-needs.ts'
import { Need } from './need.ts'
import type { RoleFacts } from './role.ts'

/** What IAM says a role has tried of a service. Times are RFC 3339. */
export interface ServiceUse {
  service: string
  at: string
  /** Management actions alone: IAM does not tell which data actions were used. */
  actions: { action: string; at: string }[]
}

/** What was seen of what a workload does. */
export interface Observations {
  /** The last words of its containers. */
  logs: readonly LogTail[]
  /** The role of the binding, where it is there. */
  role: Pick<RoleFacts, 'name' | 'policies'> | undefined
  /** The role that it uses today, and what IAM says that one used. */
  used?: { role: string; services: readonly ServiceUse[] }
}

/** Needs as far as they can be told, each with where it was seen; `left` says what no need was made of. */
export interface ObservedNeeds {
  needs: AttachedNeed[]
  left: string[]
}

/**
 * The needs that a workload shows: by calls that it was denied, by the policies of its role, and by what its role
 * used last. What is granted already is taken from the policies as it is written there.
 */
export const observedNeeds = ({ logs, role, used }: Observations): ObservedNeeds => {
  const denied = deniedNeeds(logs)
  const attached = role ? needsFromPolicies(role) : { needs: [], left: [] }
  const seen = used ? usedNeeds(used, attached.needs) : { needs: [], left: [] }
  return {
    needs: [...denied, ...attached.needs, ...seen.needs],
    left: [...attached.left, ...seen.left],
  }
}

/** One need for each resource that a line about a denied call names; the end of a line may be cut off. */
const deniedNeeds = (logs: readonly LogTail[]): AttachedNeed[] => {
  const byResource = new Map<string, AttachedNeed>()
  for (const { pod, container, text } of logs)
    for (const line of text.split('\n')) {
      const { action, resource = '*', explicit } = readDenial(line)
      if (!action || explicit || !Need.shape.resources.element.safeParse(resource).success) continue
      const need = byResource.get(resource)
      if (!need)
        byResource.set(resource, {
          actions: [action],
          resources: [resource],
          source: `denied to pod ${pod}, container ${container}, by its own log`,
        })
      else if (!need.actions.includes(action)) need.actions.push(action)
    }
  return [...byResource.values()]
}

const usedNeeds = (
  { role, services }: NonNullable<Observations['used']>,
  attached: readonly AttachedNeed[],
): ObservedNeeds => {
  const grantedBy = (action: string) =>
    attached.filter(({ actions }) => actions.some((one) => covers(one.toLowerCase(), action.toLowerCase())))
  const needs = services.flatMap(({ actions }) =>
    actions
      .filter(({ action }) => grantedBy(action).length === 0)
      .map(({ action, at }) => ({
        actions: [action],
        resources: ['*'],
        source: `last used ${at.slice(0, 10)} by role ${role}, as IAM says; it does not say on which resource`,
      })),
  )
  const left = services
    .filter(({ service, actions }) => actions.length === 0 && grantedBy(`${service}:x`).length === 0)
    .map(
      ({ service, at }) =>
        `${service}: last used ${at.slice(0, 10)} by role ${role}; IAM does not say by which actions`,
    )
  return { needs, left }
}
