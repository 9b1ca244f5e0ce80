import { type Change, mayBeDone } from '../../core/changes.ts'
import { type Finding, remedyLines } from '../../core/findings.ts'
import type { Report } from '../../core/report.ts'
import { changesToTell } from '../../core/text/change-lines.ts'
import { visibleIn } from '../../core/text/unprintable.ts'
import { wordsInReport } from '../../core/workload/diagnosis/diagnosis.ts'
import { changeBlock } from './changes.ts'
import { credentialBlock, variableBlock } from './credentials.ts'
import { findingBlock, remediesOf, type ToDo, toDoBlock } from './findings.ts'
import { adviceIn, headlineOf, workloadAfter } from './headline.ts'
import { permissionBlock } from './permissions.ts'
import { rows, type Screen, widthOf, wrapped } from './screen.ts'
import { duration } from './style.ts'

/** What a report has; where all would not fit on a usual screen, `brief` stands for the lines. */
type Section = [title: string, lines: readonly string[], brief?: readonly string[]]

/** What a usual terminal shows at once, and what of it is beneath the report: the way back of what was changed. */
const usualRows = 24
const wayBackRows = 2

/**
 * The report for a person: first how the run ended and what is in the way, then what changes, last what to do. What is
 * all right is left out where something is not, and what held before the run where it no longer does.
 */
export const summary = (found: Report, screen: Screen): string => {
  const report = visibleIn(found)
  const { paint, width } = screen
  const failed = report.outcome === 'failed'
  const mark = failed ? paint('red', '✖') : paint('green', '✔')
  const head = wrapped(paint('bold', headlineOf(report)), width, `${mark} `)
  const most = usualRows - head.length - 1 - (report.changes.some(mayBeDone) ? wayBackRows : 0)
  return [
    '',
    ...head,
    ...textOf(
      failed ? failedSections(report, screen) : fitting(sections(report, screen), most, screen),
      screen,
    ),
    '',
  ].join('\n')
}

const textOf = (sections: readonly Section[], { paint }: Screen): string[] =>
  sections.flatMap(([title, lines]) =>
    lines.length > 0 ? ['', ...(title === '' ? [] : [paint('bold', title)]), ...lines] : [],
  )

/** The sections as a terminal shows them at once: those that can be brief are, one by one, until all fit. */
const fitting = (sections: readonly Section[], most: number, screen: Screen): readonly Section[] => {
  // A line that is too long has two.
  const rows = textOf(sections, screen).reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / screen.width)),
    0,
  )
  const at = sections.findIndex(([, lines, brief]) => lines.length > 0 && brief !== undefined)
  if (!Number.isFinite(screen.width) || rows <= most || at < 0) return sections
  const shorter = sections.map(
    (section, index): Section => (index === at ? [section[0], section[2] ?? []] : section),
  )
  return fitting(shorter, most, screen)
}

const sections = (report: Report, screen: Screen): Section[] => {
  const { outcome, checked, findings, permissions } = report
  const planned = outcome === 'planned'
  const looked = planned || outcome === 'unchanged'
  return [
    [planned ? 'To change' : 'Changed', changeBlock(toldOf(report), screen)],
    ...afterUndo(report, screen),
    ['Found', findingBlock(findings, screen, 'warning', ...(looked ? (['info'] as const) : []))],
    [
      'Checked',
      looked
        ? rows(
            checked.map(({ what, found }) => [what, found] as const),
            screen,
          )
        : [],
      wrapped(`${checked.map(({ what }) => what).join(', ')}; --json has what was found`, screen.width, '  '),
    ],
    ['Permissions', planned ? permissionBlock(permissions, screen) : []],
    ['Credentials handed out', credentialBlock(report, screen)],
    ['Credential variables in the pods', outcome === 'enabled' ? variableBlock(report, screen) : [], []],
    ['', planned ? [] : tookLines(report, screen)],
    ['To do', toDoBlock([...remediesOf(findings, 'warning'), ...stays(report)], screen)],
  ]
}

