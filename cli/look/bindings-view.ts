import type { ExpandedBinding } from '../../core/fleet/expand/declared.ts'
import type { Expansion, SkippedPlaces } from '../../core/fleet/expand/expand.ts'
import type { Seen } from '../render/formats.ts'
import { wrapped } from '../render/screen.ts'
import { tableText } from '../render/table.ts'

/** What bindings come to, as the formats show it. */
export const bindingsSeen = ({ bindings, findings, skipped }: Expansion): Seen => ({
  value: { bindings: bindings.map(asValue), findings, skipped },
  names: () =>
    bindings.map(
      ({ binding: { cluster, namespace, serviceAccount } }) => `${cluster}/${namespace}/${serviceAccount}`,
    ),
  table: (wide, width) =>
    [
      bindings.length === 0
        ? `${wrapped('the bindings are for no ServiceAccount of the clusters that there are', width).join('\n')}\n`
        : rowsOf(bindings, wide, width),
      ...(wide && skipped.length > 0
        ? [`\nLeft out\n${skipped.map((one) => leftOut(one, width)).join('')}`]
        : []),
    ].join(''),
})

const asValue = ({ name, cluster: { account }, binding, from }: ExpandedBinding) => {
  const { cluster, region, namespace, serviceAccount, role, targetRole = null, workload = null } = binding
  return { name, account, region, cluster, namespace, serviceAccount, role, targetRole, workload, from }
}

const rowsOf = (bindings: readonly ExpandedBinding[], wide: boolean, width: number): string => {
  const regions = new Set(bindings.map(({ binding }) => binding.region))
  const placed = wide || regions.size > 1
  return tableText(
    [
      'BINDING',
      ...(placed ? ['REGION'] : []),
      ...['CLUSTER', 'NAMESPACE', 'SERVICEACCOUNT', 'ROLE'],
      ...(wide ? ['WORKLOAD', 'FROM', 'OVERRIDES'] : []),
      'BY',
    ],
    bindings.map(({ binding, from }) => [
      from.binding,
      ...(placed ? [binding.region] : []),
      binding.cluster,
      binding.namespace,
      binding.serviceAccount,
      wide ? binding.role : (binding.role.split('/').at(-1) ?? ''),
      ...(wide ? [binding.workload ?? '-', from.at, from.overrides.join(', ') || '-'] : []),
      from.patterns.join(', ') || 'its names',
    ]),
    width,
  )
}

const leftOut = ({ at, why, count, examples }: SkippedPlaces, width: number): string =>
  `${wrapped(`${at}: ${examples.join(', ')}${count > examples.length ? ` and ${count - examples.length} more` : ''}: ${why}`, width, '  ').join('\n')}\n`
