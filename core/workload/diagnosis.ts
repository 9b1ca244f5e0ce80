import { type CodeWithCommand, type Finding, lookWith, type Remedy } from '../findings.ts'
import type { ContainerStatus, Event, Pod } from '../kubernetes.ts'
import { excerpt, redact } from '../text/redact.ts'
import { command } from '../text/shell.ts'
import { isLive } from './injection.ts'
import { explainLog } from './log-lines.ts'
import { isSameCause } from './same-cause.ts'
import { formatWorkloadRef, type WorkloadRef } from './workload.ts'

/** The end of what a container wrote before it stopped, or so far. */
export interface LogTail {
  pod: string
  container: string
  text: string
}

export interface DiagnosisFacts {
  ref: WorkloadRef
  namespace: string
  /** The pods of the current revision. */
  pods: readonly Pod[]
  /** Warnings about the workload, its ReplicaSets and its pods. */
  events: readonly Event[]
  logs: readonly LogTail[]
  /** What could not be looked at and why, one line each. */
  unseen?: readonly string[]
  /** What the same diagnosis said before anything was touched. */
  before?: readonly Finding[]
}

/** What keeps one pod, or the making of pods, from going on. */
interface Symptom {
  code: CodeWithCommand
  pod?: string
  /** Pods with the same code and the same of this suffer the same, whatever else differs. */
  same: string
  text: string
  remedy: Remedy
}

/** The gravest first: what explains the others comes before them. */
const rank: readonly string[] = [
  'rollout-sdk-too-old',
  'rollout-credentials-refused',
  'rollout-agent-unreachable',
  'rollout-access-denied',
  'rollout-no-credentials',
  'rollout-out-of-memory',
  'rollout-image-pull',
  'rollout-container-config',
  'rollout-crash-loop',
  'rollout-create-failed',
  'rollout-unschedulable',
  'rollout-pod-failed',
  'rollout-not-ready',
]

/**
 * Why a rollout does not come to its end, as a person would dig it out: the state of the pods, the last words
 * of their containers, the scheduler's and the controllers' complaints. The likeliest cause comes first; the
 * newest warnings come last, as a finding of their own.
 */
export const diagnose = (facts: DiagnosisFacts): Finding[] => {
  const pods = facts.pods.filter((pod) => isLive(pod) || pod.status?.phase === 'Failed')
  const symptoms = [...pods.flatMap((pod) => podSymptoms(pod, facts)), ...creationSymptoms(facts)]
  const findings = gather(symptoms, pods.length, facts).toSorted(
    (one, other) => rank.indexOf(one.code) - rank.indexOf(other.code),
  )
  return [...findings, ...newestWarnings(facts), ...notLookedAt(facts)]
}

const podSymptoms = (pod: Pod, facts: DiagnosisFacts): Symptom[] => {
  const name = pod.metadata?.name ?? ''
  const describe = lookWith(
    'See the pod and its events.',
    command`kubectl describe pod ${name} -n ${facts.namespace}`,
  )
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  const inContainers = statuses.flatMap((status) => containerSymptoms(pod, status, facts))
  if (inContainers.length > 0) return inContainers
  const unschedulable = pod.status?.conditions?.find(
    ({ type, status, reason }) => type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable',
  )
  if (unschedulable) {
    const text = `cannot be scheduled: ${excerpt(unschedulable.message ?? 'no node takes it')}`
    return [{ code: 'rollout-unschedulable', pod: name, same: '', text, remedy: describe }]
  }
  if (pod.status?.phase === 'Failed') {
    const text = `failed: ${excerpt([pod.status.reason, pod.status.message].filter(Boolean).join(', '))}`
    return [{ code: 'rollout-pod-failed', pod: name, same: text, text, remedy: describe }]
  }
  return []
}

const imagePull = new Set(['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'ErrImageNeverPull'])
const configuration = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])

const containerSymptoms = (pod: Pod, status: ContainerStatus, facts: DiagnosisFacts): Symptom[] => {
  const name = pod.metadata?.name ?? ''
  const { waiting } = status.state ?? {}
  const describe = lookWith(
    'See the pod and its events.',
    command`kubectl describe pod ${name} -n ${facts.namespace}`,
  )
  // An init container that is done counts as ready, and so does one that crashed once and recovered.
  if (status.ready) return []
  const symptom = (code: CodeWithCommand, text: string, remedy: Remedy): Symptom[] => [
    { code, pod: name, same: status.name, text: `container ${status.name}: ${text}`, remedy },
  ]
  const reason = waiting?.reason ?? ''
  const said = excerpt([reason, waiting?.message].filter(Boolean).join(', '))
  if (imagePull.has(reason)) return symptom('rollout-image-pull', `${said} (image ${status.image})`, describe)
  if (configuration.has(reason)) return symptom('rollout-container-config', said, describe)

  const ended = status.state?.terminated ?? status.lastState?.terminated
  const crashed = reason === 'CrashLoopBackOff' || (ended !== undefined && ended.exitCode !== 0)
  const waitsForReady = status.state?.running !== undefined && !status.ready
  if (!crashed && !waitsForReady) return []

  const log = facts.logs.find((tail) => tail.pod === name && tail.container === status.name)
  const words = log && explainLog(log.text)
  // A container that has ended and was not started again yet has no previous one.
  const show = command`kubectl logs ${name} -n ${facts.namespace} -c ${status.name} ${crashed && !status.state?.terminated ? '--previous' : undefined}`
  const state = crashed ? crash(status) : readiness(name, status.name, facts)
  const text = words ? `${state}; it wrote: ${words.line}` : state
  if (words?.cause) return symptom(words.cause.code, text, lookWith(words.cause.advice, show))
  if (ended?.reason === 'OOMKilled') return symptom('rollout-out-of-memory', text, describe)
  return symptom(
    crashed ? 'rollout-crash-loop' : 'rollout-not-ready',
    text,
    lookWith('See what it wrote.', show),
  )
}

