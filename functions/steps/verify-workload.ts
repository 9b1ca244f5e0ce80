import { together } from '../../adapters/concurrently.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { configMapsOf, diagnosisFacts, serviceAccount } from '../../adapters/kubernetes/inspect.ts'
import { podsOf } from '../../adapters/kubernetes/pods.ts'
import { restartedAtOf, workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { Pod } from '../../core/kubernetes.ts'
import type { WorkloadCheck } from '../../core/steps/answers.ts'
import { diagnose } from '../../core/workload/diagnosis.ts'
import { credentialVariables, isLive, readInjection } from '../../core/workload/injection.ts'
import { assessRollout } from '../../core/workload/rollout.ts'
import { checkWorkload, formatWorkloadRef } from '../../core/workload/workload.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster } from '../support/inputs.ts'
import { clusterApi } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'

/** Looks at the workload, its service account, and what would outrank the role's credentials. */
export const verifyWorkload =
  (api: (input: OnCluster) => Connection, { signal }: Pick<Runtime, 'signal'>) =>
  async (input: OnCluster): Promise<WorkloadCheck> => {
    const { request } = input
    const { workload: ref, namespace } = request
    if (!ref) {
      const summary = 'none was named: the association alone is the job'
      return { ...nothing, summary, findings: [] }
    }
    const connection = api(input)
    const [workload, account] = await together([
      workloads(connection).get(ref, namespace, signal),
      serviceAccount(connection, namespace, request.serviceAccount, signal),
    ])
    const spec = workload?.spec?.template?.spec
    const rollout = workload && assessRollout(workload)
    const [configMaps, pods, facts] = await together([
      spec ? configMapsOf(connection, namespace, spec, signal) : [],
      workload && podsOf(connection, ref, workload, signal),
      workload && rollout?.state !== 'complete' && diagnosisFacts(connection, ref, workload, signal),
    ])
    const findings = checkWorkload({
      ref,
      namespace,
      serviceAccount: request.serviceAccount,
      workload,
      serviceAccountObject: account,
      configMaps,
      ifMissing: request.ifWorkloadMissing,
      allowZero: request.allowZero,
    })
    if (!workload || !rollout || !pods) {
      const summary = `there is no ${formatWorkloadRef(ref)} in namespace ${namespace}`
      return { ...nothing, summary, findings }
    }
    const diagnosis = facts ? diagnose(facts) : []
    const live = pods.current.filter(isLive)
    const newest = newestOf(live) ?? newestOf(pods.all.filter(isLive))
    return {
      exists: true,
      summary: `${formatWorkloadRef(ref)} under ${request.serviceAccount}: ${rollout.message}`,
      before: { restartedAt: restartedAtOf(workload) ?? null, healthy: rollout.state === 'complete' },
      injected: live.length > 0 && live.every((pod) => readInjection(pod).injected),
      credentials: newest ? credentialVariables(newest, configMaps) : null,
      diagnosis,
      // What ails it now may be what the run is for, so it stands in nobody's way.
      findings: [...findings, ...diagnosis.map((finding) => ({ ...finding, severity: 'info' as const }))],
    }
  }

const nothing = { exists: false, before: null, injected: false, credentials: null, diagnosis: [] }

const newestOf = (pods: readonly Pod[]): Pod | undefined =>
  pods.toSorted((one, other) =>
    (other.metadata?.creationTimestamp ?? '').localeCompare(one.metadata?.creationTimestamp ?? ''),
  )[0]

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'VerifyWorkload', input: OnCluster }, (input, call) =>
    verifyWorkload(({ cluster }) => clusterApi(runtime, cluster), call)(input),
  )

export const handler = create(lambda)
