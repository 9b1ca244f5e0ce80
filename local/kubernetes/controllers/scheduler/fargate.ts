import type { Pod } from '../../../../core/kubernetes.ts'
import { fargateNode } from '../../kubelet/nodes.ts'
import { type KubernetesObject, resources } from '../../store/resources.ts'
import { selects } from '../../store/selectors.ts'
import { type AdmissionWebhooks, podIdentityRegistration } from '../../webhook/admission-webhooks.ts'
import { type Control, runController } from '../control.ts'
import { isTerminal, type StoredPod } from '../pods.ts'

/** Which pods go to Fargate. */
export interface FargateProfile {
  name: string
  selectors: { namespace: string; labels?: Record<string, string> }[]
}

/** The Fargate side of a cluster. */
export interface Fargate {
  /** Sends the pods that it selects to Fargate from now on. */
  addProfile(profile: FargateProfile): void
  stop(): void
}

const webhookName = '0500-amazon-eks-fargate-mutation.amazonaws.com'
const schedulerName = 'fargate-scheduler'
const profileLabel = 'eks.amazonaws.com/fargate-profile'
/** From the creation of a pod until its node has joined, in milliseconds. */
const startMs = 30_000

/**
 * Fargate as EKS joins it to a cluster: a webhook marks the pods that a profile selects, and a scheduler of its
 * own gives each of them a node that no other pod gets, which goes when the pod goes.
 * https://docs.aws.amazon.com/eks/latest/userguide/fargate.html
 */
export const startFargate = (control: Control, webhooks: AdmissionWebhooks): Fargate => {
  const { store, clock, events } = control
  const profiles: FargateProfile[] = []
  const record = events({ component: schedulerName })
  let nodes = 0

  const stopServing = webhooks.serve(webhookName, (_resource, object) => mark(object as Pod, profiles))

  const reconcile = (pod: StoredPod): number | undefined => {
    const { namespace = '', name } = pod.metadata
    if (pod.spec.nodeName || pod.spec.schedulerName !== schedulerName || isTerminal(pod)) return undefined
    const refusal = unsupported(pod)
    if (refusal) {
      record(pod as KubernetesObject, { type: 'Warning', reason: 'FailedScheduling', message: refusal })
      return undefined
    }
    const left = Date.parse(pod.metadata.creationTimestamp) + startMs - clock.now()
    if (left > 0) return left
    nodes += 1
    const node = fargateNode({
      address: `10.42.${100 + (nodes >> 8)}.${nodes & 255}`,
      zone: zoneOf(control),
      now: store.timestamp(),
    })
    store.create(resources.nodes, node)
    store.bind(namespace, name, node.metadata?.name ?? '')
    record(pod as KubernetesObject, {
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${namespace}/${name} to ${node.metadata?.name}`,
    })
    return undefined
  }
  const running = runController(control, { resource: resources.pods, latencyMs: 5, reconcile })
  const unsubscribe = store.subscribe(({ type, resource, object }) => {
    const { nodeName = '' } = resource === resources.pods ? (object as StoredPod).spec : {}
    if (
      type === 'DELETED' &&
      nodeName.startsWith('fargate-') &&
      store.get(resources.nodes, undefined, nodeName)
    )
      store.delete(resources.nodes, undefined, nodeName)
  })
  return {
    addProfile: (profile) => {
      if (profiles.length === 0) register(control)
      profiles.push(profile)
    },
    stop: () => {
      stopServing()
      unsubscribe()
      running.stop()
    },
  }
}

const register = ({ store }: Control): void => {
  const { webhooks = [] } = podIdentityRegistration({
    name: webhookName,
    clientConfig: { url: 'https://127.0.0.1:23445/mutate' },
    objectSelector: {},
    reinvocationPolicy: 'Never',
  })
  store.create(resources.mutatingwebhookconfigurations, { metadata: { name: webhookName }, webhooks })
}

const mark = (pod: Pod, profiles: FargateProfile[]): Pod => {
  const { metadata = {}, spec } = pod
  const profile = profiles.find(({ selectors }) =>
    selectors.some(
      ({ namespace, labels = {} }) =>
        namespace === metadata.namespace && selects({ matchLabels: labels }, metadata.labels),
    ),
  )
  const manages = metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet')
  if (!profile || !spec || manages) return pod
  return {
    ...pod,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [profileLabel]: profile.name },
      annotations: { ...metadata.annotations, CapacityProvisioned: '0.25vCPU 0.5GB' },
    },
    spec: {
      ...spec,
      schedulerName,
      priorityClassName: 'system-node-critical',
      priority: 2_000_001_000,
    },
  }
}

/** What Fargate does not take: https://docs.aws.amazon.com/eks/latest/userguide/fargate.html#fargate-considerations */
const unsupported = ({ spec }: StoredPod): string | undefined => {
  const fields = [
    ...(spec.hostNetwork ? ['HostNetwork'] : []),
    ...(spec.containers.some(({ ports }) => ports?.some(({ hostPort }) => hostPort)) ? ['HostPort'] : []),
  ]
  if (fields.length > 0) return `Pod not supported on Fargate: fields not supported: ${fields.join(', ')}`
  return spec.containers.some(({ securityContext }) => securityContext?.privileged)
    ? 'Pod not supported on Fargate: invalid SecurityContext fields: Privileged'
    : undefined
}

/** A zone in which the cluster has a node already. */
const zoneOf = ({ store }: Control): string =>
  store
    .list(resources.nodes)
    .map(({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone'])
    .find((zone) => zone !== undefined) ?? 'us-west-2a'
