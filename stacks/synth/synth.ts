import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { limitFaults } from '../limits/faults.ts'
import { fileOfSettings, readSettings } from '../settings.ts'
import { serveCli } from './cli.ts'
import { platform } from './platform.ts'
import { bundleProgram } from './program.ts'

/** A resource as its stack declares it. */
export interface Resource {
  /** Pulumi's type: `aws:lambda/function:Function`. */
  type: string
  /** The logical name; physical ones stand in the inputs. */
  name: string
  inputs: Record<string, unknown>
  /** What keeps it when the stack, or it, goes away; and what is taken over in place of being made. */
  options?: { protect?: true; retainOnDelete?: true; import?: string }
}

export interface Synthesis {
  resources: Resource[]
  outputs: Record<string, unknown>
}

export interface SynthesisOptions {
  /** The settings' file, from the project's folder; that of PODID_SETTINGS, or podid.yaml, unless given. */
  settings?: string
  /** Whether the table of an earlier deployment is taken over; as PODID_ADOPT_TABLE says unless given. */
  adoptTable?: boolean
}

/** A stage of which the resources are wanted. */
export interface SynthesisTask {
  stage: string
  account: string
  region: string
  /** The settings' file, and whether the table is taken over: sst.config.ts is told of both by the environment. */
  settings: string
  adoptTable: boolean
  /** The file for what is registered. */
  out: string
}

/** A stage, and what is said with it. */
export interface StageToSynthesize extends SynthesisOptions {
  stage: string
}

/**
 * Runs `run()` of sst.config.ts for a stage as a deployment would, under mocks: no account, no Pulumi engine, and
 * (once SST's platform is installed) no network.
 * @throws Error with the output of the run that failed, or with every limit of AWS's that the stage passes.
 */
export const synthesize = async (
  root: string,
  stage: string,
  options: SynthesisOptions = {},
): Promise<Synthesis> => {
  const [synthesis] = await synthesizeAll(root, [{ stage, ...options }])
  return synthesis as Synthesis
}

/** The same for stages of one account, in one process: most of the time of one goes by until its program is loaded. */
export const synthesizeAll = async (
  root: string,
  stages: readonly StageToSynthesize[],
): Promise<Synthesis[]> => {
  const sst = await platform(root)
  const asked = stages.map(({ stage, ...options }) => {
    const { settings = fileOfSettings(), adoptTable = process.env.PODID_ADOPT_TABLE === '1' } = options
    const { account, region } = readSettings(root, stage, settings)
    return { stage, account, region, settings, adoptTable }
  })
  // Beside SST's sources, so that the bundle finds the packages it leaves outside.
  const folder = await mkdtemp(join(sst.sources, 'synth-'))
  const tasks = asked.map((one, at): SynthesisTask => ({ ...one, out: join(folder, `${at}.json`) }))
  try {
    await bundleProgram(root, sst, join(folder, 'run.mjs'))
    await using cli = await serveCli({ root, work: folder, account: tasks[0]?.account ?? '' })
    await runTasks(root, {
      SST_SERVER: cli.url,
      SYNTH_PROGRAM: pathToFileURL(join(folder, 'run.mjs')).href,
      SYNTH_TASKS: JSON.stringify(tasks),
    })
    return await Promise.all(
      tasks.map(async ({ stage, out }) => {
        const { resources, ...rest } = JSON.parse(await readFile(out, 'utf8')) as Synthesis
        const faults = limitFaults(resources)
        if (faults.length > 0)
          throw new Error(
            `AWS would not take ${stage} as it is.\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
          )
        // Each is registered as soon as what it needs is known, in another order each time.
        return { ...rest, resources: resources.toSorted(byTypeAndName) }
      }),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const byTypeAndName = (one: Resource, other: Resource): number => (keyOf(one) < keyOf(other) ? -1 : 1)

const keyOf = ({ type, name }: Resource): string => `${type} ${name}`

const runTasks = async (root: string, env: Record<string, string>): Promise<void> => {
  // Pulumi notes the stack at each promise, which with source maps takes as long as all else: they are for what fails.
  const quick = await ranTasks(root, env, ['--stack-trace-limit=0'])
  if (quick.code === 0) return
  const told = await ranTasks(root, env, ['--enable-source-maps'])
  const { code, said } = told.code === 0 ? quick : told
  throw new Error(`the synthesis failed (exit ${code}):\n${said}`)
}

const ranTasks = async (
  root: string,
  env: Record<string, string>,
  flags: string[],
): Promise<{ code: number | null; said: string }> => {
  const child = spawn(process.execPath, [...flags, '--no-warnings', join(import.meta.dirname, 'tasks.ts')], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      // Pulumi's provider is large, and the same for each stage.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/synth-code'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const code = await new Promise<number | null>((ended) => child.on('close', ended))
  return { code, said }
}
