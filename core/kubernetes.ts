// Kubernetes' own names for its objects, in the form of the API's JSON. Types only: nothing of the client is loaded.
import type * as models from '@kubernetes/client-node'

/**
 * An object as the API server sends and takes it, from the model that client-node has of it. The model is what
 * the client's serializer makes of the JSON: it turns timestamps into Dates and gives `continue` and its like an
 * underscore; here both are as they are in the JSON.
 */
export type Served<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Served<Item>[]
    : T extends object
      ? { [Field in keyof T as Field extends `_${infer Name}` ? Name : Field]: Served<T[Field]> }
      : T

export type ClusterRole = Served<models.V1ClusterRole>
export type ClusterRoleBinding = Served<models.V1ClusterRoleBinding>
export type ConfigMap = Served<models.V1ConfigMap>
export type Container = Served<models.V1Container>
export type ContainerState = Served<models.V1ContainerState>
export type ContainerStatus = Served<models.V1ContainerStatus>
export type ControllerRevision = Served<models.V1ControllerRevision>
export type CronJob = Served<models.V1CronJob>
export type CustomResourceDefinition = Served<models.V1CustomResourceDefinition>
export type DaemonSet = Served<models.V1DaemonSet>
export type DaemonSetSpec = Served<models.V1DaemonSetSpec>
export type DaemonSetStatus = Served<models.V1DaemonSetStatus>
export type Deployment = Served<models.V1Deployment>
export type DeploymentCondition = Served<models.V1DeploymentCondition>
export type DeploymentSpec = Served<models.V1DeploymentSpec>
export type DeploymentStatus = Served<models.V1DeploymentStatus>
export type DeploymentStrategy = Served<models.V1DeploymentStrategy>
export type EndpointSlice = Served<models.V1EndpointSlice>
export type EnvVar = Served<models.V1EnvVar>
export type Event = Served<models.CoreV1Event>
export type HorizontalPodAutoscaler = Served<models.V2HorizontalPodAutoscaler>
export type Job = Served<models.V1Job>
export type JobCondition = Served<models.V1JobCondition>
export type JobSpec = Served<models.V1JobSpec>
export type LabelSelector = Served<models.V1LabelSelector>
export type Lease = Served<models.V1Lease>
export type LimitRange = Served<models.V1LimitRange>
export type LimitRangeItem = Served<models.V1LimitRangeItem>
export type LimitRangeSpec = Served<models.V1LimitRangeSpec>
export type ListMeta = Served<models.V1ListMeta>
export type ManagedFieldsEntry = Served<models.V1ManagedFieldsEntry>
export type MutatingWebhookConfiguration = Served<models.V1MutatingWebhookConfiguration>
export type Namespace = Served<models.V1Namespace>
export type NetworkPolicy = Served<models.V1NetworkPolicy>
export type NetworkPolicyEgressRule = Served<models.V1NetworkPolicyEgressRule>
export type Node = Served<models.V1Node>
export type NodeCondition = Served<models.V1NodeCondition>
export type NodeSelectorTerm = Served<models.V1NodeSelectorTerm>
export type ObjectMeta = Served<models.V1ObjectMeta>
export type Pod = Served<models.V1Pod>
export type PodCondition = Served<models.V1PodCondition>
export type PodDisruptionBudget = Served<models.V1PodDisruptionBudget>
export type OwnerReference = Served<models.V1OwnerReference>
export type PodSpec = Served<models.V1PodSpec>
export type PodStatus = Served<models.V1PodStatus>
export type PodTemplateSpec = Served<models.V1PodTemplateSpec>
export type PolicyRule = Served<models.V1PolicyRule>
export type PriorityClass = Served<models.V1PriorityClass>
export type ReplicaSet = Served<models.V1ReplicaSet>
export type ReplicaSetCondition = Served<models.V1ReplicaSetCondition>
export type ReplicaSetStatus = Served<models.V1ReplicaSetStatus>
export type ResourceQuota = Served<models.V1ResourceQuota>
export type ResourceQuotaSpec = Served<models.V1ResourceQuotaSpec>
export type Role = Served<models.V1Role>
export type RoleBinding = Served<models.V1RoleBinding>
export type RoleRef = Served<models.V1RoleRef>
export type Secret = Served<models.V1Secret>
export type SecurityContext = Served<models.V1SecurityContext>
export type Service = Served<models.V1Service>
export type ServiceAccount = Served<models.V1ServiceAccount>
export type StatefulSet = Served<models.V1StatefulSet>
export type StatefulSetStatus = Served<models.V1StatefulSetStatus>
export type StatefulSetUpdateStrategy = Served<models.V1StatefulSetUpdateStrategy>
export type Status = Served<models.V1Status>
export type StatusDetails = Served<models.V1StatusDetails>
export type Subject = Served<models.RbacV1Subject>
export type Taint = Served<models.V1Taint>
export type Toleration = Served<models.V1Toleration>
export type ValidatingAdmissionPolicy = Served<models.V1ValidatingAdmissionPolicy>
export type ValidatingAdmissionPolicyBinding = Served<models.V1ValidatingAdmissionPolicyBinding>
export type ValidatingWebhookConfiguration = Served<models.V1ValidatingWebhookConfiguration>
export type Volume = Served<models.V1Volume>
export type VolumeMount = Served<models.V1VolumeMount>
