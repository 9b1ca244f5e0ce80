import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** The files of the repository that each of these imports, also by way of others. */
export const importsOf = (root: string, names: readonly string[]): Map<string, Set<string>> => {
  const known = new Map<string, string[]>()
  const direct = (name: string): string[] => {
    const found =
      known.get(name) ??
      [...readFileSync(join(root, name), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g)].map(
        ([, path = '']) => normalize(join(dirname(name), path)),
      )
    known.set(name, found)
    return found
  }
  const all = (name: string): Set<string> => {
    const seen = new Set<string>()
    const next = [name]
    for (let file = next.pop(); file; file = next.pop()) {
      for (const other of direct(file)) {
        if (!seen.has(other)) next.push(other)
        seen.add(other)
      }
    }
    return seen
  }
  return new Map(names.map((name) => [name, all(name)]))
}
