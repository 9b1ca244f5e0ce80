import * as z from 'zod'
import { AgentCheck } from '../agent.ts'
import { Association } from '../association.ts'
import { ChangeKind } from '../changes.ts'
import { Cluster } from '../cluster.ts'
import { Finding } from '../findings.ts'
import { AnnotationChange, AssociationBefore, Before, Request } from '../request.ts'
import { TrustChange } from '../role/trust/change.ts'
import { PodEvidence } from '../workload/proof/evidence.ts'
import { RolloutCounts } from '../workload/rollout.ts'
import { RolloutPod } from '../workload/rollout-pods.ts'

/** The credential variables of a pod's containers: container, then variable, then value (masked where secret). */
export const CredentialVariables = z.record(z.string(), z.record(z.string(), z.string()))
export type CredentialVariables = z.infer<typeof CredentialVariables>

/** TakeTurn: that no other run is at work on the binding, in the words of whoever looked. */
export const TurnStep = z.object({ message: z.string() })
export type TurnStep = z.infer<typeof TurnStep>

/** AwaitCluster: the cluster as it is, and whether the run can go on with it. */
export const ClusterStep = z.object({
  cluster: Cluster.nullable(),
  state: z.enum(['ready', 'waiting', 'failed']),
  message: z.string(),
  findings: z.array(Finding),
})
export type ClusterStep = z.infer<typeof ClusterStep>

/** EnsureAccess: the roles that it let into the cluster, by ARN. */
export const AccessStep = z.object({
  created: z.array(z.string()),
  message: z.string(),
  findings: z.array(Finding),
})
export type AccessStep = z.infer<typeof AccessStep>

/** CheckAgent: the check, in a line for people too. */
export const AgentStep = AgentCheck.extend({ summary: z.string() })
export type AgentStep = z.infer<typeof AgentStep>

/** EnsureAgent: the agent as it is now, and whether its add-on is this run's; `action` stays what had to be done. */
export const AgentInstallStep = z.object({
  /** failed: it runs wherever it can, and pods of the workload may run elsewhere only. */
  state: z.enum(['ready', 'waiting', 'failed']),
  agent: AgentCheck,
  installed: z.boolean(),
  summary: z.string(),
  findings: z.array(Finding),
})
export type AgentInstallStep = z.infer<typeof AgentInstallStep>

/** RequestApproval: by what the question is known, and the plan that it is about, as a digest. */
export const ApprovalStep = z.object({ approval: z.string(), plan: z.string() })
export type ApprovalStep = z.infer<typeof ApprovalStep>

/** The answer to it, as it goes to the waiting task: who agreed, to which plan. */
export const Approved = z.object({
  approvedBy: z.string(),
  /** The digest of `lines`. */
  plan: z.string(),
  /** The plan in words. */
  lines: z.array(z.string()),
})
export type Approved = z.infer<typeof Approved>

/** ConfirmPlan: that the plan, decided again, is the one that was approved. */
export const ConfirmedStep = z.object({ message: z.string() })
export type ConfirmedStep = z.infer<typeof ConfirmedStep>

/** VerifyRole: what the role's trust and policies say about the binding. */
export const RoleCheck = z.object({
  /** What is to be done to it: EnsureRole creates it, EnsureTrust adds a statement to its trust. */
  action: z.enum(['none', 'create', 'trust']),
  /** What EnsureTrust or FinishMigration would write of its trust; null where neither would. */
  trust: TrustChange.nullable().exactOptional(),
  /** One line for people: `trusts pods.eks.amazonaws.com; 2 needs granted`. */
  summary: z.string(),
  /** Which permission is granted by which statement, as lines of a table for people. */
  table: z.array(z.string()),
  findings: z.array(Finding),
})
export type RoleCheck = z.infer<typeof RoleCheck>

/** VerifyWorkload: what runs now, and what would prevent the credentials. */
export const WorkloadCheck = z.object({
  exists: z.boolean(),
  summary: z.string(),
  before: Before.shape.workload,
  /** Which object it is: another one under the same name has another; null where there is none. */
  uid: z.string().nullable(),
  /** The revisions of its pods, by which later steps know these pods from newer ones. */
  revisions: z.array(z.string()),
  /** Whether every pod of the current revision carries injected credentials now. */
  injected: z.boolean(),
  /** Whether any pod does: where there is no association, by one that is gone. */
  carried: z.boolean(),
  /** Of the newest running pod, for the comparison at the end. */
  credentials: CredentialVariables.nullable(),
  /** What keeps its rollout from its end now, for telling later what is new. */
  diagnosis: z.array(Finding),
  /** The ServiceAccount's IRSA annotation, where the run is about a migration. */
  annotation: AnnotationChange.nullable().exactOptional(),
  findings: z.array(Finding),
})
export type WorkloadCheck = z.infer<typeof WorkloadCheck>

/** CheckAssociation: what EnsureAssociation would do. */
export const AssociationCheck = z.object({
  action: z.enum(['create', 'keep', 'repoint', 'refuse']),
  message: z.string(),
  before: AssociationBefore.nullable(),
  findings: z.array(Finding),
})
export type AssociationCheck = z.infer<typeof AssociationCheck>

