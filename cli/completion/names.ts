import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parse } from 'yaml'
import type { Names } from './candidates.ts'

/** Names out of podid.yaml, the kubeconfig and the journals. A file that is not there, or is faulty, has none: nobody reads a message while completing. */
export const namesHere: Names = {
  bindings: (file) => Object.keys(recordIn(settings(file), 'bindings')),
  clusters: (file) =>
    Object.values(recordIn(settings(file), 'bindings')).flatMap((binding) => {
      const { cluster } = (binding ?? {}) as { cluster?: unknown }
      // A pattern is no cluster's name.
      return typeof cluster === 'string' && !/[*?]/.test(cluster) ? [cluster] : []
    }),
  stages: (file) => Object.keys(recordIn(settings(file), 'stages')),
  contexts: (kubeconfig) =>
    (kubeconfig ?? (process.env.KUBECONFIG || join(homedir(), '.kube/config')))
      .split(delimiter)
      .flatMap((path) => {
        const { contexts } = (read(path) ?? {}) as { contexts?: unknown }
        return Array.isArray(contexts) ? contexts.flatMap(nameOf) : []
      }),
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

const nameOf = (context: unknown): string[] => {
  const { name } = (context ?? {}) as { name?: unknown }
  return typeof name === 'string' ? [name] : []
}
