import { together } from '../../adapters/concurrently.ts'
import { eks } from '../../adapters/eks/eks.ts'
import { agentPlaces } from '../../adapters/kubernetes/agents.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { configMapsOf } from '../../adapters/kubernetes/inspect.ts'
import { podsAndOwners } from '../../adapters/kubernetes/others.ts'
import { podsOf } from '../../adapters/kubernetes/pods.ts'
import { workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { type Association, decideAssociation } from '../../core/association.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { advise, blocking, type Finding, lookWith } from '../../core/findings.ts'
import type { Request } from '../../core/request.ts'
import { requestFaults } from '../../core/request-input.ts'
import { command } from '../../core/text/shell.ts'
import { checkInjection, isLive } from '../../core/workload/injection.ts'
import { runsUnder } from '../../core/workload/others.ts'
import { evidenceOf, type PodEvidence } from '../../core/workload/proof/evidence.ts'
import { judgeEvidence } from '../../core/workload/proof/proof.ts'
import { desiredPods, formatWorkloadRef, type WorkloadRef } from '../../core/workload/workload.ts'
import { observeCredentials } from '../../functions/support/evidence/agent-log.ts'
import { wantedAssociation } from '../../functions/support/inputs.ts'
import { clusterApi } from '../../functions/support/kubernetes.ts'
import { regionOf, requestOf } from '../binding.ts'
import { anyRole } from '../bindings/defaults.ts'
import { refuseFaults } from '../bindings/in-file.ts'
import { faultByFlag } from '../flag-names.ts'
import {
  orElseWorkload,
  reachable,
  requireNamespace,
  requireServiceAccount,
  workloadNames,
} from './cluster.ts'
import { unseenLines } from './unseen.ts'

/** What was seen of one workload's pods. */
export interface VerifiedWorkload {
  /** `deployment/carts` */
  workload: string
  verified: boolean
  /** Live pods, and how many of them were seen to be handed the role's credentials. */
  pods: number
  handedOut: number
  said: string
  evidence: PodEvidence[]
  findings: Finding[]
}

/** Whether what runs under a ServiceAccount has its role's credentials now. */
export interface Verified {
  cluster: string
  region: string
  namespace: string
  serviceAccount: string
  /** The role that its pods are to have; null where no binding and no association says it. */
  role: string | null
  association: string | null
  verified: boolean
  workloads: VerifiedWorkload[]
  /** What is wrong with the association itself. */
  findings: Finding[]
}

/**
 * Asks what VerifyCredentials asks at the end of a run, of what runs now; changes nothing. Without a role the one of the
 * association counts, without a workload all that run under the ServiceAccount.
 * @throws UsageError where the input has faults
 */
export const verifyNow = async (runtime: Runtime, input: Record<string, unknown>): Promise<Verified> => {
  const { needs: _unchecked, ...others } = input
  const asked: Record<string, unknown> = { role: anyRole, ...others }
  const account = String(asked.role).split(':')[4] ?? ''
  refuseFaults('the command line', requestFaults(asked, account).map(faultByFlag))
  const request = requestOf(asked, account, regionOf(asked))
  const { cluster: name, region, namespace, serviceAccount } = request
  const cluster = await reachable(runtime, { cluster: name, region })
  const connection = clusterApi(runtime, cluster)
  await requireNamespace(
    connection,
    namespace,
    (near) =>
      command`verify --cluster ${name} --region ${region} -n ${near} --service-account ${serviceAccount}`,
  )
  const found = await eks(runtime, region).findAssociation({ cluster: name, namespace, serviceAccount })
  // With neither an association nor a workload, only the ServiceAccount itself can say that its name is right.
  if (!found && !request.workload) await requireServiceAccount(connection, namespace, serviceAccount)
  const role = input.role === undefined ? found?.role : request.role
  const wanted: Request = {
    ...request,
    role: role ?? anyRole,
    // Without a binding the association is right as it is.
    ...(input.role === undefined && found?.targetRole ? { targetRole: found.targetRole } : {}),
    ...(input.role === undefined && found ? { sessionTags: found.sessionTags } : {}),
  }
  const findings = associationFindings(wanted, found)
  const refs = request.workload ? [request.workload] : await workloadsUnder(connection, request)
  const seen = await together(refs.map((ref) => verifyWorkload(runtime, connection, wanted, ref)))
  return {
    cluster: name,
    region,
    namespace,
    serviceAccount,
    role: role ?? null,
    association: found?.id ?? null,
    verified: blocking(findings).length === 0 && seen.every(({ verified }) => verified),
    workloads: found ? seen : seen.map(withoutRestart),
    findings,
  }
}

const associationFindings = (request: Request, found: Association | undefined): Finding[] => {
  const decision = decideAssociation({ ...wantedAssociation(request), replace: false }, found)
  if (decision.action === 'refuse') return [decision.finding]
  if (found) return []
  return [
    {
      code: 'association-missing',
      severity: 'blocking',
      subject: `serviceaccount ${request.namespace}/${request.serviceAccount}`,
      found: 'it has no association: it was never created, or it was deleted',
      remedy: advise('podid enable makes it, with the role that is given, and restarts the pods.'),
    },
  ]
}

/** Without an association new pods have no credentials either, so that a restart alone is no remedy. */
const withoutRestart = (seen: VerifiedWorkload): VerifiedWorkload => ({
  ...seen,
  findings: seen.findings.map(
    ({ remedy, ...finding }): Finding =>
      finding.code === 'injection-missing' || !remedy ? finding : ({ ...finding, remedy } as Finding),
  ),
})

/**
 * The workloads of a ServiceAccount that a run could restart.
 * @throws PreflightFailed where some of them could not be looked at: of those nothing is verified
 */
const workloadsUnder = async (
  connection: Connection,
  { cluster, namespace, serviceAccount }: Request,
): Promise<WorkloadRef[]> => {
  const { owners, unseen } = await podsAndOwners(connection, namespace)
  const hidden = unseenLines(
    cluster,
    unseen.filter(({ what }) => ['deployments', 'daemonsets', 'statefulsets'].includes(what)),
  )
  if (hidden.length > 0) throw new PreflightFailed(hidden.join('; '))
  return owners.flatMap(({ kind, metadata, template }) =>
    isRestartable(kind) && template && runsUnder(template, serviceAccount)
      ? [{ kind, name: metadata?.name ?? '' }]
      : [],
  )
}

const isRestartable = (kind: string): kind is WorkloadRef['kind'] =>
  kind === 'Deployment' || kind === 'DaemonSet' || kind === 'StatefulSet'

const verifyWorkload = async (
  runtime: Runtime,
  connection: Connection,
  request: Request,
  ref: WorkloadRef,
): Promise<VerifiedWorkload> => {
  const { namespace } = request
  const name = formatWorkloadRef(ref)
  const unseen = { workload: name, verified: false, pods: 0, handedOut: 0, evidence: [] }
  const workload = await workloads(connection).get(ref, namespace)
  if (!workload) {
    const names = await workloadNames(connection, namespace, [ref])
    const said = `it is not in namespace ${namespace}${orElseWorkload([ref], names)}`
    const remedy = lookWith(
      'See which there are.',
      command`kubectl get deployments,daemonsets,statefulsets -n ${namespace}`,
    )
    return {
      ...unseen,
      said,
      findings: [{ code: 'workload-missing', severity: 'blocking', subject: name, found: said, remedy }],
    }
  }
  if (desiredPods(ref, workload) === 0)
    return {
      ...unseen,
      verified: request.allowZero,
      said: 'it wants no pods now, so nothing can be seen',
      findings: [],
    }
  const template = workload.spec?.template?.spec
  const [{ all }, configMaps] = await together([
    podsOf(connection, ref, workload),
    template ? configMapsOf(connection, namespace, template) : [],
  ])
  // Pods of an earlier revision run now, too.
  const live = all.filter(isLive)
  const { injected, findings } = checkInjection(live, { ref, namespace, template, configMaps })
  if (!injected)
    return {
      ...unseen,
      pods: live.length,
      said: blocking(findings)
        .map(({ found }) => found)
        .join('; '),
      findings,
    }
  const required = request.proof === 'required'
  const evidence = required
    ? await observeCredentials(connection, { pods: live, all }, 1, runtime)
    : await evidenceNow(connection, { pods: live, all })
  const judged = judgeEvidence({
    ref,
    namespace,
    cluster: request.cluster,
    region: request.region,
    serviceAccount: request.serviceAccount,
    role: request.targetRole ?? request.role,
    evidence,
  })
  const handedOut = evidence.filter(({ seen }) => seen === 'handed-out').length - judged.otherRole
  return {
    workload: name,
    verified: blocking(judged.findings).length === 0 && !(required && handedOut < live.length),
    pods: live.length,
    handedOut,
    said: judged.message,
    evidence,
    findings: [...findings, ...judged.findings],
  }
}

/** One look at the agents' logs: what has not asked until now may not ask for days. */
const evidenceNow = async (
  connection: Connection,
  pods: Parameters<typeof agentPlaces>[1],
): Promise<PodEvidence[]> => {
  const places = await agentPlaces(connection, pods)
  return pods.pods.map((pod, index) => evidenceOf(pod, places[index] ?? { agents: [] }))
}
