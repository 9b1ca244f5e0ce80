import { readFileSync } from 'node:fs'
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { SelectionFlags } from './bindings/chosen.ts'
import type { Flags } from './bindings/fields.ts'
import { bindingOptions, collect, commanderOption, seconds } from './bindings/options.ts'
import type { ConsoleFlags } from './commands/console.ts'
import type { DoctorFlags } from './commands/doctor.ts'
import type { EnableFlags } from './commands/enable.ts'
import type { RedriveFlags } from './commands/redrive.ts'
import type { RunsFlags } from './commands/runs.ts'
import type { UndoFlags } from './commands/undo.ts'
import { type Shell, shells } from './completion/scripts.ts'
import { exampleText } from './examples.ts'
import { type ExitCode, exit } from './exit.ts'
import { notice } from './render/screen.ts'
import type { RolloutFlags } from './rollout/command.ts'

// A reader such as head or less may close the pipe early; a run under way must still finish.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

const milliseconds = (value: string): number => seconds(value) * 1000
const percent = (value: string): number => {
  if (!/^(?:100(?:\.0+)?|\d?\d(?:\.\d+)?)$/.test(value))
    throw new InvalidArgumentError('Give a number from 0 to 100.')
  return Number(value)
}
const fromOne = (value: string): number => {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new InvalidArgumentError('Give a number from 1.')
  return Number(value)
}

const port = (value: string): number => {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65535)
    throw new InvalidArgumentError('Give a port, from 0 to 65535.')
  return Number(value)
}

// As far above the package's bundle as above this file.
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('podid')
  .description('Turns on EKS Pod Identity for a workload and proves that it works')
  .version(version, '-V, --version', 'print the version')
  .exitOverride()
  // As narrow as the text beside the longest flag is on a terminal of 60 columns.
  .configureHelp({ minWidthToWrap: 20 })
  .addHelpText(
    'after',
    `
Exit codes:
  0 done, 1 failed, 2 usage, 3 plan has changes or redrive
  messages, 4 undo incomplete, 130 interrupted`,
  )

/** By whose credentials, and to which cluster where none is named. */
const withAccess = (command: Command): Command =>
  command
    .option('--profile <name>', 'the AWS profile (AWS_PROFILE)')
    .option(
      '--context <name>',
      "the kubeconfig's context whose EKS cluster is meant; the current one unless given",
    )
    .option('--kubeconfig <path>', 'the kubeconfig (KUBECONFIG)')
    .option('--auth <how>', "kubeconfig: call the Kubernetes API with the kubeconfig's own credentials")

/** Which deployed stage is meant, where one is. */
const withRemote = (command: Command): Command =>
  command
    .option('--remote [stage]', 'of this deployed stage: its name, or the ARN of its state machine')
    .option('--no-remote', 'of this machine, whatever "remote" of podid.yaml says')

/** The same for a command that has no binding. */
const withStage = (command: Command): Command =>
  withRemote(command)
    .option('--stage <name>', "of podid.yaml, this stage's settings")
    .option('--region <region>', 'where the stage is (that of podid.yaml, or AWS_REGION)')
    .option('--profile <name>', 'the AWS profile (AWS_PROFILE)')

/** The flags of plan and enable are the same, so that what was planned can be done by changing one word. */
const bindingCommand = (name: string, description: string): Command => {
  const command = program
    .command(name)
    .description(description)
    .argument('[name...]', 'bindings of podid.yaml, or a workload: KIND/NAME')
    .option(
      '-f, --file <path>',
      'podid.yaml, a binding, a list of them, several documents, or - for the standard input; flags override',
    )
    .option('--binding <name>', 'of the file, the binding of this name; may be repeated', collect)
    .option('--all', 'of the file, all bindings')
    .option('--stage <name>', "of the file, this stage's settings")
  for (const option of bindingOptions) command.addOption(commanderOption(option))
  return withAccess(command)
}

/** A binding's command for one or several of them. */
const manyCommand = (name: string, description: string): Command =>
  bindingCommand(name, description)
    .option('--parallel <number>', 'how many bindings are worked on at once (4)', fromOne)
    .option('--fail-fast', 'begin no further binding after one has failed')
    .option('--json', 'events as JSON Lines on stdout, and nothing else')
    .option('-q, --quiet', 'only the summary')

const actingCommand = (name: string, description: string): Command =>
  withRemote(manyCommand(name, description)).option(
    '-y, --yes',
    'approve where the binding asks for approval',
  )

