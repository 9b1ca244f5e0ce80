import { isReachable, type ReachableCluster } from '../../../core/cluster.ts'
import { AccessDenied } from '../../../core/errors.ts'
import type { Drift } from '../../../core/events.ts'
import { type Binding, regionsOf } from '../../../core/fleet/expand/binding.ts'
import type { Expansion } from '../../../core/fleet/expand/expand.ts'
import { isObstacle } from '../../../core/fleet/expand/findings.ts'
import { bindingsOn, byPatternOn, mayHaveBindings } from '../../../core/fleet/expand/of-stage.ts'
import type { ClusterFacts } from '../../../core/fleet/expand/select.ts'
import type { NoteTaker } from '../../../core/triggers/digest.ts'
import { unfitBinding } from '../../../core/triggers/unfit.ts'
import type { Services } from '../services.ts'
import type { Checks, SweptBinding } from './check-binding.ts'
import type { Teller } from './tell.ts'

/** A cluster that bindings may be for. */
export interface SweptPlace {
  region: string
  name: string
}

/** The clusters that bindings may be for, by `REGION/NAME`. A region that cannot be asked is passed. */
export const declaredClusters = async (
  { config, clusters }: Pick<Services, 'config' | 'clusters'>,
  tell: Teller,
  notes: NoteTaker,
): Promise<Map<string, SweptPlace>> => {
  const regions = new Set(
    Object.values(config.bindings).flatMap((binding) => regionsOf(binding, config.region)),
  )
  notes.declared(regions)
  const places = new Map<string, SweptPlace>()
  for (const region of regions) {
    try {
      const names = await clusters(region).list()
      // Tags take a DescribeCluster call each, so it is made only where the name fits.
      const declared = names.filter((name) => mayHaveBindings(config, { name, region }))
      notes.listed(region, new Set(declared))
      for (const name of declared) places.set(`${region}/${name}`, { region, name })
    } catch (error) {
      await tell.notChecked({ region, name: null }, error as Error)
    }
  }
  return places
}

interface SweepTargets {
  /** Whether it could be looked at: what is no target of it then is not declared for it any more. */
  looked: boolean
  targets: Map<string, SweptBinding>
  /** Asks again whether the cluster's API answers. */
  connected: () => Promise<void>
  /** Bindings that come to nothing there for what is wrong with podid.yaml, or since nobody could look. */
  unfit: { drift: Drift; arn: string }[]
}

/** The bindings of a cluster by name; none of one that cannot be looked at, which is told of. */
export const targetsOf = async (
  { config, clusters }: Pick<Services, 'config' | 'clusters'>,
  checks: Checks,
  { region, name }: SweptPlace,
  tell: Teller,
): Promise<SweepTargets> => {
  const none = { looked: false, targets: new Map(), connected: async () => {}, unfit: [] }
  try {
    const found = await clusters(region).describe(name)
    if (!found) return none
    const { known: cluster, cluster: described } = found
    if (isEmpty(bindingsOn(config, cluster))) return { ...none, looked: true }
    // A cluster being created or deleted has its own events; the next sweep checks it again.
    if (!isReachable(described)) return none
    await checks.reachable(described)
    const byPattern = byPatternOn(config, cluster)
    const facts = byPattern.length > 0 ? await lookInside(checks, described, byPattern) : {}
    const { bindings, findings } = bindingsOn(config, { ...cluster, ...facts })
    return {
      looked: true,
      targets: new Map(bindings.map((one) => [one.name, { ...one, cluster, described }])),
      connected: () => checks.reachable(described),
      unfit: findings
        .filter(isObstacle)
        .map((finding) => ({ drift: unfitBinding(finding, cluster), arn: cluster.arn })),
    }
  } catch (error) {
    await tell.notChecked({ region, name }, error as Error)
    return none
  }
}

const isEmpty = ({ bindings, findings }: Expansion): boolean =>
  bindings.length === 0 && !findings.some(isObstacle)

/** What may not be listed is a finding of the bindings that need it; the others are checked all the same. */
const lookInside = async (
  checks: Checks,
  cluster: ReachableCluster,
  byPattern: readonly Binding[],
): Promise<Pick<ClusterFacts, 'inside' | 'unread'>> => {
  try {
    return { inside: await checks.inside(cluster, byPattern) }
  } catch (error) {
    if (!(error instanceof AccessDenied)) throw error
    return { unread: error.message }
  }
}
