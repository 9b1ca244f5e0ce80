import { isDeepStrictEqual } from 'node:util'
import type {
  ConfigMap,
  CronJob,
  CustomResourceDefinition,
  HorizontalPodAutoscaler,
  Job,
  MutatingWebhookConfiguration,
  Pod,
  RoleBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../../core/kubernetes.ts'
import { definitionErrors } from '../../custom/definition/index.ts'
import { customErrors } from '../../custom/values/index.ts'
import type { CustomVersion, KubernetesObject, NewObject, ResourceKind, Stored } from '../resources.ts'
import { type FieldError, invalid } from '../status.ts'
import { policyBindingErrors, policyErrors, webhookErrors } from './admission.ts'
import { autoscalerErrors } from './autoscaling.ts'
import { forbiddenField, invalidValue } from './fields.ts'
import { jobErrors, scheduleErrors } from './jobs.ts'
import { metadataErrors } from './names.ts'
import { podSpecErrors, podUpdateErrors, type WorkloadSpec, workloadErrors } from './workloads.ts'

/** Throws the API server's 422 where an object is not acceptable; `previous` is what an update replaces. */
export const validate = (resource: ResourceKind, object: NewObject, previous?: KubernetesObject): void => {
  const errors = [
    ...metadataErrors(resource, object.metadata ?? {}),
    ...(isCustom(resource)
      ? customErrors(resource, object, previous)
      : (byKind[resource.kind]?.(object, previous) ?? [])),
  ]
  if (errors.length > 0) throw invalid(resource, object.metadata?.name ?? '', errors)
}

const isCustom = (resource: ResourceKind): resource is ResourceKind & { custom: CustomVersion } =>
  resource.custom !== undefined

type Check = (object: NewObject, previous: KubernetesObject | undefined) => FieldError[]

const workload: Check = (object, previous) =>
  workloadErrors((object as { spec?: WorkloadSpec }).spec, previous?.spec as WorkloadSpec | undefined)

const immutableData: Check = (object, previous) => {
  const before = previous as ConfigMap | undefined
  const after = object as ConfigMap
  return before?.immutable && !isDeepStrictEqual(before.data, after.data)
    ? [forbiddenField('data', 'field is immutable when `immutable` is set')]
    : []
}

const binding: Check = (object, previous) => {
  const before = (previous as RoleBinding | undefined)?.roleRef
  const after = (object as RoleBinding).roleRef
  return before && !isDeepStrictEqual(before, after)
    ? [invalidValue('roleRef', after, 'cannot change roleRef')]
    : []
}

const byKind: Record<string, Check | undefined> = {
  Deployment: workload,
  ReplicaSet: workload,
  DaemonSet: workload,
  StatefulSet: workload,
  Pod: (object, previous) => {
    const { spec } = object as Pod
    const before = (previous as Pod | undefined)?.spec
    return [...podSpecErrors('spec', spec), ...(spec && before ? podUpdateErrors(spec, before) : [])]
  },
  Job: (object, previous) => jobErrors('spec', (object as Job).spec, (previous as Job | undefined)?.spec),
  CronJob: (object) => {
    const { schedule = '', timeZone, jobTemplate } = (object as CronJob).spec ?? {}
    return [
      ...scheduleErrors(schedule, timeZone),
      ...jobErrors('spec.jobTemplate.spec', jobTemplate?.spec, undefined),
    ]
  },
  ValidatingAdmissionPolicy: (object) => policyErrors(object as ValidatingAdmissionPolicy),
  ValidatingAdmissionPolicyBinding: (object) =>
    policyBindingErrors(object as ValidatingAdmissionPolicyBinding),
  MutatingWebhookConfiguration: (object) => webhookErrors(object as MutatingWebhookConfiguration),
  ValidatingWebhookConfiguration: (object) => webhookErrors(object as MutatingWebhookConfiguration),
  CustomResourceDefinition: (object, previous) =>
    definitionErrors(
      object as CustomResourceDefinition,
      previous as Stored<CustomResourceDefinition> | undefined,
    ),
  HorizontalPodAutoscaler: (object) => autoscalerErrors(object as HorizontalPodAutoscaler),
  ConfigMap: immutableData,
  Secret: immutableData,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
}
