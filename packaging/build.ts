import { globSync, readdirSync } from 'node:fs'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { builtPage } from '../console/server/assets.ts'
import { documentedTypes } from '../local/kubernetes/api/wire/documentation.ts'
import { withoutComputedKeys } from '../stacks/bundling/plugin.ts'
import { template } from '../workflows/template.ts'
import type { PackedTypes } from './documentation.ts'
import { inLayers } from './layers.ts'
import { notices } from './notices.ts'

const root = join(import.meta.dirname, '..')

const fileOf = (step: string): string => `functions/steps/${step}.ts`

/** Steps that every run has until its association is there. */
const early = [
  'resolve-request',
  'await-cluster',
  'check-agent',
  'verify-role',
  'verify-workload',
  'check-association',
  'ensure-association',
].map(fileOf)

/** Those that it loads while that propagates. */
const late = ['await-injection', 'restart-workload', 'watch-rollout', 'verify-credentials', 'report'].map(
  fileOf,
)

const seldom = globSync('functions/steps/*.ts', { cwd: root })
  .filter((file) => !early.includes(file) && !late.includes(file))
  .sort()

/** The commands that bring the stand-ins: a bundle of their own, which nothing else loads. */
const standIns = ['cli/commands/demo.ts', 'cli/commands/local.ts']

/**
 * Builds what `npm pack` puts into the package: the command line with everything that it needs. Node strips no types
 * inside node_modules, and a package without dependencies is installed in a second.
 * @param outdir emptied first
 * @throws Error where a package's licence is not known
 */
export const buildPackage = async (outdir: string): Promise<void> => {
  await rm(outdir, { recursive: true, force: true })
  await mkdir(outdir, { recursive: true })
  const [commands, standInsBundle] = await Promise.all([
    build({
      ...options,
      entryPoints: { podid: join(root, 'cli/main.ts') },
      splitting: true,
      outdir,
      plugins: [standInsElsewhere, together, builtins, inPlace],
    }),
    build({
      ...options,
      stdin: {
        contents: standIns.map((file) => `export * from './${file}'`).join('\n'),
        resolveDir: root,
      },
      outfile: join(outdir, 'stand-ins.mjs'),
      plugins: [builtins, inPlace],
      write: true,
    }),
  ])
  for (const [name, text] of await inLayers(commands, layers, options))
    await writeFile(join(outdir, name), text)
  await copyFile(join(import.meta.dirname, 'layer.cjs'), join(outdir, 'layer.cjs'))
  await writeFile(join(outdir, 'documentation.json.br'), documentation())
  await writeFile(
    join(outdir, 'THIRD-PARTY.txt'),
    notices(root, [commands.metafile, standInsBundle.metafile, (await consolePage()).metafile]),
  )
}

let page: ReturnType<typeof builtPage> | undefined

/** The console's page, built once: it is in the package, and so are the licences of what is in it. */
const consolePage = (): ReturnType<typeof builtPage> => {
  page ??= builtPage()
  return page
}

const options = {
  absWorkingDir: root,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  metafile: true,
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  logLevel: 'warning',
  write: false,
} as const satisfies BuildOptions

/** The SDK's clients come whole with the stand-ins, and with a tenth of their operations otherwise. */
const standInsElsewhere: Plugin = {
  name: 'stand-ins-elsewhere',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\.ts$/ }, ({ path, importer }) =>
      standIns.includes(join(dirname(importer), path).slice(root.length + 1))
        ? { path: './stand-ins.mjs', external: true }
        : undefined,
    )
  },
}

/** What is loaded as one module, of the files that are imported where they are needed. */
const groups: Record<string, readonly string[]> = {
  early: ['cli/commands/enable.ts', ...early],
  late,
  seldom,
}

/** What each start loads, what a run loads next, and what while it waits: a file each. */
const layers = { podid: 'cli/main.ts', early: 'group:group:early', late: 'group:group:late' }

/** Has each of them imported as its group. */
const together: Plugin = {
  name: 'together',
  setup: ({ onLoad, onResolve }) => {
    onLoad({ filter: /\/(?:cli|functions)\/.*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        /import\('(\.[\w./-]+)'\)/g,
        (whole, imported: string) => {
          const file = join(dirname(path), imported).slice(root.length + 1)
          const [group] = Object.entries(groups).find(([, files]) => files.includes(file)) ?? []
          return group ? `import('group:${group}').then((group) => group['${file}'])` : whole
        },
      ),
      loader: 'ts',
    }))
    onResolve({ filter: /^group:/ }, ({ path }) => ({ path, namespace: 'group' }))
    onLoad({ filter: /.*/, namespace: 'group' }, ({ path }) => ({
      contents: (groups[path.slice('group:'.length)] ?? [])
        .map((file) => `export * as '${file}' from './${file}'`)
        .join('\n'),
      resolveDir: root,
    }))
  },
}

/**
 * Node's modules with parts that are made when they are first looked at: an import looks at all exports, and so would
 * load a second HTTP client with `node:http`, which takes longer than all that podid has to load.
 */
const withLazyParts = /^(?:node:)?(?:fs|http|process|util)$/

/** Those by require; the others are imported, without a file between. */
const builtins: Plugin = {
  name: 'builtins',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: withLazyParts }, ({ path, kind }) =>
      kind === 'require-call'
        ? undefined
        : { path: path.replace(/^(?:node:)?/, 'node:'), namespace: 'builtin' },
    )
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require('${path}')`,
    }))
  },
}

/** A class for each call and each type of Kubernetes: two thirds of all that is parsed, and of a kubeconfig nothing needs them. */
const unusedOfKubernetes = /^export .* from ["']\.\/(?:models\/all|types\/ObjectParamAPI)\.js["'];$/gm

/** Modules that read the repository's or a package's files: their text, or others, take their place. */
const inPlace: Plugin = {
  name: 'in-place',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/workflows\/template\.ts$/ }, () => ({
      contents: `const texts = ${JSON.stringify(definitions())}; export const template = (name) => texts[name]`,
    }))
    onLoad({ filter: /\/console\/server\/assets\.ts$/ }, async () => ({
      contents: `const assets = ${JSON.stringify((await consolePage()).assets)}; export const pageAssets = async () => assets`,
    }))
    onLoad({ filter: /\/api\/wire\/documentation\.ts$/ }, async () => ({
      contents: await readFile(join(import.meta.dirname, 'documentation.ts'), 'utf8'),
      loader: 'ts',
    }))
    onLoad({ filter: /\/@kubernetes\/client-node\/dist\/gen\/index\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(unusedOfKubernetes, ''),
    }))
    onLoad({ filter: /\/@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/\w+\.js$/ }, async ({ path }) => ({
      contents: withoutComputedKeys(await readFile(path, 'utf8')),
    }))
  },
}

/** The text of each definition by its name. */
const definitions = (): Record<string, string> => {
  const files = readdirSync(join(root, 'workflows')).filter((file) => file.endsWith('.asl.yaml'))
  return Object.fromEntries(
    files.map((file) => basename(file, '.asl.yaml')).map((name) => [name, template(name)]),
  )
}

/** What the stand-in for Kubernetes knows of its types, packed: nine tenths of it are repetition. */
const documentation = (): Buffer => {
  const types = [...documentedTypes()].map(
    ([name, { type, fields, required }]): [string, PackedTypes[string]] => [
      name,
      [type ?? null, Object.fromEntries(fields), required],
    ],
  )
  const text = JSON.stringify(Object.fromEntries(types))
  // The next quality takes seven times as long for a kilobyte in ten, and the best one seventeen times.
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
}

if (import.meta.main) await buildPackage(join(root, 'dist'))
