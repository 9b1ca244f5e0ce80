import type { Command, Option } from 'commander'

/** What the word before is completed with, besides commands and flags; each is looked for only where it is asked for. */
export interface Names {
  bindings(file: string | undefined): readonly string[]
  /** Of a file, and of the kubeconfig. */
  clusters(
    file: string | undefined,
    kubeconfig: string | undefined,
  ): readonly string[] | Promise<readonly string[]>
  stages(file: string | undefined): readonly string[]
  contexts(kubeconfig: string | undefined): readonly string[]
  scenarios(): readonly string[] | Promise<readonly string[]>
  runs(): readonly string[] | Promise<readonly string[]>
  rollouts(): readonly string[] | Promise<readonly string[]>
}

/**
 * What the last word of a command line may become: commands, flags, and names. Nothing where a path is wanted, since
 * shells complete those themselves.
 * @param line up to the cursor, with the name of the program
 */
export const candidates = async (program: Command, line: string, names: Names): Promise<string[]> => {
  const words = line.trimStart().split(/\s+/).slice(1)
  const current = words.pop() ?? ''
  const command = commandIn(program, words)
  const fits = (all: readonly string[]) => [...new Set(all)].filter((one) => one.startsWith(current))
  const before = optionsOf(command).find(({ short, long }) =>
    [short, long].some((flag) => flag !== undefined && flag === words.at(-1)),
  )
  if (before && takesValue(before)) return fits(await valuesOf(before, words, names))
  if (current.startsWith('-')) return fits(optionsOf(command).flatMap(({ long }) => long ?? []))
  if (command.commands.length > 0) return fits(commandsOf(command))
  switch (command.name()) {
    case 'completion':
      return fits(command.registeredArguments[0]?.argChoices ?? [])
    case 'undo':
      return fits([...names.bindings(givenTo(words, '-f', '--file')), ...(await names.runs())])
    case 'show':
    case 'watch':
      return fits([...(await names.rollouts()), ...(await names.runs())])
    default:
      return command.registeredArguments.some((argument) => argument.name() === 'name')
        ? fits(names.bindings(givenTo(words, '-f', '--file')))
        : []
  }
}

/** What the words give a flag, the last time. */
const givenTo = (words: readonly string[], ...flags: string[]): string | undefined => {
  const at = words.findLastIndex((word) => flags.includes(word))
  return at < 0 ? undefined : words[at + 1]
}

/** The command that the words name, or the one of its own that they name after it. */
const commandIn = (program: Command, words: readonly string[]): Command => {
  const at = words.findIndex((word) => !word.startsWith('-'))
  const named = at < 0 ? undefined : program.commands.find((command) => command.name() === words[at])
  return named ? commandIn(named, words.slice(at + 1)) : program
}

const commandsOf = (program: Command): string[] =>
  program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name())

const optionsOf = (command: Command): Option[] => command.createHelp().visibleOptions(command)

const takesValue = ({ required, optional }: Option): boolean => required || optional

/** Values that a flag knows, by its name, where commander does not know them. */
const known: Readonly<Record<string, readonly string[]>> = {
  '--output': ['table', 'wide', 'json', 'yaml', 'name'],
  '--proof': ['default', 'required'],
}

const valuesOf = async (
  { long = '', argChoices }: Option,
  words: readonly string[],
  names: Names,
): Promise<readonly string[]> => {
  const given = (...flags: string[]): string | undefined => givenTo(words, ...flags)
  const file = given('-f', '--file')
  switch (long) {
    case '--binding':
      return names.bindings(file)
    case '--cluster':
      return names.clusters(file, given('--kubeconfig'))
    case '--stage':
      return names.stages(file)
    case '--context':
      return names.contexts(given('--kubeconfig'))
    case '--undo':
      return names.rollouts()
    case '--scenario':
      return names.scenarios()
    default:
      return argChoices ?? known[long] ?? []
  }
}
