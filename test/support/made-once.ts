import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { exclusively } from '../../stacks/synth/platform.ts'

const root = join(import.meta.dirname, '../..')
const day = 86_400_000

/** What takes seconds to make, and is the same as long as the files that it is made from are. */
export interface MadeOnce {
  /** `synthesis`: a folder for all of its kind. */
  kind: string
  /** Globs of the files of the project that it is made from. */
  from: readonly string[]
  /** What else decides what is made. */
  as: string
  /** Writes it to the path, a file or a folder, which is not there yet. */
  make: (path: string) => Promise<void>
}

/** Makes something for the files of the project as they are, whichever test file asks first; answers its path. */
export const madeOnce = async ({ kind, from, as, make }: MadeOnce): Promise<string> => {
  const all = join(root, 'node_modules/.cache', kind)
  const sources = digest(from.flatMap(contentsOf))
  const made = join(all, sources, digest([as]))
  if (existsSync(made)) return made
  await mkdir(join(all, sources), { recursive: true })
  await exclusively(`${made}.lock`, async () => {
    if (existsSync(made)) return
    for (const other of await readdir(all)) {
      const folder = join(all, other)
      if (Date.now() - (await stat(folder)).mtimeMs > day) await rm(folder, { recursive: true, force: true })
    }
    await rm(`${made}.part`, { recursive: true, force: true })
    await make(`${made}.part`)
    await rename(`${made}.part`, made)
  })
  return made
}

const contentsOf = (pattern: string): string[] =>
  globSync(pattern, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .flatMap((file) => [file, readFileSync(file, 'utf8')])

const digest = (texts: readonly string[]): string => {
  const hash = createHash('sha256').update(process.version)
  for (const text of texts) hash.update(`${text.length}\n${text}`)
  return hash.digest('hex').slice(0, 32)
}
