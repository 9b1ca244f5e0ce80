import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/**
 * A definition as JSON text, with its placeholders. Its file is YAML, where anchors name what states share; JSON
 * has none, so each state gets its own copy. packaging/build.ts puts the texts themselves in this module's place.
 * @param folder where the definitions are; a bundle of this module is elsewhere and must say
 */
export const template = (name: string, folder = new URL('.', import.meta.url)): string => {
  const { href } = new URL(`${name}.asl.yaml`, folder)
  const text = read.get(href) ?? `${JSON.stringify(parse(readFileSync(new URL(href), 'utf8')), null, 2)}\n`
  read.set(href, text)
  return text
}

/** By their files: to parse one takes a twentieth of a second. */
const read = new Map<string, string>()