/** EnsureRole: whether this run has made the role, or found it made as it would be. */
export const RoleStep = z.object({ action: z.enum(['created', 'kept']), message: z.string() })
export type RoleStep = z.infer<typeof RoleStep>

/** EnsureTrust: whether this run has written the role's trust policy, or found it as it should be. */
export const TrustStep = z.object({ action: z.enum(['changed', 'kept']), message: z.string() })
export type TrustStep = z.infer<typeof TrustStep>

/** FinishMigration: what it took away of IRSA, and what it found gone. */
export const FinishStep = z.object({
  annotation: z.enum(['removed', 'absent']),
  trust: z.enum(['changed', 'kept']),
  message: z.string(),
  findings: z.array(Finding),
})
export type FinishStep = z.infer<typeof FinishStep>

/** EnsureAssociation: the association as it is now, and whether this run made or changed it. */
export const AssociationStep = z.object({
  action: z.enum(['created', 'kept', 'repointed']),
  message: z.string(),
  association: Association,
})
export type AssociationStep = z.infer<typeof AssociationStep>

/** AwaitInjection: whether new pods get injected, how that was learnt, and how long it took. */
export const InjectionStep = z.object({
  ready: z.boolean(),
  /**
   * dry-run: several dry-run pods in a row came back injected. first-pod: dry runs are denied or refused, so the
   * first new pod will show it. settled: a repointed role cannot be seen from outside, so a fixed time was waited.
   */
  way: z.enum(['dry-run', 'first-pod', 'settled']),
  probes: z.number(),
  /** Milliseconds that this step has waited in all its calls, by one clock each. */
  waitedMs: z.number(),
  message: z.string(),
  /** Why the cluster would refuse the pods of a restart; null where nothing says that it would. */
  refused: z.string().nullable(),
  findings: z.array(Finding),
})
export type InjectionStep = z.infer<typeof InjectionStep>

/** RestartWorkload: whether pods had to be replaced, and which generation of the workload to follow. */
export const RestartStep = z.object({
  restarted: z.boolean(),
  reason: z.string(),
  message: z.string(),
  generation: z.number(),
  /** The deadline that an earlier rollout had missed, which is not to be held against this one. */
  missedBefore: z.string().nullable(),
  /** RFC 3339, the moment of the PATCH or of the decision against it. */
  at: z.string(),
  /** When the API server took the restart in, by its own clock; null where nothing was restarted. */
  writtenAt: z.string().nullable(),
})
export type RestartStep = z.infer<typeof RestartStep>

/** WatchRollout: how far the rollout is; `position` lets the next call go on where this one stopped. */
export const RolloutStep = z.object({
  /**
   * gone: deleted, and not made anew. replaced: somebody made it anew, and its own rollout is the one to follow.
   * missed: a new pod came to be without the credentials, so that waiting for it is no use.
   */
  state: z.enum(['progressing', 'complete', 'failed', 'gone', 'replaced', 'missed']),
  message: z.string(),
  position: z.string().nullable(),
  counts: RolloutCounts,
  /** Milliseconds that it has been watched since the restart, each call by its own clock. */
  watchedMs: z.number(),
  progress: z.array(z.object({ at: z.string(), message: z.string(), counts: RolloutCounts })),
  /** By name, as this call has seen them; of very many some. Absent where no pod was looked at. */
  pods: z.array(RolloutPod).exactOptional(),
  /** Why it failed, where it did. */
  findings: z.array(Finding),
  /** What was found to keep pods from going on and has been answered, for telling what is new. */
  told: z.array(z.string()),
  /** RFC 3339. */
  at: z.string(),
})
export type RolloutStep = z.infer<typeof RolloutStep>

/** VerifyCredentials: what was seen of each pod of the current revision, and what that comes to. */
export const ProofStep = z.object({
  /** Every pod is injected, none is known to go without the role's credentials, and what the request wants was seen. */
  proven: z.boolean(),
  /** The request wants to see credentials handed out, and another look may still show that. */
  waiting: z.boolean(),
  /** Pods that the Pod Identity webhook missed. */
  missed: z.number(),
  pods: z.array(z.string()),
  /** Pod by pod; empty where they are not all injected. */
  evidence: z.array(PodEvidence),
  credentials: CredentialVariables.nullable(),
  message: z.string(),
  findings: z.array(Finding),
})
export type ProofStep = z.infer<typeof ProofStep>