/** What is in the way comes first, what to do about it last, and of the rest only what helps. */
const failedSections = (report: Report, screen: Screen): Section[] => {
  const { findings, changes } = report
  const words = wordsOf(report)
  const notes = findings.filter((finding) => finding.severity === 'info' && !words.includes(finding)).length
  return [
    ['', [...findingBlock(findings, screen, 'blocking'), ...reasonLines(report, screen)]],
    ['', words.flatMap(({ found }) => wrapped(found, screen.width, '  ', 4))],
    ['Found besides', findingBlock(findings, screen, 'warning')],
    [
      '',
      notes > 0
        ? [screen.paint('dim', `  ${notes} ${notes === 1 ? 'note' : 'notes'} more in what --json prints`)]
        : [],
    ],
    ['Changed', changeBlock(toldOf(report), screen)],
    ...afterUndo(report, screen),
    ['Credentials handed out', credentialBlock(report, screen)],
    ['', changes.some(mayBeDone) ? tookLines(report, screen) : []],
    [
      'To do',
      toDoBlock(
        [
          ...(report.undo?.left ?? []).map(({ what, error, command }) => ({
            subject: what,
            advice: error,
            command,
          })),
          ...remediesOf(findings, 'blocking', 'warning').filter(({ advice }) => advice !== wordsInReport),
          ...further(report),
          ...stays(report),
        ],
        screen,
      ),
    ],
  ]
}

/** The end of what pods wrote that are not there any more, where a finding refers to it. */
const wordsOf = ({ findings }: Report): Finding[] =>
  findings.some(({ remedy }) => remedy?.advice === wordsInReport)
    ? findings.filter(({ code }) => code === 'rollout-log')
    : []

/** The changes that no other section tells of, and no mark beside the change that it is for. */
const toldOf = ({ changes, undo }: Report): Change[] =>
  changesToTell(changes, undo).filter(
    ({ kind, undone }) =>
      !(undone && undo && undo.done.length > 0) &&
      !(kind === 'association-tag' && changes.some((other) => other.kind === 'association')),
  )

/** Why a rollout was not waited for any longer, which no finding says. */
const reasonLines = ({ failure }: Report, { width }: Screen): string[] => {
  const [, reason] =
    /; ((?:it has failed so .*)?waiting does not mend it.*)$/s.exec(failure?.message ?? '') ?? []
  return reason === undefined ? [] : wrapped(reason, width, '    ')
}

const afterUndo = (report: Report, { width }: Screen): Section[] => {
  const { undo } = report
  const lines = (texts: readonly string[]) => texts.flatMap((text) => wrapped(text, width, '  ', 4))
  return [
    ['Put back', lines(undo?.done ?? [])],
    ['', lines([workloadAfter(report) ?? []].flat())],
    ['Left as it is', lines(undo?.kept ?? [])],
  ]
}

const stays = ({ stays }: Report): ToDo[] =>
  stays.map(({ what, command }) => ({
    subject: what,
    advice: 'it stays, since others may rely on it by now; this takes it away',
    command,
  }))

/** What the failure's message ends with, such as a command, unless something else has it; what became of the changes is shown by itself. */
const further = ({ summary, findings, undo, failure }: Report): ToDo[] => {
  const elsewhere = new Set(
    [
      ...findings.flatMap(({ remedy }) => (remedy ? remedyLines(remedy) : [])),
      ...(undo?.left ?? []).map(({ command }) => command),
    ].flatMap((text) => text.split('\n').map((line) => line.trim())),
  )
  const lines = summary
    .split('\n')
    .slice(1)
    .filter((line) => !elsewhere.has(line.trim()) && (!failure || failure.message.includes(line)))
  const { advice } = adviceIn(failure?.message ?? '')
  return lines.length > 0
    ? [{ subject: 'this run', advice: advice || 'Then:', command: lines.join('\n') }]
    : []
}

const ways: Readonly<Record<string, (probes: number) => string>> = {
  'dry-run': (probes) => `measured by ${probes} dry-run ${probes === 1 ? 'pod' : 'pods'}`,
  'first-pod': () => 'dry-run pods are not allowed here; the first new pod showed it',
  settled: () => 'a fixed time, as a changed role cannot be observed',
}

const tookLines = (
  { propagation, rollout, durationMs, changes }: Report,
  { width, paint }: Screen,
): string[] => {
  const parts = [
    // Where nothing was changed, nothing had to spread.
    ...(propagation && changes.some(mayBeDone)
      ? [
          `propagation ${duration(propagation.ms)} (${ways[propagation.way]?.(propagation.probes) ?? propagation.way})`,
        ]
      : []),
    ...(rollout
      ? [rollout.restarted ? `rollout ${duration(rollout.ms)}` : `not restarted: ${rollout.reason}`]
      : []),
  ]
  return wrapped(`${[`${paint('bold', 'Took')} ${duration(durationMs)}`, ...parts].join('; ')}`, width, '', 2)
}
