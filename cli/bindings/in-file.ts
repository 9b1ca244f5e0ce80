import { existsSync } from 'node:fs'
import { type Config, fits } from '../../core/config.ts'
import type { Declared } from '../../core/fleet/expand/declared.ts'
import { type ExpansionFinding, expansionLine, isObstacle } from '../../core/fleet/expand/findings.ts'
import { requestFaults } from '../../core/request-input.ts'
import { nearestName } from '../../core/text/distance.ts'
import { command } from '../../core/text/shell.ts'
import { runInput } from '../../core/triggers/run-input.ts'
import { ownRuntime } from '../direct.ts'
import { faultByFlag } from '../flag-names.ts'
import { invokedAs } from '../invoked.ts'
import { UsageError } from '../usage-error.ts'
import { type ChosenBinding, type ChosenBindings, type SelectionFlags, usualFile } from './chosen.ts'
import { presumed, withCluster } from './defaults.ts'
import { readDocuments } from './documents.ts'
import { bindingEntries, type Entries, type Entry, faultText, located } from './entries.ts'
import { expandedHere } from './expanded.ts'
import { type Flags, fieldsFrom, flagOf } from './fields.ts'
import { type KubeconfigFlags, kubernetesTokenOf } from './kubeconfig.ts'
import { accountInRole } from './needs.ts'

/** Fields that say which binding it is, and so can be given of one only. */
const ofOne = ['namespace', 'serviceAccount', 'role', 'targetRole', 'workload', 'needs', 'sessionPolicy']

/** The bindings that a command line chooses of a file. @throws UsageError with every fault of the file */
export const targetsInFile = async (
  name: string,
  file: string,
  flags: Flags & SelectionFlags & KubeconfigFlags,
): Promise<ChosenBindings> => {
  const given = fieldsFrom(flags)
  const found = bindingEntries(readDocuments(file), {
    file: file === '-' ? 'standard input' : file,
    stage: flags.stage,
  })
  const chosen = select(name, found, flags)
  const one = !found.config && found.entries.length === 1
  const { cluster: _selects, ...others } = given
  const overrides = one ? given : others
  const inputs = await inputsOf(found, chosen, flags)
  const placed = await Promise.all(
    inputs.map(async ({ entry, name: own, input }) => ({
      entry,
      target: { name: own, input: await withCluster({ ...input, ...overrides }, flags) },
    })),
  )
  if (placed.length > 1) refuseFieldsOfOne(given)
  refuseFaults(
    found.file,
    placed.flatMap(({ entry, target }) => faultsOf(entry, target, overrides)),
  )
  refuseTwice(placed)
  return {
    targets: placed.map(({ target }) => target),
    ...(found.config ? { config: found.config } : {}),
  }
}

/**
 * The settings that a file holds, and of its bindings those that are named, or all.
 * @throws UsageError where it holds something else, or has faults
 */
export const chosenIn = (
  file: string,
  { stage, binding: names }: SelectionFlags,
): { config: Config; declared: Declared[] } => {
  const name = file === '-' ? 'standard input' : file
  const found = bindingEntries(readDocuments(file), { file: name, stage })
  if (!found.config) throw notSettings(name)
  const entries = names ? names.flatMap((one) => named(one, found)) : found.entries
  return { config: found.config, declared: declaredOf(entries) }
}

const notSettings = (name: string) =>
  new UsageError(`${name} holds bindings by themselves, and should hold the settings of podid.yaml`)

const declaredOf = (entries: readonly Entry[]): Declared[] =>
  [...new Set(entries)].flatMap(({ name, declared, at }) =>
    declared ? [{ name, binding: declared, at }] : [],
  )

/** The settings that a file holds. @throws UsageError where it holds something else, or has faults */
export const configIn = (file: string, stage: string | undefined): Config => {
  const name = file === '-' ? 'standard input' : file
  const { config } = bindingEntries(readDocuments(file), { file: name, stage })
  if (!config) throw notSettings(name)
  return config
}

/** The settings that a file has for a deployed stage, as a deployment reads them: the file need not name it. */
export const configOfStage = (file: string, stage: string | undefined): Config => {
  const { config } = bindingEntries(readDocuments(file), { file, stage, deployed: true })
  if (!config) throw notSettings(file)
  return config
}

/** The settings of podid.yaml where it is here and without faults: what is not named need not be in order. */
export const configNear = (stage: string | undefined): Config | undefined => {
  if (!existsSync(usualFile)) return undefined
  try {
    return configOfStage(usualFile, stage)
  } catch {
    return undefined
  }
}

const select = (name: string, { file, entries, config }: Entries, flags: Flags & SelectionFlags): Entry[] => {
  const cluster = flags.cluster as string | undefined
  const of = (entry: Entry) =>
    cluster === undefined ||
    (entry.declared ? fits(entry.declared.cluster, cluster) : entry.fields.cluster === cluster)
  if (entries.length === 0) throw new UsageError(`${file} has no bindings`)
  // A binding by itself is described further by the flags, its cluster too.
  if (!config && entries.length === 1 && !flags.binding) return entries
  if (flags.binding && flags.all)
    throw new UsageError(`--all and the name ${flags.binding[0]} exclude each other: leave one out`)
  if (flags.binding)
    return flags.binding.flatMap((wanted) => {
      const found = named(wanted, { file, entries })
      const fitting = found.filter(of)
      if (fitting.length > 0) return fitting
      throw new UsageError(
        `${file}: the binding ${wanted} is for ${[...new Set(found.map(clusterOf))].join(', ')}, and not for ${cluster}`,
      )
    })
  if (flags.all || cluster !== undefined) {
    const fitting = entries.filter(of)
    if (fitting.length > 0) return fitting
    throw new UsageError(`${file} has no binding for ${cluster}; it has\n${listOf(entries)}`)
  }
  const [first] = entries
  if (entries.length === 1 && first) return [first]
  const from = file === 'standard input' ? '-' : file
  throw new UsageError(
    `${file} has ${entries.length} bindings; choose one, or take all of them:\n  ${invokedAs()} ${command`${name} --file ${from} --binding ${first?.name ?? ''}`}\n  ${invokedAs()} ${command`${name} --file ${from} --all`}\nThere are\n${listOf(entries)}`,
  )
}

