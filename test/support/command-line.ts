import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { madeOnce } from './made-once.ts'

/** What a process said, and how it ended. */
export interface Ended {
  stdout: string
  stderr: string
  /** Null where a signal ended it. */
  code: number | null
}

/** Where the stand-ins are, and who calls them. */
export interface Pointed {
  awsEndpoint: string
  region: string
  account: string
  accessKeyId: string
  secretAccessKey: string
  kubeconfig: string
}

/** What `podid local --json` says when it is ready. */
export interface Ready extends Pointed {
  stateMachineArn: string
}

/** The stand-ins, and programs that are pointed at them, as a person starts them. */
export interface Local<At extends Pointed = Ready> extends AsyncDisposable {
  ready: At
  /** Names that the workshop's page uses, and what makes the AWS CLI, kubectl and podid call the stand-ins. */
  env: NodeJS.ProcessEnv
  /** A folder for the test's own files, gone at the end. */
  folder: string
  /** Runs a command line in bash; throws where it fails. */
  bash(command: string): Promise<string>
  /** Starts the command line of this project, as it is packaged: for what needs a process of its own. */
  podid(...args: string[]): Podid
  /** The file that is started so, for what starts it in a way of its own. */
  program: string
  /** Ends the stand-ins as Ctrl-C or a supervisor would. */
  stop(signal?: 'SIGINT' | 'SIGTERM'): Promise<Ended>
}

/** A command under way. */
export interface Podid {
  process: ChildProcess
  /** Resolves as soon as the standard output holds the text. */
  says(text: string): Promise<void>
  ended: Promise<Ended>
}

const root = join(import.meta.dirname, '../..')

/** Whether tests that start these programs are skipped on this machine, and what their title says of it then. */
export const needing = (...programs: string[]): { absent: string[]; skipped: boolean; note: string } => {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const absent = programs.filter((program) => !folders.some((folder) => isExecutable(join(folder, program))))
  const skipped = absent.length > 0
  return { absent, skipped, note: skipped ? ` (skipped: no ${absent.join(', ')} on this machine)` : '' }
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

let installed: Promise<string> | undefined

/**
 * The package as `npm pack` makes it, installed in a folder of its own.
 * @returns the folder, which is for reading alone
 */
export const installedPackage = (): Promise<string> => {
  installed ??= madeOnce({
    kind: 'package',
    from: [
      '{adapters,cli,console,core,functions,local,packaging,stacks/bundling,stage,workflows}/**/*',
      '{LICENSE,README.md,package-lock.json,package.json,podid.schema.json}',
    ],
    as: 'installed',
    make: async (folder) => {
      mkdirSync(folder)
      writeFileSync(join(folder, 'package.json'), '{}')
      await npm(root, 'pack', '--pack-destination', folder)
      const [packed] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
      await npm(folder, 'install', '--offline', '--no-audit', '--no-fund', `./${packed}`)
    },
  })
  return installed
}

/** Runs npm; throws where it fails. */
export const npm = async (cwd: string, ...args: string[]): Promise<void> => {
  const { code, stdout, stderr } = await listen(
    // A package's build collects garbage seldom, which takes a tenth of its computing.
    spawn('npm', args, { cwd, env: { ...process.env, GOGC: '300' }, stdio: ['ignore', 'pipe', 'pipe'] }),
  ).ended
  if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`)
}

/**
 * The command line as npm installs it, which starts in half of the time that the clone's takes.
 * @returns the file that npm links as `podid`
 */
export const packagedPodid = async (): Promise<string> =>
  join(await installedPackage(), 'node_modules/podid/cli/podid.js')

/** Starts the project's command line, the clone's or another one, with this process's own Node. */
export const podid = (
  args: string[],
  env: NodeJS.ProcessEnv = plainEnv(),
  program = join(root, 'cli/podid.js'),
  cwd = process.cwd(),
): Podid => {
  const child = spawn(process.execPath, [program, ...args], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { ended, says } = listen(child)
  return { process: child, ended, says }
}

/** Starts `podid local` and waits until it is ready. */
export const startLocal = async (...flags: string[]): Promise<Local> => {
  const program = await packagedPodid()
  const server = podid(['local', '--json', ...flags], plainEnv(), program)
  const failed = server.ended.then(({ stderr }) => {
    throw new Error(`podid local ended: ${stderr}`)
  })
  let line = ''
  server.process.stdout?.on('data', (text: string) => {
    line += text
  })
  await Promise.race([server.says('\n'), failed])
  failed.catch(() => {})
  const ready = JSON.parse(line) as Ready
  return pointedPrograms(ready, program, (signal) => {
    server.process.kill(signal)
    return server.ended
  })
}

/** Programs that are pointed at stand-ins, and a folder for their files. `stopped` ends the stand-ins. */
export const pointedPrograms = <At extends Pointed>(
  ready: At,
  program: string,
  stopped: (signal: 'SIGINT' | 'SIGTERM') => Promise<Ended>,
): Local<At> => {
  const folder = mkdtempSync(join(tmpdir(), 'podid-test-'))
  const env = {
    ...plainEnv(),
    ...pointedAt(ready),
    KUBECACHEDIR: join(folder, 'kubectl-cache'),
    XDG_STATE_HOME: folder,
  }
  const stop: Local<At>['stop'] = (signal = 'SIGTERM') => stopped(signal)
  return {
    ready,
    env,
    folder,
    bash: async (command) => {
      const { stdout, stderr, code } = await listen(
        spawn('bash', ['-o', 'pipefail', '-c', command], {
          env,
          cwd: folder,
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      ).ended
      if (code !== 0) throw new Error(`${command}\nended with ${code}: ${stderr}${stdout}`)
      return stdout
    },
    podid: (...args) => podid(args, env, program),
    program,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** As little of this process's environment as programs need to be found: nobody's own AWS settings get in. */
export const plainEnv = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  AWS_CONFIG_FILE: '/dev/null',
  KUBECONFIG: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
})

const pointedAt = (ready: Pointed): NodeJS.ProcessEnv => ({
  AWS_ENDPOINT_URL: ready.awsEndpoint,
  AWS_REGION: ready.region,
  AWS_DEFAULT_REGION: ready.region,
  AWS_ACCESS_KEY_ID: ready.accessKeyId,
  AWS_SECRET_ACCESS_KEY: ready.secretAccessKey,
  AWS_ACCOUNT_ID: ready.account,
  AWS_PAGER: '',
  EKS_CLUSTER_NAME: 'eks-workshop',
  KUBECONFIG: ready.kubeconfig,
})

const listen = (child: ChildProcess): Omit<Podid, 'process'> => {
  const said = { stdout: '', stderr: '' }
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ended>()
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text
  })
  child.once('error', reject)
  child.once('close', (code) => resolve({ ...said, code }))
  return {
    ended,
    says: (text) =>
      new Promise((heard) => {
        const look = () => {
          if (said.stdout.includes(text)) heard()
        }
        child.stdout?.on('data', look)
        look()
      }),
  }
}
