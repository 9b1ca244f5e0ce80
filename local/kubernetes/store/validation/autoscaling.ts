import type { HorizontalPodAutoscaler } from '../../../../core/kubernetes.ts'
import type { FieldError } from '../status.ts'
import { invalidValue, required } from './fields.ts'

/** What is wrong with an autoscaler's bounds, its target and its metrics. */
export const autoscalerErrors = ({ spec }: HorizontalPodAutoscaler): FieldError[] => {
  const { maxReplicas = 0, minReplicas, scaleTargetRef, metrics = [] } = spec ?? {}
  return [
    ...(scaleTargetRef?.kind ? [] : [required('spec.scaleTargetRef.kind')]),
    ...(scaleTargetRef?.name ? [] : [required('spec.scaleTargetRef.name')]),
    ...(maxReplicas < 1 ? [invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0')] : []),
    ...(minReplicas !== undefined && minReplicas > maxReplicas
      ? [invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...metrics.flatMap(metricErrors),
  ]
}

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number]

const metricErrors = (metric: Metric | null, index: number): FieldError[] => {
  const field = `spec.metrics[${index}]`
  if (!metric?.type) return [required(`${field}.type`, 'must specify a metric source type')]
  if (metric.type !== 'Resource') return []
  if (!metric.resource)
    return [required(`${field}.resource`, 'must populate information for the given metric source')]
  const { name, target } = metric.resource as Partial<typeof metric.resource>
  return [
    ...(name ? [] : [required(`${field}.resource.name`, 'must specify a resource name')]),
    ...(target?.type ? [] : [required(`${field}.resource.target.type`, 'must specify a metric target type')]),
  ]
}