/** Undo: what was put back, and what a person has to finish. */
export const UndoStep = z.object({
  message: z.string(),
  /**
   * One line each: `the association a-… is deleted`. perhaps: it was found so by an attempt after one that gave no answer,
   * which may have done it.
   */
  done: z.array(z.object({ kind: ChangeKind, what: z.string(), perhaps: z.literal(true).exactOptional() })),
  /** What could not be put back, and the command that does it. */
  left: z.array(z.object({ kind: ChangeKind, what: z.string(), error: z.string(), command: z.string() })),
  /** What was left on purpose, because somebody has changed it since. */
  kept: z.array(z.object({ kind: ChangeKind, what: z.string() })),
  /** The workload's generation after its template was put back; null where it was not touched. */
  generation: z.number().nullable(),
  /** The deadline that the run's own rollout had missed, which is not to be held against the rollout back. */
  missedBefore: z.string().nullable(),
  /**
   * What the run that is undone left on purpose and is still there, by its tag: whether the agent's add-on (null where
   * nobody could look), and whose access entries. Null where a run undoes itself, which knows what it made.
   */
  leftByRun: z.object({ addon: z.boolean().nullable(), accessEntries: z.array(z.string()) }).nullable(),
  /** Whether there is a workload to compare with what it was before. */
  rolloutToAwait: z.boolean(),
})
export type UndoStep = z.infer<typeof UndoStep>

/** What a look showed, or why there was none. */
const lookAt = <Seen extends z.ZodType>(seen: Seen) =>
  z.union([z.object({ seen }), z.object({ error: z.string() })])

/** TakeStock: what is there of the writes whose answer was lost; null for what was not tried. */
export const StockStep = z.object({
  message: z.string(),
  /** The principals whose access entries are this run's, by their tag. */
  accessEntries: lookAt(z.array(z.string())).nullable(),
  /** Whether the agent's add-on is this run's, by its tag. */
  addon: lookAt(z.boolean()).nullable(),
  /** Whether there is a role that is this run's, by its tag, and which inline policies it has. */
  role: lookAt(z.object({ ours: z.boolean(), policies: z.array(z.string()) }).nullable()).nullable(),
  association: lookAt(Association.nullable()).nullable(),
  /** The restart annotation; null where there is none, or no workload. */
  restartedAt: lookAt(z.string().nullable()).nullable(),
  /** The text of the role's trust policy; null where there is no role. */
  trust: lookAt(z.string().nullable()).nullable().exactOptional(),
  /** The IRSA annotation; null where there is none, or no ServiceAccount. */
  annotation: lookAt(z.string().nullable()).nullable().exactOptional(),
})
export type StockStep = z.infer<typeof StockStep>

/** AwaitUndo: how the workload runs after the undo, compared with how it ran before the run. */
export const UndoRolloutStep = z.object({
  /**
   * as-before: it was seen to run as it did. differs: it runs otherwise by what others did, or by what it was before.
   * left: it does not run as it did, and waiting will not change that. waiting: look again.
   */
  state: z.enum(['as-before', 'differs', 'left', 'waiting']),
  message: z.string(),
  /** The pods that were deleted because nothing else would have freed them. */
  deleted: z.array(z.string()),
  left: z.array(z.object({ what: z.string(), error: z.string(), command: z.string() })),
  /** What is known so far, for the next look. */
  position: z.string().nullable(),
})
export type UndoRolloutStep = z.infer<typeof UndoRolloutStep>

/** Everything a run knows at its end, as the workflow's variables; null for what was not reached. */
export const RunState = z.object({
  request: Request,
  turn: TurnStep.nullable(),
  cluster: Cluster.nullable(),
  /** The roles that this run let into the cluster, by ARN. */
  accessEntries: z.array(z.string()),
  agent: AgentCheck.nullable(),
  /** Whether the agent's add-on is this run's. */
  agentInstalled: z.boolean(),
  role: RoleCheck.nullable(),
  workload: WorkloadCheck.nullable(),
  associationCheck: AssociationCheck.nullable(),
  findings: z.array(Finding),
  before: Before.nullable(),
  /** That the plan is the one that was approved; null where nobody was asked. */
  confirmed: ConfirmedStep.nullable(),
  roleMade: RoleStep.nullable(),
  trustWritten: TrustStep.nullable().exactOptional(),
  association: AssociationStep.nullable(),
  injection: InjectionStep.nullable(),
  restart: RestartStep.nullable(),
  rollout: RolloutStep.nullable(),
  proof: ProofStep.nullable(),
  finished: FinishStep.nullable().exactOptional(),
  undo: z
    .union([UndoStep, z.object({ error: z.object({ Error: z.string(), Cause: z.string() }) })])
    .nullable(),
  /** The writing step that ended without an answer, by its function's name. */
  tried: z
    .enum([
      'ensureAccess',
      'ensureAgent',
      'ensureRole',
      'ensureTrust',
      'ensureAssociation',
      'restartWorkload',
      'finishMigration',
    ])
    .nullable(),
  /** What was there after that step; null where nobody could look. */
  stock: StockStep.nullable(),
  /** What was there after an undo without an answer. */
  stockAfterUndo: StockStep.nullable(),
  /** With state unknown where nobody could look any more. */
  rolloutBack: z
    .union([UndoRolloutStep, z.object({ state: z.literal('unknown'), message: z.string() })])
    .nullable(),
  failure: z.object({ Error: z.string(), Cause: z.string().exactOptional() }).nullable(),
})
export type RunState = z.infer<typeof RunState>
