import { blocking, type Finding } from '../../core/findings.ts'
import type { PodEvidence } from '../../core/workload/proof/evidence.ts'
import { commandLines } from '../render/command-lines.ts'
import type { Seen } from '../render/formats.ts'
import { wrapped } from '../render/screen.ts'
import { tableText } from '../render/table.ts'
import type { Verified, VerifiedWorkload } from './verified.ts'

/** What became of one binding: what was seen, or why nothing could be. */
export type Verification = Verified | { name: string; cluster: string; verified: false; error: string }

/** What was verified, as the formats show it. */
export const verifiedSeen = (items: readonly Verification[]): Seen => ({
  value: { verified: items.every(({ verified }) => verified), items },
  // Those that are to be looked at.
  names: () =>
    items
      .filter(({ verified }) => !verified)
      .map((item) => ('error' in item ? item.name : `${item.namespace}/${item.serviceAccount}`)),
  table: (wide, width) =>
    [rowsOf(items, wide, width), ...(wide ? [podsOf(items, width)] : []), findingsOf(items, width)].join(''),
})

const rowsOf = (items: readonly Verification[], wide: boolean, width: number): string =>
  tableText(
    [
      'CLUSTER',
      'BINDING',
      'WORKLOAD',
      'VERIFIED',
      'HANDED OUT',
      ...(wide ? ['ASSOCIATION', 'ROLE'] : []),
      'SEEN',
    ],
    items.flatMap((item) => {
      if ('error' in item)
        return [
          [
            item.cluster,
            item.name,
            '?',
            'no',
            '?',
            ...(wide ? ['?', '?'] : []),
            item.error.split('\n')[0] ?? '',
          ],
        ]
      const place = [item.cluster, `${item.namespace}/${item.serviceAccount}`]
      const more = wide ? [item.association ?? '-', item.role ?? '-'] : []
      const wrong = item.findings.map(inShort)
      if (item.workloads.length === 0)
        return [
          [
            ...place,
            '-',
            yesNo(item.verified),
            '-',
            ...more,
            wrong[0] ?? 'no deployment, daemonset or statefulset runs under it',
          ],
        ]
      return item.workloads.map((one) => [
        ...place,
        one.workload,
        yesNo(one.verified && wrong.length === 0),
        `${one.handedOut}/${one.pods}`,
        ...more,
        [...wrong, shortOf(one)].join('; '),
      ])
    }),
    width,
  )

/** A finding up to its details, which stand with it beneath the table. */
const inShort = ({ found }: Finding): string => found.split(': ')[0] ?? found

const shortOf = ({ findings, said }: VerifiedWorkload): string =>
  blocking(findings).map(inShort).join('; ') || said

const yesNo = (yes: boolean): string => (yes ? 'yes' : 'no')

const podsOf = (items: readonly Verification[], width: number): string => {
  const pods = items.flatMap((item) =>
    'error' in item ? [] : item.workloads.flatMap(({ evidence }) => evidence),
  )
  return pods.length === 0
    ? ''
    : `\n${tableText(
        ['POD', 'NODE', 'SEEN', 'SESSION OR REASON'],
        pods.map((pod) => [pod.pod, pod.node ?? '-', pod.seen, detailOf(pod)]),
        width,
      )}`
}

const detailOf = (pod: PodEvidence): string => {
  switch (pod.seen) {
    case 'handed-out':
      return `${pod.session}, by ${pod.agent} at ${pod.at}`
    case 'not-asked':
      return `it has not asked ${pod.agent}`
    default:
      return pod.reason
  }
}

/** What is wrong, of each ServiceAccount by itself, and what to do about it: words are wrapped, and commands never. */
const findingsOf = (items: readonly Verification[], width: number): string => {
  const wrong = items.flatMap((item) => {
    if ('error' in item) return []
    const all = [...item.findings, ...item.workloads.flatMap(({ findings }) => findings)]
    const findings = all.filter(({ severity }) => severity !== 'info')
    return findings.length > 0 ? [{ item, findings }] : []
  })
  return wrong
    .flatMap(({ item: { namespace, serviceAccount, cluster }, findings }) => [
      ...(wrong.length > 1 ? ['', `── ${namespace}/${serviceAccount} on ${cluster}`] : []),
      ...findings.flatMap((finding) => ['', ...findingLines(finding, width)]),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

const findingLines = ({ severity, subject, found, code, remedy }: Finding, width: number): string[] => [
  ...wrapped(`${subject}: ${found} (${code})`, width, severity === 'blocking' ? '✖ ' : '! '),
  ...(remedy ? wrapped(remedy.advice, width, '  ') : []),
  ...(remedy?.command === undefined
    ? []
    : commandLines(remedy.command, width - 4).map((line) => `    ${line}`)),
]
