import { advise, type Finding, lookWith, mendWith, type Remedy } from '../findings.ts'
import type { DaemonSet, Deployment } from '../kubernetes.ts'
import { excerpt } from '../text/redact.ts'
import { command } from '../text/shell.ts'
import type { Workload } from './rollout.ts'
import { formatWorkloadRef, type WorkloadRef } from './workload.ts'

export interface RefusalFacts {
  ref: WorkloadRef
  namespace: string
  workload: Workload
  /** The API server's sentence. */
  message: string
}

/**
 * What the refusal of a dry-run pod says about the pods of a restart. Blocking where they would be refused as well;
 * info where the dry run alone was refused, and the question stays open.
 */
export const judgeRefusal = (facts: RefusalFacts): Finding => {
  const said = excerpt(facts.message)
  const subject = formatWorkloadRef(facts.ref)
  const untried = (why: string): Finding => ({
    code: 'pods-untried',
    severity: 'info',
    subject,
    found: `a dry-run pod of it was refused, ${why}: ${said}`,
  })
  if (speaksOfBarePods(facts.message)) return untried('by a policy for pods that no workload owns')
  // A webhook with side effects, which is not asked then. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#side-effects
  if (/does not support dry run/.test(facts.message)) return untried('since a webhook cannot be asked by one')
  if (removesFirst(facts) && fitsAfterwards(facts.message))
    return untried('and there is room for a new pod as soon as an old one has gone')
  return {
    code: 'pods-refused',
    severity: 'blocking',
    subject,
    found: `the cluster refuses new pods of it: ${said}`,
    remedy: remedyFor(facts),
  }
}

/** That the caller may not ask. */
export const untriedFor = (ref: WorkloadRef, namespace: string, message: string): Finding => ({
  code: 'pods-untried',
  severity: 'info',
  subject: formatWorkloadRef(ref),
  found: `it could not be tried whether the cluster takes new pods of it: ${excerpt(message)}`,
  remedy: mendWith(
    'Let podid create pods, which it does as dry runs only.',
    command`kubectl create rolebinding podid-probe -n ${namespace} --clusterrole podid-probe --group podid:probe`,
  ),
})

/** Such policies look at the owner references, of which a dry-run pod has a real one; some look at more. */
const speaksOfBarePods = (message: string): boolean =>
  /\b(?:bare|naked|stand-?alone|unmanaged|orphan(?:ed)?)\b|\b(?:have|needs?|without|no|lacks?) (?:an? )?owners?\b|ownerReferences?|managed by a (?:controller|workload)/i.test(
    message,
  )

/** Whether a restart takes pods away before it makes new ones. */
const removesFirst = ({ ref, workload }: RefusalFacts): boolean => {
  if (ref.kind === 'StatefulSet') return true
  if (ref.kind === 'DaemonSet') {
    const { updateStrategy } = (workload as DaemonSet).spec ?? {}
    return amountOf(updateStrategy?.rollingUpdate?.maxSurge ?? 0, 1) === 0
  }
  const { strategy, replicas = 1 } = (workload as Deployment).spec ?? {}
  if (strategy?.type === 'Recreate') return true
  const { maxUnavailable = '25%', maxSurge = '25%' } = strategy?.rollingUpdate ?? {}
  // Of two zeros the controller makes one unavailable pod.
  return Math.floor(amountOf(maxUnavailable, replicas)) > 0 || amountOf(maxSurge, replicas) === 0
}

const amountOf = (amount: number | string, of: number): number =>
  typeof amount === 'string' && amount.endsWith('%') ? (Number.parseFloat(amount) * of) / 100 : Number(amount)

/**
 * Whether a quota that has no room for one more pod has room for another pod of the same size when one has gone:
 * that is so as long as what is used does not exceed what is allowed.
 */
const fitsAfterwards = (message: string): boolean => {
  const quota = /exceeded quota: .*?, used: (?<used>\S+), limited: (?<limited>\S+)/.exec(message)?.groups as
    | { used: string; limited: string }
    | undefined
  if (!quota) return false
  const limits = amounts(quota.limited)
  return [...amounts(quota.used)].every(([name, amount]) => amount <= (limits.get(name) ?? Number.NaN))
}

const amounts = (list: string): Map<string, number> =>
  new Map(
    list.split(',').map((pair): [string, number] => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), quantity(pair.slice(at + 1))]
    }),
  )

const scales: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantity = (text: string): number => {
  const found = /^([\d.]+(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(text)
  return found ? Number(found[1]) * (scales[found[2] as string] ?? Number.NaN) : Number.NaN
}

const name = '([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)'

const remedies: [pattern: RegExp, remedy: (name: string | undefined, facts: RefusalFacts) => Remedy][] = [
  [
    new RegExp(`exceeded quota: ${name}`),
    (quota, { namespace }) =>
      lookWith(
        'Raise the quota, or free some of it.',
        command`kubectl describe resourcequota ${quota} -n ${namespace}`,
      ),
  ],
  [
    new RegExp(`failed quota: ${name}`),
    (quota, { namespace }) =>
      lookWith(
        'Give its containers the requests and limits that the quota counts, or give the namespace a LimitRange with defaults.',
        command`kubectl describe resourcequota ${quota} -n ${namespace}`,
      ),
  ],
  [
    /(?:minimum|maximum|max limit to request ratio) .*per (Container|Pod|PersistentVolumeClaim)|ratio per (Container|Pod)/,
    (_name, { namespace }) =>
      lookWith(
        "Give its containers requests and limits within the namespace's LimitRange, or change that.",
        command`kubectl describe limitrange -n ${namespace}`,
      ),
  ],
  [
    /violates PodSecurity/,
    (_name, { namespace }) =>
      lookWith(
        'Let its pod template meet the level of the Pod Security Standards that the labels of the namespace ask for, or change those.',
        command`kubectl get namespace ${namespace} --show-labels`,
      ),
  ],
  [
    new RegExp(`ValidatingAdmissionPolicy '${name}'`),
    (policy) =>
      lookWith(
        'Let its pod template meet the policy, or change that.',
        command`kubectl get validatingadmissionpolicies ${policy} -o yaml`,
      ),
  ],
  [
    /failed calling webhook "([^"]+)"/,
    (webhook) =>
      lookWith(
        `The webhook ${webhook} does not answer the API server, and its failurePolicy is Fail, so that no pod is made until it does.`,
        "kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations -o custom-columns='NAME:.metadata.name,WEBHOOKS:.webhooks[*].name,POLICY:.webhooks[*].failurePolicy'",
      ),
  ],
  [
    /admission webhook "/,
    () =>
      lookWith(
        'Let its pod template meet the policy that this webhook keeps, or change that.',
        "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o custom-columns='NAME:.metadata.name,WEBHOOKS:.webhooks[*].name'",
      ),
  ],
]

const remedyFor = (facts: RefusalFacts): Remedy => {
  for (const [pattern, remedy] of remedies) {
    const match = pattern.exec(facts.message)
    if (match) return remedy(match[1], facts)
  }
  return advise('Let its pod template be one that the cluster takes; the sentence is the API server’s own.')
}
