import { basename } from 'node:path'
import { type BuildOptions, build, type Metafile, type OutputFile, type Plugin } from 'esbuild'

/** What a split build has made, and which of its files are loaded together. */
interface Split {
  /** Each file's text, by its name. */
  texts: ReadonlyMap<string, string>
  metafile: Metafile
  /** The layer of each file that is in one, by its name. */
  layerOf: ReadonlyMap<string, string>
}

/**
 * Puts what is always loaded together into one file. A split build has a file for each set of commands that share code, some
 * eighty of them for one run, and to find, read and link one takes half a millisecond whatever its length.
 * @param entries of each layer: the source that a split file is an entry for, by the layer's name. All that it loads is in the
 *   layer, unless it is in one before
 * @returns the text of every file by its name: `early.mjs` in place of the files that the layer `early` consists of
 */
export const inLayers = async (
  { outputFiles = [], metafile }: { outputFiles?: OutputFile[]; metafile: Metafile },
  entries: Readonly<Record<string, string>>,
  options: BuildOptions,
): Promise<Map<string, string>> => {
  const banner = `${options.banner?.js ?? ''}\n`
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text.replace(banner, '')]))
  const layerOf = layersOf(metafile, entries)
  const split: Split = { texts, metafile, layerOf }
  const files = new Map<string, string>()
  for (const [name, text] of texts)
    if (!layerOf.has(name)) files.set(name, banner + loadedFrom(importedFrom(text, layerOf), layerOf))
  for (const layer of Object.keys(entries)) {
    const { outputFiles: [built] = [] } = await build({
      ...options,
      stdin: { contents: contentsOf(layer, split) },
      plugins: [joining(layer, split)],
      write: false,
      format: 'cjs',
      banner: {},
      define: { 'import.meta.url': '__url' },
    })
    // A script has no `import()` of its own without a warning of Node's.
    const text = loadedFrom(built?.text ?? '', layerOf).replaceAll(/(?<![\w$.])import\(/g, '__import(')
    files.set(`${layer}.cjs`, text)
    files.set(`${layer}.mjs`, facadeOf(layer, exportsOf(layer, split)))
  }
  return files
}

/** Files by their names in place of their paths. */
const outputsOf = ({ outputs }: Metafile): [name: string, output: Metafile['outputs'][string]][] =>
  Object.entries(outputs).map(([path, output]) => [basename(path), output])

const layersOf = (metafile: Metafile, entries: Readonly<Record<string, string>>): Map<string, string> => {
  const outputs = new Map(outputsOf(metafile))
  const layerOf = new Map<string, string>()
  const add = (name: string, layer: string): void => {
    const output = outputs.get(name)
    if (!output || layerOf.has(name)) return
    layerOf.set(name, layer)
    for (const { path, kind } of output.imports) if (kind === 'import-statement') add(basename(path), layer)
  }
  for (const [layer, entry] of Object.entries(entries)) {
    const [name] = outputsOf(metafile).find(([, { entryPoint }]) => entryPoint === entry) ?? []
    if (!name) throw new Error(`the build has no file for ${entry}`)
    add(name, layer)
  }
  return layerOf
}

/** The name under which a layer exports what one of its files does: files name theirs by a letter, each from `a`. */
const within = (file: string, exported = ''): string => `${file.replaceAll(/\W/g, '_')}$${exported}`

/** What files outside a layer import of it, by its name within: `[name, statement that exports it]`. */
const exportsOf = (
  layer: string,
  { texts, metafile, layerOf }: Split,
): [name: string, statement: string][] => {
  const wanted = importsOf([...texts].filter(([name]) => layerOf.get(name) !== layer))
  const dynamic = new Set(
    [...texts.values()].flatMap((text) => [...text.matchAll(loaded)].map(([, file]) => file)),
  )
  return outputsOf(metafile)
    .filter(([name]) => layerOf.get(name) === layer)
    .flatMap(([name, { exports, entryPoint }]): [string, string][] => [
      ...exports
        .filter((one) => wanted.has(within(name, one)))
        .map((one): [string, string] => [
          within(name, one),
          `export { ${one} as ${within(name, one)} } from './${name}'`,
        ]),
      ...(dynamic.has(name)
        ? ([[within(name), `export * as ${within(name)} from './${name}'`]] as [string, string][])
        : []),
      ...(entryPoint && !dynamic.has(name)
        ? exports.map((one): [string, string] => [one, `export { ${one} } from './${name}'`])
        : []),
    ])
}

