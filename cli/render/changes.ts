import type { Change, Diff } from '../../core/changes.ts'
import { changeLine } from '../../core/text/change-lines.ts'
import { visible, visibleIn } from '../../core/text/unprintable.ts'
import { type Screen, wrapped } from './screen.ts'

const looks = { '+': 'green', '~': 'yellow', '±': 'cyan' } as const

/** Changes as a difference: a sign, what is written to, and under it what it sets. */
export const changeBlock = (changes: readonly Change[], screen: Screen): string[] =>
  changes.flatMap((change) => {
    const { diff } = change
    if (!diff) return wrapped(changeLine(change), screen.width, '  • ')
    return [
      ...wrapped(
        `${diff.what}${becameOf(change)}`,
        screen.width,
        `  ${screen.paint(looks[diff.sign], diff.sign)} `,
      ),
      ...diff.fields.flatMap((field) => fieldLines(field, screen)),
    ]
  })

/** What a question asks about, as a plan draws it, fit for a terminal; ends with a line break. */
export const questionText = (who: string, changes: readonly Change[], screen: Screen): string =>
  [
    ...wrapped(
      visible(changes.length > 0 ? `${who} would change` : `${who} would change nothing`),
      screen.width,
      '',
      2,
    ),
    ...changeBlock(visibleIn(changes), screen),
  ]
    .map((line) => `${line}\n`)
    .join('')

const fieldLines = ({ name, from, to }: Diff['fields'][number], { width, paint }: Screen): string[] =>
  from === null
    ? wrapped(`${name}: ${to}`, width, '      ', 8)
    : wrapped(`${name}: ${from} → ${to}`, width, `    ${paint('yellow', '~')} `, 8)

/** What is known of a write that was tried, where that is not simply that it was done. */
const becameOf = ({ state, undone, error }: Change): string => {
  switch (state) {
    case 'planned':
      return ''
    case 'done':
      return undone ? ' (put back since)' : ''
    case 'not-done':
      return ' (tried, and did not happen)'
    case 'unknown':
      return ` (tried; whether it happened could not be seen${error ? `: ${error}` : ''})`
  }
}
