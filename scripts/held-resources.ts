import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import packages from '../package.json' with { type: 'json' }
import { heldBy } from '../stacks/synth/held.ts'
import { synthesizeAll } from '../stacks/synth/synth.ts'

/**
 * Writes down what a stage of this version holds, when the version is released: `test/stacks/upgrade.test.ts` holds every
 * later version to it. No version has a tag yet: 0.1.0.json is of the state that still calls itself so.
 *
 *   npx node scripts/held-resources.ts
 */
const root = join(import.meta.dirname, '..')
const settings = 'test/stacks/everything.yaml'
const [dev, production] = (
  await synthesizeAll(root, [{ stage: 'dev', settings }, { stage: 'production' }])
).map(heldBy)
const held = { dev, production }
const file = join(root, 'test/recordings/upgrade', `${packages.version}.json`)
writeFileSync(file, `${JSON.stringify(held, null, 2)}\n`)