/** All of a layer, with what files outside it import. */
const contentsOf = (layer: string, split: Split): string =>
  [
    ...[...split.layerOf].filter(([, one]) => one === layer).map(([name]) => `import './${name}'`),
    ...exportsOf(layer, split).map(([, statement]) => statement),
  ].join('\n')

/** What modules import in place of the layer, which layer.cjs loads. */
const facadeOf = (layer: string, exported: readonly [name: string, statement: string][]): string =>
  `import{load}from"./layer.cjs";export const{${exported.map(([name]) => name)}}=load("${layer}");\n`

/** As esbuild writes them: `import{a as b,c}from"./chunk.mjs"` and `import("./chunk.mjs")`. */
const imported = /import\{([^}]*)\}from"\.\/([\w-]+\.mjs)"/g
const loaded = /import\("\.\/([\w-]+\.mjs)"\)/g

/** All that files import of others, by the names within layers. */
const importsOf = (files: readonly [name: string, text: string][]): Set<string> =>
  new Set(
    files.flatMap(([, text]) =>
      [...text.matchAll(imported)].flatMap(([, names = '', file = '']) =>
        names.split(',').map((one) => within(file, one.split(' as ')[0])),
      ),
    ),
  )

/** Bundles the files of one layer, and has them import those of another from that. */
const joining = (layer: string, { texts, metafile, layerOf }: Split): Plugin => {
  const wanted = importsOf([...texts].filter(([name]) => layerOf.get(name) === layer))
  return {
    name: 'joining',
    setup: ({ onLoad, onResolve }) => {
      onResolve({ filter: /^\.\// }, ({ path, kind, namespace }) => {
        const name = basename(path)
        const to = layerOf.get(name)
        if (kind === 'dynamic-import' || namespace === 'other' || to === undefined)
          return { path, external: true }
        return { path: name, namespace: to === layer ? 'own' : 'other' }
      })
      onLoad({ filter: /.*/, namespace: 'own' }, ({ path }) => ({ contents: texts.get(path) ?? '' }))
      onLoad({ filter: /.*/, namespace: 'other' }, ({ path }) => ({
        contents: outputsOf(metafile)
          .filter(([name]) => name === path)
          .flatMap(([, { exports }]) => exports)
          .filter((one) => wanted.has(within(path, one)))
          .map((one) => `export { ${within(path, one)} as ${one} } from './${layerOf.get(path)}.mjs'`)
          .join('\n'),
      }))
    },
  }
}

/** Has a file import from a layer what it imports from files that are in it. */
const importedFrom = (text: string, layerOf: Split['layerOf']): string =>
  text
    .replaceAll(imported, (whole, names: string, file: string) => {
      const layer = layerOf.get(file)
      const renamed = names.split(',').map((one) => {
        const [exported = '', local = exported] = one.split(' as ')
        return `${within(file, exported)} as ${local}`
      })
      return layer ? `import{${renamed}}from"./${layer}.mjs"` : whole
    })
    .replaceAll(/import"\.\/([\w-]+\.mjs)"/g, (whole, file: string) =>
      layerOf.has(file) ? `import"./${layerOf.get(file)}.mjs"` : whole,
    )

/** The same for what it loads when it is needed. */
const loadedFrom = (text: string, layerOf: Split['layerOf']): string =>
  text.replaceAll(loaded, (whole, file: string) =>
    layerOf.has(file) ? `import("./${layerOf.get(file)}.mjs").then((m)=>m.${within(file)})` : whole,
  )
