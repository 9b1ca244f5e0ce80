import { advise, type CodeWithCommand, type Finding, lookWith, type Remedy } from '../../findings.ts'
import type { ContainerStatus, Pod } from '../../kubernetes.ts'
import { excerpt, redact } from '../../text/redact.ts'
import { command } from '../../text/shell.ts'
import { isLive } from '../injection.ts'
import { formatWorkloadRef } from '../workload.ts'
import { lastWords, newestFirst, newestWarnings, notLookedAt } from './beside.ts'
import type { DiagnosisFacts } from './facts.ts'
import { denialRemedy } from './layer-remedy.ts'
import { explainLog } from './log-lines.ts'
import { endsOf, enoughRepeats, failedPulls, failures } from './repeats.ts'
import { isSameCause } from './same-cause.ts'

/** What keeps one pod, or the making of pods, from going on. */
interface Symptom {
  code: CodeWithCommand
  pod?: string
  /** Pods with the same code and the same of this suffer the same, whatever else differs. */
  same?: string
  text: string
  remedy: Remedy
  /** How often it was seen to happen to this pod, where it will not pass by waiting. */
  repeats?: number
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
export const diagnose = (facts: DiagnosisFacts): Finding[] => [
  ...gather(symptomsOf(facts), facts),
  ...lastWords(facts),
  ...newestWarnings(facts),
  ...notLookedAt(facts),
]

/**
 * Why waiting for the rollout is useless, where it is: one of its pods has failed so often in a way that does not pass
 * by itself. A call that is denied, an agent out of reach, an SDK without credentials, an image that is not there, a
 * container that cannot be made of its spec.
 */
export const whyHopeless = (facts: DiagnosisFacts): Finding | undefined =>
  gather(
    symptomsOf(facts).filter(({ repeats = 0 }) => repeats >= enoughRepeats),
    facts,
  )[0]

/** Often passes by itself, or what it is about is known only when the log can be read. */
const ordinary: readonly string[] = ['rollout-unschedulable', 'rollout-not-ready', 'rollout-crash-loop']

/** What keeps pods of the rollout from going on, as soon as it was seen for the first time; the gravest first. */
export const causesSeen = (facts: DiagnosisFacts): Finding[] =>
  gather(
    symptomsOf(facts).filter(({ code }) => !ordinary.includes(code)),
    facts,
  )

const concerned = ({ pods }: DiagnosisFacts): Pod[] =>
  pods.filter((pod) => isLive(pod) || pod.status?.phase === 'Failed')

const symptomsOf = (facts: DiagnosisFacts): Symptom[] => [
  ...concerned(facts).flatMap((pod) => podSymptoms(pod, facts)),
  ...creationSymptoms(facts),
]

const seePod = ({ leaves, namespace }: DiagnosisFacts, pod: string): Remedy =>
  leaves
    ? lookWith(
        'The pod is gone; its events stay for an hour.',
        command`kubectl get events -n ${namespace} --field-selector ${`involvedObject.name=${pod}`}`,
      )
    : lookWith('See the pod and its events.', command`kubectl describe pod ${pod} -n ${namespace}`)

const podSymptoms = (pod: Pod, facts: DiagnosisFacts): Symptom[] => {
  const name = pod.metadata?.name ?? ''
  const describe = seePod(facts, name)
  const inContainers = [pod.status?.initContainerStatuses, pod.status?.containerStatuses].flatMap(
    (statuses) => statuses?.flatMap((status) => containerSymptoms(pod, name, status, facts)) ?? [],
  )
  if (inContainers.length > 0) return inContainers
  const unschedulable = pod.status?.conditions?.find(
    ({ type, status, reason }) => type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable',
  )
  if (unschedulable) {
    const text = `cannot be scheduled: ${excerpt(unschedulable.message ?? 'no node takes it')}`
    return [{ code: 'rollout-unschedulable', pod: name, text, remedy: describe }]
  }
  if (pod.status?.phase === 'Failed') {
    const said = excerpt([pod.status.reason, pod.status.message].filter(Boolean).join(', '))
    const text = said ? `failed: ${said}` : 'failed, and does not say why'
    return [{ code: 'rollout-pod-failed', pod: name, same: text, text, remedy: describe }]
  }
  return []
}

type Reason = string | undefined
const imagePull = new Set<Reason>([
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'ErrImageNeverPull',
])
const configuration = new Set<Reason>([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])

/** Of a pod that is taken away: where to look, which is in the same report. */
export const wordsInReport = 'The report has the end of what it wrote.'

const containerSymptoms = (
  pod: Pod,
  name: string,
  status: ContainerStatus,
  facts: DiagnosisFacts,
): Symptom[] => {
  const { waiting } = status.state ?? {}
  const describe = seePod(facts, name)
  // An init container that is done counts as ready, and so does one that crashed once and recovered.
  if (status.ready) return []
  const symptom = (code: CodeWithCommand, text: string, remedy: Remedy, repeats = 0): Symptom[] => [
    { code, pod: name, same: status.name, text: `container ${status.name}: ${text}`, remedy, repeats },
  ]
  const reason = waiting?.reason
  const said = excerpt([reason, waiting?.message].filter(Boolean).join(', '))
  if (imagePull.has(reason))
    return symptom(
      'rollout-image-pull',
      `${said} (image ${status.image})`,
      describe,
      failedPulls(pod, facts.events, said),
    )
  if (configuration.has(reason))
    return symptom('rollout-container-config', said, describe, failures(pod, facts.events, /^Error: /))

  const ended = status.state?.terminated ?? status.lastState?.terminated
  const crashed = reason === 'CrashLoopBackOff' || (ended !== undefined && ended.exitCode !== 0)
  const waitsForReady = status.state?.running !== undefined && !status.ready
  if (!crashed && !waitsForReady) return []

  const log = facts.logs.find((tail) => tail.pod === name && tail.container === status.name)
  const words = log && explainLog(log.text)
  // A container that has ended and was not started again yet has no previous one.
  const logs = facts.leaves
    ? []
    : [
        command`kubectl logs ${name} -n ${facts.namespace} -c ${status.name} ${crashed && !status.state?.terminated ? '--previous' : undefined}`,
      ]
  const show = (advice: string) => (logs.length > 0 ? lookWith(advice, ...logs) : advise(advice))
  const state = crashed ? crash(status) : readiness(name, status.name, facts)
  const text = words ? `${state}; it wrote: ${words.line}` : state
  if (words?.cause) {
    const { code, advice, denial } = words.cause
    const remedy = denial ? denialRemedy(denial, facts.binding, logs) : show(advice)
    return symptom(code, text, remedy, crashed ? endsOf(status) : 0)
  }
  if (ended?.reason === 'OOMKilled') return symptom('rollout-out-of-memory', text, describe)
  return symptom(
    crashed ? 'rollout-crash-loop' : 'rollout-not-ready',
    text,
    facts.leaves ? advise(wordsInReport) : show('See what it wrote.'),
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
    .map(({ message = '', count, series }) => ({
      // A quota may be raised and a webhook may come back; a spec stays as it is.
      repeats: /\bis invalid: /.test(message) ? (series?.count ?? count ?? 1) : 0,
      code: 'rollout-create-failed',
      text: `pods cannot be created: ${excerpt(message || 'no reason given')}`,
      remedy: lookWith(
        'See the workload and its events.',
        command`kubectl describe ${formatWorkloadRef(facts.ref)} -n ${facts.namespace}`,
      ),
    }))

/** One finding for pods that suffer the same, with one of them to look at. */
const gather = (symptoms: Symptom[], facts: DiagnosisFacts): Finding[] => {
  const pods = concerned(facts).length
  const groups = Map.groupBy(symptoms, ({ code, same }) => `${code} ${same}`)
  const findings = [...groups.values()].map((group): Finding => {
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
  return findings.toSorted((one, other) => rank.indexOf(one.code) - rank.indexOf(other.code))
}
