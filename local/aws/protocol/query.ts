import type { NormalizedSchema } from '@smithy/core/schema'
import { readText } from './text.ts'

const xmlName = (name: string, schema: NormalizedSchema): string =>
  String(schema.getMergedTraits().xmlName ?? name)

const isFlattened = (schema: NormalizedSchema): boolean => Boolean(schema.getMergedTraits().xmlFlattened)

/** Form parameters by the parts of their names: `Tags.member.1.Key=a` is a leaf four levels down. */
interface FormNode {
  text?: string
  parts: Map<string, FormNode>
  /** Whether the schema had a place for it. */
  read?: true
}

const treeOf = (form: URLSearchParams): FormNode => {
  const root: FormNode = { parts: new Map() }
  for (const [name, text] of form) {
    let node = root
    for (const part of name.split('.')) {
      const next: FormNode = node.parts.get(part) ?? { parts: new Map() }
      node.parts.set(part, next)
      node = next
    }
    node.text ??= text
  }
  return root
}

/**
 * Reads a structure from form parameters such as `Tags.member.1.Key=a`, as the query protocol spells them;
 * the names of parameters that the schema has no place for are added to `unknown`.
 */
export const readForm = (
  schema: NormalizedSchema,
  form: URLSearchParams,
  unknown: Set<string>,
): Record<string, unknown> => {
  const root = treeOf(form)
  for (const name of ['Action', 'Version']) root.parts.delete(name)
  const read = readNode(schema, root) as Record<string, unknown>
  for (const [name, node] of root.parts) if (!node.read) unknown.add(name)
  return read
}

const readNode = (schema: NormalizedSchema, node: FormNode): unknown => {
  node.read = true
  if (schema.isListSchema()) {
    const item = schema.getValueSchema()
    return numbered(isFlattened(schema) ? node : node.parts.get(xmlName('member', item))).map((each) =>
      readNode(item, each),
    )
  }
  if (schema.isMapSchema())
    return Object.fromEntries(
      numbered(node.parts.get('entry')).map(({ parts }) => [
        parts.get('key')?.text ?? '',
        readNode(schema.getValueSchema(), parts.get('value') ?? { parts: new Map() }),
      ]),
    )
  if (!schema.isStructSchema()) return readText(schema, node.text ?? '')
  const read: Record<string, unknown> = {}
  for (const [name, member] of schema.structIterator()) {
    const part = node.parts.get(xmlName(name, member))
    if (part) read[name] = readNode(member, part)
  }
  return read
}

const numbered = (node: FormNode | undefined): FormNode[] => {
  const nodes: FormNode[] = []
  for (let index = 1; ; index++) {
    const next = node?.parts.get(String(index))
    if (!next) return nodes
    nodes.push(next)
  }
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
