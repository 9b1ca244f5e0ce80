/** The judgement of a rollout, at the path that checks from outside the repository import. */
export { assessRollout } from './workload/rollout.ts'
