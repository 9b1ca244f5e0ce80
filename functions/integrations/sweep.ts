import * as z from 'zod'
import { assumptionsOf } from '../../adapters/cloudtrail.ts'
import { together } from '../../adapters/concurrently.ts'
import { digest } from '../../adapters/digest.ts'
import type { KnownCluster } from '../../adapters/eks/clusters.ts'
import { eks } from '../../adapters/eks/eks.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { Cluster, ReachableCluster } from '../../core/cluster.ts'
import { isReachable, notChecked } from '../../core/cluster.ts'
import { type Binding, bindingsFor, type Config, mayHaveBindings } from '../../core/config.ts'
import { Transient } from '../../core/errors.ts'
import type { Drift } from '../../core/events.ts'
import type { Finding } from '../../core/findings.ts'
import { partitionOf } from '../../core/partitions/partitions.ts'
import type { Request } from '../../core/request.ts'
import { resolveRequest } from '../../core/request-input.ts'
import type { AssociationCheck, WorkloadCheck } from '../../core/steps/answers.ts'
import { type DriftDecision, decideDrift, lookFinding } from '../../core/triggers/drift.ts'
import { runInput } from '../../core/triggers/run-input.ts'
import { undoneBy } from '../../core/triggers/undone.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { checkAssociation } from '../steps/check-association.ts'
import { verifyWorkload } from '../steps/verify-workload.ts'
import { currentPods, type InForce, lookAtTrail } from '../support/evidence/second-witness.ts'
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
  /** Whether EKS was seen to assume the role for the pods of bindings that are in force; answers for how many it looked. */
  trail: (bindings: readonly InForce[]) => Promise<number>
}

type SweepServices = Pick<
  Services,
  'config' | 'clusters' | 'start' | 'bus' | 'executions' | 'runs' | 'looks'
> & {
  once: Once
}

/**
 * Checks every binding on every cluster it is declared for, and reports what is not in force: an event that was
 * missed, an association that was deleted or changed, pods without credentials. With `mend` it starts the runs
 * that repair this, but for bindings that somebody has undone. What is in force it looks for in CloudTrail afterwards.
 * `sweep` identifies this sweep, so that a repeated invocation starts nothing twice.
 */
export const sweepBindings =
  (services: SweepServices, checks: Checks) =>
  async (sweep: string): Promise<{ checked: number; drifted: Drift[]; looked: number }> => {
    const { targets: declared, unknown } = await declaredBindings(services)
    const drifted: Drift[] = []
    const inForce: InForce[] = []
    const report = async (arn: string, drift: Drift, seen?: Finding): Promise<void> => {
      drifted.push(drift)
      const detail = seen ? { ...drift, findings: [...drift.findings, seen] } : drift
      // The same drift is reported once a day, and whenever a run is started for it, not at every sweep.
      await services.once(`drift/${arn}/${digest(JSON.stringify(drift), 32)}`, () =>
        services.bus.put({ type: 'Drift Found', resources: [arn], detail }),
      )
    }
    for (const { arn, drift } of unknown) await report(arn, drift)
    const onceEach = perCluster(checks)
    for (const target of declared) {
      const { drift, binding, seen } = await checkTarget(services, onceEach, target, sweep)
      if (binding) inForce.push(binding)
      if (drift) await report(target.cluster.arn, drift, seen)
    }
    // What has to be repaired does not wait for it.
    const looked = inForce.length > 0 ? await checks.trail(inForce) : 0
    return { checked: declared.length, drifted, looked }
  }

interface Target {
  name: string
  binding: Binding
  cluster: KnownCluster
}

/**
 * The checks, with each cluster described once, and none asked again whose API server did not answer: one that is away
 * would cost its time limit for each of its bindings.
 */
const perCluster = (checks: Checks): Checks => {
  const described = new Map<string, Promise<Cluster | undefined>>()
  const away = new Map<string, unknown>()
  return {
    ...checks,
    describeCluster: (region, name) => {
      const key = `${region}/${name}`
      const asked = described.get(key) ?? checks.describeCluster(region, name)
      described.set(key, asked)
      return asked
    },
    workload: async (input) => {
      const { arn } = input.cluster
      if (away.has(arn)) throw away.get(arn)
      try {
        return await checks.workload(input)
      } catch (error) {
        if (error instanceof Transient) away.set(arn, error)
        throw error
      }
    },
  }
}

/** A binding on a cluster of which EKS did not say what it is, as it is reported. */
interface Unknown {
  arn: string
  drift: Drift
}

