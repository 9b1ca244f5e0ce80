import { readFile, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import {
  type StageToSynthesize,
  type Synthesis,
  type SynthesisOptions,
  synthesizeAll,
} from '../../stacks/synth/synth.ts'
import { madeOnce } from '../support/made-once.ts'

/** All of the project that a synthesis may read. Packages, and SST's own sources, are those of the lockfile. */
const from = [
  '{adapters,core,functions,manifests,stacks,workflows}/**/*',
  'test/stacks/*.yaml',
  'package-lock.json',
  'podid.yaml',
  'sst.config.ts',
]

/** The settings with everything that a stage can have. */
export const everything = { settings: 'test/stacks/everything.yaml' } satisfies SynthesisOptions

/** What most test files look at, in any order: two stages in one process take little more than one. */
const together: StageToSynthesize[] = [{ stage: 'dev', ...everything }, { stage: 'production' }]

/** As synthesize, which takes five seconds of a core: made once, whichever test file asks first. */
export const synthesizeOnce = async (
  root: string,
  stage: string,
  options: SynthesisOptions = {},
): Promise<Synthesis> => {
  const { PODID_SETTINGS, PODID_ADOPT_TABLE } = process.env
  const own = { stage, ...options }
  const at = PODID_SETTINGS ? -1 : together.findIndex((other) => isDeepStrictEqual(own, other))
  const stages = at < 0 ? [own] : together
  const made = await madeOnce({
    kind: 'synthesis',
    from,
    as: JSON.stringify([stages, PODID_SETTINGS, PODID_ADOPT_TABLE]),
    make: async (path) => writeFile(path, JSON.stringify(await synthesizeAll(root, stages))),
  })
  const all = JSON.parse(await readFile(made, 'utf8')) as Synthesis[]
  return all[Math.max(at, 0)] as Synthesis
}
