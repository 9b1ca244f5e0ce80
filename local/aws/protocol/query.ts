import type { NormalizedSchema } from '@smithy/core/schema'
import { readText } from './text.ts'

const xmlName = (name: string, schema: NormalizedSchema): string =>
  String(schema.getMergedTraits().xmlName ?? name)

const isFlattened = (schema: NormalizedSchema): boolean => Boolean(schema.getMergedTraits().xmlFlattened)

/** Reads a value from form parameters such as `Tags.member.1.Key=a`, as the query protocol spells them. */
export const readForm = (schema: NormalizedSchema, form: URLSearchParams, prefix = ''): unknown => {
  if (schema.isListSchema()) {
    const item = schema.getValueSchema()
    const base = isFlattened(schema) ? prefix : `${prefix}.${xmlName('member', item)}`
    return numbered(form, base).map((key) => readForm(item, form, key))
  }
  if (schema.isMapSchema())
    return Object.fromEntries(
      numbered(form, `${prefix}.entry`).map((key) => [
        form.get(`${key}.key`) ?? '',
        readForm(schema.getValueSchema(), form, `${key}.value`),
      ]),
    )
  if (!schema.isStructSchema()) return readText(schema, form.get(prefix) ?? '')
  const read: Record<string, unknown> = {}
  for (const [name, member] of schema.structIterator()) {
    const key = prefix ? `${prefix}.${xmlName(name, member)}` : xmlName(name, member)
    if (mentions(form, key)) read[name] = readForm(member, form, key)
  }
  return read
}

const mentions = (form: URLSearchParams, key: string): boolean =>
  [...form.keys()].some((name) => name === key || name.startsWith(`${key}.`))

const numbered = (form: URLSearchParams, base: string): string[] => {
  const keys: string[] = []
  for (let index = 1; mentions(form, `${base}.${index}`); index++) keys.push(`${base}.${index}`)
  return keys
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text as it may stand between tags. */
export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (char) => escapes[char] ?? char)

const element = (name: string, content: string): string =>
  content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`

/** Writes a value as the element `name`, without members that the schema does not know. */
export const writeXml = (schema: NormalizedSchema, name: string, value: unknown): string => {
  if (value === undefined || value === null) return ''
  if (schema.isListSchema()) {
    const item = schema.getValueSchema()
    const itemName = isFlattened(schema) ? name : xmlName('member', item)
    const items = (value as unknown[]).map((entry) => writeXml(item, itemName, entry)).join('')
    return isFlattened(schema) ? items : element(name, items)
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(value).map(([key, entry]) =>
      element('entry', element('key', escapeXml(key)) + writeXml(schema.getValueSchema(), 'value', entry)),
    )
    return element(name, entries.join(''))
  }
  if (schema.isStructSchema()) return element(name, writeMembers(schema, value as Record<string, unknown>))
  return element(name, escapeXml(scalarText(value)))
}

const writeMembers = (schema: NormalizedSchema, source: Record<string, unknown>): string =>
  [...schema.structIterator()]
    .map(([name, member]) => writeXml(member, xmlName(name, member), source[name]))
    .join('')

const scalarText = (value: unknown): string =>
  value instanceof Date ? value.toISOString().replace(/\.\d{3}Z$/, 'Z') : String(value)
