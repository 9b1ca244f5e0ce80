import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parse } from 'yaml'
import type { Names } from './candidates.ts'

/** Names out of podid.yaml, the kubeconfig and the journals. A file that is not there, or is faulty, has none: nobody reads a message while completing. */
export const namesHere: Names = {
  bindings: (file) => Object.keys(recordIn(settings(file), 'bindings')),
  clusters: async (file, kubeconfig) => [
    ...Object.values(recordIn(settings(file), 'bindings')).flatMap((binding) => {
      const { cluster } = (binding ?? {}) as { cluster?: unknown }
      // A pattern is no cluster's name.
      return typeof cluster === 'string' && !/[*?]/.test(cluster) ? [cluster] : []
    }),
    ...(await clustersIn(filesOf(kubeconfig))),
  ],
  stages: (file) => Object.keys(recordIn(settings(file), 'stages')),
  contexts: (kubeconfig) =>
    filesOf(kubeconfig).flatMap((path) => namedIn(read(path), 'contexts').map(({ name }) => name)),
  scenarios: async () => (await import('../commands/local.ts')).scenarioNames(),
  rollouts: async () =>
    (await import('../rollout/recorded.ts')).recordedRollouts().map(({ head }) => head.rollout),
  runs: async () => (await import('../journal/read.ts')).recordedRuns().map(({ head }) => head.run),
}

const settings = (file = 'podid.yaml'): unknown => read(file)

const read = (path: string): unknown => {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

const recordIn = (value: unknown, field: string): Record<string, unknown> => {
  const inner = ((value ?? {}) as Record<string, unknown>)[field]
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {}
}

/** The files of a kubeconfig: the one that is named, or those of KUBECONFIG. */
const filesOf = (kubeconfig: string | undefined): string[] =>
  (kubeconfig ?? (process.env.KUBECONFIG || join(homedir(), '.kube/config'))).split(delimiter)

interface NamedEntry {
  name: string
  [field: string]: unknown
}

const namedIn = (kubeconfig: unknown, field: 'contexts' | 'clusters' | 'users'): NamedEntry[] => {
  const found = ((kubeconfig ?? {}) as Record<string, unknown>)[field]
  return Array.isArray(found)
    ? found.filter(
        (entry): entry is NamedEntry => typeof (entry as Partial<NamedEntry> | null)?.name === 'string',
      )
    : []
}

/** The EKS clusters of the contexts of kubeconfigs. */
const clustersIn = async (paths: readonly string[]): Promise<string[]> => {
  const { clusterOfContext } = await import('../bindings/kubeconfig.ts')
  const files = paths.map(read)
  const all = (field: 'contexts' | 'clusters' | 'users') => files.flatMap((one) => namedIn(one, field))
  const [clusters, users] = [all('clusters'), all('users')]
  return all('contexts').flatMap(({ name, context }) => {
    const { cluster = '', user = '' } = (context ?? {}) as { cluster?: string; user?: string }
    const { server } = (clusters.find((one) => one.name === cluster)?.cluster ?? {}) as { server?: string }
    const { exec } = (users.find((one) => one.name === user)?.user ?? {}) as { exec?: { args?: unknown } }
    const args = Array.isArray(exec?.args) ? exec.args.map(String) : []
    const facts = { context: name, cluster, user, server: String(server ?? ''), args, env: {} }
    return clusterOfContext(facts)?.cluster ?? []
  })
}
