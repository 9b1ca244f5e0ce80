import * as z from 'zod'
import { InvalidRequest } from '../errors.ts'
import {
  type CodeWithCommand,
  type Finding,
  lookWith,
  mendWith,
  type Remedy,
  type Severity,
} from '../findings.ts'
import type { ConfigMap, DaemonSet, PodSpec, ServiceAccount, StatefulSet } from '../kubernetes.ts'
import { dnsSubdomain } from '../names.ts'
import { command, words } from '../text/shell.ts'
import {
  containersOf,
  credentialFindings,
  skipAnnotation,
  skipLabel,
  skippedContainers,
} from './environment.ts'
import { onlyOn, otherCompute } from './placement.ts'
import type { Workload } from './rollout.ts'

/** The kinds of workloads that a run can restart. */
export const workloadKinds = ['Deployment', 'DaemonSet', 'StatefulSet'] as const

/** Names one workload; its namespace goes separately. */
export const WorkloadRef = z.strictObject({
  kind: z.enum(workloadKinds),
  name: z.string(),
})
export type WorkloadRef = z.infer<typeof WorkloadRef>

const kinds = new Map<string, WorkloadRef['kind']>([
  ['deployment', 'Deployment'],
  ['deployments', 'Deployment'],
  ['deploy', 'Deployment'],
  ['daemonset', 'DaemonSet'],
  ['daemonsets', 'DaemonSet'],
  ['ds', 'DaemonSet'],
  ['statefulset', 'StatefulSet'],
  ['statefulsets', 'StatefulSet'],
  ['sts', 'StatefulSet'],
])

/** What makes pods and is no workload of a run, and why. */
const others = new Map([
  ...['job', 'jobs'].map((kind) => [kind, 'a Job, whose pods run once and cannot be restarted'] as const),
  ...['cronjob', 'cronjobs', 'cj'].map(
    (kind) => [kind, 'a CronJob, whose next Job makes new pods by itself'] as const,
  ),
  ...['rollout', 'rollouts'].map(
    (kind) =>
      [
        kind,
        'an Argo Rollout, which its own controller restarts (kubectl argo rollouts restart NAME)',
      ] as const,
  ),
])

/** Reads `deployment/carts`, with the kinds as kubectl takes them (`deploy`, `sts`, `daemonsets.apps`); throws InvalidRequest. */
export const parseWorkloadRef = (text: string): WorkloadRef => {
  const [kind = '', name = '', ...rest] = text.split('/')
  const unrestartable = others.get(kind.toLowerCase().split('.')[0] ?? '')
  if (unrestartable && name)
    throw new InvalidRequest(
      `"${text}" is ${unrestartable}: leave workload out, and the run makes the association, which is all that its next pods need`,
    )
  const known = kinds.get(kind.toLowerCase().replace(/(?:\.v1)?\.apps$/, ''))
  if (!known || rest.length > 0) {
    throw new InvalidRequest(
      `"${text}" names no workload: write deployment/NAME, daemonset/NAME or statefulset/NAME`,
    )
  }
  if (name.length > 253 || !dnsSubdomain.test(name)) {
    throw new InvalidRequest(
      `"${name}" in "${text}" is not a name Kubernetes accepts: lower-case letters, digits, '-' and '.', 253 characters at most`,
    )
  }
  return { kind: known, name }
}

/** The way kubectl and people write it: `deployment/carts`. */
export const formatWorkloadRef = (ref: WorkloadRef): string => `${ref.kind.toLowerCase()}/${ref.name}`

export interface WorkloadFacts {
  ref: WorkloadRef
  namespace: string
  /** The ServiceAccount of the binding. */
  serviceAccount: string
  workload?: Workload | undefined
  serviceAccountObject?: ServiceAccount | undefined
  /** The ConfigMaps that the template's containers read, as far as they could be read. */
  configMaps?: readonly ConfigMap[]
  /** What a missing workload is: a fault, or no obstacle to the association. */
  ifMissing: 'fail' | 'associate'
  /** Whether a workload without pods is all right. */
  allowZero?: boolean
  /** Whether the run is about a migration from IRSA, to which its annotation belongs. */
  migrates?: boolean
}

/**
 * What prevents a workload from getting its role's credentials, found before anything is changed. Blocking is what
 * would make a restart impossible, or its result not what the binding promises.
 */
