/**
 * Every function of the workflow by its placeholder in the definition. Stacks deploy `handler` of the file, a
 * local run calls what `create` makes for its runtime; a test holds definition, registry and files together.
 */
export const functions = {
  resolveRequest: () => import('./resolve-request.ts'),
  awaitCluster: () => import('./await-cluster.ts'),
  ensureAccess: () => import('./ensure-access.ts'),
  checkAgent: () => import('./check-agent.ts'),
  verifyRole: () => import('./verify-role.ts'),
  verifyWorkload: () => import('./verify-workload.ts'),
  checkAssociation: () => import('./check-association.ts'),
  requestApproval: () => import('./request-approval.ts'),
  ensureAgent: () => import('./ensure-agent.ts'),
  ensureAssociation: () => import('./ensure-association.ts'),
  awaitInjection: () => import('./await-injection.ts'),
  restartWorkload: () => import('./restart-workload.ts'),
  watchRollout: () => import('./watch-rollout.ts'),
  verifyCredentials: () => import('./verify-credentials.ts'),
  undo: () => import('./undo.ts'),
  report: () => import('./report.ts'),
}

export type FunctionName = keyof typeof functions
