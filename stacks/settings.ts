import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { type Config, parseConfig, refuseSettings } from '../core/config.ts'
import { ungrantable } from '../core/fleet/scope.ts'

/** The settings' file: podid.yaml, or what PODID_SETTINGS names, where the file is outside the repository. */
export const fileOfSettings = (): string => process.env.PODID_SETTINGS ?? 'podid.yaml'

let latest: { path: string; text: string; settings: unknown } | undefined

/** A deployment reads the file four times: parsed once, as a fleet's takes a quarter of a second. */
const read = (root: string, file: string): unknown => {
  const path = resolve(root, file)
  try {
    const text = readFileSync(path, 'utf8')
    if (latest?.path !== path || latest.text !== text) latest = { path, text, settings: parse(text) }
    return latest.settings
  } catch (cause) {
    throw new Error(
      `${path} cannot be read: ${(cause as Error).message}. docs/deploy.md shows what goes into it`,
      { cause },
    )
  }
}

/** It is a part of names of roles, which have 64 characters at most. */
const stageName = /^[A-Za-z0-9](?:[-A-Za-z0-9]{0,28}[A-Za-z0-9])?$/

/**
 * The settings of a stage.
 * @throws Error where no stage can have the name, or the file cannot be read
 * @throws InvalidRequest naming every fault of the file by its field, and what no stage is to be granted.
 */
export const readSettings = (root: string, stage: string, file = fileOfSettings()): Config => {
  if (!stageName.test(stage))
    throw new Error(
      `${JSON.stringify(stage)} cannot be the name of a stage: it takes letters and digits, and - between them, 30 characters at most`,
    )
  const config = parseConfig(read(root, file), stage, file)
  refuseSettings(ungrantable(config), file)
  return config
}

/** Writes the settings' file as JSON, for the functions that read it themselves; answers its path from the root. */
export const settingsAsJson = (root: string, stage: string): string => {
  const path = `.sst/settings-${stage}.json`
  mkdirSync(join(root, '.sst'), { recursive: true })
  writeFileSync(join(root, path), JSON.stringify(read(root, fileOfSettings())))
  return path
}
