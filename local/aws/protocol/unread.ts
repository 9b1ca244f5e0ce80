import type { NormalizedSchema } from '@smithy/core/schema'

/**
 * The members of a request that an operation does not read, by path (`Tags`, `Targets.SqsParameters`).
 * `reads` names whole members and, with dots, members of structures in them.
 */
export const unreadMembers = (
  schema: NormalizedSchema,
  value: unknown,
  reads: readonly string[],
  at = '',
): string[] => {
  if (schema.isListSchema())
    return (value as unknown[]).flatMap((item) => unreadMembers(schema.getValueSchema(), item, reads, at))
  if (!schema.isStructSchema()) return []
  const source = value as Record<string, unknown>
  return [...schema.structIterator()].flatMap(([name, member]) => {
    if (source[name] === undefined) return []
    const path = at ? `${at}.${name}` : name
    if (reads.includes(path)) return []
    const inPart = reads.some((read) => read.startsWith(`${path}.`))
    return inPart ? unreadMembers(member, source[name], reads, path) : [path]
  })
}
