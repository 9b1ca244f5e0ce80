import { runPrefix } from '../../core/fleet/waves/request.ts'
import { manualRunName } from '../run.ts'

/** What a rollout is called that a person starts now: `rollout-20261126t120000-1a2b`. */
export const manualRolloutName = (): string =>
  `${runPrefix}${manualRunName(Date.now()).slice('podid-'.length).toLowerCase()}`
