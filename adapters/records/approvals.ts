import type { ApprovalAnswer, ApprovalQuestion } from '../../core/events.ts'
import { digest } from '../digest.ts'
import type { Runtime } from '../runtime.ts'
import { records, type StoredRecord } from './records.ts'

/** A question that waits for a person, and its answer. */
export interface Approval {
  question: ApprovalQuestion
  /** The plan in words, which its digest in the question binds. */
  lines: string[]
  /** Answers the waiting task: a capability, so it stays in this table. */
  token: string
  answer: ApprovalAnswer | null
}

/**
 * The short name of a task token. Derived from it, so that a task asked twice is one question; 128 bits of a
 * hash, so that the token cannot be had from it.
 */
export const approvalId = (token: string): string => digest(token, 32)

/** The open and the answered approvals, for a day past their time so that a late click gets a true answer. */
export const approvals = (runtime: Runtime, tableArn: string) => {
  const table = records<Approval>(runtime, { tableArn, kind: 'approval' })
  const expiryOf = ({ question }: Approval) => Date.parse(question.expiresAt) + dayMs
  return {
    find: (id: string): Promise<StoredRecord<Approval> | undefined> => table.get(id),
    /** Stores a question; storing the same one again changes nothing. */
    open: async (approval: Approval): Promise<void> => {
      await table.create(approval.question.approval, approval, expiryOf(approval))
    },
    /** Keeps the answer; false where somebody else answered meanwhile. */
    answer: ({ value, version }: StoredRecord<Approval>, answer: ApprovalAnswer): Promise<boolean> =>
      table.replace(value.question.approval, { ...value, answer }, expiryOf(value), version),
  }
}

export type Approvals = ReturnType<typeof approvals>

const dayMs = 86_400_000
