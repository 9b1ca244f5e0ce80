import * as z from 'zod'
import { together } from '../../adapters/concurrently.ts'
import { digest } from '../../adapters/digest.ts'
import type { KnownCluster } from '../../adapters/eks/clusters.ts'
import { eks } from '../../adapters/eks/eks.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { Cluster, ReachableCluster } from '../../core/cluster.ts'
import { isReachable, notChecked } from '../../core/cluster.ts'
import { type Binding, bindingsFor, mayHaveBindings } from '../../core/config.ts'
import type { Drift } from '../../core/events.ts'
import type { Request } from '../../core/request.ts'
import { resolveRequest } from '../../core/request-input.ts'
import type { AssociationCheck, WorkloadCheck } from '../../core/steps/answers.ts'
import { decideDrift } from '../../core/triggers/drift.ts'
import { runInput } from '../../core/triggers/run-input.ts'
import { undoneBy } from '../../core/triggers/undone.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { checkAssociation } from '../steps/check-association.ts'
import { verifyWorkload } from '../steps/verify-workload.ts'
import type { OnCluster } from '../support/inputs.ts'
import { clusterApi } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'
import { type Once, once } from '../support/once.ts'
import { type Services, servicesOf } from '../support/services.ts'

/** The two checks of a run that show whether its binding is in force. */
export interface Checks {
  describeCluster: (region: string, name: string) => Promise<Cluster | undefined>
  association: (input: OnCluster) => Promise<AssociationCheck>
  workload: (input: OnCluster) => Promise<WorkloadCheck>
}

type SweepServices = Pick<Services, 'config' | 'clusters' | 'start' | 'bus' | 'executions' | 'runs'> & {
  once: Once
}

/**
 * Checks every binding on every cluster it is declared for, and reports what is not in force: an event that was
 * missed, an association that was deleted or changed, pods without credentials. With `mend` it starts the runs
 * that repair this, but for bindings that somebody has undone. `sweep` identifies this sweep, so that a repeated invocation starts nothing twice.
 */
export const sweepBindings =
  (services: SweepServices, checks: Checks) =>
  async (sweep: string): Promise<{ checked: number; drifted: Drift[] }> => {
    const declared = await declaredBindings(services)
    const drifted: Drift[] = []
    for (const target of declared) {
      const drift = await driftOf(services, checks, target, sweep)
      if (!drift) continue
      drifted.push(drift)
      // The same drift is reported once a day, and whenever a run is started for it, not at every sweep.
      await services.once(`drift/${target.cluster.arn}/${digest(JSON.stringify(drift), 32)}`, () =>
        services.bus.put({ type: 'Drift Found', resources: [target.cluster.arn], detail: drift }),
      )
    }
    return { checked: declared.length, drifted }
  }

interface Target {
  name: string
  binding: Binding
  cluster: KnownCluster
}

/** Each binding on each existing cluster that fits it. */
const declaredBindings = async ({ config, clusters }: SweepServices): Promise<Target[]> => {
  const regions = new Set(Object.values(config.bindings).map(({ region }) => region ?? config.region))
  const targets: Target[] = []
  for (const region of regions) {
    const known = clusters(region)
    for (const clusterName of await known.list()) {
      // Tags take a DescribeCluster call each, so it is made only where the name fits.
      if (!mayHaveBindings(config, { name: clusterName, region })) continue
      const cluster = await known.identify(clusterName)
      if (!cluster) continue
      targets.push(...bindingsFor(config, cluster).map((found) => ({ ...found, cluster })))
    }
  }
  return targets
}

const driftOf = async (
  { config, start, executions, runs }: SweepServices,
  checks: Checks,
  { name, binding, cluster }: Target,
  sweep: string,
): Promise<Drift | undefined> => {
  const input = runInput(config, binding, cluster, { mode: 'enable', ifWorkloadMissing: 'associate' })
  const described = await checks.describeCluster(cluster.region, cluster.name)
  // A cluster being created or deleted has its own events; the next sweep checks it again.
  if (!described || !isReachable(described)) return undefined
  const request = resolveRequest(input, {
    arn: executions.arnOf(sweep),
    startTime: new Date(0).toISOString(),
  })
  const decision = await look(checks, { request, cluster: described })
  if (decision.action === 'none') return undefined
  const { namespace, serviceAccount } = binding
  const place = { cluster: cluster.name, region: cluster.region, namespace, serviceAccount }
  const undone =
    decision.action === 'mend' ? undoneBy((await runs.latest(place))?.value, cluster.createdAt) : null
  const mend = decision.action === 'mend' && config.triggers.sweep.mode === 'mend' && !undone
  const started = mend
    ? await start({
        input: { ...input, region: cluster.region },
        origin: { trigger: 'sweep', by: null },
        cause: [sweep, cluster.arn, name],
      })
    : undefined
  return {
    binding: name,
    cluster: cluster.name,
    region: cluster.region,
    findings: decision.findings,
    run: started?.run ?? null,
    undoneBy: undone,
  }
}

/** A cluster that cannot be checked becomes a finding; the sweep continues with the next one. */
const look = async (
  checks: Checks,
  input: { request: Request; cluster: ReachableCluster },
): Promise<ReturnType<typeof decideDrift>> => {
  try {
    const [association, workload] = await together([checks.association(input), checks.workload(input)])
    return decideDrift(input.request, association, workload)
  } catch (error) {
    return {
      action: 'report',
      findings: [notChecked({ name: input.request.cluster, region: input.request.region }, error as Error)],
    }
  }
}

/** The event of an EventBridge schedule; its id stays the same when it is delivered again. */
const ScheduledEvent = z.object({ id: z.string().optional() })

type SweepAnswer = Awaited<ReturnType<ReturnType<typeof sweepBindings>>>

export const create = (runtime: Runtime) =>
  makeHandler(
    runtime,
    {
      name: 'Sweep',
      input: ScheduledEvent,
      describe: ({ checked, drifted }: SweepAnswer) => ({ checked, drifted: drifted.length }),
    },
    ({ id }, call) => {
      const checks: Checks = {
        describeCluster: (region, name) => eks(runtime, region).describeCluster(name),
        association: checkAssociation((region) => eks(runtime, region)),
        workload: verifyWorkload(({ cluster }) => clusterApi(runtime, cluster), call),
      }
      const services = { ...servicesOf(runtime), once: once(runtime) }
      return sweepBindings(services, checks)(id ?? String(runtime.clock.now()))
    },
  )

export const handler = create(lambda)
