import { readFileSync } from 'node:fs'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
} from 'yaml'
import { UsageError } from '../usage-error.ts'

/** One document of a file. */
export interface FileDocument {
  value: unknown
  /** Where it has a value, or else the nearest thing around it: `podid.yaml:12`. */
  at(path: readonly PropertyKey[]): string
}

/** After a fault of the syntax most of what follows is taken for one too: the first ones tell where to look. */
const mostFaults = 3

/** What the standard input is called in messages. */
const standardInput = 'standard input'

/**
 * The documents of a YAML or JSON file, the empty ones left out; `-` is the standard input.
 * @throws UsageError with the first faults of the text, each by its line
 */
export const readDocuments = (path: string): FileDocument[] => {
  const name = path === '-' ? standardInput : path
  let text: string
  try {
    // 0 is the standard input of every system.
    text = readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new UsageError(
      code === 'ENOENT' ? `there is no file ${name}` : `${name} cannot be read: ${message}`,
    )
  }
  const lines = new LineCounter()
  const lineAt = (offset: number) => `${name}:${lines.linePos(offset).line}`
  const documents = [...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })]
  const faults = documents.flatMap(({ errors }) =>
    errors.map(({ pos, message }) => `- ${lineAt(pos[0])}: ${message}`),
  )
  if (faults.length > 0)
    throw new UsageError(`${name} is neither YAML nor JSON:\n${faults.slice(0, mostFaults).join('\n')}`)
  return documents.flatMap((document) => {
    const value = readValue(document, name)
    return value === null ? [] : [{ value, at: (path) => lineAt(offsetOf(document, path)) }]
  })
}

const readValue = (document: Document.Parsed, name: string): unknown => {
  try {
    return document.toJS()
  } catch (error) {
    // Aliases that lead to too much, or nowhere.
    throw new UsageError(`${name} cannot be read: ${(error as Error).message}`)
  }
}

/** Where in the text a value is, by its key where it has one. */
const offsetOf = (document: Document.Parsed, path: readonly PropertyKey[]): number => {
  let node: Node | null | undefined = document.contents as ParsedNode | null
  let offset = node?.range?.[0] ?? 0
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      if (!pair) break
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value as Node | null
    } else if (isSeq(node)) {
      node = node.items[Number(key)] as Node | undefined
      offset = node?.range?.[0] ?? offset
    } else break
  }
  return offset
}
