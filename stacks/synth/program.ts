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

/** Bundles the part of sst.config.ts that names the app, to be run: it writes its answer to the file named in SYNTH_OUT. */
export const bundleApp = (root: string, sst: Platform, stage: string, outfile: string): Promise<void> =>
  bundle(root, sst, {
    outfile,
    code: `import { writeFileSync } from 'node:fs'
import config from ${literal(join(root, configFile))}
writeFileSync(process.env.SYNTH_OUT, JSON.stringify(await config.app({ stage: ${literal(stage)} })))`,
    banner: 'const $config = (config) => config;',
  })

/**
 * Bundles sst.config.ts for a run of its resources the way SST's CLI does: the globals `sst` and `aws` are
 * imported into every file of the project, `$app` and the like are defined, and SST's own runner calls `run()`,
 * here under mocks.
 */
export const bundleRun = (
  root: string,
  sst: Platform,
  app: App & { stage: string },
  outfile: string,
): Promise<void> =>
  bundle(root, sst, {
    outfile,
    code: `import { run } from ${literal(join(sst.sources, 'src/auto/run.ts'))}
import config from ${literal(join(root, configFile))}
import * as pulumi from '@pulumi/pulumi'
import { drive } from ${literal(join(import.meta.dirname, 'drive.ts'))}
await drive(pulumi, (afterSetup) => run(() => (afterSetup(), config.run())))`,
    globals: [
      ...providersOf(sst).map(
        ({ alias, package: name }: Provider) => `import * as ${alias} from ${literal(name)};`,
      ),
      `import * as sst from ${literal(join(sst.sources, 'src/components'))};`,
    ].join(' '),
    define: {
      $app: literal({ removal: 'retain', ...app }),
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

interface Entry {
  outfile: string
  code: string
  banner?: string
  /** Imports that every file of the project gets, on one line so that its own lines keep their numbers. */
  globals?: string
  define?: Record<string, string>
  inject?: string[]
}

const bundle = async (root: string, sst: Platform, entry: Entry): Promise<void> => {
  const { outfile, code, banner = '', globals = '', define = {}, inject = [] } = entry
  await build({
    stdin: { contents: code, resolveDir: root, sourcefile: 'synth.ts', loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    nodePaths: [join(sst.sources, 'node_modules')],
    external: [
      '@pulumi/*',
      '@pulumiverse/*',
      '@sst-provider/*',
      '@aws-sdk/*',
      'archiver',
      'esbuild',
      'glob',
      'undici',
      'vite',
    ],
    define,
    inject,
    sourcemap: 'linked',
    logLevel: 'silent',
    banner: {
      js: `import * as nodeModule from 'node:module'; import * as nodeUrl from 'node:url';
const require = nodeModule.createRequire(import.meta.url), __filename = nodeUrl.fileURLToPath(import.meta.url), __dirname = nodeUrl.fileURLToPath(new nodeUrl.URL('.', import.meta.url));
${banner}`,
    },
    plugins: [
      {
        name: 'globals',
        setup: ({ onLoad }) => {
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
