import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exclusively } from '../../stacks/synth/platform.ts'
import { type Synthesis, type SynthesisOptions, synthesize } from '../../stacks/synth/synth.ts'

/** All of the project that a synthesis may read. Packages, and SST's own sources, are those of the lockfile. */
const read = [
  '{adapters,core,functions,manifests,stacks,workflows}/**/*',
  'test/stacks/*.yaml',
  'package-lock.json',
  'podid.yaml',
  'sst.config.ts',
]

const day = 86_400_000

/**
 * As synthesize, which takes five seconds of a core: made once for the files of the project as they are, whichever
 * test file asks first.
 */
export const synthesizeOnce = async (
  root: string,
  stage: string,
  options: SynthesisOptions = {},
): Promise<Synthesis> => {
  const all = join(root, 'node_modules/.cache/synthesis')
  const sources = digest(read.flatMap((pattern) => contentsOf(root, pattern)))
  const made = join(all, sources, `${stage}-${digest([JSON.stringify(options)])}.json`)
  await mkdir(join(all, sources), { recursive: true })
  await exclusively(`${made}.lock`, async () => {
    if (existsSync(made)) return
    for (const other of await readdir(all)) {
      const folder = join(all, other)
      if (Date.now() - (await stat(folder)).mtimeMs > day) await rm(folder, { recursive: true, force: true })
    }
    await writeFile(`${made}.part`, JSON.stringify(await synthesize(root, stage, options)))
    await rename(`${made}.part`, made)
  })
  return JSON.parse(await readFile(made, 'utf8')) as Synthesis
}

const contentsOf = (root: string, pattern: string): string[] =>
  globSync(pattern, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .flatMap((file) => [file, readFileSync(file, 'utf8')])

const digest = (texts: readonly string[]): string => {
  const hash = createHash('sha256').update(process.version)
  for (const text of texts) hash.update(`${text.length}\n${text}`)
  return hash.digest('hex').slice(0, 32)
}
