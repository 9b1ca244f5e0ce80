import { cpSync, globSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildPackage } from './build.ts'

const root = join(import.meta.dirname, '..')

/**
 * Lays the package out in a folder, as npm does when it installs it, for what measures it.
 * @returns the file that npm links as `podid`
 */
export const layOutPackage = async (folder: string): Promise<string> => {
  await buildPackage(join(folder, 'dist'))
  for (const file of ['cli/podid.js', 'package.json', 'podid.schema.json', 'LICENSE', 'README.md']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  return join(folder, 'cli/podid.js')
}

/** The bytes of all files in a folder, or of those that fit. */
export const bytesIn = (folder: string, pattern = '**/*'): number =>
  globSync(pattern, { cwd: folder })
    .map((file) => statSync(join(folder, file)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
