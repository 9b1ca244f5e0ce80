/**
 * Every function of the workflow by its placeholder in the definition. Stacks deploy `handler` of the file, a
 * local run calls what `create` makes for its runtime; a test holds definition, registry and files together.
 */
export const functions = {
  resolveRequest: () => import('./steps/resolve-request.ts'),
  awaitCluster: () => import('./steps/await-cluster.ts'),
  ensureAccess: () => import('./steps/ensure-access.ts'),
  checkAgent: () => import('./steps/check-agent.ts'),
  verifyRole: () => import('./steps/verify-role.ts'),
  verifyWorkload: () => import('./steps/verify-workload.ts'),
  checkAssociation: () => import('./steps/check-association.ts'),
  requestApproval: () => import('./steps/request-approval.ts'),
  ensureAgent: () => import('./steps/ensure-agent.ts'),
  ensureAssociation: () => import('./steps/ensure-association.ts'),
  awaitInjection: () => import('./steps/await-injection.ts'),
  restartWorkload: () => import('./steps/restart-workload.ts'),
  watchRollout: () => import('./steps/watch-rollout.ts'),
  verifyCredentials: () => import('./steps/verify-credentials.ts'),
  undo: () => import('./steps/undo.ts'),
  report: () => import('./steps/report.ts'),
}

export type FunctionName = keyof typeof functions
