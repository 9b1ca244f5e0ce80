import type { Config } from '../config.ts'
import type { ApprovalAnswer, ApprovalQuestion } from '../events.ts'
import { isGranted, type Requester } from './access.ts'

/** The requester as text: `slack:U012AB3CD` or `caller:ci`. */
export const requesterKey = ({ kind, id }: Pick<Requester, 'kind' | 'id'>): string => `${kind}:${id}`

export type AnswerDecision =
  | { action: 'answer' }
  /** The same requester gave the same answer before. It is sent again, since the first one may have been lost. */
  | { action: 'repeat' }
  | { action: 'refuse'; why: string }

/**
 * Decides on an attempt to answer an approval: only who is granted it, only while the run is under way, only once, and
 * only the plan that the run waits with. Whether it is in time Step Functions knows; a function's clock may be off.
 */
export const decideAnswer = (
  attempt: { requester: Requester; approved: boolean; plan: string | undefined },
  stored: {
    question: ApprovalQuestion
    answer: ApprovalAnswer | null
    requestedBy: string | null
    /** Whether its run is still under way, as Step Functions says. */
    underWay: boolean
  },
  config: Pick<Config, 'access' | 'approvals'>,
): AnswerDecision => {
  const { question, answer, requestedBy, underWay } = stored
  const by = requesterKey(attempt.requester)
  const places = question.gate?.places ?? [question]
  const closed = places.find((place) => !isGranted(config, attempt.requester, 'approve', place))
  if (closed) {
    return refuse(
      `You may not approve or decline runs on ${closed.cluster}, namespace ${closed.namespace}: no grant in podid.yaml says so.`,
    )
  }
  if (answer) {
    return answer.by === by && answer.approved === attempt.approved
      ? { action: 'repeat' }
      : refuse(`This run has already been ${answer.approved ? 'approved' : 'declined'}.`)
  }
  if (!underWay) return refuse('Too late: the run has ended.')
  if (attempt.approved && !config.approvals.self && requestedBy === by) {
    return refuse(
      `You requested this ${question.gate ? 'rollout' : 'run'} yourself; somebody else has to approve it.`,
    )
  }
  if (attempt.approved && attempt.plan !== question.plan) {
    return refuse(
      `The run waits for an answer to the plan ${question.plan}, and this approves ${attempt.plan ?? 'none'}: look at what it would do now.`,
    )
  }
  return { action: 'answer' }
}

const refuse = (why: string): AnswerDecision => ({ action: 'refuse', why })
