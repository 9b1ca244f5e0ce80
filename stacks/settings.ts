import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Config, parseConfig } from '../core/config.ts'

/**
 * The settings of a stage, from podid.yaml in the project's folder.
 * @throws InvalidRequest naming every fault of the file by its field.
 */
export const readSettings = (root: string, stage: string): Config => {
  const path = join(root, 'podid.yaml')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Error(`${path} cannot be read: it says what podid is to do, and docs/deploy.md shows one`, {
      cause,
    })
  }
  return parseConfig(parse(text), stage)
}
