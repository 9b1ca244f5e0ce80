import { isDeepStrictEqual } from 'node:util'
import type { CustomResourceDefinition, Pod } from '../../../../core/kubernetes.ts'
import { isObject, type JsonObject } from '../../../json-object.ts'
import { applySchemaDefaults } from '../../custom/values/defaults.ts'
import { canonicalize } from '../quantity.ts'
import { type KubernetesObject, type NewObject, type ResourceKind, resources } from '../resources.ts'
import { fill, objectAt } from '../values.ts'
import { defaultDefinition, newDefinitionStatus, noteStoredVersion } from './definition.ts'
import { defaultPodSpec } from './pod.ts'
import { qosClassOf } from './qos.ts'

/** Fills in what the API server fills in when it stores an object; changes the object given. */
export const applyDefaults = (resource: ResourceKind, object: NewObject): void => {
  if (resource.custom) {
    applySchemaDefaults(resource.custom.schema, object as JsonObject)
    return
  }
  dropEmptyMaps(object as JsonObject)
  byKind[resource.kind]?.(object as JsonObject)
}

/**
 * Labels and annotations that came to nothing are not kept: a pod template that loses its last annotation is
 * again the template it was before it had any.
 */
const dropEmptyMaps = ({ metadata, spec }: JsonObject): void => {
  if (isObject(metadata)) {
    for (const field of ['labels', 'annotations']) {
      const map = metadata[field]
      if (isObject(map) && Object.keys(map).length === 0) delete metadata[field]
    }
  }
  if (isObject(spec) && isObject(spec.template)) dropEmptyMaps(spec.template)
}

/** The status with which an object of a kind begins, whatever its creator sent; undefined to leave it as sent. */
export const initialStatus = (resource: ResourceKind, object: NewObject): object | undefined => {
  if (resource.custom) return undefined
  if (resource.kind === 'Pod')
    return { phase: 'Pending', qosClass: qosClassOf({ spec: (object as Pod).spec ?? { containers: [] } }) }
  if (resource.kind === 'CustomResourceDefinition')
    return newDefinitionStatus(object as CustomResourceDefinition)
  return initialStatuses[resource.kind]
}

/** What an update changes by itself: a DaemonSet counts its templates in an annotation. */
export const prepareUpdate = (
  resource: ResourceKind,
  next: KubernetesObject,
  previous: KubernetesObject,
): void => {
  if (resource === resources.customresourcedefinitions) noteStoredVersion(next, previous)
  if (resource !== resources.daemonsets) return
  const templateOf = ({ spec }: KubernetesObject) => (isObject(spec) ? spec.template : undefined)
  if (isDeepStrictEqual(templateOf(next), templateOf(previous))) return
  const annotations = objectAt(next.metadata as unknown as JsonObject, 'annotations')
  annotations[templateGeneration] = String(Number(annotations[templateGeneration] ?? 0) + 1)
}

const templateGeneration = 'deprecated.daemonset.template.generation'

const initialStatuses: Record<string, object | undefined> = {
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  DaemonSet: {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  },
  Namespace: { phase: 'Active' },
  Service: { loadBalancer: {} },
}

