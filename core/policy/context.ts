import { literalOf } from './pattern.ts'

/**
 * What is known of the request, by condition key (`aws:SourceArn`; case does not matter). Null, like an empty
 * list, means known to be absent; a key that is not there is unknown.
 */
export type Context = Readonly<Record<string, ContextValue | undefined>>
export type ContextValue = string | readonly string[] | null

/** Answers what a key holds: undefined where that is unknown. */
export type Lookup = (key: string) => ContextValue | undefined

/** A reader of the context by key, whatever the case of either. */
export const lookupIn = (context: Context): Lookup => {
  let values: Map<string, ContextValue | undefined> | undefined
  return (key) => {
    if (Object.hasOwn(context, key)) return context[key]
    values ??= new Map(Object.entries(context).map(([name, value]) => [name.toLowerCase(), value]))
    return values.get(key.toLowerCase())
  }
}

/** A policy variable without a known value: `known` where the key is known to be absent. */
export interface Unresolved {
  key: string
  known: boolean
  /** The pattern with `*` for what could not be filled in: it covers whatever the variable may turn out to be. */
  widest: string
}

/** A text, or the inside of a `${…}` in it. */
type Part = { text: string } | { inside: string }

/** The parts of a pattern, in one pass: what is never closed is text. */
const partsOf = (pattern: string): Part[] => {
  const parts: Part[] = []
  let from = 0
  for (;;) {
    const start = pattern.indexOf('${', from)
    const end = start < 0 ? -1 : pattern.indexOf('}', start)
    if (end === -1) {
      parts.push({ text: pattern.slice(from) })
      return parts
    }
    parts.push({ text: pattern.slice(from, start) }, { inside: pattern.slice(start + 2, end) })
    from = end + 1
  }
}

/** The key inside `${…}`, and its default where it has one: `key, 'default'`. */
const readVariable = (inside: string): { key: string; fallback: string | undefined } => {
  for (let comma = inside.indexOf(','); comma >= 0; comma = inside.indexOf(',', comma + 1)) {
    let quote = comma + 1
    while (/\s/.test(inside[quote] ?? '')) quote++
    if (inside[quote] === "'" && inside.endsWith("'") && quote < inside.length - 1)
      return { key: inside.slice(0, comma).trim(), fallback: inside.slice(quote + 1, -1) }
  }
  return { key: inside.trim(), fallback: undefined }
}

/** The inside of a variable that only spells a character that would otherwise mean something. */
const isEscape = (inside: string): boolean => inside === '*' || inside === '?' || inside === '$'

/** The keys that the patterns take in as variables. */
export const variableKeys = (patterns: readonly string[]): string[] =>
  patterns.flatMap((pattern) =>
    partsOf(pattern).flatMap((part) =>
      'text' in part || isEscape(part.inside) ? [] : [readVariable(part.inside).key],
    ),
  )

/**
 * Fills in the policy variables of a pattern; values are literal, wildcards in them included.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export const fillIn = (pattern: string, lookup: Lookup): string | Unresolved => {
  let missing: { key: string; known: boolean } | undefined
  const fill = (part: Part): string => {
    if ('text' in part) return part.text
    if (isEscape(part.inside)) return literalOf(part.inside)
    const { key, fallback } = readVariable(part.inside)
    const value = lookup(key)
    if (typeof value === 'string') return literalOf(value)
    // A key with several values cannot be a variable, and is there all the same.
    if (value !== undefined && !value?.length && fallback !== undefined) return literalOf(fallback)
    missing = { key, known: value !== undefined && (missing?.known ?? true) }
    return '*'
  }
  const text = partsOf(pattern).map(fill).join('')
  return missing ? { ...missing, widest: text } : text
}