const crash = (status: ContainerStatus): string => {
  const ended = status.state?.terminated ?? status.lastState?.terminated
  return [
    status.state?.waiting?.reason ?? 'ended',
    ended && `exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ''}`,
    status.restartCount > 0 &&
      `restarted ${status.restartCount === 1 ? 'once' : `${status.restartCount} times`}`,
  ]
    .filter(Boolean)
    .join(', ')
}

const readiness = (pod: string, container: string, facts: DiagnosisFacts): string => {
  const [unhealthy] = newestFirst(facts.events).filter(
    ({ reason, involvedObject }) =>
      reason === 'Unhealthy' &&
      involvedObject.name === pod &&
      (involvedObject.fieldPath === undefined || involvedObject.fieldPath.includes(`{${container}}`)),
  )
  return unhealthy?.message ? `runs and is not ready: ${excerpt(unhealthy.message)}` : 'runs and is not ready'
}

/** Pods that could not even be made: a quota, a policy, an admission webhook, a missing ServiceAccount. */
const creationSymptoms = (facts: DiagnosisFacts): Symptom[] =>
  newestFirst(facts.events)
    .filter(({ reason }) => reason === 'FailedCreate' || reason === 'FailedDaemonPod')
    .slice(0, 1)
    .map(({ message }) => ({
      code: 'rollout-create-failed',
      same: '',
      text: `pods cannot be created: ${excerpt(message ?? 'no reason given')}`,
      remedy: lookWith(
        'See the workload and its events.',
        command`kubectl describe ${formatWorkloadRef(facts.ref)} -n ${facts.namespace}`,
      ),
    }))

/** One finding for pods that suffer the same, with one of them to look at. */
const gather = (symptoms: Symptom[], pods: number, facts: DiagnosisFacts): Finding[] => {
  const groups = Map.groupBy(symptoms, ({ code, same }) => `${code} ${same}`)
  return [...groups.values()].map((group) => {
    const [first] = group as [Symptom]
    const sufferers = new Set(group.flatMap(({ pod }) => pod ?? []))
    const where =
      sufferers.size === 0
        ? ''
        : sufferers.size === 1
          ? `pod ${first.pod}, `
          : `${sufferers.size} of ${pods} pods (${first.pod}, …), `
    const wasSo = facts.before?.some(
      ({ code, found }) => code === first.code && isSameCause(found, first.text),
    )
    return {
      code: first.code,
      severity: 'blocking',
      subject: formatWorkloadRef(facts.ref),
      found: redact(`${where}${first.text}${wasSo ? ' (it was so before this run)' : ''}`),
      remedy: { ...first.remedy, advice: redact(first.remedy.advice) },
    }
  })
}

const newestWarnings = (facts: DiagnosisFacts): Finding[] => {
  const lines = newestFirst(facts.events)
    .filter(({ type }) => type === 'Warning')
    .map(({ reason, message, involvedObject }) => excerpt(`${involvedObject.name}: ${reason}, ${message}`))
  if (lines.length === 0) return []
  return [
    {
      code: 'rollout-warnings',
      severity: 'info',
      subject: formatWorkloadRef(facts.ref),
      found: [...new Set(lines)].slice(0, 3).join('\n'),
      remedy: lookWith(
        'See all of them.',
        command`kubectl get events -n ${facts.namespace} --field-selector type=Warning --sort-by .lastTimestamp`,
      ),
    },
  ]
}

/** What was not seen may be the cause, so it is said. */
const notLookedAt = ({ ref, namespace, unseen = [] }: DiagnosisFacts): Finding[] =>
  unseen.length === 0
    ? []
    : [
        {
          code: 'diagnosis-incomplete',
          severity: 'warning',
          subject: formatWorkloadRef(ref),
          found: `not all that could explain its state could be looked at: ${unseen.slice(0, 3).join('; ')}${unseen.length > 3 ? `; and ${unseen.length - 3} more` : ''}`,
          remedy: lookWith('See its pods.', command`kubectl describe pods -n ${namespace}`),
        },
      ]

const newestFirst = (events: readonly Event[]): Event[] =>
  events.toSorted((one, other) => timeOf(other) - timeOf(one))

const timeOf = (event: Event): number =>
  Date.parse(
    event.series?.lastObservedTime ??
      event.lastTimestamp ??
      event.eventTime ??
      event.metadata.creationTimestamp ??
      '',
  ) || 0
