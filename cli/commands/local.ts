import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, parseConfig, readConfig } from '../../core/config.ts'
import { bindingsOn } from '../../core/fleet/expand/of-stage.ts'
import { nearestName } from '../../core/text/distance.ts'
import { servedOperations, servedText } from '../../local/aws/served.ts'
import { scenarios } from '../../local/scenarios/index.ts'
import { serveNewClusters } from '../../local/scenarios/new-clusters.ts'
import { type Pace, startWorld, type World } from '../../local/world.ts'
import { localSettings, startStage } from '../../stage/stage.ts'
import { readDocuments } from '../bindings/documents.ts'
import { faultText, located } from '../bindings/entries.ts'
import { type ExitCode, exit } from '../exit.ts'
import { type Examples, guide, localStage } from '../render/local-guide.ts'
import { screenOf } from '../render/screen.ts'
import { silent } from '../run.ts'
import { UsageError } from '../usage-error.ts'

export interface LocalFlags {
  scenario: string
  /** Milliseconds. */
  propagation?: number
  /** Milliseconds. */
  readiness?: number
  /** The file that takes the place of the settings of the workshop's bindings. */
  settings?: string
  json?: boolean
}

/** `podid local`: starts the stand-ins, says how to reach them, and serves until it is stopped. */
export const local = async (flags: LocalFlags): Promise<ExitCode> => {
  const scenario = scenarios[flags.scenario]
  if (!scenario) {
    const known = Object.entries(scenarios).map(([name, { description }]) => `  ${name}: ${description}`)
    const near = nearestName(flags.scenario, Object.keys(scenarios))
    throw new UsageError(
      `there is no scenario ${flags.scenario}; ${near ? `did you mean ${near}? There` : 'there'} are\n${known.join('\n')}`,
    )
  }
  const settings = flags.settings === undefined ? undefined : readSettings(flags.settings)
  const world = await startWorld(scenario, {
    pace: paceOf(flags),
    ...(settings ? { account: settings.config.account, region: settings.config.region } : {}),
  })
  serveNewClusters(world, newClusterMs)
  // Not before: until there is something to put away, a signal ends the process by itself.
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  const orphaned = leftBehind()
  const file = settings?.file ?? localSettings(world)
  const stage = await startStage({ world, config: file, log: silent })
  world.aws.bus.keepTime()
  const folder = mkdtempSync(join(tmpdir(), 'podid-'))
  try {
    const kubeconfig = join(folder, 'kubeconfig')
    writeFileSync(kubeconfig, [...world.clusters.values()][0]?.kubeconfig ?? '', { mode: 0o600 })
    const ready = localStage(world, stage, kubeconfig)
    const examples = examplesOf(parseConfig(file, 'local'), world)
    process.stdout.write(
      flags.json
        ? `${JSON.stringify(ready)}\n`
        : guide(ready, world, examples, screenOf(process.stdout).width),
    )
    // Listening servers keep the process alive; a scenario without any would not.
    await Promise.race([stopped, orphaned])
    return exit.done
  } finally {
    rmSync(folder, { recursive: true })
    await stage.close()
    await world.close()
  }
}

/** The names that `--scenario` takes. */
export const scenarioNames = (): string[] => Object.keys(scenarios)

/** `podid local --served`: what of AWS is served, from the code. */
export const printServed = async ({ json }: { json?: boolean }): Promise<ExitCode> => {
  const served = await servedOperations()
  process.stdout.write(json ? `${JSON.stringify(served)}\n` : servedText(served))
  return exit.done
}

/** How long a cluster that somebody creates takes here: long enough to be seen. */
const newClusterMs = 15_000

/** podid.yaml as it is, and what its stage `local` makes of it. */
const readSettings = (path: string): { file: object; config: Config } => {
  const [document, ...others] = readDocuments(path)
  const file = document?.value
  if (!document || others.length > 0 || typeof file !== 'object' || file === null)
    throw new UsageError(`${path} has to hold the settings of podid.yaml, as one document`)
  const read = readConfig(file, 'local')
  if (!read.config) throw new UsageError(faultText(path, located(read.faults, document.at)))
  return { file, config: read.config }
}

const examplesOf = (config: Config, { aws, clusters }: World): Examples => ({
  declared: declaredOn(config, [...clusters.keys()][0] ?? '', aws),
  users: config.access.flatMap(({ users }) => users),
  callers: config.access.flatMap(({ callers }) => callers),
  newCluster: Object.values(config.bindings)
    .map(({ cluster }) => cluster.replaceAll('*', '1').replaceAll('?', '1'))
    .find((cluster) => !clusters.has(cluster)),
})

/** A binding that names this cluster, with all that it says of it. */
const declaredOn = (
  config: Config,
  cluster: string,
  { region, account }: Pick<World['aws'], 'region' | 'account'>,
): Examples['declared'] =>
  bindingsOn(config, { name: cluster, region, account, tags: {} }).bindings.find(
    ({ name }) => config.bindings[name]?.cluster === cluster,
  )

const lookAgainMs = 250

/**
 * Resolves when npx is gone: it runs a command through a shell, which a SIGTERM ends alone. Whoever starts this
 * program in other ways may go and leave it running.
 */
const leftBehind = (): Promise<void> =>
  new Promise((resolve) => {
    if (process.env.npm_command !== 'exec') return
    const parent = process.ppid
    const timer = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(timer)
      resolve()
    }, lookAgainMs)
    timer.unref()
  })

const paceOf = ({ propagation, readiness }: LocalFlags): Partial<Pace> => ({
  ...(propagation === undefined ? {} : { propagationMs: [propagation] }),
  ...(readiness === undefined ? {} : { readyAfterMs: readiness }),
})
