import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An import that esbuild is about to resolve. */
interface Import {
  path: string
  importer: string
}

/** As much of esbuild's plugin interface as SST's CLI offers to plugins of a project. */
interface PluginBuild {
  onResolve(options: { filter: RegExp }, resolve: (asked: Import) => { path: string } | undefined): void
  onLoad(
    options: { filter: RegExp },
    load: (asked: { path: string }) => { contents: string; loader: 'js' } | undefined,
  ): void
}

/** Modules that take the place of others, by what is imported and by whom. */
const replacements: { imported: RegExp; by?: RegExp; file: string }[] = [
  // A function has its role's credentials in the environment: it needs no profiles, no SSO, no IMDS.
  { imported: /^@aws-sdk\/credential-provider-node$/, file: 'no-credential-chain.ts' },
  { imported: /^@smithy\/core\/event-streams$/, file: 'no-event-streams.ts' },
  // Schemas check what comes in; only editors want them as JSON Schema.
  { imported: /\/json-schema-processors\.js$/, by: /\/zod\//, file: 'left-out.cjs' },
]

/** SST's CLI applies filters to the text of an undefined path, and esbuild to the path: every import passes there, and few here. */
const only = (...paths: RegExp[]): RegExp =>
  new RegExp(['^undefined$', ...paths.map(({ source }) => source)].join('|'))

const schemas = /\/@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/\w+\.js$/

/**
 * What is left out of the functions' bundles, so that they start sooner. SST's CLI runs this in a process of its
 * own, where it is asked about every import.
 */
const plugin = {
  name: 'podid',
  setup: (build: PluginBuild): void => {
    build.onResolve(
      { filter: only(...replacements.map(({ imported }) => imported)) },
      ({ path, importer }) => {
        const replacement = replacements.find(
          ({ imported, by }) => imported.test(path) && (by === undefined || by.test(importer)),
        )
        return replacement && { path: join(import.meta.dirname, replacement.file) }
      },
    )
    build.onLoad({ filter: only(schemas) }, ({ path }) =>
      schemas.test(path)
        ? { contents: withoutComputedKeys(readFileSync(path, 'utf8')), loader: 'js' }
        : undefined,
    )
  },
}

/**
 * The SDK's schemas write `{ [_hQ]: … }` with `const _hQ = "httpQuery"`. A computed key might do anything, so
 * bundlers keep every schema that has one, including those of operations that are never called.
 */
export const withoutComputedKeys = (schemas: string): string => {
  const constants = new Map(
    [...schemas.matchAll(/^const (\w+) = ("[^"]*");$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  return schemas.replaceAll(
    /\[(\w+)\]:/g,
    (key, name: string) => `${constants.get(name) ?? key.slice(0, -1)}:`,
  )
}

export default [plugin]