program.hook('preAction', async (_program, command) => {
  if (!command.options.some(({ long }) => long === '--profile')) return
  const { profile } = command.opts<{ profile?: string }>()
  const { env } = process
  if (profile !== undefined) {
    // As with the AWS CLI, a profile that is named comes before keys of the environment.
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_ACCOUNT_ID'])
      delete env[name]
    env.AWS_PROFILE = profile
  }
  if (!env.AWS_REGION && !env.AWS_DEFAULT_REGION)
    await import('./auth/region.ts').then(({ takeRegionOfProfile }) => takeRegionOfProfile())
})

/** The flags of a binding's command with the names after it. */
const named = async <Given extends Flags & SelectionFlags>(names: string[], flags: Given): Promise<Given> =>
  (await import('./bindings/named.ts')).withNames(flags, names)

const acting = (mode: 'enable' | 'plan') => async (names: string[], flags: EnableFlags) => {
  const { enable } = await import('./commands/enable.ts')
  leave(await enable(mode, await named(names, flags)))
}

actingCommand('plan', 'Show what enable would do, and what would prevent it').action(acting('plan'))
actingCommand('enable', 'Turn Pod Identity on for a workload, and prove it').action(acting('enable'))

actingCommand('migrate', 'Move a workload from IRSA to Pod Identity, or finish that; a plan unless --approve')
  .option('--approve', 'do it')
  .addOption(
    new Option('--remove-oidc-provider-trust-relationship', 'as eksctl names --remove-oidc-trust').hideHelp(),
  )
  .action(async (names: string[], flags) => {
    const { migrate } = await import('./commands/migrate.ts')
    leave(await migrate(await named(names, flags)))
  })

actingCommand('rollout', 'Turn Pod Identity on for many workloads, wave by wave')
  .option('--plan', 'only show which waves there would be')
  .option('--undo <rollout>', 'put back what this rollout changed')
  .option(
    '--wave <number>',
    'with --undo, only this wave; may be repeated',
    (value: string, waves: number[] = []) => [...waves, fromOne(value)],
  )
  .option('--tolerate <percent>', 'how many of a wave’s bindings may fail', percent)
  .option('--undo-on-failure', 'undo a wave of which more fail')
  .action(async (names: string[], flags: RolloutFlags) => {
    const { rollout } = await import('./rollout/command.ts')
    leave(await rollout(await named(names, flags)))
  })

bindingCommand('role', 'Print the commands that make the binding’s role, or make it')
  .option('--create', 'make the role')
  .action(async (names: string[], flags) => {
    const { role } = await import('./commands/role.ts')
    leave(await role(await named(names, flags)))
  })

bindingCommand('verify', 'Look whether what runs now has its role’s credentials; change nothing')
  .option('--cloudtrail', 'by CloudTrail’s event history, which tells of it some minutes later')
  .option('-o, --output <format>', 'table, wide, json, yaml or name (of those that are not verified)')
  .option('--parallel <number>', 'how many bindings are looked at at once (4)', fromOne)
  .option('--fail-fast', 'look at no further binding after one has failed')
  .action(async (names: string[], flags) => {
    const { verify } = await import('./commands/verify.ts')
    leave(await verify(await named(names, flags)))
  })

withAccess(program.command('status'))
  .description('Show what is bound on clusters, declared or not, and whether its pods have the credentials')
  .argument('[name...]', 'only these: bindings, ServiceAccounts, or workloads as KIND/NAME')
  .option('--cluster <name>', 'a cluster; may be repeated', collect)
  .option('--region <region>', 'where it is (AWS_REGION)')
  .option('-n, --namespace <name>', 'only this namespace')
  .option('-A, --all-namespaces', 'every namespace, as without -n')
  .option('-f, --file <path>', 'podid.yaml with what is declared; the one in this folder unless given')
  .option('--stage <name>', "of the file, this stage's settings")
  .option('-o, --output <format>', 'table, wide, json, yaml or name')
  .option('-w, --watch', 'go on, and show it again when it has changed')
  .action(async (names: string[], flags) => {
    const { status } = await import('./commands/status.ts')
    leave(await status({ ...flags, names }))
  })

withAccess(program.command('inventory'))
  .description(
    'Show what each ServiceAccount with pods uses today: Pod Identity, IRSA, keys, the node’s role',
  )
  .option('--cluster <name>', 'a cluster; may be repeated', collect)
  .option('--all-clusters', 'every cluster of the regions')
  .option('--region <region>', 'where they are (AWS_REGION); may be repeated with --all-clusters', collect)
  .option('-o, --output <format>', 'table, wide, json, yaml, csv or name')
  .option('--draft <file>', 'write a podid.yaml with a binding for each, with the needs that were observed')
  .option('--logs', 'look into the end of the logs of one pod of each workload, for SDKs that are too old')
  .option('--parallel <number>', 'how many clusters are looked at at once (4)', fromOne)
  .action(async (flags) => {
    const { inventory } = await import('./commands/inventory.ts')
    leave(await inventory(flags))
  })

