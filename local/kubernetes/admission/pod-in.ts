import type { Pod } from '../../../core/kubernetes.ts'
import { type KubernetesObject, type ResourceKind, resources } from '../store/resources.ts'

interface Templated {
  spec?: { template?: Pod; jobTemplate?: { spec?: { template?: Pod } } }
}

/**
 * The pod that an object is, or makes, and the path of its fields: empty, or one that ends with a dot. Of custom kinds
 * nobody knows what their templates are.
 */
export const podIn = (
  resource: ResourceKind,
  object: KubernetesObject,
): { path: string; pod: Pod } | undefined => {
  if (resource.custom) return undefined
  if (resource === resources.pods) return { path: '', pod: object as Pod }
  const { template, jobTemplate } = (object as Templated).spec ?? {}
  if (template?.spec) return { path: 'spec.template.', pod: template }
  const nested = jobTemplate?.spec?.template
  return nested?.spec && { path: 'spec.jobTemplate.spec.template.', pod: nested }
}
