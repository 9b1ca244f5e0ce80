import type { CustomResourceDefinition } from '../../../../core/kubernetes.ts'
import type { Stored } from '../../store/resources.ts'
import type { FieldError } from '../../store/status.ts'
import { invalidValue, required, unsupported } from '../../store/validation/fields.ts'
import { dns1035Faults, subdomainFaults } from '../../store/validation/names.ts'

type Definition = CustomResourceDefinition
type Names = Partial<NonNullable<Definition['spec']>['names']>

/** What is wrong with the names of a definition: its own, its group, its versions, and those of its kind. */
export const nameErrors = ({ metadata, spec }: Definition): FieldError[] => {
  const { group = '', scope, versions = [] } = spec ?? {}
  const names: Names = spec?.names ?? {}
  const wanted = `${names.plural ?? ''}.${group}`
  return [
    ...(metadata?.name === wanted
      ? []
      : [invalidValue('metadata.name', metadata?.name ?? '', 'must be spec.names.plural+"."+spec.group')]),
    ...approvalErrors(group, metadata?.annotations),
    ...groupErrors(group),
    ...(scope === 'Namespaced' || scope === 'Cluster'
      ? []
      : [scope ? unsupported('spec.scope', scope, ['Cluster', 'Namespaced']) : required('spec.scope')]),
    ...versions.flatMap(({ name }, index) =>
      joined(`spec.versions[${index}].name`, name, dns1035Faults(name ?? '')),
    ),
    ...(['plural', 'singular', 'kind', 'listKind'] as const).flatMap((field) =>
      names[field] ? [] : [required(`spec.names.${field}`)],
    ),
    ...kindErrors(names),
  ]
}

const groupErrors = (group: string): FieldError[] => {
  if (!group) return [required('spec.group')]
  const faults = subdomainFaults(group)
  if (faults.length > 0) return joined('spec.group', group, faults)
  return group.includes('.')
    ? []
    : [invalidValue('spec.group', group, 'should be a domain with at least one dot')]
}

const joined = (field: string, value: string, faults: string[]): FieldError[] =>
  faults.length > 0 ? [invalidValue(field, value, faults.join(','))] : []

const kindErrors = (names: Names): FieldError[] => {
  const label = (field: string, value: string | undefined) =>
    value ? joined(`spec.names.${field}`, value, dns1035Faults(value)) : []
  const mixed = (field: 'kind' | 'listKind') => {
    const value = names[field]
    const faults = value ? dns1035Faults(value.toLowerCase()) : []
    return value && faults.length > 0
      ? [
          invalidValue(
            `spec.names.${field}`,
            value,
            `may have mixed case, but should otherwise match: ${faults.join(',')}`,
          ),
        ]
      : []
  }
  return [
    ...label('plural', names.plural),
    ...label('singular', names.singular),
    ...mixed('kind'),
    ...mixed('listKind'),
    ...(names.shortNames ?? []).flatMap((name, index) => label(`shortNames[${index}]`, name)),
    ...(names.kind && names.kind === names.listKind
      ? [invalidValue('spec.names.listKind', names.listKind, 'kind and listKind may not be the same')]
      : []),
    ...(names.categories ?? []).flatMap((name, index) => label(`categories[${index}]`, name)),
  ]
}

const approval = 'api-approved.kubernetes.io'

/** The groups of Kubernetes itself are open to what its community has approved. */
const approvalErrors = (
  group: string,
  annotations: Readonly<Record<string, string>> | undefined,
): FieldError[] => {
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group)) return []
  const field = `metadata.annotations[${approval}]`
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111'
  const given = annotations?.[approval]
  if (!given)
    return [
      required(field, `protected groups must have approval annotation ${JSON.stringify(approval)}, ${see}`),
    ]
  if (given.startsWith('unapproved') || (URL.canParse(given) && new URL(given).host)) return []
  return [
    invalidValue(
      field,
      given,
      `protected groups must have approval annotation ${JSON.stringify(approval)} with either a URL or a reason starting with "unapproved", ${see}`,
    ),
  ]
}

/** What an update may not change: what paths are made of, and once it is served the kind and its scope. */
export const immutableErrors = (
  { spec }: Definition,
  previous: Stored<Definition> | undefined,
): FieldError[] => {
  if (!previous || !spec) return []
  const established = (previous.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Established' && status === 'True',
  )
  const before = previous.spec
  const fixed: [string, unknown, unknown][] = [
    ...(established
      ? ([
          ['scope', spec.scope, before.scope],
          ['names.kind', spec.names.kind, before.names.kind],
        ] as [string, unknown, unknown][])
      : []),
    ['group', spec.group, before.group],
    ['names.plural', spec.names.plural, before.names.plural],
  ]
  return fixed.flatMap(([field, now, then]) =>
    now === then ? [] : [invalidValue(`spec.${field}`, now, 'field is immutable')],
  )
}
