import { type Finding, lookWith } from '../findings.ts'
import type { Pod, PodSpec } from '../kubernetes.ts'
import { byCodeUnits } from '../text/order.ts'
import { command } from '../text/shell.ts'
import { isLive, readInjection } from './injection.ts'
import type { RolloutAssessment, Workload } from './rollout.ts'
import { formatWorkloadRef, type WorkloadRef } from './workload.ts'

/** The annotation that restarts a workload, as kubectl rollout restart does: another value makes another pod template. */
export const restartAnnotation = 'kubectl.kubernetes.io/restartedAt'

export interface RestartFacts {
  /** The pods of the workload's current revision; older ones that still terminate are not among them. */
  pods: readonly Pod[]
  /** What this run did to the association; of one that it kept, when EKS says that it was made and last changed. */
  association: {
    action: 'created' | 'repointed' | 'kept'
    createdAt: number
    modifiedAt: number
  }
  /** Whether pods carried credentials when the run looked first. */
  carried: boolean
  /** The workload's: its containers alone count. */
  template?: PodSpec | undefined
  rollout: Pick<RolloutAssessment, 'state' | 'counts'>
  /** Whether new pods are known to be injected, by the probe. */
  injectionLive: boolean
}

export interface RestartDecision {
  restart: boolean
  reason: string
}

/** Pods get credentials only when they are created, so a restart is needed unless all of them are new enough. */
export const decideRestart = (facts: RestartFacts): RestartDecision => {
  if (facts.rollout.counts.desired === 0) {
    return keep('it wants no pods now, and later ones get the credentials when they are created')
  }
  const live = facts.pods.filter(isLive)
  const [first] = live
  if (!first) {
    return facts.rollout.state === 'progressing' && facts.injectionLive
      ? keep('a rollout is under way, and its pods get the credentials when they are created')
      : restart('there is no live pod of the current revision')
  }
  const missed = live.find((pod) => !readInjection(pod, facts.template).injected)
  if (missed) return restart(`pod ${missed.metadata?.name} was created without the credentials`)
  const name = first.metadata?.name
  if (facts.association.action === 'repointed') {
    return restart(
      `this run gave the association another role, and the credentials of pod ${name} may be those of the former one`,
    )
  }
  if (facts.association.action === 'created' && facts.carried) {
    return restart(
      `pods had credentials before this run made the association, and those of pod ${name} may be of one that is gone`,
    )
  }
  const stale = facts.association.action === 'kept' && live.find((pod) => !isNewer(pod, facts.association))
  if (stale) {
    return restart(
      `pod ${stale.metadata?.name} is older than the association's last change, and its credentials may be those of the former role`,
    )
  }
  if (facts.rollout.state === 'failed') {
    return restart('its last rollout failed; a new one gives its pods a fresh start and a fresh deadline')
  }
  return keep(
    `${live.length === 1 ? 'its pod has' : `all ${live.length} pods have`} the credentials of the association already`,
  )
}

const keep = (reason: string): RestartDecision => ({ restart: false, reason })
const restart = (reason: string): RestartDecision => ({ restart: true, reason })

/** Of one moment: two stamps of a creation may fall on either side of a millisecond. */
const oneMomentMs = 1000

/**
 * Of an association that the run found as it should be nothing but its times says what pods had before it: those of
 * EKS are compared with the API server's. Creation times come in whole seconds. In the second in which the association was made, the injection itself
 * shows that the pod came later; in the second of a later change nothing does.
 */
const isNewer = (
  pod: Pod,
  { createdAt, modifiedAt }: Pick<RestartFacts['association'], 'createdAt' | 'modifiedAt'>,
): boolean => {
  const second = Date.parse(pod.metadata?.creationTimestamp ?? '')
  const unchanged = modifiedAt - createdAt < oneMomentMs
  return second >= modifiedAt || (unchanged && second + 1000 > createdAt)
}

/** By what the pods of one revision are known: a revision's hash, or the uid of their ReplicaSet. */
export const revisionOfPod = ({ metadata }: Pod): string =>
  metadata?.labels?.['controller-revision-hash'] ??
  metadata?.ownerReferences?.find(({ controller }) => controller)?.uid ??
  ''

export interface RestartMark {
  ref: WorkloadRef
  namespace: string
  /** The annotation that a restart sets, and the values that this run gives it. */
  annotation: string
  values: readonly string[]
  /** When the API server took the restart in, by its own clock (RFC 3339, whole seconds); null where it is not known. */
  writtenAt: string | null
}

/** The manager by which podid's writes are known. */
export const fieldManager = 'podid'

/** When podid wrote last to an object, as the API server noted it; null where it has no such note. */
export const writtenAtOf = ({ metadata }: Workload): string | null =>
  metadata?.managedFields?.find(({ manager, operation }) => manager === fieldManager && operation !== 'Apply')
    ?.time ?? null

/**
 * Whether the template still bears this run's restart. Tools that keep a workload as a repository has it take the
 * annotation away, which brings the former revision back, with pods that may be older than the association.
 */
export const checkRestartKept = (
  workload: Workload,
  { ref, namespace, annotation, values, writtenAt }: RestartMark,
): Finding[] => {
  const found = workload.spec?.template?.metadata?.annotations?.[annotation]
  if (values.some((value) => value === found)) return []
  const manager = writtenAt && writerSince(workload, writtenAt)
  return [
    {
      code: 'restart-undone',
      severity: 'warning',
      subject: formatWorkloadRef(ref),
      found: `the restart of this run was ${found === undefined ? 'taken out of' : `overwritten (${found}) in`} its pod template${manager ? ` by ${manager}` : ''}: a tool that keeps it as a repository has it would do that`,
      remedy: lookWith(
        `Let that tool leave the annotation ${annotation} alone (Argo CD: ignoreDifferences; Flux: the annotation kustomize.toolkit.fluxcd.io/ssa: Merge), and see who writes.`,
        command`kubectl get ${formatWorkloadRef(ref)} -n ${namespace} --show-managed-fields -o jsonpath='{range .metadata.managedFields[*]}{.time} {.manager}{"\\n"}{end}'`,
      ),
    },
  ]
}

/**
 * Who has written to the template after the restart. Who only takes fields away leaves no entry, and an entry of the
 * restart's own second may be older than it: then nobody is named.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
const writerSince = ({ metadata }: Workload, writtenAt: string): string | undefined =>
  metadata?.managedFields
    ?.flatMap(({ fieldsV1, manager, time }) =>
      time &&
      manager !== fieldManager &&
      Date.parse(time) > Date.parse(writtenAt) &&
      JSON.stringify(fieldsV1 ?? {}).includes('"f:template"')
        ? [{ manager, time }]
        : [],
    )
    .toSorted((one, other) => byCodeUnits(other.time, one.time))[0]?.manager
