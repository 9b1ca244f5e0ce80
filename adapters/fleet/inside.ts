import { fits } from '../../core/config.ts'
import type { Binding } from '../../core/fleet/expand/binding.ts'
import { hasLabels, type KeyValues, type NamespaceFacts } from '../../core/fleet/expand/select.ts'
import { hasWildcard } from '../../core/policy/pattern.ts'
import { concurrently } from '../concurrently.ts'
import type { Connection } from '../kubernetes/connection.ts'
import { eachPage } from '../kubernetes/pages.ts'

/** What a list names always has its names; a namespace is in none. */
interface Listed {
  metadata: { name: string; labels?: KeyValues }
}
interface ListedAccount {
  metadata: Listed['metadata'] & { namespace: string }
}

const namespacesAtOnce = 4

/**
 * The namespaces and ServiceAccounts of a cluster that bindings by pattern may be for, with their labels; of all others
 * nothing is held. Bindings that name their namespaces, and go by no labels of theirs, need no right to list any other.
 * @throws PodidError where they may not be listed, or the cluster does not answer
 */
export const insideFor = async (
  connection: Connection,
  bindings: readonly Binding[],
  signal?: AbortSignal,
): Promise<NamespaceFacts[]> => {
  const named = bindings.every(({ namespace }) => !hasWildcard(namespace))
  const labels: Map<string, KeyValues> =
    named && !bindings.some(wantsLabels)
      ? new Map(bindings.map(({ namespace }) => [namespace, {}]))
      : await ofAll(connection, bindings, signal)
  const inside = new Map(
    [...labels].map(([name, own]) => [name, { name, labels: own, accounts: new Map<string, KeyValues>() }]),
  )
  const take = (accounts: ListedAccount[]) => {
    for (const { metadata } of accounts) {
      const { name, namespace, labels: own = {} } = metadata
      if (bindings.some((one) => fits(one.namespace, namespace) && fits(one.serviceAccount, name)))
        inside.get(namespace)?.accounts.set(name, own)
    }
  }
  const request = { version: 'v1', resource: 'serviceaccounts', signal }
  if (named)
    await concurrently([...labels.keys()], namespacesAtOnce, (namespace) =>
      eachPage(connection, { ...request, namespace }, take),
    )
  else await eachPage(connection, request, take)
  return [...inside.values()].map(({ accounts, ...namespace }) => ({
    ...namespace,
    serviceAccounts: [...accounts].map(([name, own]) => ({ name, labels: own })),
  }))
}

const wantsLabels = ({ namespaceLabels, overrides }: Binding): boolean =>
  [namespaceLabels, ...overrides.map(({ where }) => where.namespaceLabels)].some(
    (labels) => Object.keys(labels).length > 0,
  )

const ofAll = async (
  connection: Connection,
  bindings: readonly Binding[],
  signal: AbortSignal | undefined,
): Promise<Map<string, KeyValues>> => {
  const found = new Map<string, KeyValues>()
  await eachPage<Listed>(connection, { version: 'v1', resource: 'namespaces', signal }, (namespaces) => {
    for (const { metadata } of namespaces) {
      const { name, labels = {} } = metadata
      if (bindings.some((one) => fits(one.namespace, name) && hasLabels(one.namespaceLabels, labels)))
        found.set(name, labels)
    }
  })
  return found
}
