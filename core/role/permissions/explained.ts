import type { Context, PolicyLayers } from '../../policy/evaluate.ts'
import type { PodIdentity, RoleFacts } from '../role.ts'

/** What the verdicts were made from. */
export interface Explained {
  role: RoleFacts
  layers: PolicyLayers
  identity: PodIdentity
  /** The context a verdict's resource was judged in. */
  context: (resource: string) => Context
}
