import { visible } from '../../core/text/unprintable.ts'
import type { ChosenBinding } from '../bindings/chosen.ts'
import type { ExitCode } from '../exit.ts'
import { changeBlock } from '../render/changes.ts'
import { summary } from '../render/report.ts'
import { type Screen, widthOf, wrapped } from '../render/screen.ts'
import { duration } from '../render/style.ts'
import { tableText } from '../render/table.ts'
import type { RunEnd } from '../run.ts'
import { isUndoable, type WayBack } from '../show.ts'
import { isFailure } from './side-by-side.ts'

/** One of several runs, as its row and what follows the table say it. */
export interface BindingOutcome {
  code: ExitCode
  result: string
  /** Seconds. */
  took: number
  said: string
  end?: RunEnd & WayBack
  /** Whether its needs were observed. */
  observed: boolean
}

/** What is said of one of several bindings when all have ended. */
export interface BindingRow {
  target: ChosenBinding
  name: string
  outcome: BindingOutcome | undefined
}

/**
 * What several runs came to: a table, then the changes and the ways back, and last all of what failed, with what to
 * paste; fit for a terminal.
 */
export const manyText = (rows: readonly BindingRow[], screen: Screen): string =>
  visible(tableOf(rows, screen)) + detailsOf(rows, screen)

const tableOf = (rows: readonly BindingRow[], { width }: Screen): string =>
  tableText(
    ['BINDING', 'CLUSTER', 'RESULT', 'TOOK', 'SUMMARY'],
    rows.map(({ target, outcome }) => [
      target.name,
      String(target.input.cluster),
      outcome?.result ?? 'not begun',
      outcome ? duration(outcome.took * 1000) : '',
      outcome?.said ?? '',
    ]),
    width,
  )

const detailsOf = (rows: readonly BindingRow[], screen: Screen): string => {
  // What is written here is made fit for a terminal as a whole, and codes of colours with it.
  const plain: Screen = { ...screen, paint: (_look, text) => text }
  const inside: Screen = { ...plain, width: screen.width - 2 }
  const done = rows.flatMap(({ name, target, outcome }) => (outcome ? [{ name, target, ...outcome }] : []))
  const good = done.filter(({ code }) => !isFailure(code))
  const observed = good.filter((one) => one.observed).map(({ target }) => target.name)
  const sections: [title: string, lines: string[]][] = [
    [
      'To change',
      good.flatMap(({ name, end }) =>
        end?.report?.outcome === 'planned'
          ? end.report.changes.length > 0
            ? [`  ${name}`, ...changeBlock(end.report.changes, inside).map((line) => `  ${line}`)]
            : []
          : [],
      ),
    ],
    [
      'To undo',
      done.flatMap(({ name, end }) =>
        end?.wayBack && (!end.report || isUndoable(end.report))
          ? whole(`  ${name}: `, end.wayBack, screen)
          : [],
      ),
    ],
    [
      'Needs',
      observed.length > 0
        ? wrapped(
            `observed, since none are given, for ${observed.join(', ')}; a plan of one alone shows them`,
            screen.width,
            '  ',
          )
        : [],
    ],
  ]
  const failed = done.flatMap(({ name, code, end }) =>
    isFailure(code) && end?.report ? [`${visible(`\n── ${name}`)}${summary(end.report, screen)}`] : [],
  )
  return [
    ...sections.map(([title, texts]) =>
      texts.length > 0 ? visible(`\n${[title, ...texts].join('\n')}\n`) : '',
    ),
    ...failed,
  ].join('')
}

/** A command is never broken: where there is no room for it beside its name, it stands beneath. */
const whole = (name: string, command: string, { width }: Screen): string[] =>
  widthOf(name + command) <= width ? [name + command] : [name.trimEnd(), `    ${command}`]
