import { readFile, writeFile } from 'node:fs/promises'
import { type Synthesis, type SynthesisOptions, synthesize } from '../../stacks/synth/synth.ts'
import { madeOnce } from '../support/made-once.ts'

/** All of the project that a synthesis may read. Packages, and SST's own sources, are those of the lockfile. */
const from = [
  '{adapters,core,functions,manifests,stacks,workflows}/**/*',
  'test/stacks/*.yaml',
  'package-lock.json',
  'podid.yaml',
  'sst.config.ts',
]

/** As synthesize, which takes five seconds of a core: made once, whichever test file asks first. */
export const synthesizeOnce = async (
  root: string,
  stage: string,
  options: SynthesisOptions = {},
): Promise<Synthesis> => {
  const made = await madeOnce({
    kind: 'synthesis',
    from,
    as: JSON.stringify([stage, options, process.env.PODID_SETTINGS, process.env.PODID_ADOPT_TABLE]),
    make: async (path) => writeFile(path, JSON.stringify(await synthesize(root, stage, options))),
  })
  return JSON.parse(await readFile(made, 'utf8')) as Synthesis
}
