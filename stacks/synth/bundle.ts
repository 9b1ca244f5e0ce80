import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import plugins from '../bundling/plugin.ts'

export interface Bundle {
  /** The handler by its path in the bundle's folder, as the function's configuration names it. */
  handler: string
  /** The bundle itself. */
  file: string
  bytes: number
  /** Bytes in the bundle by the package they come from; `podid` is our own code. */
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
 * Bundles a handler (`functions/report.handler`) with the options that SST's CLI uses for a deployment: the same
 * names are minified, the same modules stay out.
 * @throws Error where there is no such file or no such export.
 */
export const bundle = async (root: string, handler: string, folder: string): Promise<Bundle> => {
  const dot = handler.lastIndexOf('.')
  const [path, exported] = [handler.slice(0, dot), handler.slice(dot + 1)]
  const entry = join(root, `${path}.ts`)
  if (!existsSync(entry)) throw new Error(`the handler ${handler} has no file ${path}.ts`)
  const file = join(folder, `${path}.mjs`)
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
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
  const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint)
  if (!output?.exports.includes(exported)) throw new Error(`${path}.ts does not export ${exported}`)
  return { handler: `${path}.${exported}`, file, bytes: output.bytes, packages: byPackage(output.inputs) }
}

const byPackage = (inputs: Record<string, { bytesInOutput: number }>): Record<string, number> => {
  const packages: Record<string, number> = {}
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const [, name = 'podid'] = path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/) ?? []
    packages[name] = (packages[name] ?? 0) + bytesInOutput
  }
  return packages
}
