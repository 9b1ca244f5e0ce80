import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
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
 * SST's platform for the project in `root`: written by `sst install` (which asks only the npm registry) where it
 * is missing or of another version, and otherwise as it is. Callers at the same time wait for one installation.
 */
export const platform = async (root: string): Promise<Platform> => {
  const work = join(root, '.sst')
  const found: Platform = { work, sources: join(work, 'platform') }
  if (isComplete(root, found)) return found
  await mkdir(work, { recursive: true })
  await exclusively(join(work, 'installing'), async () => {
    if (!isComplete(root, found)) await install(root)
  })
  return found
}

/** The providers of an installed platform. */
export const providersOf = ({ work }: Platform): Provider[] =>
  JSON.parse(readFileSync(join(work, 'provider-lock.json'), 'utf8')) as Provider[]

/** SST writes the types of the providers last. */
const isComplete = (root: string, { sources }: Platform): boolean => {
  if (!existsSync(join(sources, 'config.d.ts'))) return false
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/sst/package.json'), 'utf8')) as {
    version: string
  }
  return readFileSync(join(sources, 'version'), 'utf8').trim() === version
}

const install = async (root: string): Promise<void> => {
  await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/sst/bin/sst.mjs'), 'install', '--stage', 'synth'],
    {
      cwd: root,
      env: {
        ...process.env,
        AWS_EC2_METADATA_DISABLED: 'true',
        SST_NO_BUN: '1',
        SST_SKIP_DEPENDENCY_CHECK: '1',
        SST_TELEMETRY_DISABLED: '1',
        // SST's CLI downloads a few programs there that only a deployment needs.
        XDG_CONFIG_HOME: join(root, '.sst', 'config'),
        // SST runs npm; what its own tests need is left out, which halves the time.
        npm_config_audit: 'false',
        npm_config_fund: 'false',
        npm_config_ignore_scripts: 'true',
        npm_config_omit: 'dev',
        npm_config_package_lock: 'false',
        npm_config_prefer_offline: 'true',
      },
    },
  )
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