/** Each binding on each existing cluster that fits it; one cluster that EKS does not describe keeps no other from it. */
const declaredBindings = async ({
  config,
  clusters,
}: SweepServices): Promise<{ targets: Target[]; unknown: Unknown[] }> => {
  const unknown: Unknown[] = []
  const regions = new Set(Object.values(config.bindings).map(({ region }) => region ?? config.region))
  const targets: Target[] = []
  for (const region of regions) {
    const known = clusters(region)
    for (const clusterName of await known.list()) {
      // Tags take a DescribeCluster call each, so it is made only where the name fits.
      if (!mayHaveBindings(config, { name: clusterName, region })) continue
      const cluster = await known.identify(clusterName).catch((error: Error) => {
        unknown.push(...unknownOn(config, { name: clusterName, region }, error))
        return undefined
      })
      if (!cluster) continue
      targets.push(...bindingsFor(config, cluster).map((found) => ({ ...found, cluster })))
    }
  }
  return { targets, unknown }
}

/** What its tags are is not known: every binding that may be for the cluster is named. */
const unknownOn = (config: Config, cluster: { name: string; region: string }, error: Error): Unknown[] =>
  Object.entries(config.bindings)
    .filter(([name, binding]) => mayHaveBindings({ ...config, bindings: { [name]: binding } }, cluster))
    .map(([binding]) => ({
      arn: `arn:${partitionOf(cluster.region)}:eks:${cluster.region}:${config.account}:cluster/${cluster.name}`,
      drift: {
        binding,
        cluster: cluster.name,
        region: cluster.region,
        findings: [notChecked(cluster, error)],
        run: null,
        undoneBy: null,
      },
    }))

const checkTarget = async (
  { config, start, executions, runs, looks }: SweepServices,
  checks: Checks,
  { name, binding, cluster }: Target,
  sweep: string,
): Promise<{ drift?: Drift; binding?: InForce; seen?: Finding }> => {
  const input = runInput(config, binding, cluster, { mode: 'enable', ifWorkloadMissing: 'associate' })
  const described = await checks.describeCluster(cluster.region, cluster.name)
  // A cluster being created or deleted has its own events; the next sweep checks it again.
  if (!described || !isReachable(described)) return {}
  const request = resolveRequest(input, {
    arn: executions.arnOf(sweep),
    startTime: new Date(0).toISOString(),
  })
  const { decision, injected } = await look(checks, { request, cluster: described })
  const { namespace, serviceAccount } = binding
  const place = { cluster: cluster.name, region: cluster.region, namespace, serviceAccount }
  const found = injected ? { binding: { place, request, cluster: described } } : {}
  if (decision.action === 'none') return found
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
  const seen = await looks.find(place)
  return {
    ...found,
    ...(seen && { seen: lookFinding(binding, seen) }),
    drift: {
      binding: name,
      cluster: cluster.name,
      region: cluster.region,
      findings: decision.findings,
      run: started?.run ?? null,
      undoneBy: undone,
    },
  }
}

/** A cluster that cannot be checked becomes a finding; the sweep continues with the next one. */
const look = async (
  checks: Checks,
  input: { request: Request; cluster: ReachableCluster },
): Promise<{ decision: DriftDecision; injected: boolean }> => {
  try {
    const [association, workload] = await together([checks.association(input), checks.workload(input)])
    return {
      decision: decideDrift(input.request, association, workload),
      injected: association.action === 'keep' && workload.exists && workload.injected,
    }
  } catch (error) {
    const { cluster: name, region } = input.request
    return {
      decision: { action: 'report', findings: [notChecked({ name, region }, error as Error)] },
      injected: false,
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
      describe: ({ checked, drifted, looked }: SweepAnswer) => ({ checked, drifted: drifted.length, looked }),
    },
    ({ id }, call) => {
      const services = { ...servicesOf(runtime), once: once(runtime) }
      const checks: Checks = {
        describeCluster: (region, name) => eks(runtime, region).describeCluster(name),
        association: checkAssociation((region) => eks(runtime, region)),
        workload: verifyWorkload(({ cluster }) => clusterApi(runtime, cluster), call),
        trail: lookAtTrail({
          looks: services.looks,
          currentPods: ({ request, cluster }) =>
            currentPods(clusterApi(runtime, cluster), request, call.signal),
          assumptionsOf: (region, role, since) => assumptionsOf(runtime, region, role, since),
          now: services.now,
          timeLeft: call.timeLeft,
          log: call.log,
        }),
      }
      return sweepBindings(services, checks)(id ?? String(runtime.clock.now()))
    },
  )

export const handler = create(lambda)
