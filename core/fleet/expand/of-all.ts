import { type Binding, regionsOf, type Where } from './binding.ts'
import { type Candidate, labelText, type Prepared, patternsOf, placeName } from './declared.ts'
import { madeRoleShared, type Notes, nothingFits, roleShared } from './findings.ts'
import { placeholdersIn } from './template.ts'

/** Roles that a template gives to several ServiceAccounts, which nobody may have meant. */
export const noteSharedRoles = (
  candidates: readonly Candidate[],
  prepared: readonly Prepared[],
  notes: Notes,
): void => {
  const doubtful = new Set(
    prepared.filter(({ binding }) =>
      [binding, ...binding.overrides].some(({ role, createRole }) => createRole || isAmbiguous(role)),
    ),
  )
  const byRole = Map.groupBy(
    candidates.filter(({ source }) => doubtful.has(source)),
    ({ expanded: { binding }, source }) => JSON.stringify([source.order, binding.role]),
  )
  const told = new Set<Prepared>()
  for (const group of byRole.values()) {
    const [first] = group
    if (!first || told.has(first.source)) continue
    const { source, expanded } = first
    const about = { name: source.name, at: source.at(['role']) }
    const names = new Set(
      group.map(({ expanded: { binding } }) => JSON.stringify([binding.namespace, binding.serviceAccount])),
    )
    const made = expanded.binding.createRole
    if ((made ? group.length : names.size) < 2) continue
    // One of its roles is enough to show what is wrong with the template.
    told.add(source)
    for (const one of group)
      notes.add(
        JSON.stringify(['role', source.order]),
        source.order,
        placeName(one.expanded.binding, one.expanded.cluster),
        (made ? madeRoleShared : roleShared)(about, expanded.binding.role),
      )
  }
}

/** Whether a role's template takes the namespace and the ServiceAccount, so that each ServiceAccount was to have its own. */
const isAmbiguous = (role: string | undefined): boolean => {
  const found = placeholdersIn(role ?? '')
  return found.includes('namespace') && found.includes('serviceAccount')
}

/** Bindings and overrides that are for nothing. */
export const noteUnused = (prepared: readonly Prepared[], region: string, notes: Notes): void => {
  for (const { name, binding, order, where, used, usedOverrides, at } of prepared) {
    const of = { name, at: where }
    if (!used)
      notes.add(JSON.stringify(['unused', order]), order, name, () =>
        nothingFits(of, whatOf(binding, region)),
      )
    else
      for (const [index, { where: wanted }] of binding.overrides.entries())
        if (!usedOverrides.has(index))
          notes.add(JSON.stringify(['unused', order, index]), order, name, () =>
            nothingFits(
              { name, at: at(['overrides', index]) },
              `the override for ${whereText(wanted)}`,
              'override-fits-nothing',
            ),
          )
  }
}

/** What an override is for: `cluster shop-1, clusterTags stage=prod`. */
const whereText = (where: Where): string =>
  Object.entries(where)
    .flatMap(([field, value]) => {
      const text = typeof value === 'string' ? value : labelText(value ?? {})
      return text === '' ? [] : [`${field} ${text}`]
    })
    .join(', ')

/** What a binding is for, in a line. */
const whatOf = (binding: Binding, region: string): string =>
  [
    `cluster ${binding.cluster}`,
    ...patternsOf(binding).filter((pattern) => !pattern.startsWith('cluster ')),
    `in ${regionsOf(binding, region).join(', ')}`,
  ].join(', ')
