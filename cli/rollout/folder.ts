import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Objects } from '../../adapters/objects.ts'
import { contentOf, namesIn } from '../journal/files.ts'
import { stateFolder } from '../journal/folder.ts'

/** What a stage keeps in its bucket, as long as this process: for a plan, of which nothing is left. */
export const passingObjects = (): Objects => {
  const kept = new Map<string, string>()
  return {
    bucket: 'this-process',
    get: async (key) => JSON.parse(kept.get(key) ?? 'null') ?? undefined,
    put: async (key, value) => {
      kept.set(key, JSON.stringify(value))
    },
    list: async (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
  }
}

/** What a stage keeps in its bucket, in a folder of this user's. */
export const folderObjects = (root: string = stateFolder()): Objects => ({
  bucket: 'this-machine',
  get: async (key) => {
    const text = contentOf(join(root, key))
    return text === undefined ? undefined : (JSON.parse(text) as unknown)
  },
  put: async (key, value) => {
    const path = join(root, key)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // Whole or not at all, also where the process is killed.
    writeFileSync(`${path}.draft`, JSON.stringify(value), { mode: 0o600 })
    renameSync(`${path}.draft`, path)
  },
  list: async (prefix) => namesIn(join(root, prefix), { recursive: true }).map((file) => `${prefix}${file}`),
})
