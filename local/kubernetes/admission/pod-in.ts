import type { Pod } from '../../../core/kubernetes.ts'
import type { KubernetesObject } from '../store/resources.ts'

interface Templated {
  spec?: { template?: Pod; jobTemplate?: { spec?: { template?: Pod } } }
}

/** The pod that an object is, or makes, and the path of its fields: empty, or one that ends with a dot. */
export const podIn = (object: KubernetesObject): { path: string; pod: Pod } | undefined => {
  if (object.kind === 'Pod') return { path: '', pod: object as Pod }
  const { template, jobTemplate } = (object as Templated).spec ?? {}
  if (template?.spec) return { path: 'spec.template.', pod: template }
  const nested = jobTemplate?.spec?.template
  return nested?.spec && { path: 'spec.jobTemplate.spec.template.', pod: nested }
}
