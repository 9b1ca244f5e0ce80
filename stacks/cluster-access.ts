import type { AccessEntry } from '../core/cluster.ts'
import { partitionOf } from '../core/partitions/partitions.ts'
import { type ClusterGroup, stepEntries, steps } from '../core/steps/table.ts'
import type { FunctionName } from './permissions.ts'

/** The functions that talk to clusters, and the groups they belong to. */
export const clusterGroups: Readonly<Partial<Record<FunctionName, readonly ClusterGroup[]>>> = {
  ...Object.fromEntries(
    stepEntries.flatMap(([name, { clusterGroups }]) =>
      clusterGroups.length > 0 ? [[name, clusterGroups]] : [],
    ),
  ),
  // Looks as VerifyWorkload does, and at what there is for bindings by pattern.
  sweep: [...steps.verifyWorkload.clusterGroups, 'podid:names'],
}

/** The access entries of a stage, the same for each of its clusters. */
export const accessEntries = (
  where: { account: string; region: string },
  named: (name: string) => string,
): AccessEntry[] =>
  Object.entries(clusterGroups).map(([name, kubernetesGroups]) => ({
    principalArn: `arn:${partitionOf(where.region)}:iam::${where.account}:role/${named(name)}`,
    kubernetesGroups: [...kubernetesGroups],
  }))
