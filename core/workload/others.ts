import { advise, type Finding, mendWith } from '../findings.ts'
import type { ObjectMeta, Pod, PodSpec } from '../kubernetes.ts'
import { firstOf } from '../text/list.ts'
import { command } from '../text/shell.ts'
import { isLive, readInjection } from './injection.ts'
import { formatWorkloadRef, type WorkloadRef } from './workload.ts'

/** An object that makes pods, or stands between one that does and its pods. */
export interface PodOwner {
  /** `Deployment`, `Job`, … */
  kind: string
  metadata?: ObjectMeta
  /** What its pods are made by; absent for what only stands between. */
  template?: PodSpec | undefined
  /** A Job that has run to its end. */
  ended?: boolean
}

export interface OthersFacts {
  /** The request's own workload; undefined where it names none, and all of them are concerned alike. */
  ref: WorkloadRef | undefined
  namespace: string
  serviceAccount: string
  owners: readonly PodOwner[]
  /** All pods of the namespace. */
  pods: readonly Pod[]
  /** Whether the run may change the role of an association that is there. */
  replace: boolean
}

/** What else runs under a ServiceAccount, and how many of its pods have not the role's credentials yet. */
interface Other {
  kind: string
  name: string
  pods: number
}

/**
 * Everything under the ServiceAccount besides the request's workload: an association is for all of its pods, and those that are there keep what they
 * have until they are made anew.
 */
export const checkOthers = (facts: OthersFacts): Finding[] => {
  const others = othersUnder(facts)
  if (others.length === 0) return []
  const running = others.reduce((sum, { pods }) => sum + pods, 0)
  const names = others.map(
    ({ kind, name, pods }) => `${kind.toLowerCase()}/${name}${pods > 0 ? ` (${count(pods)})` : ''}`,
  )
  const restarts = others.filter(({ pods }) => pods > 0).flatMap((other) => restart(other, facts.namespace))
  const subject = `serviceaccount/${facts.serviceAccount}`
  return [
    {
      code: 'others-under-service-account',
      severity: facts.replace ? 'warning' : 'info',
      subject,
      found: `${facts.ref ? 'also ' : ''}the ServiceAccount of ${firstOf(names, 10)}; ${
        facts.replace
          ? `with replace, their role changes${facts.ref ? ' too' : ''}, at their next restart (without one, when the agent renews what it handed out: within six hours)`
          : `their new pods get the role${facts.ref ? ' too' : ''}`
      }`,
    },
    ...(restarts.length > 0
      ? [
          {
            code: 'others-run-on' as const,
            severity: 'info' as const,
            subject,
            found: `${count(running)} ${facts.ref ? 'of others ' : ''}under it ${running === 1 ? 'runs on with what it has until it is' : 'run on with what they have until they are'} made anew`,
            remedy: mendWith('Restart them when it suits them; this run does not.', ...restarts.slice(0, 10)),
          },
        ]
      : []),
  ]
}

const count = (pods: number): string => `${pods} ${pods === 1 ? 'pod' : 'pods'}`

/** Pods of Jobs run to their end, and only later ones get the role; whoever made a bare pod has to make it anew. */
const restart = ({ kind, name }: Other, namespace: string): string[] => {
  switch (kind) {
    case 'Deployment':
    case 'DaemonSet':
    case 'StatefulSet':
      return [command`kubectl rollout restart ${`${kind.toLowerCase()}/${name}`} -n ${namespace}`]
    case 'Rollout':
      return [command`kubectl argo rollouts restart ${name} -n ${namespace}`]
    default:
      return []
  }
}

const othersUnder = ({ ref, serviceAccount, owners, pods, replace }: OthersFacts): Other[] => {
  const byUid = new Map(owners.map((owner) => [owner.metadata?.uid, owner]))
  const found = new Map<string, Other>()
  const note = (kind: string, name: string): Other => {
    const key = `${kind}/${name}`
    const other = found.get(key) ?? { kind, name, pods: 0 }
    found.set(key, other)
    return other
  }
  for (const { kind, metadata, template, ended } of owners)
    if (template && !ended && runsUnder(template, serviceAccount) && !controllerOf(metadata))
      note(kind, metadata?.name ?? '')
  for (const pod of pods) {
    if (!isLive(pod) || !pod.spec || !runsUnder(pod.spec, serviceAccount)) continue
    const top = topOf(pod.metadata, byUid)
    const other = top ? note(top.kind, top.name) : note('Pod', pod.metadata?.name ?? '')
    if (replace || !readInjection(pod).injected) other.pods += 1
  }
  if (ref) found.delete(`${ref.kind}/${ref.name}`)
  return [...found.values()].toSorted((one, other) =>
    formatWorkloadRef(one as WorkloadRef).localeCompare(formatWorkloadRef(other as WorkloadRef)),
  )
}

/** Whether pods of a spec run under a ServiceAccount. */
export const runsUnder = ({ serviceAccountName }: PodSpec, serviceAccount: string): boolean =>
  (serviceAccountName || 'default') === serviceAccount

const controllerOf = (metadata: ObjectMeta | undefined) =>
  metadata?.ownerReferences?.find(({ controller }) => controller)

/** The object at the top of a pod's owners: a CronJob of its Jobs, a Rollout of its ReplicaSets. */
export const topOf = (
  metadata: ObjectMeta | undefined,
  byUid: ReadonlyMap<string | undefined, PodOwner>,
): { kind: string; name: string } | undefined => {
  const controller = controllerOf(metadata)
  if (!controller) return undefined
  const owner = byUid.get(controller.uid)
  return (owner && topOf(owner.metadata, byUid)) ?? { kind: controller.kind, name: controller.name }
}

/** Said where it could not be looked for: it may be there all the same. */
export const othersUnseen = (serviceAccount: string, unseen: readonly string[]): Finding => ({
  code: 'others-not-looked-for',
  severity: 'info',
  subject: `serviceaccount/${serviceAccount}`,
  found: `what else runs under it could not be seen: ${unseen.slice(0, 3).join('; ')}`,
  remedy: advise('Let VerifyWorkload list it: podid-environment in manifests/.'),
})