withAccess(program.command('bindings'))
  .description('Show for which ServiceAccounts of which clusters the bindings of podid.yaml are')
  .option('-f, --file <path>', 'podid.yaml; the one in this folder unless given; may be repeated', collect)
  .option('--stage <name>', "of the file, this stage's settings")
  .option('--binding <name>', 'of the file, the binding of this name; may be repeated', collect)
  .option('--cluster <name>', 'only on this cluster')
  .option('--region <region>', 'where the clusters are, in place of what the file says')
  .option('-o, --output <format>', 'table, wide, json, yaml or name')
  .action(async (flags) => {
    const { bindings } = await import('./commands/bindings.ts')
    leave(await bindings(flags))
  })

program
  .command('needs')
  .description('Print the needs that a role and its workload show, as YAML to keep')
  .requiredOption('--role <arn>', 'the role: its ARN, or its name')
  .option('--region <region>', 'where the cluster is (AWS_REGION)')
  .option('--cluster <name>', 'the EKS cluster, to look at a workload there')
  .option('-n, --namespace <name>', "the workload's namespace")
  .option('--service-account <name>', 'the ServiceAccount its pods run under')
  .option('--workload <kind/name>', 'the workload whose logs may tell what it was denied')
  .option('--profile <name>', 'the AWS profile (AWS_PROFILE)')
  .action(async (flags) => {
    const { needs } = await import('./commands/role.ts')
    leave(await needs(flags))
  })

withStage(program.command('undo'))
  .description('Put back what an earlier run changed, also one that was killed')
  .argument(
    '[run]',
    'a run of this machine by its name, a binding of podid.yaml for its latest run, a file with the events or the report of a run (--json), or the file of a binding for its latest run; the latest run of this machine unless given',
  )
  .option(
    '-f, --file <path>',
    'podid.yaml, or another file with bindings, of which those are chosen whose latest runs are meant',
  )
  .option('--binding <name>', 'of the file, the binding of this name; may be repeated', collect)
  .option('--all', 'of the file, all bindings, one after the other')
  .option('--cluster <name>', 'of the file, the bindings for this cluster')
  .option('--json', 'events as JSON Lines on stdout, and nothing else')
  .option('-q, --quiet', 'only the summary')
  .action(async (named: string | undefined, flags: UndoFlags) => {
    const { undoRun } = await import('./commands/undo.ts')
    leave(await undoRun(named, flags))
  })

