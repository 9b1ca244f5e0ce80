/** The states a person follows, and what they are called; the others are the workflow's own business. */
export const stepLabels: Readonly<Record<string, string>> = {
  AwaitCluster: 'Cluster',
  EnsureAccess: 'Access',
  CheckAgent: 'Agent',
  VerifyRole: 'Role',
  VerifyWorkload: 'Workload',
  CheckAssociation: 'Association',
  AwaitApproval: 'Approval',
  EnsureAgent: 'Install agent',
  EnsureAssociation: 'Associate',
  AwaitInjection: 'Propagation',
  RestartWorkload: 'Restart',
  WatchRollout: 'Rollout',
  VerifyCredentials: 'Credentials',
  Undo: 'Undo',
  AwaitUndo: 'Rollout back',
}
