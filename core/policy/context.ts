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

const variable = /\$\{([^}]*)\}/g
const withDefault = /^(.*?)\s*,\s*'(.*)'$/

/** The key inside `${…}`, and its default where it has one. */
const readVariable = (inside: string): { key: string; fallback: string | undefined } => {
  const [, key = inside, fallback] = withDefault.exec(inside) ?? []
  return { key: key.trim(), fallback }
}

/** The inside of a variable that only spells a character that would otherwise mean something. */
const isEscape = (inside: string): boolean => inside === '*' || inside === '?' || inside === '$'

/** The keys that the patterns take in as variables. */
export const variableKeys = (patterns: readonly string[]): string[] =>
  patterns.flatMap((pattern) =>
    [...pattern.matchAll(variable)].flatMap(([, inside = '']) =>
      isEscape(inside) ? [] : [readVariable(inside).key],
    ),
  )

/**
 * Fills in the policy variables of a pattern; values are literal, wildcards in them included.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export const fillIn = (pattern: string, lookup: Lookup): string | Unresolved => {
  let missing: { key: string; known: boolean } | undefined
  const text = pattern.replace(variable, (_whole, inside: string) => {
    if (isEscape(inside)) return literalOf(inside)
    const { key, fallback } = readVariable(inside)
    const value = lookup(key)
    if (typeof value === 'string') return literalOf(value)
    // A key with several values cannot be a variable, and is there all the same.
    if (value !== undefined && !value?.length && fallback !== undefined) return literalOf(fallback)
    missing = { key, known: value !== undefined && (missing?.known ?? true) }
    return '*'
  })
  return missing ? { ...missing, widest: text } : text
}
