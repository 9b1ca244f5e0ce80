import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What the API's documentation says of a type and of its fields. */
export interface Descriptions {
  type: string | undefined
  fields: ReadonlyMap<string, string>
  /** The fields without which there is no object of the type. */
  required: readonly string[]
}

// Beside the client's models are their declarations, with the documentation as comments. The npm package has neither:
// there packaging/documentation.ts takes this module's place.
const directory = dirname(
  createRequire(import.meta.url).resolve('@kubernetes/client-node/dist/gen/models/all.js'),
)

const cache = new Map<string, Descriptions>()

/** The descriptions of an object type, such as `V1PodSpec`; none where the client does not know the type. */
export const descriptionsOf = (type: string): Descriptions => {
  const known = cache.get(type) ?? read(type)
  cache.set(type, known)
  return known
}

/** What there is about each type, by its name. */
export const documentedTypes = (): Map<string, Descriptions> =>
  new Map(
    readdirSync(directory)
      .filter((file) => file.endsWith('.d.ts'))
      .map((file) => file.slice(0, -'.d.ts'.length))
      .map((type) => [type, read(type)]),
  )

const read = (type: string): Descriptions => {
  let text: string
  try {
    text = readFileSync(join(directory, `${type}.d.ts`), 'utf8')
  } catch {
    return { type: undefined, fields: new Map(), required: [] }
  }
  const owner = /\/\*\*\s*([^/]*?)\s*\*\/\s*export declare class/.exec(text)?.[1]
  const fields = [...text.matchAll(/\/\*\*\s*((?:(?!\*\/)[\s\S])*?)\s*\*\/\s*'_?([^']+)'\??:/g)].map(
    ([, comment = '', name = '']): [string, string] => [name, plain(comment)],
  )
  const required = [...text.matchAll(/^ {4}'_?([^']+)': /gm)].map(([, name = '']) => name)
  return { type: owner && plain(owner), fields: new Map(fields), required }
}

/** A comment's text: without the asterisks of its lines, and without the escapes of quotes. */
const plain = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .replace(/\\(['"])/g, '$1')
    .trim()
