import type { Context, PolicyLayers } from '../../policy/evaluate.ts'
import type { PodIdentity, RoleFacts } from '../role.ts'

/** What the verdicts were made from. */
export interface Explained {
  role: RoleFacts
  layers: PolicyLayers
  identity: PodIdentity
  /** Whether the session policy is the request's own, and no association's that is there. */
  sessionInRequest: boolean
  /** The context a verdict's resource was judged in. */
  context: (resource: string) => Context
}