const byKind: Record<string, ((object: JsonObject) => void) | undefined> = {
  Pod: (pod) => {
    defaultPodSpec(objectAt(pod, 'spec'))
    fill(objectAt(pod, 'spec'), { enableServiceLinks: true })
  },
  Deployment: ({ spec }) => {
    if (!isObject(spec)) return
    fill(spec, { replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })
    defaultStrategy(objectAt(spec, 'strategy'), { maxUnavailable: '25%', maxSurge: '25%' })
    defaultTemplate(spec)
  },
  ReplicaSet: ({ spec }) => {
    if (!isObject(spec)) return
    fill(spec, { replicas: 1 })
    defaultTemplate(spec)
  },
  StatefulSet: ({ spec }) => {
    if (!isObject(spec)) return
    fill(spec, {
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: {},
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    })
    defaultStrategy(objectAt(spec, 'updateStrategy'), { partition: 0 })
    defaultTemplate(spec)
  },
  DaemonSet: ({ spec, metadata }) => {
    if (!isObject(spec) || !isObject(metadata)) return
    fill(spec, { updateStrategy: {}, revisionHistoryLimit: 10 })
    defaultStrategy(objectAt(spec, 'updateStrategy'), { maxUnavailable: 1, maxSurge: 0 })
    defaultTemplate(spec)
    fill(objectAt(metadata, 'annotations'), { [templateGeneration]: '1' })
  },
  Job: (job) => {
    if (isObject(job.spec) && isObject(job.metadata)) defaultJob(job.spec, job.metadata)
  },
  CronJob: ({ spec }) => {
    if (!isObject(spec)) return
    fill(spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    })
    const template = objectAt(spec, 'jobTemplate')
    fill(template, { metadata: {} })
    if (isObject(template.spec)) defaultTemplate(template.spec)
  },
  Namespace: (namespace) => {
    fill(namespace, { spec: {} })
    fill(objectAt(namespace, 'spec'), { finalizers: ['kubernetes'] })
    const metadata = objectAt(namespace, 'metadata')
    fill(objectAt(metadata, 'labels'), { 'kubernetes.io/metadata.name': metadata.name })
  },
  Node: (node) => fill(node, { spec: {} }),
  Service: (service) => {
    const spec = objectAt(service, 'spec')
    fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' })
    for (const port of listAt(spec, 'ports')) fill(port, { protocol: 'TCP', targetPort: port.port })
    if (spec.type === 'ExternalName') return
    const { uid = '' } = objectAt(service, 'metadata')
    fill(spec, { clusterIP: clusterAddress(String(uid)), internalTrafficPolicy: 'Cluster' })
    fill(spec, {
      clusterIPs: [spec.clusterIP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    })
  },
  Secret: (secret) => {
    fill(secret, { type: 'Opaque' })
    if (!isObject(secret.stringData)) return
    const encoded = Object.entries(secret.stringData).map(([key, value]) => [
      key,
      Buffer.from(String(value)).toString('base64'),
    ])
    secret.data = { ...objectAt(secret, 'data'), ...Object.fromEntries(encoded) }
    delete secret.stringData
  },
  CustomResourceDefinition: (definition) => defaultDefinition(definition),
  HorizontalPodAutoscaler: ({ spec }) => {
    if (isObject(spec)) fill(spec, { minReplicas: 1 })
  },
  LimitRange: (range) => {
    const spec = objectAt(range, 'spec')
    fill(spec, { limits: [] })
    for (const item of listAt(spec, 'limits')) defaultLimits(item)
  },
  ResourceQuota: (quota) => {
    const spec = objectAt(quota, 'spec')
    if (isObject(spec.hard)) canonicalize(spec.hard)
  },
  PodDisruptionBudget: (budget) => void objectAt(budget, 'spec'),
  Event: (event) => void objectAt(event, 'involvedObject'),
  PriorityClass: (object) => fill(object, { preemptionPolicy: 'PreemptLowerPriority' }),
  MutatingWebhookConfiguration: (object) => {
    for (const webhook of listAt(object, 'webhooks')) {
      defaultWebhook(webhook)
      fill(webhook, { reinvocationPolicy: 'Never' })
    }
  },
  ValidatingWebhookConfiguration: (object) => {
    for (const webhook of listAt(object, 'webhooks')) defaultWebhook(webhook)
  },
  ValidatingAdmissionPolicy: ({ spec }) => {
    if (!isObject(spec)) return
    fill(spec, { failurePolicy: 'Fail' })
    if (isObject(spec.matchConstraints)) defaultMatch(spec.matchConstraints, 'resourceRules')
  },
  ValidatingAdmissionPolicyBinding: ({ spec }) => {
    if (isObject(spec) && isObject(spec.matchResources)) defaultMatch(spec.matchResources, 'resourceRules')
  },
  RoleBinding: (binding) => defaultBinding(binding),
  ClusterRoleBinding: (binding) => defaultBinding(binding),
}

/** A container's limits default to the greatest allowed, its requests to the limits, or else to the least allowed. */
const defaultLimits = (item: JsonObject): void => {
  for (const field of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'])
    if (isObject(item[field])) canonicalize(item[field])
  if (item.type !== 'Container') return
  const from = (field: string) => (isObject(item[field]) ? item[field] : {})
  const limits = { ...from('max'), ...from('default') }
  const requests = { ...from('min'), ...limits, ...from('defaultRequest') }
  if (Object.keys(limits).length > 0) item.default = limits
  if (Object.keys(requests).length > 0) item.defaultRequest = requests
}

const defaultStrategy = (strategy: JsonObject, rollingUpdate: JsonObject): void => {
  fill(strategy, { type: 'RollingUpdate' })
  if (strategy.type === 'RollingUpdate') fill(objectAt(strategy, 'rollingUpdate'), rollingUpdate)
}

/** A Job finds its pods by labels that the server makes up, unless it says how itself. */
const defaultJob = (spec: JsonObject, { name, uid }: JsonObject): void => {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  fill(spec, {
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  })
  defaultTemplate(spec)
  if (spec.manualSelector || spec.selector || typeof uid !== 'string') return
  spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } }
  const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels')
  fill(labels, {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  })
}

const defaultTemplate = (spec: JsonObject): void => {
  const template = objectAt(spec, 'template')
  fill(template, { metadata: {} })
  if (isObject(template.spec)) defaultPodSpec(template.spec)
}

const listAt = (object: JsonObject, field: string): JsonObject[] => {
  const list = object[field]
  return Array.isArray(list) ? list.filter(isObject) : []
}

/** An address in EKS' usual service range, always the same for the same service. */
const clusterAddress = (uid: string): string => {
  const byte = (at: number) => Number.parseInt(uid.slice(at, at + 2), 16) || 1
  return `172.20.${byte(0)}.${byte(2)}`
}

const defaultMatch = (match: JsonObject, rules: string): void => {
  fill(match, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} })
  for (const rule of listAt(match, rules)) fill(rule, { scope: '*' })
}

const defaultWebhook = (webhook: JsonObject): void => {
  defaultMatch(webhook, 'rules')
  fill(webhook, { failurePolicy: 'Fail', timeoutSeconds: 10 })
  const { clientConfig } = webhook
  if (isObject(clientConfig) && isObject(clientConfig.service)) fill(clientConfig.service, { port: 443 })
}

const rbacGroup = 'rbac.authorization.k8s.io'

const defaultBinding = (binding: JsonObject): void => {
  fill(objectAt(binding, 'roleRef'), { apiGroup: rbacGroup })
  for (const subject of listAt(binding, 'subjects'))
    if (subject.kind !== 'ServiceAccount') fill(subject, { apiGroup: rbacGroup })
}
