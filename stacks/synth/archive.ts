import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Writable } from 'node:stream'

// In place of the packages `glob` and `archiver`, by which SST's components pack a function's code. That is an empty file in a
// synthesis (cli.ts), and of the archive only its digest is in a resource.

/** Of sites, of which there are none. */
export { globSync } from 'node:fs'

/** The files in a folder, at any depth; none where it is a file. */
export const glob = async (_all: '**', { cwd }: { cwd: string }): Promise<string[]> => {
  if ((await stat(cwd)).isFile()) return []
  const found = await readdir(cwd, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(cwd, join(entry.parentPath, entry.name)))
}

/** As much of an archive as is asked for: other files, and other names of theirs, have another digest. */
export default () => {
  const parts: Promise<string>[] = []
  let archive: Writable | undefined
  return {
    on: () => {},
    pipe: (to: Writable) => {
      archive = to
    },
    file: (path: string, { name }: { name: string }) => {
      parts.push(readFile(path, 'utf8').then((text) => JSON.stringify([name, text])))
    },
    finalize: async () => {
      archive?.end((await Promise.all(parts)).join('\n'))
    },
  }
}