const clusterOf = ({ fields }: Entry): string => String(fields.cluster ?? '?')

const listOf = (entries: readonly Entry[]): string =>
  entries
    .slice(0, 30)
    .map((entry) => `  ${entry.name}  on ${clusterOf(entry)}`)
    .concat(entries.length > 30 ? [`  and ${entries.length - 30} more`] : [])
    .join('\n')

const named = (wanted: string, { file, entries }: Pick<Entries, 'file' | 'entries'>): Entry[] => {
  const found = entries.filter(
    ({ name, declared }) => name === wanted || (declared && name === wanted.split('/')[0]),
  )
  if (found.length > 0) return found
  const near = nearestName(
    wanted,
    entries.map(({ name }) => name),
  )
  throw new UsageError(
    `${file} has no binding ${wanted}${near ? `; did you mean ${near}?` : ''}\nThere are\n${listOf(entries)}`,
  )
}

/** The fields of each chosen entry on each cluster, and for each ServiceAccount, that it is for. */
const inputsOf = async (
  { file, config }: Entries,
  chosen: readonly Entry[],
  flags: Flags & SelectionFlags & KubeconfigFlags,
): Promise<Placed[]> => {
  if (!config) return chosen.map((entry) => ({ entry, name: entry.name, input: { ...entry.fields } }))
  const { bindings, findings } = await expandedHere(
    ownRuntime(kubernetesTokenOf(flags)),
    config,
    declaredOf(chosen),
    {
      cluster: flags.cluster as string | undefined,
      region: flags.region as string | undefined,
    },
  )
  refuseFindings(file, findings)
  const wanted = bindings.filter(({ name, from }) => isWanted(flags.binding, name, from.binding))
  for (const name of flags.binding ?? [])
    if (!wanted.some((one) => isWanted([name], one.name, one.from.binding)))
      throw new UsageError(
        `${file}: the binding ${name.split('/')[0]} is for ${name.includes('/') ? `no ServiceAccount ${name.split('/').slice(1).join('/')}` : 'nothing that there is'}; podid bindings shows those that there are`,
      )
  const byBinding = Map.groupBy(wanted, ({ from }) => from.binding)
  return chosen.flatMap((entry) =>
    (byBinding.get(entry.name) ?? []).map(({ name, binding }) => {
      const input: Record<string, unknown> = runInput(config, binding, {})
      // What the file leaves open may be observed.
      if (entry.fields.needs === undefined && binding.needs.length === 0) delete input.needs
      return { entry, name, input }
    }),
  )
}

interface Placed {
  entry: Entry
  name: string
  input: Record<string, unknown>
}

/** `carts` means all that the binding comes to, `carts/shop/orders` one ServiceAccount of it. */
const isWanted = (names: readonly string[] | undefined, name: string, binding: string): boolean =>
  names === undefined || names.includes(name) || names.includes(binding)

/** @throws UsageError where some chosen binding cannot be what it says, or is for nothing that there is */
const refuseFindings = (file: string, findings: readonly ExpansionFinding[]): void =>
  refuseFaults(file, findings.filter(isObstacle).map(expansionLine))

const refuseFieldsOfOne = (given: Record<string, unknown>): void => {
  const wrong = ofOne.filter((field) => field in given).map(flagOf)
  if (wrong.length > 0)
    throw new UsageError(
      `${wrong.join(' and ')} ${wrong.length === 1 ? 'is' : 'are'} one binding's, and several are chosen: choose one with --binding`,
    )
}

/** What a run would reject of it, by where the file has it; what a flag has said is the flag's fault. */
const faultsOf = (entry: Entry, { input }: ChosenBinding, overrides: Record<string, unknown>): string[] => {
  const likely = presumed(input)
  return requestFaults(likely, accountInRole(likely.role)).flatMap((fault) => {
    const [field] = fault.path
    return String(field) in overrides ? faultByFlag(fault) : located([fault], (path) => entry.at(path))
  })
}

/** @throws UsageError where there are any */
export const refuseFaults = (file: string, lines: readonly string[]): void => {
  if (lines.length > 0) throw new UsageError(faultText(file, [...new Set(lines)]))
}

/** Two runs on one ServiceAccount would be in each other's way. */
const refuseTwice = (placed: readonly { entry: Entry; target: ChosenBinding }[]): void => {
  const seen = new Map<string, (typeof placed)[number]>()
  const twice = placed.flatMap((one) => {
    const { region, cluster, namespace, serviceAccount } = one.target.input
    const key = JSON.stringify([region, cluster, namespace, serviceAccount])
    const other = seen.get(key)
    seen.set(key, one)
    return other === undefined
      ? []
      : [
          `- ${other.target.name} (${other.entry.at([])}) and ${one.target.name} (${one.entry.at([])}) are both for ${namespace}/${serviceAccount} on ${cluster}`,
        ]
  })
  if (twice.length > 0)
    throw new UsageError(
      `of these only one can be done at a time; choose with --binding:\n${twice.join('\n')}`,
    )
}