export const checkWorkload = (facts: WorkloadFacts): Finding[] => {
  const { workload } = facts
  if (!workload) return [missingWorkload(facts), ...checkServiceAccount(facts)]
  const template = workload.spec?.template
  const podSpec = template?.spec
  const skip = skippedContainers(template)
  return [
    ...checkServiceAccount(facts),
    ...checkReference(facts, podSpec),
    ...checkStrategy(facts, workload),
    ...checkScale(facts, workload),
    ...checkCompute(facts, podSpec),
    ...checkSkipped(facts, skip, podSpec),
    ...checkSkipLabel(facts, template?.metadata?.labels),
    ...credentialFindings({
      subject: formatWorkloadRef(facts.ref),
      namespace: facts.namespace,
      spec: podSpec,
      skip,
      configMaps: facts.configMaps ?? [],
      target: formatWorkloadRef(facts.ref),
    }),
  ]
}

const finding = (
  facts: WorkloadFacts,
  severity: Severity,
  code: CodeWithCommand,
  found: string,
  remedy?: Remedy,
): Finding => ({
  code,
  severity,
  subject: formatWorkloadRef(facts.ref),
  found,
  ...(remedy && { remedy }),
})

const missingWorkload = (facts: WorkloadFacts): Finding =>
  facts.ifMissing === 'associate'
    ? finding(
        facts,
        'info',
        'workload-missing',
        `not in namespace ${facts.namespace} yet; its pods will get the credentials when they are created, if they run under ServiceAccount ${facts.serviceAccount}`,
      )
    : finding(
        facts,
        'blocking',
        'workload-missing',
        `not in namespace ${facts.namespace}`,
        lookWith(
          'See what is in the namespace.',
          command`kubectl get deployments,daemonsets,statefulsets -n ${facts.namespace}`,
        ),
      )

/** Names the role that IRSA gives to a ServiceAccount's pods. */
export const irsaAnnotation = 'eks.amazonaws.com/role-arn'

const checkServiceAccount = (facts: WorkloadFacts): Finding[] => {
  const subject = `serviceaccount/${facts.serviceAccount}`
  const irsaRole = facts.serviceAccountObject?.metadata?.annotations?.[irsaAnnotation]
  if (!facts.serviceAccountObject) {
    const severity = facts.workload || facts.ifMissing === 'fail' ? 'blocking' : 'info'
    return [
      {
        code: 'service-account-missing',
        severity,
        subject,
        found: `not in namespace ${facts.namespace}${severity === 'info' ? ' yet' : ', so no new pod could be created under it'}`,
        remedy: mendWith(
          'Create the ServiceAccount.',
          command`kubectl create serviceaccount ${facts.serviceAccount} -n ${facts.namespace}`,
        ),
      },
    ]
  }
  if (irsaRole === undefined) return []
  if (facts.migrates)
    return [
      {
        code: 'irsa-annotation',
        severity: 'info',
        subject,
        found: `annotated for IRSA (${irsaAnnotation}: ${irsaRole}); the association comes before it as soon as it has reached the cluster, and until then new pods get their role by IRSA`,
      },
    ]
  return [
    {
      code: 'irsa-annotation',
      severity: 'warning',
      subject,
      found: `also annotated for IRSA (${irsaAnnotation}: ${irsaRole}); the association wins as soon as it has reached the cluster, and until then new pods get that role`,
      remedy: mendWith(
        'Take the annotation away once the association works.',
        command`kubectl annotate serviceaccount ${facts.serviceAccount} -n ${facts.namespace} ${`${irsaAnnotation}-`}`,
      ),
    },
  ]
}

const checkReference = (facts: WorkloadFacts, podSpec: PodSpec | undefined): Finding[] => {
  const actual = podSpec?.serviceAccountName || 'default'
  if (actual === facts.serviceAccount) return []
  return [
    finding(
      facts,
      'blocking',
      'workload-service-account-differs',
      `its pods run under ServiceAccount ${actual}, and the binding is for ${facts.serviceAccount}`,
      mendWith(
        'Let its pods run under that ServiceAccount.',
        command`kubectl set serviceaccount ${facts.ref.kind.toLowerCase()} ${facts.ref.name} ${facts.serviceAccount} -n ${facts.namespace}`,
      ),
    ),
  ]
}

