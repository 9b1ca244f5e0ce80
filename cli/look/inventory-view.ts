import { unseenText } from '../../adapters/kubernetes/explain.ts'
import { type CredentialSource, credentialSources } from '../../core/fleet/credential-source.ts'
import { sourceNames } from '../../core/fleet/draft.ts'
import type { InventoryItem, InventoryNext } from '../../core/fleet/inventory.ts'
import { firstOf } from '../../core/text/list.ts'
import { invokedAs } from '../invoked.ts'
import type { Seen } from '../render/formats.ts'
import { wrapped } from '../render/screen.ts'
import { withoutMs } from '../render/style.ts'
import { tableText } from '../render/table.ts'
import type { ClusterInventory } from './inventory.ts'

/** How many ServiceAccounts use what, by the first place where an SDK in their pods would find credentials. */
interface InventorySummary {
  clusters: number
  serviceAccounts: number
  pods: number
  uses: Partial<Record<CredentialSource, number>>
}

/** An inventory in numbers. */
const inventoryNumbers = (found: readonly ClusterInventory[]): InventorySummary => {
  const items = found.flatMap((one) => one.items)
  const uses = credentialSources.map(
    (source) => [source, items.filter((item) => item.uses[0]?.source === source).length] as const,
  )
  return {
    clusters: found.length,
    serviceAccounts: items.length,
    pods: items.reduce((sum, { pods }) => sum + pods, 0),
    uses: Object.fromEntries(uses.filter(([, count]) => count > 0)),
  }
}

/** An inventory as the formats show it. */
export const inventorySeen = (found: readonly ClusterInventory[]): Seen => {
  const items = found.flatMap((one) => one.items)
  const summary = inventoryNumbers(found)
  return {
    value: {
      summary,
      clusters: found.map(({ cluster, region, account, unseen }) => ({
        cluster,
        region,
        account,
        unseen: unseen.map(unseenText),
      })),
      items,
    },
    names: () =>
      items.map(({ cluster, namespace, serviceAccount }) => `${cluster}/${namespace}/${serviceAccount}`),
    table: (wide, width) =>
      [
        rowsOf(items, wide, width),
        `\n${wrapped(summaryLine(summary), width).join('\n')}\n`,
        commandsOf(items, wide, width),
      ].join(''),
  }
}

const summaryLine = ({ clusters, serviceAccounts, pods, uses }: InventorySummary): string =>
  `${count(serviceAccounts, 'ServiceAccount')} with ${count(pods, 'pod')} on ${count(clusters, 'cluster')}: ${
    Object.entries(uses)
      .map(([source, number]) => `${number} ${sourceNames[source as CredentialSource]}`)
      .join(', ') || 'none'
  }`

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

const nextNames: Readonly<Record<InventoryNext, string>> = {
  nothing: 'nothing to do',
  restart: 'restart: its association is there',
  associate: 'podid migrate',
  'choose-role': 'choose a role, if it calls AWS',
  'not-possible': 'not possible here',
}

const rowsOf = (items: readonly InventoryItem[], wide: boolean, width: number): string =>
  tableText(
    [
      'CLUSTER',
      'NAMESPACE',
      'SERVICEACCOUNT',
      'PODS',
      ...(wide ? ['WORKLOADS', 'SINCE'] : []),
      'USES TODAY',
      'NEXT',
    ],
    items.map((item) => [
      item.cluster,
      item.namespace,
      item.serviceAccount,
      String(item.pods),
      ...(wide
        ? [
            firstOf(
              item.workloads.map(({ workload }) => workload),
              5,
            ),
            withoutMs(item.since),
          ]
        : []),
      item.uses.map((use) => useText(use, item.pods, wide)).join(', '),
      nextText(item),
    ]),
    width,
  )

/** What gives credentials, and which role. That of a node, which is long and no workload's own, only where there is room. */
const useText = (
  { source, role, pods }: InventoryItem['uses'][number],
  all: number,
  wide: boolean,
): string => {
  const name = role?.split('/').at(-1)
  const which = source === 'node-role' ? wide && name && `: ${name}` : role && ` role ${wide ? role : name}`
  return `${sourceNames[source]}${which || ''}${pods < all ? ` (${pods})` : ''}`
}

const nextText = (item: InventoryItem): string => {
  const [next, against] = [nextNames[item.next], againstOf(item)]
  if (against === '') return next
  return item.next === 'not-possible' ? `${next}: ${against}` : `${next}; against it: ${against}`
}

/** The commands that the table speaks of, or how to see them. */
const commandsOf = (items: readonly InventoryItem[], wide: boolean, width: number): string => {
  const commands = items.flatMap(({ migrate }) => migrate ?? [])
  if (commands.length === 0) return ''
  const lines = wide
    ? // As a person pastes them: never broken.
      ['To migrate', ...commands.map((line) => `  ${line.replace('podid', invokedAs())}`)]
    : wrapped(`-o wide prints each "podid migrate" as it can be pasted`, width)
  return `\n${lines.map((line) => `${line}\n`).join('')}`
}

const againstOf = ({ against, pods }: InventoryItem): string =>
  against.map((one) => `${one.what}${one.pods < pods ? ` (${one.pods})` : ''}`).join(', ')

/** An inventory as comma-separated values as in RFC 4180, but for the ends of lines, which are a terminal's. */
export const inventoryCsv = (found: readonly ClusterInventory[]): string =>
  [
    'cluster,region,account,namespace,serviceAccount,pods,workloads,uses,roles,association,irsaRole,since,next,migrate,against',
    ...found.flatMap(({ account, items }) =>
      items.map((item) =>
        [
          item.cluster,
          item.region,
          account,
          item.namespace,
          item.serviceAccount,
          String(item.pods),
          item.workloads.map(({ workload }) => workload).join(' '),
          item.uses.map(({ source }) => source).join(' '),
          item.uses.flatMap(({ role }) => role ?? []).join(' '),
          item.association?.id ?? '',
          item.irsaRole ?? '',
          item.since,
          item.next,
          item.migrate ?? '',
          againstOf(item),
        ]
          .map(csvCell)
          .join(','),
      ),
    ),
    '',
  ].join('\n')

/** A spreadsheet takes a cell that begins so for a formula. */
const formula = /^[=+\-@\t\r]/

const csvCell = (text: string): string => {
  const safe = formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
