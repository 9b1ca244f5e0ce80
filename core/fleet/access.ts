import type { AccessEntry } from '../cluster.ts'
import { partitionOf } from '../partitions/partitions.ts'
import { type ClusterGroup, type StepName, stepEntries, steps } from '../steps/table.ts'

/** A function that talks to clusters. */
type ClusterFunction = StepName | 'sweep'

/** The functions that talk to clusters, and the groups they belong to. */
export const clusterGroups: Readonly<Partial<Record<ClusterFunction, readonly ClusterGroup[]>>> = {
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

/** `verify-role` of verifyRole, as files and deployed things are called. */
export const kebab = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()

/** What a thing of a stage is called: `podid-production-verify-role`. Fixed, since access entries name the roles. */
export const deployedName = (stage: string, name: string): string => `podid-${stage}-${kebab(name)}`
