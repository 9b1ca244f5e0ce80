import type { Check } from '../../core/doctor/check.ts'
import { commandLines } from '../render/command-lines.ts'
import type { Seen } from '../render/formats.ts'
import { wrapped } from '../render/screen.ts'

const marks = { right: '✔', wrong: '✖', unseen: '?' } as const

/** What was looked at, as the formats show it: a line each, below it what mends it, commands as they are pasted. */
export const doctorSeen = (stage: string, checks: readonly Check[]): Seen => {
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length
  return {
    value: { stage, checks },
    names: () => checks.filter(({ state }) => state !== 'right').map(({ about }) => about),
    table: (_wide, width) =>
      [
        ...checks.flatMap(({ about, state, found, remedy }) => [
          ...wrapped(`${about}: ${found}`, width, `${marks[state]} `),
          ...(remedy ? wrapped(remedy.advice, width, '    ') : []),
          ...(remedy?.command === undefined
            ? []
            : commandLines(remedy.command, width - 6).map((line) => `      ${line}`)),
        ]),
        '',
        `${count('right')} right, ${count('wrong')} wrong, ${count('unseen')} not looked at`,
        '',
      ].join('\n'),
  }
}
