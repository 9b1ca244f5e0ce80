import { partitionOf } from '../partitions/partitions.ts'
import { RoleArn } from '../request-input.ts'
import { firstOf } from '../text/list.ts'
import type { CredentialSource } from './credential-source.ts'
import { type InventoryItem, isRestartable } from './inventory.ts'

/** A binding that podid.yaml could have for what an inventory found. */
export interface DraftBinding {
  /** Its name in podid.yaml. */
  name: string
  cluster: string
  region: string
  namespace: string
  serviceAccount: string
  /** `deployment/carts`, where a run can restart it and it is the only one. */
  workload?: string
  role: string
  /** True where its pods have the role by IRSA today. */
  migrates: boolean
  /** True where the role is a proposal, so that somebody has to decide before the binding is used. */
  proposed: boolean
  /** What was seen, in a line. */
  why: string
}

/** The bindings for an inventory of one account, and what none was made of, a line each. */
export interface Draft {
  bindings: DraftBinding[]
  left: string[]
}

/**
 * A binding for each ServiceAccount: with the role that its association or IRSA gives it today, else with a role of its own as a
 * proposal. EKS takes only a role of the cluster's own account.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html
 */
export const draftOf = (items: readonly InventoryItem[], account: string): Draft => {
  const left: string[] = []
  const taken = new Set<string>()
  const places = Map.groupBy(items, ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`)
  const bindings = items.flatMap((item): DraftBinding[] => {
    const { cluster, region, namespace, serviceAccount } = item
    const place = `${namespace}/${serviceAccount} on ${cluster} in ${region}`
    const why = whyOf(item)
    if (item.next === 'not-possible') {
      left.push(`${place}: ${item.against.map(({ what }) => what).join(', ')}`)
      return []
    }
    const today = roleToday(item)
    if (today === 'several') {
      left.push(`${place}: its pods have several roles today (${why})`)
      return []
    }
    if (today && !RoleArn.safeParse(today).success) {
      left.push(`${place}: ${today} is no ARN of a role`)
      return []
    }
    if (today && today.split(':')[4] !== account) {
      left.push(
        `${place}: ${today} is of another account: name it as targetRole, with a role of ${account} as role`,
      )
      return []
    }
    const own = namespace === serviceAccount ? [namespace] : [namespace, serviceAccount]
    const name = nameFor(
      [...own, ...((places.get(`${namespace}/${serviceAccount}`) ?? []).length > 1 ? [cluster] : [])],
      taken,
    )
    const workload = restartable(item)
    return [
      {
        name,
        cluster,
        region,
        namespace,
        serviceAccount,
        ...(workload ? { workload } : {}),
        role: today ?? `arn:${partitionOf(region)}:iam::${account}:role/${name}`,
        migrates: item.next === 'associate',
        proposed: today === undefined,
        why,
      },
    ]
  })
  return { bindings, left }
}

const roleToday = ({ association, irsaRole, uses }: InventoryItem): string | 'several' | undefined => {
  if (association) return association.role
  const roles = new Set([
    ...(irsaRole ? [irsaRole] : []),
    ...uses.flatMap(({ source, role }) => (source === 'irsa' && role ? [role] : [])),
  ])
  return roles.size > 1 ? 'several' : [...roles][0]
}

const restartable = ({ workloads }: InventoryItem): string | undefined => {
  const [only, ...others] = workloads
  return only && others.length === 0 && isRestartable(only.workload) ? only.workload : undefined
}

/** Names of sources as people say them. */
export const sourceNames: Readonly<Record<CredentialSource, string>> = {
  'pod-identity': 'Pod Identity',
  irsa: 'IRSA',
  'static-keys': 'static keys',
  profile: 'a profile',
  'other-endpoint': 'another container endpoint',
  'node-role': 'the node’s role at most',
  nothing: 'nothing',
}

const whyOf = ({ uses, pods, workloads }: InventoryItem): string =>
  `${uses.map(({ source, role }) => `${sourceNames[source]}${role ? ` (${role.split('/').at(-1)})` : ''}`).join(', ')}; ${pods} ${pods === 1 ? 'pod' : 'pods'} of ${firstOf(
    workloads.map(({ workload }) => workload),
    3,
  )}`

const longestName = 40

/** A name that podid.yaml takes, and that no other binding of the draft has. */
const nameFor = (parts: readonly string[], taken: Set<string>): string => {
  const whole = parts
    .join('-')
    .replaceAll(/[^a-z0-9-]/g, '-')
    .replace(/^-+/, '')
  const fitted = (suffix: string) => whole.slice(0, longestName - suffix.length).replace(/-+$/, '') + suffix
  let name = fitted('')
  for (let at = 2; taken.has(name); at++) name = fitted(`-${at}`)
  taken.add(name)
  return name
}