const checkStrategy = (facts: WorkloadFacts, workload: Workload): Finding[] => {
  const target = words`${formatWorkloadRef(facts.ref)} -n ${facts.namespace}`
  if (facts.ref.kind === 'Deployment') {
    if (!('paused' in (workload.spec ?? {}) && (workload.spec as { paused?: boolean }).paused)) return []
    return [
      finding(
        facts,
        'blocking',
        'workload-paused',
        'its rollouts are paused (spec.paused), so a restart would wait without end',
        mendWith('Let its rollouts go on.', command`kubectl rollout resume ${target}`),
      ),
    ]
  }
  const strategy = (workload as DaemonSet | StatefulSet).spec?.updateStrategy
  if (strategy?.type === 'OnDelete') {
    return [
      finding(
        facts,
        'blocking',
        'workload-on-delete',
        'its pods are replaced only when someone deletes them (updateStrategy OnDelete)',
        mendWith(
          'Let a restart replace its pods.',
          command`kubectl patch ${target} --type merge -p '{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}'`,
        ),
      ),
    ]
  }
  const partition = (strategy as { rollingUpdate?: { partition?: number } } | undefined)?.rollingUpdate
    ?.partition
  if (!partition) return []
  return [
    finding(
      facts,
      'blocking',
      'workload-partitioned',
      `a restart leaves out the pods below ordinal ${partition} (updateStrategy.rollingUpdate.partition), and those would get no credentials`,
      mendWith(
        'Let a restart replace all of its pods.',
        command`kubectl patch ${target} --type merge -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'`,
      ),
    ),
  ]
}

const checkScale = (facts: WorkloadFacts, workload: Workload): Finding[] => {
  const target = words`${formatWorkloadRef(facts.ref)} -n ${facts.namespace}`
  if (desiredPods(facts.ref, workload) > 0) return []
  const severity = facts.allowZero ? 'info' : 'blocking'
  return facts.ref.kind === 'DaemonSet'
    ? [
        finding(
          facts,
          severity,
          'workload-scaled-to-zero',
          'no node takes a pod of it (0 desired), so nothing would show that the credentials work',
          lookWith(
            'See which nodes there are, and which it asks for.',
            'kubectl get nodes --show-labels',
            command`kubectl describe ${target}`,
          ),
        ),
      ]
    : [
        finding(
          facts,
          severity,
          'workload-scaled-to-zero',
          'scaled to 0 replicas, so nothing would show that the credentials work',
          mendWith('Give it a pod.', command`kubectl scale ${target} --replicas=1`),
        ),
      ]
}

/** How many pods the workload wants: its own replicas, or for a DaemonSet the nodes it fits. */
export const desiredPods = (ref: WorkloadRef, workload: Workload): number =>
  ref.kind === 'DaemonSet'
    ? ((workload as DaemonSet).status?.desiredNumberScheduled ?? 0)
    : ((workload as StatefulSet).spec?.replicas ?? 1)

/** https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html#pod-id-considerations */
const checkCompute = (facts: WorkloadFacts, podSpec: PodSpec | undefined): Finding[] => {
  const only = (label: string, value: string) => podSpec !== undefined && onlyOn(podSpec, label, value)
  const place =
    podSpec?.os?.name === 'windows' || only('kubernetes.io/os', 'windows')
      ? 'Windows nodes'
      : only('eks.amazonaws.com/compute-type', 'fargate')
        ? 'Fargate'
        : undefined
  if (!place) return []
  return [
    {
      code: 'compute-unsupported',
      severity: 'blocking',
      subject: formatWorkloadRef(facts.ref),
      found: `its pods go to ${place}, where EKS Pod Identity does not work`,
      remedy: otherCompute,
    },
  ]
}

const checkSkipLabel = (facts: WorkloadFacts, labels: Record<string, string> | undefined): Finding[] =>
  labels?.[skipLabel] === undefined
    ? []
    : [
        finding(
          facts,
          'blocking',
          'injection-skipped',
          `its template has the label ${skipLabel}, by which the Pod Identity webhook is not asked about its pods`,
          mendWith(
            'Take the label away.',
            command`kubectl patch ${formatWorkloadRef(facts.ref)} -n ${facts.namespace} -p ${JSON.stringify({ spec: { template: { metadata: { labels: { [skipLabel]: null } } } } })}`,
          ),
        ),
      ]

const checkSkipped = (facts: WorkloadFacts, skip: string[], podSpec: PodSpec | undefined): Finding[] => {
  const names = containersOf(podSpec).map(({ name }) => name)
  if (names.length === 0 || names.some((name) => !skip.includes(name))) return []
  return [
    finding(
      facts,
      'blocking',
      'injection-skipped',
      `its template's annotation ${skipAnnotation} excludes every container (${names.join(', ')})`,
      mendWith(
        'Take the annotation away.',
        command`kubectl patch ${formatWorkloadRef(facts.ref)} -n ${facts.namespace} -p ${JSON.stringify({ spec: { template: { metadata: { annotations: { [skipAnnotation]: null } } } } })}`,
      ),
    ),
  ]
}
