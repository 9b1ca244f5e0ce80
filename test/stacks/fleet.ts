import { partitionOf } from '../../core/partitions/partitions.ts'

export const account = '111122223333'

/** Bindings with a role and a ServiceAccount each, on 50 clusters that are named one by one. */
export const fleet = (many: number, { region = 'us-west-2', ...binding }: Record<string, unknown> = {}) => ({
  account,
  region,
  clusters: { createAccessEntries: true },
  bindings: Object.fromEntries(
    Array.from({ length: many }, (_, index) => [
      `team-${index}`,
      {
        cluster: `shop-cluster-${index % 50}`,
        namespace: `team-${index}`,
        serviceAccount: 'service',
        role: `arn:${partitionOf(String(region))}:iam::${account}:role/team-${index}`,
        ...binding,
      },
    ]),
  ),
})
