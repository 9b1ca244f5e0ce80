import * as z from 'zod'
import type { Change } from './changes.ts'
import type { Finding } from './findings.ts'
import type { GateQuestion } from './fleet/waves/gate.ts'
import type { FleetReport, WaveJudged } from './fleet/waves/report.ts'
import type { Report } from './report.ts'

/** The `source` of the project's own events on EventBridge. docs/triggers.md describes them for their readers. */
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
  changes: Change[]
  /** The digest of the plan, which an answer that approves has to name: what is executed is that plan, or nothing. */
  plan: string
  findings: Finding[]
  /** RFC 3339: an answer after it comes too late. */
  expiresAt: string
  /** What is asked between two waves of a rollout, in place of changes of one binding. `run` is then the rollout. */
  gate?: GateQuestion
}

/** A question's answer, once there is one: who, as `kind:id`, and when, RFC 3339. */
export interface ApprovalAnswer {
  approved: boolean
  by: string
  at: string
}

/** The end of a rollout. */
export interface RolloutFinished {
  rollout: string
  /** Of the execution. */
  arn: string
  status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'
  summary: string
  /** Null where it ended before it could write one. */
  report: FleetReport | null
}

/** How a run ended. */
export interface RunFinished {
  run: string
  /** Of the execution. */
  arn: string
  status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'
  /** One line that can be read alone. */
  summary: string
  /** Null where the run ended before it could write one: it was stopped, or its request was invalid. */
  report: Report | null
}

/** What the sweep found amiss with one binding on one cluster. */
export interface Drift {
  binding: string
  cluster: string
  region: string
  findings: Finding[]
  /** The run that puts it right, where one was started. */
  run: string | null
  /** The run that undid the binding on purpose, where none was started for that reason: somebody has to enable it. */
  undoneBy: string | null
  /** Why no run was started now, where one could have been and nobody undid the binding: the sweep's limits. */
  held: string | null
}

/** A cluster that the sweep could not look at and passed, or all of a region where `cluster` is null. */
export interface NotChecked {
  cluster: string | null
  region: string
  /** Why. */
  findings: Finding[]
}

/** What sweeps found and is not put right, once a day: the first 100 of each kind, their findings shortened. */
export interface DriftDigest {
  /** In UTC, `2026-11-26`. */
  day: string
  /** RFC 3339: when each was first seen. */
  drifted: (Drift & { since: string })[]
  notChecked: NotChecked[]
  total: { drifted: number; notChecked: number }
  /** Why sweeps mend nothing more today; null where they do, or are not to. */
  stopped: string | null
}

/** The envelope of an event as EventBridge delivers it, as far as functions read it. */
export const EventBridgeEvent = z.object({
  source: z.string(),
  'detail-type': z.string(),
  resources: z.array(z.string()).default([]),
  detail: z.unknown(),
})

/** An event of our own: detail-type, the ARNs it is about, and its detail. */
export type PodidEvent =
  | { type: 'Run Approval Requested'; resources: string[]; detail: ApprovalQuestion }
  | {
      type: 'Run Approval Answered'
      resources: string[]
      detail: ApprovalAnswer & { approval: string; run: string }
    }
  /** The follower of a run hands over to its successor. */
  | { type: 'Run Still Under Way'; resources: string[]; detail: { run: string } }
  | { type: 'Run Finished'; resources: string[]; detail: RunFinished }
  | { type: 'Rollout Wave Judged'; resources: string[]; detail: WaveJudged & { rollout: string } }
  | { type: 'Rollout Finished'; resources: string[]; detail: RolloutFinished }
  | { type: 'Drift Found'; resources: string[]; detail: Drift }
  | { type: 'Drift Digest'; resources: string[]; detail: DriftDigest }
  | { type: 'Cluster Not Checked'; resources: string[]; detail: NotChecked }
