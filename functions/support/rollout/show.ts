import { together } from '../../../adapters/concurrently.ts'
import { rolloutMessage } from '../../../core/chatops/rollout-message.ts'
import { viewFleet } from '../../../core/fleet/waves/history-view.ts'
import type { RunServices } from '../run-services.ts'
import { type ShowServices, showRun } from '../showing/show-run.ts'

/** Brings a rollout's one message up to date, or posts it where there is none yet. */
export const showRollout = async (
  services: ShowServices & Pick<RunServices, 'rollouts'>,
  rollout: string,
): Promise<void> => {
  const [history, record] = await together([services.rollouts.history(rollout), services.runs.find(rollout)])
  const approval = record?.approval ? await services.approvals.find(record.approval) : undefined
  const view = viewFleet(history)
  await showRun(services, rollout, rolloutMessage({ rollout, view, record, approval: approval?.value }))
}
