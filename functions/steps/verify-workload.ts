import { together } from '../../adapters/concurrently.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { unseenText } from '../../adapters/kubernetes/explain.ts'
import { configMapsOf, diagnosisFacts, serviceAccount } from '../../adapters/kubernetes/inspect.ts'
import { podsAndOwners } from '../../adapters/kubernetes/others.ts'
import { podsOf } from '../../adapters/kubernetes/pods.ts'
import { probeInjection } from '../../adapters/kubernetes/probe.ts'
import { irsaRoleOf } from '../../adapters/kubernetes/service-accounts/irsa.ts'
import { restartedAtOf, workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { Finding } from '../../core/findings.ts'
import type { OwnerReference, Pod, ServiceAccount } from '../../core/kubernetes.ts'
import type { AnnotationChange, Request } from '../../core/request.ts'
import type { WorkloadCheck } from '../../core/steps/answers.ts'
import { readyPodsOf } from '../../core/workload/after-undo.ts'
import { diagnose } from '../../core/workload/diagnosis/diagnosis.ts'
import { credentialVariables, isLive, readInjection } from '../../core/workload/injection.ts'
import { withoutEndpointModeBefore } from '../../core/workload/ipv6.ts'
import { migrationFindings } from '../../core/workload/migration.ts'
import { checkOthers, othersUnseen } from '../../core/workload/others.ts'
import { onFargateProfile } from '../../core/workload/placement.ts'
import { judgeRefusal, untriedFor } from '../../core/workload/refusal.ts'
import { revisionOfPod } from '../../core/workload/restart.ts'
import { assessRollout, rolloutAsFound, type Workload } from '../../core/workload/rollout.ts'
import {
  checkWorkload,
  desiredPods,
  formatWorkloadRef,
  type WorkloadRef,
} from '../../core/workload/workload.ts'
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
    const connection = api(input)
    if (!ref) {
      const summary = 'none was named: the association alone is the job'
      const [account, beside] = await together([
        request.migrate ? serviceAccount(connection, namespace, request.serviceAccount, signal) : undefined,
        podsAndOwners(connection, namespace, signal),
      ])
      return {
        ...nothing,
        summary,
        annotation: annotationOf(request, account),
        findings: [...othersOf(beside, request), ...migrationOf(beside, request, account)],
      }
    }
    const [workload, account, beside] = await together([
      workloads(connection).get(ref, namespace, signal),
      serviceAccount(connection, namespace, request.serviceAccount, signal),
      podsAndOwners(connection, namespace, signal),
    ])
    const annotation = annotationOf(request, account)
    const about = {
      ref,
      namespace,
      serviceAccount: request.serviceAccount,
      serviceAccountObject: account,
      ifMissing: request.ifWorkloadMissing,
      allowZero: request.allowZero,
      migrates: request.migrate !== undefined,
    }
    const around = [...othersOf(beside, request), ...migrationOf(beside, request, account)]
    if (!workload) {
      const summary = `there is no ${formatWorkloadRef(ref)} in namespace ${namespace}`
      return { ...nothing, summary, annotation, findings: [...checkWorkload(about), ...around] }
    }
    const template = workload.spec?.template
    const spec = template?.spec ?? { containers: [] }
    const rollout = assessRollout(workload)
    const reading = podsOf(connection, ref, workload, signal)
    const [configMaps, pods, facts, refusals] = await together([
      configMapsOf(connection, namespace, spec, signal),
      reading,
      rollout.state !== 'complete' && diagnosisFacts(connection, ref, workload, signal, reading),
      // Without its ServiceAccount no pod is admitted, and that is reported already.
      account
        ? reading.then(({ owner }) => dryRun(connection, { request, ref, workload, owner }, signal))
        : [],
    ])
    const diagnosis = facts ? diagnose(facts) : []
    const live = pods.current.filter(isLive)
    const injected = live.length > 0 && live.every((pod) => readInjection(pod, spec).injected)
    const newest = newestOf(live) ?? newestOf(pods.all.filter(isLive))
    return {
      exists: true,
      summary: `${formatWorkloadRef(ref)} under ${spec.serviceAccountName || 'default'}: ${rolloutAsFound(rollout)}`,
      before: {
        restartedAt: restartedAtOf(workload) ?? null,
        healthy: rollout.state === 'complete',
        ready: readyPodsOf(ref, workload),
        desired: desiredPods(ref, workload),
      },
      uid: workload.metadata?.uid ?? null,
      revisions: [...new Set(pods.all.map(revisionOfPod))].slice(0, mostRevisions),
      injected,
      carried: live.some((pod) => readInjection(pod, spec).injected),
      credentials: newest ? credentialVariables(newest, configMaps) : null,
      diagnosis,
      annotation,
      // What ails it now may be what the run is for, so it stands in nobody's way.
      findings: [
        ...checkWorkload({ ...about, workload, configMaps }),
        ...withoutEndpointModeBefore(formatWorkloadRef(ref), input.cluster.ipFamily, template, configMaps),
        ...around,
        // Where every pod has the credentials nothing may have to be restarted, and a refusal stops nothing yet.
        ...refusals.map((finding) =>
          injected && finding.severity === 'blocking'
            ? { ...finding, severity: 'warning' as const }
            : finding,
        ),
        ...diagnosis.map((finding) => ({ ...finding, severity: 'info' as const })),
      ],
    }
  }