/** A command about a stage that is deployed, or about to be. */
const stageCommand = (name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .requiredOption('--stage <name>', 'the stage')
    .option('--region <region>', 'where it is (that of podid.yaml, or AWS_REGION)')
    .option('--profile <name>', 'the AWS profile (AWS_PROFILE)')

stageCommand('doctor', 'Look whether a stage can be deployed and does its work; change nothing')
  .option('-f, --file <path>', 'the settings; podid.yaml here, or what PODID_SETTINGS names, unless given')
  .option('-o, --output <format>', 'table, json, yaml or name (of what is not right)')
  .action(async (flags: DoctorFlags) => {
    const { doctor } = await import('./commands/doctor.ts')
    leave(await doctor(flags))
  })

stageCommand('redrive', 'Show what ended in a stage’s dead-letter queue, and send it where it belongs')
  .argument('[message...]', 'only these messages, by their ids')
  .option('-y, --yes', 'send them without a question')
  .option('--json', 'a message a line as JSON on stdout, and nothing else')
  .action(async (messages: string[], flags: RedriveFlags) => {
    const { redrive } = await import('./commands/redrive.ts')
    leave(await redrive(messages, flags))
  })

const runs = withStage(program.command('runs'))
  .description('List runs: those of this machine, by its journals, and those of a deployed stage')
  .option('-o, --output <format>', 'table, wide, json, yaml or name')
  .option('--limit <number>', 'how many (20)', fromOne)
  .allowExcessArguments()
  .action(async (flags: RunsFlags, { args: [name] }: Command) => {
    const { listRuns, noRunHere } = await import('./commands/runs.ts')
    if (name !== undefined) throw noRunHere(name)
    leave(await listRuns(flags))
  })

/** A command about one run; the flags of `runs` itself may stand before it. */
const runCommand = (name: string, description: string): Command =>
  withStage(runs.command(name))
    .description(description)
    .argument('<run>', 'the run, by its name')
    .option('--json', 'events as JSON Lines on stdout, and nothing else')
    .option('-q, --quiet', 'only the summary')

runCommand('show', 'Show what has happened in a run, and its report').action(
  async (run: string, _flags: RunsFlags, command: Command) => {
    const { printRun } = await import('./commands/runs.ts')
    leave(await printRun(run, command.optsWithGlobals()))
  },
)

runCommand('watch', 'Follow a run to its end; the exit code is the run’s').action(
  async (run: string, _flags: RunsFlags, command: Command) => {
    const { watchRun } = await import('./commands/runs.ts')
    leave(await watchRun(run, command.optsWithGlobals()))
  },
)

const answerCommand = (name: string, description: string, approved: boolean): Command =>
  withStage(program.command(name))
    .description(description)
    .argument('<run>', 'a run of a deployed stage that waits for it, by its name')
    .option('-y, --yes', 'without asking again')
    .action(async (run: string, flags: RunsFlags & { yes?: boolean }) => {
      const { answerRun } = await import('./commands/approve.ts')
      leave(await answerRun(approved, run, flags))
    })

answerCommand('approve', 'Show what a waiting run would change, and approve it', true)
answerCommand('decline', 'Decline what a waiting run would change', false)

withStage(program.command('console'))
  .description(
    'Serve a page on this machine that shows runs, those of this machine and those of a deployed stage',
  )
  .option('--port <number>', 'the port on 127.0.0.1 (a free one)', port)
  .option('--act', 'of a deployed stage too, offer to approve, decline, undo and run again')
  .option('--export <run>', 'print the page of one run as a file that needs no server')
  .option('--cluster <name>', 'a cluster for the view of the fleet; may be repeated', collect)
  .option('--all-clusters', 'for the view of the fleet, every cluster of the region')
  .action(async (flags: ConsoleFlags) => {
    const { serveConsole } = await import('./commands/console.ts')
    leave(await serveConsole(flags))
  })

program
  .command('demo')
  .description("Start the stand-ins with the EKS workshop's broken workload, and repair it")
  .option('--json', 'events as JSON Lines on stdout, and nothing else')
  .option('-q, --quiet', 'only the summary')
  .action(async (flags: EnableFlags) => {
    const { demo } = await import('./commands/demo.ts')
    leave(await demo(flags))
  })

program
  .command('local')
  .description('Start the stand-ins for AWS and Kubernetes, and wait')
  .option('--scenario <name>', 'the situation to start with', 'workshop')
  .option('--settings <file>', "podid.yaml, in place of the workshop's bindings; its stage is local")
  .option('--propagation <seconds>', 'how long associations take to reach the cluster', milliseconds)
  .option('--readiness <seconds>', "how long the workload's containers take to become ready", milliseconds)
  .option('--json', 'one JSON line when ready')
  .option(
    '--served',
    'print the operations of AWS that are served, what they read and what they refuse; start nothing',
  )
  .action(async (flags) => {
    const { local, printServed } = await import('./commands/local.ts')
    if (flags.served) return leave(await printServed(flags))
    leave(await local(flags))
  })

program
  .command('completion')
  .description('Print what makes a shell complete commands, flags and names')
  .addArgument(new Argument('<shell>', 'the shell').choices(shells))
  .action(async (shell: Shell) => {
    const { completion } = await import('./commands/completion.ts')
    leave(completion(shell))
  })

program
  .command('complete', { hidden: true })
  .argument('<line>')
  .action(async (line: string) => {
    const { complete } = await import('./commands/completion.ts')
    leave(await complete(program, line))
  })

for (const command of program.commands) {
  command.addHelpText('after', exampleText(command.name()))
  for (const part of command.commands)
    part.addHelpText('after', exampleText(`${command.name()} ${part.name()}`))
}

let ended: ExitCode = exit.done
const leave = (code: ExitCode): void => {
  ended = code
}

/** Does what a command line says. @param args without the program's name. @returns what the process is to end with */
export const runCommandLine = async (args: readonly string[]): Promise<ExitCode> => {
  leave(exit.done)
  try {
    await program.parseAsync(args, { from: 'user' })
    return ended
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage
    const code = codeOfError(error)
    if (code === undefined) throw error
    process.stderr.write(notice(`podid: ${(error as Error).message}`))
    return code
  }
}

/** By their names, as the package has each class in two bundles. */
const codeOfError = (error: unknown): ExitCode | undefined =>
  !(error instanceof Error)
    ? undefined
    : error.name === 'UsageError'
      ? exit.usage
      : error.name === 'NoAnswer'
        ? exit.failed
        : undefined
