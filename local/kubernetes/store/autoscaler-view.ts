import type { HorizontalPodAutoscaler } from '../../../core/kubernetes.ts'
import {
  type KubernetesObject,
  type NewObject,
  type ResourceKind,
  resources,
  type View,
} from './resources.ts'

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number]

const isCpu = ({ type, resource }: Metric): boolean => type === 'Resource' && resource?.name === 'cpu'

/** An autoscaler in the form of autoscaling/v1, which knows no measure but the CPU. */
const show = (object: KubernetesObject): KubernetesObject => {
  const { metadata, spec, status } = object as unknown as HorizontalPodAutoscaler & KubernetesObject
  const { scaleTargetRef, minReplicas, maxReplicas = 0, metrics = [] } = spec ?? {}
  const percentage = metrics.find(isCpu)?.resource?.target.averageUtilization
  const { currentReplicas = 0, desiredReplicas = 0 } = status ?? {}
  return {
    kind: object.kind,
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: {
      scaleTargetRef,
      ...(minReplicas === undefined ? {} : { minReplicas }),
      maxReplicas,
      ...(percentage === undefined ? {} : { targetCPUUtilizationPercentage: percentage }),
    },
    status: { currentReplicas, desiredReplicas },
  }
}

const read = (object: NewObject): NewObject => {
  const { spec, ...rest } = object as NewObject & { spec?: { targetCPUUtilizationPercentage?: number } }
  const { targetCPUUtilizationPercentage: averageUtilization, ...same } = spec ?? {}
  const target = { type: 'Utilization', averageUtilization }
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    spec: { ...same, ...(averageUtilization === undefined ? {} : { metrics }) },
  } as NewObject
}

const view: View = { of: resources.horizontalpodautoscalers, show, read }

/** Autoscalers as `kubectl autoscale` makes them. */
export const autoscalersView: ResourceKind = {
  ...resources.horizontalpodautoscalers,
  version: 'v1',
  subresources: [],
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'watch'],
  view,
}
