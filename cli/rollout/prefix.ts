import { digest } from '../../adapters/digest.ts'
import { runsBeginWith } from '../../core/fleet/waves/request.ts'

/** What the names of a rollout's own runs begin with: `rollout-20261126t120000-1a2b-`. */
export const prefixOf = (rollout: string): string => runsBeginWith(rollout, digest(rollout, 12))
