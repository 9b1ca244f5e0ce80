import type { Config } from '../config.ts'
import type { Answer, ApprovalQuestion } from '../events.ts'
import { type Asker, isGranted } from './access.ts'

/** How an asker is written down. */
export const askerKey = ({ kind, id }: Pick<Asker, 'kind' | 'id'>): string => `${kind}:${id}`

export type AnswerDecision =
  | { action: 'answer' }
  /** The same person gave the same answer before: it may be sent on again, since it may have got lost. */
  | { action: 'repeat' }
  | { action: 'refuse'; why: string }

/** What becomes of an attempt to answer: who may, until when, and only once. `now` is in milliseconds. */
export const decideAnswer = (
  attempt: { asker: Asker; approved: boolean },
  kept: { question: ApprovalQuestion; answer: Answer | null; askedBy: string | null } | undefined,
  config: Pick<Config, 'access' | 'approvals'>,
  now: number,
): AnswerDecision => {
  if (!kept) return refuse('This question is not known here (any more).')
  const { question, answer, askedBy } = kept
  const by = askerKey(attempt.asker)
  if (!isGranted(config, attempt.asker, 'approve', question)) {
    return refuse(
      `You may not approve or decline runs on ${question.cluster}, namespace ${question.namespace}: no grant in podid.yaml says so.`,
    )
  }
  if (answer) {
    return answer.by === by && answer.approved === attempt.approved
      ? { action: 'repeat' }
      : refuse(`Somebody was quicker: this run is ${answer.approved ? 'approved' : 'declined'} already.`)
  }
  if (now > Date.parse(question.expiresAt)) {
    return refuse('This comes too late: nobody answered in time, and the run has ended without changes.')
  }
  if (attempt.approved && !config.approvals.self && askedBy === by) {
    return refuse('You asked for this run yourself; somebody else has to approve it.')
  }
  return { action: 'answer' }
}

const refuse = (why: string): AnswerDecision => ({ action: 'refuse', why })
