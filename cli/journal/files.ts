import { readdirSync, readFileSync } from 'node:fs'

/** What a file that may not be there holds; undefined where it is not. */
export const contentOf = (path: string): string | undefined =>
  unlessAbsent(() => readFileSync(path, 'utf8'), undefined)

/** The names in a folder, none where it is not there; with `recursive` those in folders of it as well, by their paths. */
export const namesIn = (folder: string, { recursive = false } = {}): string[] =>
  unlessAbsent(() => readdirSync(folder, { recursive, encoding: 'utf8' }), [])

const unlessAbsent = <Found, Instead>(look: () => Found, instead: Instead): Found | Instead => {
  try {
    return look()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return instead
    throw error
  }
}
