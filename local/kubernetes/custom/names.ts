import { isDeepStrictEqual } from 'node:util'
import type { CustomResourceDefinition } from '../../../core/kubernetes.ts'
import { conditionsWith } from '../store/definition-end.ts'
import type { Stored } from '../store/resources.ts'

type Definition = Stored<CustomResourceDefinition>
type Status = NonNullable<CustomResourceDefinition['status']>
type Names = NonNullable<Status['acceptedNames']>

/**
 * The status of a definition with the names accepted that no other of its group has, and with what is said of that;
 * undefined where there is nothing to change.
 */
export const acceptNames = (
  definition: Definition,
  all: readonly Definition[],
  now: string,
): Status | undefined => {
  const { spec, status = {} } = definition
  const wanted = spec.names
  const former: Names = status.acceptedNames ?? { plural: '', kind: '' }
  if (isDeepStrictEqual(sorted(wanted), sorted(former))) return undefined
  const others = all.filter(
    (one) => one.spec.group === spec.group && one.metadata.uid !== definition.metadata.uid,
  )
  const { names, conflict } = compare(wanted, former, taken(others))
  const accepted = {
    type: 'NamesAccepted',
    ...(conflict
      ? { status: 'False', ...conflict }
      : { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }),
  }
  const next: Status = {
    ...status,
    acceptedNames: names,
    conditions: conditionsWith(
      conditionsWith(status.conditions, accepted, now),
      establishing(status, !conflict),
      now,
    ),
  }
  return isDeepStrictEqual(next, status) ? undefined : next
}

const sorted = (names: object) =>
  Object.entries(names)
    .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
    .sort(([one], [other]) => (one < other ? -1 : 1))

interface Taken {
  resources: ReadonlySet<string>
  kinds: ReadonlySet<string>
}

const taken = (others: readonly Definition[]): Taken => {
  const names = others.flatMap(({ status }) => status?.acceptedNames ?? [])
  return {
    resources: new Set(
      names.flatMap(({ plural, singular = '', shortNames = [] }) => [plural, singular, ...shortNames]),
    ),
    kinds: new Set(names.flatMap(({ kind, listKind = '' }) => [kind, listKind])),
  }
}

interface Conflict {
  reason: string
  message: string
}

/** Name by name: what is wanted and free or the definition's already, and else what it had. The last conflict counts. */
const compare = (wanted: Names, former: Names, { resources, kinds }: Taken) => {
  const conflicts: Conflict[] = []
  const single = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    reason: string,
    used: ReadonlySet<string>,
  ): Partial<Names> => {
    const name = wanted[field]
    if (name === undefined || name === former[field] || !used.has(name))
      return name === undefined ? {} : { [field]: name }
    conflicts.push({ reason, message: inUse(name) })
    return {}
  }
  const short = (): Partial<Names> => {
    const { shortNames: had = [] } = former
    const { shortNames = [] } = wanted
    const used = shortNames.filter((name) => !had.includes(name) && resources.has(name)).map(inUse)
    if (used.length === 0) return shortNames.length > 0 ? { shortNames } : {}
    const message = used.length === 1 ? used.join() : `[${used.join(', ')}]`
    conflicts.push({ reason: 'ShortNamesConflict', message })
    return had.length > 0 ? { shortNames: had } : {}
  }
  const { shortNames: _had, categories: _former, ...rest } = former
  const names: Names = {
    ...rest,
    ...single('plural', 'PluralConflict', resources),
    ...single('singular', 'SingularConflict', resources),
    ...short(),
    ...single('kind', 'KindConflict', kinds),
    ...single('listKind', 'ListKindConflict', kinds),
    ...(wanted.categories ? { categories: wanted.categories } : {}),
  }
  return { names, conflict: conflicts.at(-1) }
}

const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`

/** What is said of being served, once it is known whether the names are free. */
const establishing = ({ conditions }: Status, accepted: boolean) => {
  const former = (conditions ?? []).find(({ type }) => type === 'Established')
  const type = 'Established'
  if (former?.status === 'True' || (former && !accepted)) return former
  return accepted
    ? { type, status: 'False', reason: 'Installing', message: 'the initial names have been accepted' }
    : { type, status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
}
