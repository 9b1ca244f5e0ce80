import type { NormalizedSchema } from '@smithy/core/schema'
import { AwsFailure } from '../failure.ts'
import { readText } from './text.ts'

/** An element of a document, without its attributes. */
export interface XmlElement {
  name: string
  /** What it holds besides elements. */
  text: string
  children: XmlElement[]
}

const malformed = (): AwsFailure =>
  new AwsFailure(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    { status: 400 },
  )

/** No structure of a request is nearly as deep. */
const deepest = 20

/** The root of a document; throws MalformedXML. Declarations of types and CDATA are no part of any request. */
export const parseXml = (document: string): XmlElement => {
  const top: XmlElement = { name: '', text: '', children: [] }
  const open = [top]
  const body = document.replace(/^\uFEFF?\s*<\?xml[^<>]*\?>/, '').replace(/<!--.*?-->/gs, '')
  for (const [, text = '', tag] of body.matchAll(/([^<]*)(?:<([^<>]*)>)?/g)) {
    const inner = open.at(-1)
    if (!inner || (inner === top && text.trim() !== '')) throw malformed()
    inner.text += unescapeXml(text)
    if (tag === undefined) continue
    const [, closes, name = '', , alone] = /^(\/?)([A-Za-z_][\w.:-]*)(\s.*?)?(\/?)$/s.exec(tag) ?? []
    if (name === '') throw malformed()
    if (closes) {
      if (open.length === 1 || open.pop()?.name !== name) throw malformed()
      continue
    }
    const element = { name, text: '', children: [] }
    inner.children.push(element)
    if (!alone) open.push(element)
    if (open.length > deepest) throw malformed()
  }
  const [root, second] = top.children
  if (!root || second || open.length > 1) throw malformed()
  return root
}

/** A value by its schema; names of elements that the schema does not know are added to `unknown`. */
export const readXml = (schema: NormalizedSchema, element: XmlElement, unknown: Set<string>): unknown => {
  if (!schema.isStructSchema()) return readText(schema, element.text)
  const members = [...schema.structIterator()]
  const read: Record<string, unknown> = {}
  for (const child of element.children) {
    const [name, member] = members.find(([own, one]) => xmlNameOf(own, one) === child.name) ?? []
    if (name === undefined || member === undefined) unknown.add(child.name)
    else if (!member.isListSchema()) read[name] = readXml(member, child, unknown)
    else {
      // Each element of a flattened list is an item; others hold theirs.
      const items = member.getMergedTraits().xmlFlattened ? [child] : child.children
      const values = items.map((item) => readXml(member.getValueSchema(), item, unknown))
      read[name] = [...((read[name] as unknown[] | undefined) ?? []), ...values]
    }
  }
  return read
}

/** What a member's element is called. */
export const xmlNameOf = (name: string, schema: NormalizedSchema): string =>
  String(schema.getMergedTraits().xmlName ?? name)

const entities: Record<string, string | undefined> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const unescapeXml = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (all, decimal, hexadecimal, name) => {
    const code = decimal ? Number(decimal) : hexadecimal ? Number.parseInt(hexadecimal, 16) : undefined
    if (code === undefined) return (Object.hasOwn(entities, name) && entities[name]) || all
    return code <= 0x10ffff ? String.fromCodePoint(code) : all
  })
