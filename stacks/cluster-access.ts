import type { AccessEntry } from '../core/cluster.ts'
import { partitionOf } from './scope.ts'

/** What a function may do inside clusters, as the groups that manifests/ binds to roles there. */
type Group =
  | 'podid:agent' // the agent's DaemonSets and pods, and the nodes
  | 'podid:workload' // the workload, its revisions and its pods
  | 'podid:environment' // the ServiceAccount, and the ConfigMaps its pods read
  | 'podid:rollout' // watching the workload
  | 'podid:diagnosis' // events, and the logs of pods, which say why they fail
  | 'podid:probe' // creating pods, which is only ever done as a dry run
  | 'podid:restart' // changing the workload's restart annotation

/** The functions that talk to clusters, and the groups they belong to. */
export const clusterGroups: Readonly<Record<string, Group[]>> = {
  checkAgent: ['podid:agent'],
  ensureAgent: ['podid:agent'],
  verifyWorkload: ['podid:workload', 'podid:environment', 'podid:diagnosis'],
  awaitInjection: ['podid:workload', 'podid:probe'],
  restartWorkload: ['podid:workload', 'podid:restart'],
  watchRollout: ['podid:workload', 'podid:rollout', 'podid:diagnosis'],
  verifyCredentials: ['podid:workload', 'podid:environment'],
  undo: ['podid:workload', 'podid:probe', 'podid:restart'],
  // Looks as VerifyWorkload does.
  sweep: ['podid:workload', 'podid:environment', 'podid:diagnosis'],
}

/** The access entries of a stage, the same for each of its clusters. */
export const accessEntries = (
  where: { account: string; region: string },
  named: (name: string) => string,
): AccessEntry[] =>
  Object.entries(clusterGroups).map(([name, kubernetesGroups]) => ({
    principalArn: `arn:${partitionOf(where.region)}:iam::${where.account}:role/${named(name)}`,
    kubernetesGroups,
  }))
