import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/**
 * The licences of all packages of which code is in a bundle: each text once, under the names of those that have it.
 * @throws Error naming a package whose licence is not known
 */
export const notices = (root: string, bundles: readonly Metafile[]): string => {
  const byText = Map.groupBy(
    bundledIn(bundles).map((folder) => licenceOf(root, folder)),
    ({ text }) => text,
  )
  const parts = [...byText].map(
    ([text, packages]) => `${packages.map(({ title }) => title).join('\n')}\n\n${text}\n`,
  )
  return ['podid contains code of the packages that are named here, under these licences.\n', ...parts].join(
    `\n${'-'.repeat(72)}\n\n`,
  )
}

/** The folders of the packages whose code is left in a bundle, in order: `node_modules/yaml`. */
const bundledIn = (bundles: readonly Metafile[]): string[] => {
  const outputs = bundles.flatMap((bundle) => Object.values(bundle.outputs))
  const folders = outputs.flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  )
  return [...new Set(folders)].sort()
}

/** A package's title, `yaml 2.9.1 (ISC)`, and its licence: its files of that name, or what it says of one and the standard text. */
const licenceOf = (root: string, folder: string): { title: string; text: string } => {
  const read = (file: string): string => readFileSync(join(root, folder, file), 'utf8').trim()
  const { name, version, license = '' } = JSON.parse(read('package.json')) as Record<string, string>
  const title = `${name} ${version} (${license})`
  const files = readdirSync(join(root, folder))
  const shipped = files.filter((file) => /^(?:(?:un)?licen[cs]e|copying|notice)\b/i.test(file)).sort()
  if (shipped.length > 0) return { title, text: shipped.map(read).join('\n\n') }
  const standard =
    license === 'Apache-2.0' ? readFileSync(join(root, 'LICENSE'), 'utf8').trim() : texts[license]
  if (!standard) throw new Error(`${name} in ${folder} has no licence that is known here`)
  const said = /^#+ Licen[cs]e\n+([\s\S]*?)(?=\n#|$(?![\s\S]))/im.exec(read('README.md'))?.[1]?.trim()
  return { title, text: license === 'MIT' && said ? `${said}\n\n${standard}` : standard }
}

const granted =
  'Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so'
const disclaimed =
  'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.'

/** The standard texts, for packages that only name their licence. */
const texts: Readonly<Record<string, string>> = {
  MIT: `${granted}, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

${disclaimed}`,
  'MIT-0': `${granted}.

${disclaimed}`,
}