type Beside = Awaited<ReturnType<typeof podsAndOwners>>

/** What else runs under the ServiceAccount; it fails for nothing that cannot be looked at. */
const othersOf = (
  { unseen, ...beside }: Beside,
  { workload: ref, namespace, serviceAccount, replace }: Request,
): Finding[] => [
  ...checkOthers({ ...beside, ref, namespace, serviceAccount, replace }),
  ...(unseen.length > 0 ? [othersUnseen(serviceAccount, unseen.map(unseenText))] : []),
]

/** What is to be known of a migration, where the request is about one. */
const migrationOf = (
  { unseen, ...beside }: Beside,
  request: Request,
  account: ServiceAccount | undefined,
): Finding[] =>
  request.migrate
    ? migrationFindings({ ...beside, unseen: unseen.map(unseenText), request, serviceAccount: account })
    : []

const annotationOf = (request: Request, account: ServiceAccount | undefined): AnnotationChange | null => {
  if (!request.migrate) return null
  const role = (account && irsaRoleOf(account)) ?? null
  return { role, goes: request.finish && role !== null }
}

/** A workload keeps so many old revisions by default, most of them without pods. */
const mostRevisions = 20

interface Tried {
  request: Request
  ref: WorkloadRef
  workload: Workload
  owner: OwnerReference | undefined
}

/** Whether the cluster would take the pods of a restart: a pod of the workload's own template, made as a dry run. */
const dryRun = async (
  connection: Connection,
  { request, ref, workload, owner }: Tried,
  signal: AbortSignal | undefined,
): Promise<Finding[]> => {
  const { namespace, serviceAccount } = request
  const { outcome, message, fargateProfile } = await probeInjection(connection, {
    namespace,
    serviceAccount,
    template: workload.spec?.template,
    owner,
    signal,
  })
  if (fargateProfile !== undefined) return [onFargateProfile(formatWorkloadRef(ref), fargateProfile)]
  if (outcome === 'denied') return [untriedFor(ref, namespace, message)]
  return outcome === 'rejected' ? [judgeRefusal({ ref, namespace, workload, message })] : []
}

const nothing = {
  exists: false,
  before: null,
  uid: null,
  revisions: [],
  injected: false,
  carried: false,
  credentials: null,
  diagnosis: [],
}

const newestOf = (pods: readonly Pod[]): Pod | undefined =>
  pods.toSorted((one, other) => createdAt(other).localeCompare(createdAt(one)))[0]

const createdAt = ({ metadata }: Pod): string => metadata?.creationTimestamp ?? ''

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'VerifyWorkload', input: OnCluster }, (input, call) =>
    verifyWorkload(({ cluster }) => clusterApi(runtime, cluster), call)(input),
  )

export const handler = create(lambda)
