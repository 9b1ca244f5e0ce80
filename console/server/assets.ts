import { fileURLToPath } from 'node:url'
import type { Metafile } from 'esbuild'
import type { Assets } from './page.ts'

/**
 * The page's script and style, built from console/page. A package has no sources: packaging/build.ts puts the texts in
 * this module's place.
 */
export const pageAssets = async (): Promise<Assets> => (await builtPage()).assets

/** The same, with what is in it: a package names the licences of all that it holds. */
export const builtPage = async (): Promise<{ assets: Assets; metafile: Metafile }> => {
  const { build } = await import('esbuild')
  const { outputFiles, metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    entryPoints: { page: 'console/page/main.tsx' },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    outdir: '.',
    logLevel: 'error',
  })
  const textOf = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? ''
  // An element's text ends where its name does, whatever language it is in.
  const assets = { script: textOf('.js').replaceAll('</script', '<\\/script'), style: textOf('.css') }
  return { assets, metafile }
}
