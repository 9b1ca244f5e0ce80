import type { Runtime } from '../adapters/runtime.ts'
import type { FleetPlan } from '../core/fleet/waves/plan.ts'
import type { FleetReport } from '../core/fleet/waves/report.ts'
import type { Report } from '../core/report.ts'
import type { Request } from '../core/request.ts'
import type * as answers from '../core/steps/answers.ts'
import type { RolloutStepName } from '../core/steps/rollout-table.ts'
import type { StepName } from '../core/steps/table.ts'
import type { Handler } from './middleware/make-handler.ts'
import type { RoundJudged } from './steps/judge-round.ts'

/** What each step answers; the workflow keeps it for the steps after it. */
interface Answers {
  resolveRequest: Request
  takeTurn: answers.TurnStep
  awaitCluster: answers.ClusterStep
  ensureAccess: answers.AccessStep
  checkAgent: answers.AgentStep
  verifyRole: answers.RoleCheck
  verifyWorkload: answers.WorkloadCheck
  checkAssociation: answers.AssociationCheck
  requestApproval: answers.ApprovalStep
  confirmPlan: answers.ConfirmedStep
  ensureAgent: answers.AgentInstallStep
  ensureRole: answers.RoleStep
  ensureTrust: answers.TrustStep
  ensureAssociation: answers.AssociationStep
  awaitInjection: answers.InjectionStep
  restartWorkload: answers.RestartStep
  watchRollout: answers.RolloutStep
  verifyCredentials: answers.ProofStep
  finishMigration: answers.FinishStep
  takeStock: answers.StockStep
  undo: answers.UndoStep
  awaitUndo: answers.UndoRolloutStep
  report: Report
  planWaves: FleetPlan
  judgeRound: RoundJudged
  reportRollout: FleetReport
}

/** A function that a state of one of the workflows calls. */
export type WorkflowFunction = StepName | RolloutStepName

/** What the file of a step exports: `handler` for Lambda, and `create`, which makes it for other surroundings. */
interface StepModule<Name extends WorkflowFunction> {
  create: (runtime: Runtime) => Handler<Answers[Name]>
  handler: unknown
}

/**
 * The file of each step. Stacks deploy its `handler`, a local run calls what `create` makes for its runtime; a
 * step of core/steps (table.ts, rollout-table.ts) that is missing here does not compile, nor one that answers something else.
 */
export const functions = {
  resolveRequest: () => import('./steps/resolve-request.ts'),
  takeTurn: () => import('./steps/take-turn.ts'),
  awaitCluster: () => import('./steps/await-cluster.ts'),
  ensureAccess: () => import('./steps/ensure-access.ts'),
  checkAgent: () => import('./steps/check-agent.ts'),
  verifyRole: () => import('./steps/verify-role.ts'),
  verifyWorkload: () => import('./steps/verify-workload.ts'),
  checkAssociation: () => import('./steps/check-association.ts'),
  requestApproval: () => import('./steps/request-approval.ts'),
  confirmPlan: () => import('./steps/confirm-plan.ts'),
  ensureAgent: () => import('./steps/ensure-agent.ts'),
  ensureRole: () => import('./steps/ensure-role.ts'),
  ensureTrust: () => import('./steps/ensure-trust.ts'),
  ensureAssociation: () => import('./steps/ensure-association.ts'),
  awaitInjection: () => import('./steps/await-injection.ts'),
  restartWorkload: () => import('./steps/restart-workload.ts'),
  watchRollout: () => import('./steps/watch-rollout.ts'),
  verifyCredentials: () => import('./steps/verify-credentials.ts'),
  finishMigration: () => import('./steps/finish-migration.ts'),
  takeStock: () => import('./steps/take-stock.ts'),
  undo: () => import('./steps/undo.ts'),
  awaitUndo: () => import('./steps/await-undo.ts'),
  report: () => import('./steps/report.ts'),
  planWaves: () => import('./steps/plan-waves.ts'),
  judgeRound: () => import('./steps/judge-round.ts'),
  reportRollout: () => import('./steps/report-rollout.ts'),
} satisfies { [Name in WorkflowFunction]: () => Promise<StepModule<Name>> }
