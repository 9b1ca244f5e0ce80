import type { ValueFault } from '../text/value-fault.ts'
import { partitionOf, partitionOfArn } from './partitions.ts'

/** What of a binding names things by their partition. */
interface InPartition {
  region?: string | undefined
  role: string
  targetRole?: string | undefined
  formerRoles?: readonly string[] | undefined
  permissionsBoundary?: string | undefined
  needs?: readonly object[] | undefined
}

/**
 * What of a binding is in another partition than the run's: nothing of it could be read or assumed from there.
 * @param region the run's own
 */
export const partitionFaults = (binding: InPartition, region: string): ValueFault[] => {
  const own = partitionOf(region)
  const there = binding.region ?? region
  if (partitionOf(there) !== own)
    return [
      {
        path: ['region'],
        said: `${there} is in the partition ${partitionOf(there)}, and podid runs in ${region} (${own}), whose accounts are others: deploy a stage there`,
      },
    ]
  const { role, targetRole, formerRoles = [], permissionsBoundary, needs = [] } = binding
  const named: [ValueFault['path'], string | undefined][] = [
    [['role'], role],
    [['targetRole'], targetRole],
    ...formerRoles.map((arn, index): [ValueFault['path'], string] => [['formerRoles', index], arn]),
    [['permissionsBoundary'], permissionsBoundary],
    ...needs.flatMap((need, index) =>
      Object.entries(need).flatMap(([field, value]) =>
        [value].flat().map((arn): [ValueFault['path'], string] => [['needs', index, field], String(arn)]),
      ),
    ),
  ]
  return named.flatMap(([path, arn = '']) => {
    const partition = partitionOfArn(arn)
    return partition === undefined || partition === own
      ? []
      : [
          {
            path,
            said: `${arn} is in the partition ${partition}, and the cluster in ${own}: what is in ${there} has ARNs that begin arn:${own}:`,
          },
        ]
  })
}
