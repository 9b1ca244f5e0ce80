import { fileURLToPath } from 'node:url'
import type { Assets } from './page.ts'

/**
 * The page's script and style, built from console/page. A package has no sources: packaging/build.ts puts the texts in
 * this module's place.
 */
export const pageAssets = async (): Promise<Assets> => {
  const { build } = await import('esbuild')
  const folder = fileURLToPath(new URL('../page', import.meta.url))
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: { page: 'main.tsx' },
    bundle: true,
    write: false,
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
  return { script: textOf('.js').replaceAll('</script', '<\\/script'), style: textOf('.css') }
}
