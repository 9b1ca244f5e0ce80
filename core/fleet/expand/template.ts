import * as z from 'zod'
import { nearestName } from '../../text/distance.ts'
import { quote } from '../../text/quote.ts'

/** What a binding's texts may have in braces: `carts-{cluster}`. */
export const bindingPlaceholders = ['account', 'region', 'cluster', 'namespace', 'serviceAccount'] as const
export type Placeholder = (typeof bindingPlaceholders)[number]
export type PlaceholderValues = Readonly<Record<Placeholder, string>>

/** A name in braces; `${…}` is a variable of an IAM policy, which stays. */
const braced = /(?<!\$)\{([^{}]*)\}/g

const isPlaceholder = (name: string): name is Placeholder =>
  (bindingPlaceholders as readonly string[]).includes(name)

/** What stands in the braces of a text. */
const namesIn = (text: string): string[] => [...text.matchAll(braced)].map(([, name = '']) => name)

/** The placeholders of a text, each once. */
export const placeholdersIn = (text: string): Placeholder[] => [
  ...new Set(namesIn(text).filter(isPlaceholder)),
]

/** The text with a value in the place of each placeholder. */
export const fillText = (text: string, values: PlaceholderValues): string =>
  text.includes('{')
    ? text.replaceAll(braced, (whole, name: string) => (isPlaceholder(name) ? values[name] : whole))
    : text

/** The same for every text of a value, however deep. */
export const fillAll = <Value>(value: Value, values: PlaceholderValues): Value => {
  if (typeof value === 'string') return fillText(value, values) as Value
  if (Array.isArray(value)) return value.map((one: unknown) => fillAll(one, values)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillAll(one, values)])) as Value
}

/** Values that every text takes where a name of AWS or Kubernetes may stand. */
const sample: PlaceholderValues = {
  account: '000000000000',
  region: 'us-east-1',
  cluster: 'x',
  namespace: 'x',
  serviceAccount: 'x',
}

/** What is wrong with the braces of a text. */
const bracesFaults = (text: string): string[] => {
  const unknown = namesIn(text).filter((name) => !isPlaceholder(name))
  const stray = /[{}]/.test(text.replaceAll(/\{[^{}]*\}/g, ''))
  return [
    ...unknown.map((name) => {
      const near = nearestName(name, bindingPlaceholders)
      return `${quote(text)} has {${name}}, which is no placeholder; ${near ? `did you mean {${near}}? There are` : 'there are'} ${bindingPlaceholders.map((one) => `{${one}}`).join(', ')}`
    }),
    ...(stray ? [`${quote(text)} has a brace that belongs to no placeholder`] : []),
  ]
}

const eachText = (
  value: unknown,
  path: readonly PropertyKey[],
  take: (text: string, path: readonly PropertyKey[]) => void,
): void => {
  if (typeof value === 'string') take(value, path)
  else if (Array.isArray(value)) value.forEach((one, index) => void eachText(one, [...path, index], take))
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) eachText(one, [...path, key], take)
}

const innerSchemas = new WeakMap<object, z.ZodType>()

/** The schema that a template has to fit once it is filled in, for who describes it; undefined of other schemas. */
export const filledSchema = (schema: object): z.ZodType | undefined => innerSchemas.get(schema)

/**
 * The schema of a value whose texts may have placeholders: with values in their place it has to fit `schema`. What
 * comes out is the value as it was written.
 */
export const templated = <Schema extends z.ZodType>(schema: Schema) => {
  const template = z.custom<z.input<Schema>>().superRefine((value: unknown, context) => {
    const faults: { path: PropertyKey[]; message: string }[] = []
    eachText(value, [], (text, path) => {
      for (const message of bracesFaults(text)) faults.push({ path: [...path], message })
    })
    for (const { path, message } of faults) context.addIssue({ code: 'custom', path, message })
    if (faults.length > 0) return
    const parsed = schema.safeParse(fillAll(value, sample))
    for (const issue of parsed.error?.issues ?? []) context.addIssue({ ...issue, path: [...issue.path] })
  })
  innerSchemas.set(template, schema)
  return template
}
