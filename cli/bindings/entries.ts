import { type Config, ConfigFile, readConfig } from '../../core/config.ts'
import type { Binding } from '../../core/fleet/expand/binding.ts'
import { requestFields } from '../../core/request-input.ts'
import { faultLine, type ValueFault } from '../../core/text/value-fault.ts'
import { UsageError } from '../usage-error.ts'
import type { FileDocument } from './documents.ts'

/** A binding as a file has it. */
export interface Entry {
  /** `carts` of podid.yaml, otherwise `NAMESPACE/SERVICEACCOUNT`. */
  name: string
  /** Where the file has a field of it: `podid.yaml:12`. */
  at(path: readonly PropertyKey[]): string
  /** The binding of podid.yaml, which may be for several clusters. */
  declared?: Binding
  /** What the file says in so many words: the fields of a request, or of the binding of podid.yaml. */
  fields: Readonly<Record<string, unknown>>
}

/** What a file holds: settings, which name their bindings, or bindings by themselves. */
export interface Entries {
  file: string
  entries: Entry[]
  config?: Config
}

export interface EntryOptions {
  /** What the file is called. */
  file: string
  /** The stage whose settings count; those of every stage unless given. */
  stage?: string | undefined
  /** Whether the stage is a deployed one, which the file need not name: what is not under `stages` is common to all. */
  deployed?: boolean
}

/**
 * Finds the bindings in a file's documents: in podid.yaml's settings, in lists, or each by itself.
 * @throws UsageError with every fault of the file and where it is
 */
export const bindingEntries = (documents: readonly FileDocument[], options: EntryOptions): Entries => {
  const { file } = options
  const [first, ...others] = documents
  if (!first) throw new UsageError(`${file} is empty, and should hold podid.yaml's settings, or bindings`)
  if (isSettings(first.value)) {
    if (others[0])
      throw new UsageError(
        `${file} has settings and, at ${others[0].at([])}, another document: bindings go under the settings' own "bindings"`,
      )
    return { file, ...ofSettings(first, options) }
  }
  const found = documents.flatMap(({ value, at }) =>
    Array.isArray(value)
      ? value.map((item: unknown, index) => ({
          item,
          at: (path: readonly PropertyKey[]) => at([index, ...path]),
        }))
      : [{ item: value, at }],
  )
  const strange = found.filter(({ item }) => !isRecord(item))
  if (strange.length > 0)
    throw new UsageError(
      faultText(
        file,
        strange.map(({ at }) => `${at([])}: is not a binding, which is a mapping of fields`),
      ),
    )
  return {
    file,
    entries: found.map(({ item, at }) => {
      const fields = item as Record<string, unknown>
      return { name: `${fields.namespace ?? '?'}/${fields.serviceAccount ?? '?'}`, at, fields }
    }),
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a document is podid.yaml's: it has keys that only settings have. */
const isSettings = (value: unknown): boolean => {
  if (!isRecord(value)) return false
  const own = new Set(requestFields())
  return Object.keys(ConfigFile.shape).some((key) => !own.has(key) && Object.hasOwn(value, key))
}

const ofSettings = (
  { value, at }: FileDocument,
  { file, stage, deployed }: EntryOptions,
): Omit<Entries, 'file'> => {
  const stages = Object.keys((isRecord(value) && isRecord(value.stages) && value.stages) || {})
  const choose = `choose one with --stage ${stages.join(' or --stage ')}`
  if (!deployed && stage !== undefined && stages.length > 0 && !stages.includes(stage))
    throw new UsageError(`${file} has no stage ${stage}: ${choose}, or leave --stage out`)
  const { config, faults } = readConfig(value, stage ?? '')
  if (faults) {
    const missing =
      stage === undefined && stages.length > 0 && faults.some(({ said }) => /^is missing/.test(said))
    throw new UsageError(
      `${faultText(file, located(faults, at))}${missing ? `\nWhat is missing may be a stage's own: ${choose}` : ''}`,
    )
  }
  return {
    config,
    entries: Object.entries(config.bindings).map(([name, declared]) => {
      const own = stage === undefined ? [] : ['stages', stage]
      const inStage = isRecord(fieldAt(value, [...own, 'bindings']))
      const path = [...(inStage ? own : []), 'bindings', name]
      const fields = fieldAt(value, path)
      return {
        name,
        declared,
        fields: isRecord(fields) ? fields : {},
        at: (inner) => at([...path, ...inner]),
      }
    }),
  }
}

const fieldAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((inner: unknown, key) => (isRecord(inner) ? inner[key] : undefined), value)

/** Faults as lines that begin with where they are. */
export const located = (faults: readonly ValueFault[], at: FileDocument['at']): string[] =>
  faults.map((fault) => `${at(fault.path)}: ${faultLine(fault)}`)

/** What a person reads of a file's faults. */
export const faultText = (file: string, lines: readonly string[]): string =>
  `${file} has ${lines.length === 1 ? 'a fault' : `${lines.length} faults`}; nothing was called.\n${lines.map((line) => `- ${line}`).join('\n')}`
