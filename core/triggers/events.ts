import type { Finding } from '../findings.ts'

/** The `source` of the project's own events on EventBridge. */
export const eventSource = 'podid'

/** What a person is asked to agree to. Never holds the task token: who has that may answer for anybody. */
export interface ApprovalQuestion {
  /** Names the approval in an answer. */
  approval: string
  run: string
  cluster: string
  region: string
  namespace: string
  /** `deployment/carts`; null where the association alone is the job. */
  workload: string | null
  /** One line for each thing that the run would do. */
  changes: string[]
  findings: Finding[]
  /** RFC 3339: an answer after it comes too late. */
  expiresAt: string
}

/** An event of our own: detail-type, detail, and the ARNs it is about. */
export type PodidEvent = {
  type: 'Run Approval Requested'
  resources: string[]
  detail: ApprovalQuestion
}
