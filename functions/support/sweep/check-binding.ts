import { together } from '../../../adapters/concurrently.ts'
import type { KnownCluster } from '../../../adapters/eks/clusters.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import { notChecked } from '../../../core/cluster.ts'
import type { Drift } from '../../../core/events.ts'
import type { Finding } from '../../../core/findings.ts'
import type { Binding, SingleBinding } from '../../../core/fleet/expand/binding.ts'
import type { NamespaceFacts } from '../../../core/fleet/expand/select.ts'
import type { Request } from '../../../core/request.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import type { AssociationCheck, WorkloadCheck } from '../../../core/steps/answers.ts'
import { driftKey } from '../../../core/triggers/digest.ts'
import { type DriftDecision, decideDrift, lookFinding } from '../../../core/triggers/drift.ts'
import type { MendingTurns } from '../../../core/triggers/mending.ts'
import { runInput } from '../../../core/triggers/run-input.ts'
import { undoneBy } from '../../../core/triggers/undone.ts'
import type { InForce } from '../evidence/second-witness.ts'
import type { OnCluster } from '../inputs.ts'
import type { Services } from '../services.ts'

/** What a sweep asks of clusters: the two checks of a run that show whether its binding is in force, and what is around them. */
export interface Checks {
  /** Throws where the cluster's API server does not answer, or does not know the caller. */
  reachable: (cluster: ReachableCluster) => Promise<void>
  /** What is in it as far as bindings by pattern go by it. */
  inside: (cluster: ReachableCluster, bindings: readonly Binding[]) => Promise<NamespaceFacts[]>
  association: (input: OnCluster) => Promise<AssociationCheck>
  workload: (input: OnCluster) => Promise<WorkloadCheck>
  /** Whether EKS was seen to assume the role for the pods of bindings that are in force; answers for how many it looked. */
  trail: (bindings: readonly InForce[]) => Promise<number>
}

/** A binding on one of the clusters that it is for. */
export interface SweptBinding {
  name: string
  binding: SingleBinding
  cluster: KnownCluster
  described: ReachableCluster
}

/** What a check of a binding came to. */
export interface Checked {
  drift?: Drift
  /** Where it is in force. */
  binding?: InForce
  /** What CloudTrail showed earlier of one that is not. */
  seen?: Finding
  /** Why it could not be looked at. */
  failure?: Error
}

/** Checks one binding and, in a stage that mends, starts the run that repairs it, but where somebody has undone it. */
export const checkBinding =
  (
    {
      config,
      start,
      executions,
      runs,
      looks,
    }: Pick<Services, 'config' | 'start' | 'executions' | 'runs' | 'looks'>,
    checks: Checks,
  ) =>
  async (
    { name, binding, cluster, described }: SweptBinding,
    sweep: string,
    turns: Pick<MendingTurns, 'take'>,
  ): Promise<Checked> => {
    const input = runInput(config, binding, { mode: 'enable', ifWorkloadMissing: 'associate' })
    const request = resolveRequest(input, {
      arn: executions.arnOf(sweep),
      startTime: new Date(0).toISOString(),
    })
    const { decision, injected, failure } = await look(checks, { request, cluster: described })
    const { namespace, serviceAccount } = binding
    const place = { cluster: cluster.name, region: cluster.region, namespace, serviceAccount }
    const found = {
      ...(injected ? { binding: { place, request, cluster: described } } : {}),
      ...(failure ? { failure } : {}),
    }
    if (decision.action === 'none') return found
    const undone =
      decision.action === 'mend' ? undoneBy((await runs.latest(place))?.value, cluster.createdAt) : null
    const mends = decision.action === 'mend' && config.triggers.sweep.mode === 'mend' && !undone
    const held = mends ? turns.take(driftKey({ ...place, binding: name })) : null
    const started =
      mends && held === null
        ? await start({
            input,
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
        held,
      },
    }
  }

interface Look {
  decision: DriftDecision
  injected: boolean
  failure?: Error
}

/** What cannot be looked at becomes a finding. */
const look = async (
  checks: Checks,
  input: { request: Request; cluster: ReachableCluster },
): Promise<Look> => {
  try {
    const [association, workload] = await together([checks.association(input), checks.workload(input)])
    return {
      decision: decideDrift(input.request, association, workload),
      injected: association.action === 'keep' && workload.exists && workload.injected,
    }
  } catch (thrown) {
    const failure = thrown as Error
    const { cluster: name, region } = input.request
    return {
      decision: { action: 'report', findings: [notChecked({ name, region }, failure)] },
      injected: false,
      failure,
    }
  }
}
