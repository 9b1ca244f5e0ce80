import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommandLine } from '../../../cli/main.ts'
import { localStage } from '../../../cli/render/local-guide.ts'
import { silent } from '../../../cli/run.ts'
import { scenarios } from '../../../local/scenarios/index.ts'
import type { Pace, World } from '../../../local/world.ts'
import { localSettings, startStage } from '../../../stage/stage.ts'
import {
  type Ended,
  type Local,
  type Pointed,
  packagedPodid,
  plainEnv,
  pointedPrograms,
  type Ready,
} from '../command-line.ts'
import { fullPages, startTestWorld, type TestWorldOptions } from '../servers/small-pages.ts'

type Heard = (said: Readonly<Pick<Ended, 'stdout' | 'stderr'>>) => void

let last: Promise<unknown> = Promise.resolve()

/**
 * Runs a command line in this process, which a table of many can afford. What a process adds (signals, a terminal, its
 * own end) is tested by processes. One after the other, as the environment and the streams are this process's.
 * @param heard is told all that was said so far whenever there is more of it
 */
export const podidHere = (
  args: readonly string[],
  env: NodeJS.ProcessEnv = plainEnv(),
  heard?: Heard,
): Promise<Ended> => {
  const ended = last.then(() => runHere(args, env, heard))
  last = ended.catch(() => {})
  return ended
}

const runHere = async (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  heard: Heard = () => {},
): Promise<Ended> => {
  const before = process.env
  const said = { stdout: '', stderr: '' }
  const streams = ['stdout', 'stderr'] as const
  const writes = streams.map((stream) => process[stream].write)
  process.env = { ...env }
  for (const stream of streams)
    process[stream].write = ((text: string | Uint8Array) => {
      said[stream] += String(text)
      heard(said)
      return true
    }) as typeof process.stdout.write
  try {
    const code = await runCommandLine(args)
    return { ...said, code }
  } finally {
    process.env = before
    for (const [index, stream] of streams.entries()) process[stream].write = writes[index] as never
  }
}

/** The stand-ins in this process, and command lines that are pointed at them. */
export interface Here extends AsyncDisposable {
  world: World
  env: NodeJS.ProcessEnv
  /** For the test's own files, gone at the end. */
  folder: string
  podid(...args: string[]): Promise<Ended>
}

/** Starts a scenario for command lines of this process. Nothing takes longer here than it has to. */
export const startHere = async (scenario = 'workshop', options: TestWorldOptions = {}): Promise<Here> => {
  const chosen = scenarios[scenario]
  if (!chosen) throw new Error(`there is no scenario ${scenario}`)
  const world = await startTestWorld(chosen, {
    ...options,
    pace: { propagationMs: [0], startMs: 0, readyAfterMs: 0, ...options.pace },
  })
  const folder = mkdtempSync(join(tmpdir(), 'podid-test-'))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, [...world.clusters.values()][0]?.kubeconfig ?? '')
  const { accessKeyId, secretAccessKey } = world.aws.credentials
  const env = {
    ...plainEnv(),
    AWS_ENDPOINT_URL: world.aws.url,
    AWS_REGION: world.aws.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    KUBECONFIG: kubeconfig,
    XDG_STATE_HOME: folder,
  }
  return {
    world,
    env,
    folder,
    podid: (...args) => podidHere(args, env),
    [Symbol.asyncDispose]: async () => {
      await world.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** A command line that serves until it is stopped. */
export interface ServedHere {
  /** What it has said when it was ready. */
  said: string
  /** Ends it as Ctrl-C does. @returns its exit code; asked again, the same one */
  stop(): Promise<number>
}

/**
 * Starts a command line in this process that serves, which is ready when it says how it is ended. The environment and the
 * working directory are its own until it is stopped.
 */
export const serveHere = async ({ env, folder }: Here, args: readonly string[]): Promise<ServedHere> => {
  const before = { env: process.env, cwd: process.cwd(), others: process.listeners('SIGINT') }
  const write = process.stdout.write
  process.env = { ...env }
  process.chdir(folder)
  let said = ''
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  process.stdout.write = ((text: string | Uint8Array) => {
    said += String(text)
    if (said.includes('Ctrl-C')) resolve()
    return true
  }) as typeof process.stdout.write
  const ended = runCommandLine(args).finally(() => {
    process.env = before.env
    process.chdir(before.cwd)
  })
  await Promise.race([ready, ended])
  process.stdout.write = write
  const own = process.listeners('SIGINT').filter((listener) => !before.others.includes(listener))
  return {
    said,
    stop: () => {
      for (const listener of own.splice(0)) listener('SIGINT')
      return ended
    },
  }
}

/** The stand-ins in this process, and programs that are pointed at them. */
export interface LocalHere<At extends Pointed = Ready> extends Local<At> {
  world: World
}

/**
 * What `podid local` serves, with its stage, in this process: a process of its own takes a second of a core to start.
 * For what looks at the commands, not at `podid local` itself.
 */
export const startLocalHere = async (pace: Partial<Pace>, scenario?: string): Promise<LocalHere> => {
  const { world, program, place, close } = await startPlace(pace, scenario)
  const stage = await startStage({ world, config: localSettings(world), log: silent })
  const local = pointedPrograms(localStage(world, stage, place.kubeconfig), program, async () => {
    await stage.close()
    return close()
  })
  return { ...local, world }
}

/** The same for commands that no stage has a part in: starting one takes as long as a command does. */
export const startStageless = async (pace: Partial<Pace>): Promise<LocalHere<Pointed>> => {
  const { world, program, place, close } = await startPlace(pace)
  return { ...pointedPrograms(place, program, close), world }
}

const startPlace = async (pace: Partial<Pace>, scenario = 'workshop') => {
  const chosen = scenarios[scenario]
  if (!chosen) throw new Error(`there is no scenario ${scenario}`)
  const [program, world] = await Promise.all([
    packagedPodid(),
    startTestWorld(chosen, { ...fullPages, pace }),
  ])
  const folder = mkdtempSync(join(tmpdir(), 'podid-test-'))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, [...world.clusters.values()][0]?.kubeconfig ?? '', { mode: 0o600 })
  const { url: awsEndpoint, region, account, credentials } = world.aws
  const { accessKeyId, secretAccessKey } = credentials
  const place: Pointed = { awsEndpoint, region, account, accessKeyId, secretAccessKey, kubeconfig }
  const close = async (): Promise<Ended> => {
    await world.close()
    rmSync(folder, { recursive: true })
    return { stdout: '', stderr: '', code: 0 }
  }
  return { world, program, place, close }
}
