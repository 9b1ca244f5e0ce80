import type { Finding } from '../../core/findings.ts'
import { commandLines } from './command-lines.ts'
import { clipped, type Screen, wrapped } from './screen.ts'
import type { Paint } from './style.ts'

/** How severe findings are marked, the gravest first. */
const marks: Readonly<Record<Finding['severity'], [look: Parameters<Paint>[0], mark: string]>> = {
  blocking: ['red', '✖'],
  warning: ['yellow', '!'],
  info: ['dim', 'i'],
}

/** The findings of some severities, the gravest first, each in a paragraph of its own. */
export const findingBlock = (
  findings: readonly Finding[],
  { width, paint }: Screen,
  ...severities: readonly Finding['severity'][]
): string[] =>
  severities.flatMap((severity) =>
    findings
      .filter((finding) => finding.severity === severity)
      .flatMap(({ subject, found, code }) => {
        const mark = `  ${paint(...marks[severity])} `
        const text = `${subject}: ${found} ${paint('dim', `(${code})`)}`
        return severity === 'info' ? brief(text, width, mark) : wrapped(text, width, mark)
      }),
  )

/** What is only worth knowing has two lines at most; --json has it whole. */
const brief = (text: string, width: number, mark: string): string[] => {
  const [first = '', second, ...more] = wrapped(text, width, mark)
  if (second === undefined) return [first]
  return [
    first,
    more.length > 0 ? `${clipped(second, width - 2)}${second.length > width - 2 ? '' : ' …'}` : second,
  ]
}

/** What to do: words, and commands that can be pasted as they stand. */
export interface ToDo {
  /** What it is about, where several are listed. */
  subject: string
  advice: string
  command?: string | undefined
}

/** The remedies of findings, the gravest first, each once. */
export const remediesOf = (
  findings: readonly Finding[],
  ...severities: readonly Finding['severity'][]
): ToDo[] => {
  const remedies = severities.flatMap((severity) =>
    findings.flatMap(({ severity: its, subject, remedy }) =>
      its === severity && remedy ? [{ subject, advice: remedy.advice, command: remedy.command }] : [],
    ),
  )
  return [
    ...new Map(remedies.map((remedy) => [`${remedy.advice}\n${remedy.command ?? ''}`, remedy])).values(),
  ]
}

/** What to do, last in a report. Its words are wrapped, and its commands so that they paste as they stand. */
export const toDoBlock = (list: readonly ToDo[], { width, paint }: Screen): string[] =>
  list.flatMap(({ subject, advice, command }, at) => [
    ...(at === 0 ? [] : ['']),
    ...wrapped(
      list.length > 1 ? `${subject}: ${advice}` : advice,
      width,
      list.length > 1 ? ` ${at + 1}. ` : '  ',
    ),
    ...commandLines(command ?? '', width - 4).flatMap((line) =>
      line === '' ? [] : [`    ${paint('bold', line)}`],
    ),
  ])
