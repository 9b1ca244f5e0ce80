import { parseConfig } from '../../../../core/config.ts'
import { declaredIn } from '../../../../core/fleet/expand/declared.ts'
import { type Expansion, expandBindings } from '../../../../core/fleet/expand/expand.ts'
import type { ClusterFacts, KeyValues } from '../../../../core/fleet/expand/select.ts'

const account = '111122223333'
const region = 'us-west-2'

/** A cluster with its ServiceAccounts by namespace; a namespace's own labels go by the empty name. */
const cluster = (
  name: string,
  inside: Record<string, Record<string, KeyValues>> = {},
  change: Partial<ClusterFacts> = {},
): ClusterFacts => ({
  name,
  region,
  account,
  tags: {},
  inside: Object.entries(inside).map(([namespace, { '': labels = {}, ...accounts }]) => ({
    name: namespace,
    labels,
    serviceAccounts: Object.entries(accounts).map(([one, of]) => ({ name: one, labels: of })),
  })),
  ...change,
})

const carts = { cluster: 'shop-*', namespace: 'carts', serviceAccount: 'carts', role: 'carts' }

const expanded = (bindings: Record<string, object>, clusters: readonly ClusterFacts[]): Expansion =>
  expandBindings(declaredIn(parseConfig({ account, region, bindings }, 'dev')), clusters, { region })

/** What tests of bindings by pattern share. */
export const expanding = { account, region, cluster, carts, expanded }
