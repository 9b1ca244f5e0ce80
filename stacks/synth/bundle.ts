import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import plugins from '../bundling/plugin.ts'

export interface Bundle {
  /** `functions/steps/report.handler` */
  handler: string
  code: Uint8Array
  /** Bytes of the code by the package they come from; `podid` is our own. */
  packages: Record<string, number>
}

/** SST gives bundles what CommonJS modules in them expect. */
const banner = [
  "import { createRequire as topLevelCreateRequire } from 'module';",
  'const require = topLevelCreateRequire(import.meta.url);',
  "import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from 'url'",
  'const __filename = topLevelFileUrlToPath(import.meta.url)',
  "const __dirname = topLevelFileUrlToPath(new topLevelURL('.', import.meta.url))",
].join('\n')

/**
 * Bundles handlers (`functions/steps/report.handler`), each by itself, with the options that SST's CLI uses for a
 * deployment: the same names are minified, the same modules stay out.
 * @throws Error where a handler has no file or no such export.
 */
export const bundle = async (root: string, handlers: readonly string[]): Promise<Bundle[]> => {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: handlers.map((handler) => sourceOf(root, handler)),
    outbase: root,
    outdir: root,
    write: false,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'esnext',
    mainFields: ['module', 'main'],
    keepNames: true,
    minify: true,
    metafile: true,
    external: ['sharp', 'pg-native'],
    banner: { js: banner },
    plugins: plugins as Plugin[],
    logLevel: 'silent',
  })
  return handlers.map((handler) => {
    const [path, exported] = split(handler)
    const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === `${path}.ts`)
    const file = outputFiles.find((file) => file.path === join(root, `${path}.mjs`))
    if (!file || !output?.exports.includes(exported))
      throw new Error(`${path}.ts does not export ${exported}`)
    return { handler, code: file.contents, packages: byPackage(output.inputs) }
  })
}

const split = (handler: string): [path: string, exported: string] => {
  const dot = handler.lastIndexOf('.')
  return [handler.slice(0, dot), handler.slice(dot + 1)]
}

const sourceOf = (root: string, handler: string): string => {
  const [path] = split(handler)
  if (!existsSync(join(root, `${path}.ts`))) throw new Error(`the handler ${handler} has no file ${path}.ts`)
  return `${path}.ts`
}

const byPackage = (inputs: Record<string, { bytesInOutput: number }>): Record<string, number> => {
  const packages: Record<string, number> = {}
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const [, name = 'podid'] = path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/) ?? []
    packages[name] = (packages[name] ?? 0) + bytesInOutput
  }
  return packages
}
