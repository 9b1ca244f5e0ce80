import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { limitFaults } from '../limits/faults.ts'
import { readSettings } from '../settings.ts'
import { serveCli } from './cli.ts'
import { platform } from './platform.ts'
import { type App, bundleApp, bundleRun } from './program.ts'

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
  /** The settings' file, from the project's folder; podid.yaml unless given. */
  settings?: string
}

/**
 * Runs `run()` of sst.config.ts for a stage as a deployment would, under mocks: no account, no Pulumi engine, and
 * (once SST's platform is installed) no network.
 * @throws Error with the output of the run that failed, or with every limit of AWS's that the stage passes.
 */
export const synthesize = async (
  root: string,
  stage: string,
  { settings }: SynthesisOptions = {},
): Promise<Synthesis> => {
  const sst = await platform(root)
  const { account, region } = readSettings(root, stage, settings)
  // Beside SST's sources, so that the bundles find the packages they leave outside.
  const folder = await mkdtemp(join(sst.sources, 'synth-'))
  const run = async <Answer>(name: string, env: Record<string, string> = {}): Promise<Answer> => {
    const out = join(folder, `${name}.json`)
    await runProgram(root, join(folder, `${name}.mjs`), {
      SYNTH_OUT: out,
      ...(settings ? { PODID_SETTINGS: settings } : {}),
      ...env,
    })
    return JSON.parse(await readFile(out, 'utf8')) as Answer
  }
  try {
    await bundleApp(root, sst, stage, join(folder, 'app.mjs'))
    const app = { ...(await run<App>('app')), stage }
    await bundleRun(root, sst, app, join(folder, 'run.mjs'))
    await using cli = await serveCli({ root, work: folder, account })
    const { resources, ...rest } = await run<Synthesis>('run', {
      SST_SERVER: cli.url,
      SYNTH_APP: app.name,
      SYNTH_STAGE: stage,
      SYNTH_ACCOUNT: account,
      SYNTH_REGION: region,
    })
    const faults = limitFaults(resources)
    if (faults.length > 0)
      throw new Error(
        `AWS would not take ${stage} as it is.\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
      )
    // Each is registered as soon as what it needs is known, in another order each time.
    return { ...rest, resources: resources.toSorted(byTypeAndName) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const byTypeAndName = (one: Resource, other: Resource): number => (keyOf(one) < keyOf(other) ? -1 : 1)

const keyOf = ({ type, name }: Resource): string => `${type} ${name}`

const runProgram = async (root: string, file: string, env: Record<string, string>): Promise<void> => {
  // Pulumi notes the stack at each promise, which with source maps takes as long as all else: they are for what fails.
  const quick = await ranProgram(root, file, env, ['--stack-trace-limit=0'])
  if (quick.code === 0) return
  const told = await ranProgram(root, file, env, ['--enable-source-maps'])
  const { code, said } = told.code === 0 ? quick : told
  throw new Error(`the synthesis failed (exit ${code}):\n${said}`)
}

const ranProgram = async (
  root: string,
  file: string,
  env: Record<string, string>,
  flags: string[],
): Promise<{ code: number | null; said: string }> => {
  const child = spawn(process.execPath, [...flags, '--no-warnings', file], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      // Pulumi's provider is large, and the same for each stage.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/synth-code'),
      // What a deployer says to sst.config.ts by the environment.
      PODID_SETTINGS: process.env.PODID_SETTINGS,
      PODID_ADOPT_TABLE: process.env.PODID_ADOPT_TABLE,
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
