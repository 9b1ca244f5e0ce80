import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

/** Where SST keeps its component sources, their dependencies and the types of sst.config.ts. */
export interface Platform {
  /** `.sst` */
  work: string
  /** `.sst/platform` */
  sources: string
}

/** The providers that sst.config.ts names, as SST's CLI resolved them. */
export interface Provider {
  alias: string
  package: string
}

/**
 * SST's platform for the project in `root`: as a deployment has installed it, or with as much as a synthesis needs (which
 * asks only the npm registry) where it is missing or of another version. Callers at the same time wait for one installation.
 */
export const platform = async (root: string): Promise<Platform> => {
  const work = join(root, '.sst')
  const found: Platform = { work, sources: join(work, 'platform') }
  if (isComplete(root, found)) return found
  await mkdir(work, { recursive: true })
  await exclusively(join(work, 'installing'), async () => {
    if (!isComplete(root, found)) await install(root, found)
  })
  return found
}

/** The providers of an installed platform. */
export const providersOf = ({ work }: Platform): Provider[] =>
  JSON.parse(readFileSync(join(work, 'provider-lock.json'), 'utf8')) as Provider[]

/** Where SST notes the version of what it has installed, for a deployment that needs nothing more, and where that is noted here. */
const installedBySst = 'version'
const installedHere = 'version-for-synthesis'

/** SST writes the types of the providers last. */
const isComplete = (root: string, { sources }: Platform): boolean => {
  if (!existsSync(join(sources, 'config.d.ts'))) return false
  const noted = [installedBySst, installedHere].map((name) => join(sources, name)).find(existsSync)
  return noted !== undefined && readFileSync(noted, 'utf8').trim() === versionOfSst(root)
}

const versionOfSst = (root: string): string =>
  (JSON.parse(readFileSync(join(root, 'node_modules/sst/package.json'), 'utf8')) as { version: string })
    .version

const run = promisify(execFile)

/**
 * SST's CLI writes its sources. In place of the 500 packages that it would install come those of packages/, as locked there: with
 * them all it takes five times the computing.
 * @throws Error where SST names other versions
 */
const install = async (root: string, { work, sources }: Platform): Promise<void> => {
  await run(process.execPath, [join(root, 'node_modules/sst/bin/sst.mjs'), 'install', '--stage', 'synth'], {
    cwd: root,
    env: {
      ...process.env,
      AWS_EC2_METADATA_DISABLED: 'true',
      SST_NO_BUN: '1',
      SST_SKIP_DEPENDENCY_CHECK: '1',
      SST_TELEMETRY_DISABLED: '1',
      // SST's CLI downloads a few programs there that only a deployment needs.
      XDG_CONFIG_HOME: join(work, 'config'),
      // Of `npm install`, which SST runs, npm shows the usage.
      npm_config_usage: 'true',
    },
  })
  // A deployment that finds none installs SST anew, with everything.
  await rm(join(sources, installedBySst))
  const packages = join(work, 'packages')
  await rm(packages, { recursive: true, force: true })
  await cp(join(import.meta.dirname, 'packages'), packages, { recursive: true })
  const others = otherVersions(packages, sources)
  if (others.length > 0)
    throw new Error(
      `stacks/synth/packages has not the versions of SST ${versionOfSst(root)}: ${others.join(', ')}`,
    )
  await run(
    'npm',
    ['ci', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
    {
      cwd: packages,
    },
  )
  await rename(join(packages, 'node_modules'), join(sources, 'node_modules'))
  await leaveUnchecked(join(sources, 'src'))
  await rm(packages, { recursive: true })
  await writeFile(join(sources, installedHere), versionOfSst(root))
}

/** Has the compiler take the types of SST's sources without a look into their functions, some of which need packages that are not there. */
const leaveUnchecked = async (folder: string): Promise<void> => {
  for (const entry of await readdir(folder, { recursive: true })) {
    if (!entry.endsWith('.ts')) continue
    const file = join(folder, entry)
    await writeFile(file, `// @ts-nocheck\n${await readFile(file, 'utf8')}`)
  }
}

/** The packages that SST wants in another version than a folder has them, as it wants them: `@pulumi/aws 7.21.0`. */
const otherVersions = (packages: string, sources: string): string[] => {
  const dependencies = (folder: string) =>
    (
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        dependencies: Record<string, string>
      }
    ).dependencies
  const wanted = dependencies(sources)
  return Object.entries(dependencies(packages)).flatMap(([name, version]) => {
    const other = wanted[name]?.replace(/^v/, '')
    return other === version ? [] : [`${name} ${other ?? 'is not needed any more'}`]
  })
}

/** A lock whose holder took longer than this has died. */
const staleMs = 5 * 60_000

/** Runs one of several processes at a time; a folder is made by exactly one of them. */
export const exclusively = async (lock: string, run: () => Promise<void>): Promise<void> => {
  for (;;) {
    try {
      await mkdir(lock)
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const held = await stat(lock).catch(() => undefined)
      if (held && Date.now() - held.mtimeMs > staleMs) await rm(lock, { recursive: true, force: true })
      else await wait(200)
    }
  }
  try {
    await run()
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
}

if (import.meta.main) await platform(process.cwd())
