import { changeLine, changeLines, mayBeDone } from '../../core/changes.ts'
import { type Finding, remedyLines } from '../../core/findings.ts'
import type { Report } from '../../core/report.ts'
import type { CredentialVariables } from '../../core/steps/answers.ts'
import { visibleIn } from '../../core/text/unprintable.ts'
import type { PodEvidence } from '../../core/workload/proof/evidence.ts'
import { duration, type Paint } from './style.ts'

/** The report for a person: what was checked and found, what changed, how long it took, what the pods have now. */
export const summary = (found: Report, paint: Paint): string => {
  const report = visibleIn(found)
  const good = report.outcome !== 'failed'
  const sections: [title: string, lines: string[]][] = [
    ['Checked', report.checked.map(({ what, found }) => `${what.padEnd(12)} ${found}`)],
    ['Permissions', report.outcome === 'enabled' || report.outcome === 'unchanged' ? [] : report.permissions],
    ['Found', gravestFirst(report.findings).flatMap((finding) => findingLines(finding, paint))],
    [report.outcome === 'planned' ? 'To change' : 'Changed', changeLines(report.changes, report.undo)],
    ['Put back', report.undo?.done ?? []],
    ['Left as it is', report.undo?.kept ?? []],
    ['Left to you', (report.undo?.left ?? []).flatMap(leftLines)],
    ['Stays', report.stays.flatMap(({ what, command }) => [what, `    ${command}`])],
    ['Took', tookLines(report)],
    ['Credentials handed out', firstOf((report.credentials?.evidence ?? []).map(evidenceLine))],
    ['Credential variables in the pods', credentialLines(report)],
  ]
  return [
    '',
    `${good ? paint('green', '✔') : paint('red', '✖')} ${paint('bold', report.summary.split('\n')[0] ?? '')}`,
    ...furtherLines(report).map((line) => `  ${line}`),
    ...sections.flatMap(([title, lines]) =>
      lines.length > 0
        ? ['', paint('bold', title), ...lines.map((line) => `  ${line.replaceAll('\n', '\n    ')}`)]
        : [],
    ),
    '',
  ].join('\n')
}

/** What the summary says after its first line, such as a command, unless a section has it. */
const furtherLines = ({ summary, findings, changes, undo }: Report): string[] => {
  const elsewhere = new Set(
    [
      ...findings.flatMap(({ remedy }) => (remedy ? remedyLines(remedy) : [])),
      ...changes.flatMap((change) => changeLine(change)),
      ...(undo?.left ?? []).map(({ command }) => command),
    ].flatMap((text) => text.split('\n').map((line) => line.trim())),
  )
  return summary
    .split('\n')
    .slice(1)
    .filter((line) => !elsewhere.has(line.trim()))
}

const marks: Record<Finding['severity'], [look: Parameters<Paint>[0], mark: string]> = {
  blocking: ['red', '✖'],
  warning: ['yellow', '!'],
  info: ['dim', 'i'],
}

const gravestFirst = (findings: readonly Finding[]): Finding[] => {
  const order = Object.keys(marks)
  return findings.toSorted((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity))
}

const findingLines = ({ severity, subject, found, remedy, code }: Finding, paint: Paint): string[] => [
  `${paint(...marks[severity])} ${subject}: ${found} ${paint('dim', `(${code})`)}`,
  ...(remedy && severity !== 'info' ? remedyLines(remedy).map((line) => `    ${line}`) : []),
]

const leftLines = ({ what, error, command }: { what: string; error: string; command: string }): string[] => [
  `${what}: ${error}`,
  ...command.split('\n').map((line) => `    ${line}`),
]

const ways: Record<string, (probes: number) => string> = {
  'dry-run': (probes) => `measured by ${probes} dry-run ${probes === 1 ? 'pod' : 'pods'}`,
  'first-pod': () => 'dry-run pods are not allowed here; the first new pod showed it',
  settled: () => 'a changed role cannot be observed; a fixed time was waited',
}

const tookLines = ({ propagation, rollout, durationMs, changes }: Report): string[] => [
  // Where nothing was changed, nothing had to spread.
  ...(propagation && changes.some(mayBeDone)
    ? [
        `propagation  ${duration(propagation.ms)} (${ways[propagation.way]?.(propagation.probes) ?? propagation.way})`,
      ]
    : []),
  ...(rollout
    ? [
        rollout.restarted
          ? `rollout      ${duration(rollout.ms)} (${rollout.message})`
          : `rollout      not restarted: ${rollout.reason}`,
      ]
    : []),
  `in all       ${duration(durationMs)}`,
]

const credentialLines = ({ credentials }: Report): string[] =>
  credentials
    ? [
        ...variableLines('before', credentials.before),
        ...variableLines('after', credentials.after),
        `in           ${firstOf(credentials.pods).join(', ')}`,
      ]
    : []

/** Pods that are named; those whose credentials are in doubt come first, and --json has the others too. */
const mostPods = 10

const firstOf = (lines: readonly string[]): string[] =>
  lines.length > mostPods
    ? [...lines.slice(0, mostPods), `and ${lines.length - mostPods} more in the report`]
    : [...lines]

const evidenceLine = (seen: PodEvidence): string => {
  switch (seen.seen) {
    case 'handed-out':
      return `${seen.pod}  ${seen.session}, by ${seen.agent} at ${seen.at}`
    case 'not-asked':
      return `${seen.pod}  none yet: it has not asked ${seen.agent}`
    case 'refused':
      return `${seen.pod}  refused by ${seen.agent} at ${seen.at}: ${seen.reason}`
    case 'out-of-reach':
      return `${seen.pod}  out of the agent’s reach: ${seen.reason}`
    case 'not-observable':
      return `${seen.pod}  not observable: ${seen.reason}`
  }
}

const variableLines = (when: string, variables: CredentialVariables | null): string[] => {
  const lines = Object.entries(variables ?? {}).flatMap(([container, values]) =>
    Object.entries(values).map(([name, value]) => `${container}: ${name}=${value}`),
  )
  const shown = lines.length > 0 ? lines : ["none: the node's role was used"]
  return shown.map((line, index) => `${(index === 0 ? when : '').padEnd(12)} ${line}`)
}
