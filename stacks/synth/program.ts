import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { type Platform, type Provider, providersOf } from './platform.ts'

const configFile = 'sst.config.ts'

/** What `app()` of sst.config.ts answers, as far as synthesis uses it. */
export interface App {
  name: string
  removal?: string
  protect?: boolean
}

/**
 * Bundles sst.config.ts for runs of its resources the way SST's CLI does: the globals `sst` and `aws` are imported into every
 * file of the project, `$app` and the like are defined, and SST's own runner calls `run()`, here under mocks. It is the same
 * for every stage: SST looks at `$app` while it runs, and not before. tasks.ts imports it.
 */
export const bundleProgram = (root: string, sst: Platform, outfile: string): Promise<void> =>
  bundle(root, sst, {
    outfile,
    code: `import { run } from ${literal(join(sst.sources, 'src/auto/run.ts'))}
import config from ${literal(join(root, configFile))}
import * as pulumi from '@pulumi/pulumi'
import { drive } from ${literal(join(import.meta.dirname, 'drive.ts'))}
const program = { app: config.app, run: (afterSetup) => run(() => (afterSetup(), config.run())) }
export const register = (task) => drive(pulumi, program, task)`,
    globals: [
      ...providersOf(sst).map(
        ({ alias, package: name }: Provider) => `import * as ${alias} from ${literal(name)};`,
      ),
      `import * as sst from ${literal(join(sst.sources, 'src/components'))};`,
    ].join(' '),
    define: {
      $app: 'globalThis.$app',
      $cli: literal({
        command: 'deploy',
        dev: false,
        paths: { home: join(sst.work, 'home'), root, work: dirname(outfile), platform: sst.sources },
        state: { version: {} },
      }),
      $dev: 'false',
    },
    inject: [join(sst.sources, 'src/shim/run.js')],
  })

const literal = (value: unknown): string => JSON.stringify(value)

/** What SST's components import, and those of a stage do not use: it takes long to install, and packages/ is without it. */
const leftOut = /^(?:@pulumi\/(?:cloudflare|command|docker-build|tls)|@pulumiverse\/vercel)$/

/** A module that tells, when it is looked at, that it is not there. */
const nothingOf = (name: string): string =>
  `module.exports = Object.create(new Proxy({}, { get: () => {
    throw new Error(${literal(`a synthesis is without ${name}, as stacks/synth/program.ts says`)})
  } }))`

interface Entry {
  outfile: string
  code: string
  /** Imports that every file of the project gets, on one line so that its own lines keep their numbers. */
  globals: string
  define: Record<string, string>
  inject: string[]
}

const bundle = async (root: string, sst: Platform, entry: Entry): Promise<void> => {
  const { outfile, code, globals, define, inject } = entry
  await build({
    stdin: { contents: code, resolveDir: root, sourcefile: 'synth.ts', loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    nodePaths: [join(sst.sources, 'node_modules')],
    external: ['@pulumi/*', '@sst-provider/*', '@aws-sdk/*', 'esbuild', 'undici', 'vite'],
    define,
    inject,
    sourcemap: 'linked',
    logLevel: 'silent',
    banner: {
      js: `import * as nodeModule from 'node:module'; import * as nodeUrl from 'node:url';
const require = nodeModule.createRequire(import.meta.url), __filename = nodeUrl.fileURLToPath(import.meta.url), __dirname = nodeUrl.fileURLToPath(new nodeUrl.URL('.', import.meta.url));`,
    },
    plugins: [
      {
        name: 'globals',
        setup: ({ onLoad, onResolve }) => {
          onResolve({ filter: leftOut }, ({ path }) => ({ path, namespace: 'left-out' }))
          onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({ contents: nothingOf(path) }))
          onResolve({ filter: /^(?:archiver|glob)$/ }, () => ({
            path: join(import.meta.dirname, 'archive.ts'),
          }))
          // It starts a process for the code of routers, of which there are none.
          onLoad({ filter: /\/src\/util\/minify\.ts$/ }, () => ({
            contents: 'export const minify = String.raw',
          }))
          onLoad({ filter: /\.(?:js|ts)$/ }, async ({ path }) =>
            path.startsWith(sst.work) || path.includes('/node_modules/')
              ? undefined
              : { contents: `${globals}${await readFile(path, 'utf8')}`, loader: 'default' },
          )
        },
      },
    ],
  })
}
