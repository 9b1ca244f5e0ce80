import * as z from 'zod'
import { together } from '../../adapters/concurrently.ts'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { configMapsOf } from '../../adapters/kubernetes/inspect.ts'
import { podsOf } from '../../adapters/kubernetes/pods.ts'
import { workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { Association, describeFound, isAsBefore, settingsOf } from '../../core/association.ts'
import { RolloutFailed } from '../../core/errors.ts'
import { blocking, type Finding } from '../../core/findings.ts'
import type { ProofStep } from '../../core/steps/answers.ts'
import { restartValues } from '../../core/undo.ts'
import { checkInjection, credentialVariables, isLive, readInjection } from '../../core/workload/injection.ts'
import { lackingProof, type PodEvidence } from '../../core/workload/proof/evidence.ts'
import { judgeEvidence } from '../../core/workload/proof/proof.ts'
import { checkRestartKept, restartAnnotation, revisionOfPod } from '../../core/workload/restart.ts'
import { assessRollout } from '../../core/workload/rollout.ts'
import { formatWorkloadRef } from '../../core/workload/workload.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { observeCredentials } from '../support/evidence/agent-log.ts'
import { OnCluster, requiredWorkload } from '../support/inputs.ts'
import { clusterApi } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'

const Input = OnCluster.extend({
  /** As the run made or found it. */
  association: Association,
  /** When the API server took this run's restart in; null where it made none. */
  writtenAt: z.string().nullable(),
  /** The revisions whose pods this run's restart was to replace; none where it made none. */
  former: z.array(z.string()),
  /** How often credentials that the request wants to see handed out were looked for before. */
  visits: z.number(),
})

/** How often the workflow looks for them: for five minutes in all. */
const mostVisits = 7

/** Whether every live pod of the current revision is injected, and what it was seen to be handed. */
export const verifyCredentials =
  (
    clusters: (region: string) => Pick<Eks, 'describeAssociation'>,
    api: (input: OnCluster) => Connection,
    runtime: Pick<Runtime, 'clock' | 'signal' | 'progress'>,
  ) =>
  async (input: z.output<typeof Input>): Promise<ProofStep> => {
    const { request } = input
    const { signal } = runtime
    const { namespace } = request
    const ref = requiredWorkload(request)
    const connection = api(input)
    const workload = await workloads(connection).get(ref, namespace, signal)
    if (!workload) throw new RolloutFailed(`${formatWorkloadRef(ref)} is no longer in namespace ${namespace}`)
    const spec = workload.spec?.template?.spec
    const [{ current, all }, configMaps, changed] = await together([
      podsOf(connection, ref, workload, signal),
      spec ? configMapsOf(connection, namespace, spec, signal) : [],
      associationChanged(clusters(request.region), input),
    ])
    const live = current.filter(isLive)
    const pods = live.slice(0, mostPods).map(({ metadata = {} }) => `${metadata.name}`)
    const missing = live.filter((pod) => !readInjection(pod, spec).injected)
    if (changed) return { ...unseen, pods, message: changed.found, findings: [changed] }
    if (request.allowZero && assessRollout(workload).counts.desired === 0) {
      const message = 'it wants no pods now, and later ones get the credentials when they are created'
      return { ...unseen, proven: true, message }
    }
    const { injected, findings } = checkInjection(current, { ref, namespace, template: spec, configMaps })
    const [first] = live
    // Pods without credentials of a revision that was there before mean that the restart is no longer in effect.
    const undone = missing.some((pod) => input.former.includes(revisionOfPod(pod)))
      ? checkRestartKept(workload, {
          ref,
          namespace,
          annotation: restartAnnotation,
          values: restartValues(request.restartedAt),
          writtenAt: input.writtenAt,
        })
      : []
    const seen = {
      ...unseen,
      missed: missing.length,
      pods,
      credentials: first ? credentialVariables(first, configMaps) : null,
      message: [...blocking(findings), ...undone].map(({ found }) => found).join('; '),
      // A pod that was missed is mended by another restart; only what stays is worth a finding.
      findings: missing.length > 0 ? undone : findings,
    }
    if (!injected) return seen
    const required = request.proof === 'required'
    const visits = mostVisits - input.visits
    const looked = { pods: live, all }
    const evidence = await observeCredentials(connection, looked, required ? visits : 0, runtime)
    const judged = judgeEvidence({
      ref,
      namespace,
      cluster: request.cluster,
      region: request.region,
      serviceAccount: request.serviceAccount,
      role: request.targetRole ?? request.role,
      evidence,
    })
    const { lacking, waiting } = lackingProof(evidence, {
      required,
      looksLeft: visits - 1,
    })
    return {
      ...seen,
      proven: !lacking && blocking(judged.findings).length === 0,
      waiting,
      evidence: doubtfulFirst(evidence).slice(0, mostPods),
      message: lacking ? `${judged.message}; the request wants to see them handed out` : judged.message,
      // What was found while waiting may be over at the next look.
      findings: waiting ? [] : [...findings, ...judged.findings],
    }
  }

/** A report names so many; the message counts them all. */
const mostPods = 100

/** Deleted or repointed while the workload rolled out: pods created from now on would get something else. */
const associationChanged = async (
  associations: Pick<Eks, 'describeAssociation'>,
  { request, association }: z.output<typeof Input>,
): Promise<Finding | undefined> => {
  const found = await associations.describeAssociation(request.cluster, association.id)
  if (found && isAsBefore(found, settingsOf(association))) return undefined
  return {
    code: 'association-changed',
    severity: 'blocking',
    subject: `association of ${request.namespace}/${request.serviceAccount}`,
    found: `${describeFound(association)} ${found ? `is now ${describeFound(found)}` : 'was deleted'} while the workload rolled out`,
  }
}

/** Where no credentials were looked for. */
const unseen: Omit<ProofStep, 'message'> = {
  proven: false,
  waiting: false,
  missed: 0,
  pods: [],
  evidence: [],
  credentials: null,
  findings: [],
}

/** So that a report that names only some pods names those that matter. */
const doubtfulFirst = (evidence: readonly PodEvidence[]): PodEvidence[] => [
  ...evidence.filter(({ seen }) => seen !== 'handed-out'),
  ...evidence.filter(({ seen }) => seen === 'handed-out'),
]

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'VerifyCredentials', input: Input }, (input, call) =>
    verifyCredentials(
      (region) => eks(runtime, region),
      ({ cluster }) => clusterApi(runtime, cluster),
      call,
    )(input),
  )

export const handler = create(lambda)
