import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { type Config, parseConfig } from '../core/config.ts'

/** The settings' file: podid.yaml, or what PODID_SETTINGS names, where the file is outside the repository. */
const fileOf = (): string => process.env.PODID_SETTINGS ?? 'podid.yaml'

const read = (root: string, file: string): unknown => {
  const path = resolve(root, file)
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new Error(
      `${path} cannot be read: ${(cause as Error).message}. docs/deploy.md shows what goes into it`,
      { cause },
    )
  }
}

/**
 * The settings of a stage.
 * @throws InvalidRequest naming every fault of the file by its field.
 */
export const readSettings = (root: string, stage: string, file = fileOf()): Config =>
  parseConfig(read(root, file), stage)

/** Writes the settings' file as JSON, for the functions that read it themselves; answers its path from the root. */
export const settingsAsJson = (root: string, stage: string): string => {
  const path = `.sst/settings-${stage}.json`
  mkdirSync(join(root, '.sst'), { recursive: true })
  writeFileSync(join(root, path), JSON.stringify(read(root, fileOf())))
  return path
}
