import type { AgentCheck } from './agent.ts'
import type { Association } from './association.ts'
import type { Cluster } from './cluster.ts'
import type { Finding } from './findings.ts'
import type { AssociationBefore, Before, Request } from './request.ts'
import type { RolloutCounts } from './workload/rollout.ts'

/** The credential variables of a pod's containers: container, then variable, then value (masked where secret). */
export type CredentialVariables = Record<string, Record<string, string>>

/** VerifyRole: what the role's trust and policies say about the binding. */
export interface RoleCheck {
  /** One line for people: `trusts pods.eks.amazonaws.com; 2 needs granted`. */
  summary: string
  /** Which permission is granted by which statement, as lines of a table for people. */
  table: string[]
  findings: Finding[]
}

/** VerifyWorkload: what runs now, and what would prevent the credentials. */
export interface WorkloadCheck {
  exists: boolean
  summary: string
  before: Before['workload']
  /** Whether every pod of the current revision carries injected credentials now. */
  injected: boolean
  /** Of the newest running pod, for the comparison at the end. */
  credentials: CredentialVariables | null
  /** What keeps its rollout from its end now, for telling later what is new. */
  diagnosis: Finding[]
  findings: Finding[]
}

/** CheckAssociation: what EnsureAssociation would do. */
export interface AssociationCheck {
  action: 'create' | 'keep' | 'repoint' | 'refuse'
  message: string
  before: AssociationBefore | null
  findings: Finding[]
}

/** EnsureAssociation: the association as it is now, and whether this run made or changed it. */
export interface AssociationStep {
  action: 'created' | 'kept' | 'repointed'
  message: string
  association: Association
}

/** AwaitInjection: whether new pods get injected, how that was learnt, and how long it took. */
export interface InjectionStep {
  ready: boolean
  /**
   * dry-run: several dry-run pods in a row came back injected. first-pod: the cluster did not let us ask, so the
   * first new pod will show it. settled: a repointed role cannot be seen from outside, so a fixed time was waited.
   */
  way: 'dry-run' | 'first-pod' | 'settled'
  probes: number
  /** Milliseconds from the association's last change (or the first probe of an older one) to the last probe. */
  waitedMs: number
  message: string
}

/** RestartWorkload: whether pods had to be replaced, and which generation of the workload to follow. */
export interface RestartStep {
  restarted: boolean
  reason: string
  message: string
  generation: number
  /** The deadline that an earlier rollout had missed, which is not to be held against this one. */
  missedBefore: string | null
  /** RFC 3339, the moment of the PATCH or of the decision against it. */
  at: string
}

/** WatchRollout: how far the rollout is; `position` lets the next call go on where this one stopped. */
export interface RolloutStep {
  /**
   * gone: deleted, and not made anew. replaced: somebody made it anew, and its own rollout is the one to follow.
   * missed: a new pod came to be without the credentials, so that waiting for it is no use.
   */
  state: 'progressing' | 'complete' | 'failed' | 'gone' | 'replaced' | 'missed'
  message: string
  position: string | null
  counts: RolloutCounts
  progress: { at: string; message: string; counts: RolloutCounts }[]
  /** Why it failed, where it did. */
  findings: Finding[]
  /** RFC 3339. */
  at: string
}

/** VerifyCredentials: whether every pod of the current revision carries the role's credentials. */
export interface ProofStep {
  proven: boolean
  /** Pods that the webhook missed. */
  missed: number
  pods: string[]
  credentials: CredentialVariables | null
  message: string
  findings: Finding[]
}

/** Undo: what was put back, and what a person has to finish. */
export interface UndoStep {
  message: string
  /** One line each: `the association a-… is deleted`. */
  done: string[]
  /** What could not be put back, and the command that does it. */
  left: { what: string; error: string; command: string }[]
  /** The workload's generation after its template was put back; null where it was not touched. */
  generation: number | null
  /** The deadline that the run's own rollout had missed, which is not to be held against the rollout back. */
  missedBefore: string | null
  /** Whether the rollout back is worth waiting for: the workload was healthy before. */
  rolloutToAwait: boolean
}

/** Everything a run knows at its end; null for what was not reached. */
export interface RunState {
  request: Request
  cluster: Cluster | null
  /** The roles that this run let into the cluster, by ARN. */
  accessEntries: string[]
  agent: AgentCheck | null
  /** How often EnsureAgent was at work: 0 where the agent was only looked at. */
  agentVisits: number
  role: RoleCheck | null
  workload: WorkloadCheck | null
  associationCheck: AssociationCheck | null
  findings: Finding[]
  before: Before | null
  association: AssociationStep | null
  injection: InjectionStep | null
  restart: RestartStep | null
  rollout: RolloutStep | null
  proof: ProofStep | null
  undo: UndoStep | { error: { Error: string; Cause: string } } | null
  rolloutBack: { state: string; message: string } | null
  failure: { Error: string; Cause?: string } | null
}
