import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { partitionOf } from '../../core/partitions/partitions.ts'
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
  'test/stacks/synthesis.ts',
  'package-lock.json',
  'podid.yaml',
  'sst.config.ts',
]

/** The settings with everything that a stage can have. */
export const everything = { settings: 'test/stacks/everything.yaml' } satisfies SynthesisOptions

const account = '111122223333'

/** Bindings with a role and a ServiceAccount each, on 50 clusters that are named one by one. */
export const fleet = (many: number, { region = 'us-west-2', ...binding }: Record<string, unknown> = {}) => ({
  account,
  region,
  clusters: { createAccessEntries: true },
  bindings: Object.fromEntries(
    Array.from({ length: many }, (_, index) => [
      `team-${index}`,
      {
        cluster: `shop-cluster-${index % 50}`,
        namespace: `team-${index}`,
        serviceAccount: 'service',
        role: `arn:${partitionOf(String(region))}:iam::${account}:role/team-${index}`,
        ...binding,
      },
    ]),
  ),
})

/** The settings of 1,000 bindings on 50 clusters in GovCloud, with a table of an earlier deployment. */
export const fleetOf1000 = {
  settings: 'node_modules/.cache/podid-tests/fleet-1000.json',
  adoptTable: true,
} satisfies SynthesisOptions

/** What the test files look at, in any order: more stages in one process take little more than one. */
const together: StageToSynthesize[] = [
  { stage: 'dev', ...everything },
  { stage: 'production' },
  { stage: 'dev', ...fleetOf1000 },
]

/** As synthesize, which takes five seconds of a core: made once, whichever test file asks first. */
export const synthesizeOnce = async (
  root: string,
  stage: string,
  options: SynthesisOptions = {},
): Promise<Synthesis> => {
  const own = { stage, ...options }
  const at = together.findIndex((other) => isDeepStrictEqual(own, other))
  const file = await (at < 0 ? synthesized(root, [own]) : allTogether(root))
  const all = JSON.parse(await readFile(file, 'utf8')) as Synthesis[]
  return all[Math.max(at, 0)] as Synthesis
}

let found: Promise<string> | undefined

/** Found once in a process: to look for it is to read all that it is made of. */
const allTogether = (root: string): Promise<string> => {
  found ??= synthesized(root, together)
  return found
}

const synthesized = (root: string, stages: readonly StageToSynthesize[]): Promise<string> =>
  madeOnce({
    kind: 'synthesis',
    from,
    as: JSON.stringify(stages),
    make: async (path) => {
      const file = join(root, fleetOf1000.settings)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, JSON.stringify(fleet(1000, { region: 'us-gov-west-1' })))
      await writeFile(path, JSON.stringify(await synthesizeAll(root, stages)))
    },
  })
