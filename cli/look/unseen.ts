import { firstOf } from '../../core/text/list.ts'

/** What a Kubernetes API refused, as its message and the advice after it say it; a long one may have lost its end. */
const refusal =
  /^(?<what>[^(]+) \(.*on cluster (?<cluster>\S+): 403 Forbidden: .*?User "(?<user>[^"]+)"(?:.* is missing (?<where>for the whole cluster|in namespace [\w.-]+): the role (?<role>\S+) in (?<file>[\w./-]+\.yaml))?/

/**
 * What could not be looked at, as lines for people. Refusals of one cluster have one line, which names all that the caller
 * may not look at, and the roles of manifests/ that allow it: somebody who may look at little has one fault, and not one for each kind.
 */
export const unseenLines = (unseen: readonly string[]): string[] => {
  const refused = Map.groupBy(unseen, (line) => {
    const { cluster, user } = refusal.exec(line)?.groups ?? {}
    return cluster ? `${cluster} ${user}` : undefined
  })
  return [...refused].flatMap(([place, lines]) =>
    place === undefined || lines.length === 1
      ? lines.map((line) => `could not look at ${line}`)
      : [together(lines)],
  )
}

const together = (lines: readonly string[]): string => {
  const found = lines.map((line) => refusal.exec(line)?.groups ?? {})
  const [{ cluster, user } = {}] = found
  const wheres = [...new Set(found.flatMap(({ where }) => where ?? []))]
  const whats = found.map(({ what }) => what ?? '')
  const roles = [...new Set(found.flatMap(({ role, file }) => (role ? [`${role} (${file})`] : [])))]
  const may = `${user} may not, by the cluster’s RBAC (403 Forbidden)`
  const rules =
    roles.length === 0
      ? ''
      : `. The rules are missing ${wheres.join(', ')}; these roles have them: ${roles.join(', ')}. Apply manifests/, and give the caller’s access entry their groups`
  return `could not look at ${firstOf(whats, 10)} on cluster ${cluster}: ${may}${rules}`
}
