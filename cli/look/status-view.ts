import { type Unseen, unseenText } from '../../adapters/kubernetes/explain.ts'
import { allPods, type BindingStatus } from '../../core/fleet/status.ts'
import { firstOf } from '../../core/text/list.ts'
import type { Seen } from '../render/formats.ts'
import { wrapped } from '../render/screen.ts'
import { tableText } from '../render/table.ts'

/**
 * What was seen of one or several clusters, as the formats show it.
 * @param where the places that were looked at, for people
 */
export const statusSeen = (
  items: readonly BindingStatus[],
  unseen: readonly Unseen[],
  where: readonly string[],
): Seen => {
  const several = new Set(items.map(({ cluster, region }) => `${region}/${cluster}`)).size > 1
  return {
    value: { items, unseen: unseen.map(unseenText) },
    names: () =>
      items.map(({ cluster, namespace, serviceAccount }) =>
        [...(several ? [cluster] : []), namespace, serviceAccount].join('/'),
      ),
    table: (wide, width) =>
      items.length === 0
        ? `${wrapped(`nothing is bound on ${firstOf(where, 5)}; podid inventory shows what the pods there use`, width).join('\n')}\n`
        : rowsOf(items, several, wide, width),
  }
}

const rowsOf = (items: readonly BindingStatus[], several: boolean, wide: boolean, width: number): string =>
  tableText(
    [
      ...(several ? ['CLUSTER'] : []),
      ...['NAMESPACE', 'SERVICEACCOUNT', 'ROLE', 'WORKLOADS', 'WITH', 'WITHOUT', 'OLD', 'BINDING'],
      ...(wide ? ['ASSOCIATION', 'OWNER', 'TARGET ROLE'] : []),
      'NOTES',
    ],
    items.map((item) => {
      const pods = allPods(item.workloads)
      const count = (which: 'with' | 'without' | 'old') => (pods ? String(pods[which]) : '?')
      const role = item.association?.role ?? '-'
      return [
        ...(several ? [item.cluster] : []),
        item.namespace,
        item.serviceAccount,
        wide ? role : shortName(role),
        workloadsOf(item, wide),
        pods ? `${pods.with}/${pods.all}` : '?',
        count('without'),
        count('old'),
        item.binding ?? '-',
        ...(wide
          ? [
              item.association?.id ?? '-',
              addonOf(item.association?.owner),
              item.association?.targetRole ?? '-',
            ]
          : []),
        notesOf(item),
      ]
    }),
    width,
  )

const shortName = (arn: string): string => arn.split('/').at(-1) ?? arn

/** `arn:aws:eks:REGION:ACCOUNT:addon/CLUSTER/NAME/UUID` */
const addonOf = (owner: string | null | undefined): string => (owner ? (owner.split('/')[2] ?? owner) : '-')

const workloadsOf = ({ workloads }: BindingStatus, wide: boolean): string => {
  const names = workloads?.map(({ workload, all, with: injected }) =>
    wide ? `${workload} (${injected}/${all})` : workload,
  )
  if (!names) return '?'
  return names.length === 0 ? '-' : firstOf(names, wide ? 10 : 2)
}

const notesOf = ({ association, drift, beside }: BindingStatus): string =>
  [
    ...drift.map((line) => `drift: ${line}`),
    ...(association || drift.length > 0 ? [] : ['no association']),
    ...(association?.owner ? [`managed by the add-on ${addonOf(association.owner)}`] : []),
    ...(beside.length > 0 ? [`${association ? 'beside' : 'in its place'}: ${beside.join(', ')}`] : []),
  ].join('; ')
