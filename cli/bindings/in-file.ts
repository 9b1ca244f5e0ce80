import { existsSync } from 'node:fs'
import { clusters } from '../../adapters/eks/clusters.ts'
import { bindingsFor, type Config, fits } from '../../core/config.ts'
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
import { type Flags, fieldsFrom, flagOf } from './fields.ts'
import type { KubeconfigFlags } from './kubeconfig.ts'
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
  const inputs = await Promise.all(
    chosen.map(async (entry) =>
      (await inputsOf(found, entry, flags)).map((input) => ({ entry, input: { ...input, ...overrides } })),
    ),
  )
  const placed = await Promise.all(
    inputs.flat().map(async ({ entry, input }) => ({
      entry,
      target: { name: entry.name, input: await withCluster(input, flags) },
    })),
  )
  if (placed.length > 1) refuseFieldsOfOne(given)
  refuseFaults(
    found.file,
    placed.flatMap(({ entry, target }) => faultsOf(entry, target, overrides)),
  )
  refuseTwice(placed.map(({ target }) => target))
  return {
    targets: placed.map(({ target }) => target),
    ...(found.config ? { config: found.config } : {}),
  }
}

/** The settings that a file holds. @throws UsageError where it holds something else, or has faults */
export const configIn = (file: string, stage: string | undefined): Config => {
  const name = file === '-' ? 'standard input' : file
  const { config } = bindingEntries(readDocuments(file), { file: name, stage })
  if (!config)
    throw new UsageError(`${name} holds bindings by themselves, and should hold the settings of podid.yaml`)
  return config
}

/** The settings of podid.yaml where it is here and without faults: what is not named need not be in order. */
export const configNear = (stage: string | undefined): Config | undefined => {
  if (!existsSync(usualFile)) return undefined
  try {
    return configIn(usualFile, stage)
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
  if (flags.binding) return flags.binding.flatMap((wanted) => named(wanted, { file, entries }).filter(of))
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

const listOf = (entries: readonly Entry[]): string =>
  entries
    .slice(0, 30)
    .map(({ name, fields }) => `  ${name}  on ${String(fields.cluster ?? '?')}`)
    .concat(entries.length > 30 ? [`  and ${entries.length - 30} more`] : [])
    .join('\n')

const named = (wanted: string, { file, entries }: Pick<Entries, 'file' | 'entries'>): Entry[] => {
  const found = entries.filter(({ name }) => name === wanted)
  if (found.length > 0) return found
  const near = nearestName(
    wanted,
    entries.map(({ name }) => name),
  )
  throw new UsageError(
    `${file} has no binding ${wanted}${near ? `; did you mean ${near}?` : ''}\nThere are\n${listOf(entries)}`,
  )
}

/** The fields of an entry on each cluster that it is for. AWS is asked only where its cluster is a pattern, or has tags. */
const inputsOf = async (
  { file, config }: Entries,
  { name, declared, fields }: Entry,
  flags: Flags & SelectionFlags,
): Promise<Record<string, unknown>[]> => {
  if (!declared || !config) return [fields]
  const region = (flags.region as string | undefined) ?? declared.region ?? config.region
  const cluster = flags.cluster as string | undefined
  const exact = /[*?]/.test(declared.cluster) ? cluster : declared.cluster
  const tagged = Object.keys(declared.clusterTags).length > 0
  const known = clusters(ownRuntime(), region)
  const names =
    exact === undefined ? (await known.list()).filter((one) => fits(declared.cluster, one)) : [exact]
  const fitting = tagged
    ? (await Promise.all(names.map((one) => known.identify(one))))
        .filter((one) => one !== undefined)
        .filter((one) =>
          bindingsFor({ ...config, region, bindings: { [name]: declared } }, one).some(
            (found) => found.name === name,
          ),
        )
        .map((one) => one.name)
    : names
  if (fitting.length === 0)
    throw new UsageError(
      `${file}: the binding ${name} is for clusters ${declared.cluster}${tagged ? ' with its tags' : ''}, and there is none in ${region}${cluster ? ` of the name ${cluster}` : ''}`,
    )
  return fitting.map((one) => {
    const input: Record<string, unknown> = runInput(config, declared, { name: one, region }, {})
    // What the file leaves open may be observed.
    if (fields.needs === undefined) delete input.needs
    return input
  })
}

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
const refuseTwice = (targets: readonly ChosenBinding[]): void => {
  const seen = new Map<string, string>()
  const twice = targets.flatMap(({ name, input }) => {
    const { region, cluster, namespace, serviceAccount } = input
    const key = JSON.stringify([region, cluster, namespace, serviceAccount])
    const other = seen.get(key)
    seen.set(key, name)
    return other === undefined
      ? []
      : [`- ${other} and ${name} are both for ${namespace}/${serviceAccount} on ${cluster}`]
  })
  if (twice.length > 0)
    throw new UsageError(
      `of these only one can be done at a time; choose with --binding:\n${twice.join('\n')}`,
    )
}
