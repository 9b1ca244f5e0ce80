import { type Cell, type SituationName, situations } from './cells.ts'
import type { Flaw } from './judge.ts'

type Judged = { cell: Cell; flaws: Flaw[]; outcome: string }[]

const rowOf = ({ trial, ...cell }: Cell): string => {
  if (trial === 'fault' && 'kind' in cell) return `${cell.kind}, ${cell.times}`
  if (trial === 'person' && 'does' in cell) return `a person: ${cell.does}`
  if (trial === 'clock' && 'skewMs' in cell) {
    const whose = cell.steps ? 'the clock of one function' : 'the clock of the whole machine'
    return `${whose} ${cell.skewMs > 0 ? 'ahead' : 'behind'} by ${Math.abs(cell.skewMs) / 1000} s`
  }
  return trial === 'killed' ? 'killed between two calls, then undone' : trial
}

const tally = (outcomes: string[]): string =>
  [...new Set(outcomes)]
    .sort()
    .map((outcome) => `${outcomes.filter((one) => one === outcome).length} ${outcome}`)
    .join(', ')

/** docs/faults.md: how the cells of each row ended, in each situation. */
export const faultTable = (judged: Judged, seed: number): string => {
  const names = Object.keys(situations) as SituationName[]
  const rows = [...new Set(judged.map(({ cell }) => rowOf(cell)))]
  const cellAt = (row: string, name: SituationName) =>
    tally(
      judged
        .filter(({ cell }) => cell.situation === name && rowOf(cell) === row)
        .map(({ outcome }) => outcome),
    )
  return `# What faults do to a run

Made by \`npm run faults\`; do not edit. ${judged.length} cells, seed ${seed}: each is one run with one trouble in it, on the stand-ins, in
virtual time. In each, what the report says was compared with the stand-ins' logs of writes: every write that took effect is in the
report, and everything that the report says was done is in the log. Each ended in time, by a name of the taxonomy, with one association
at most, with nothing overwritten that somebody else had changed, and with everything put back or its remainder listed.

A cell of the table says how its runs ended: *converged* means that the workload runs with the role's credentials (or that the plan was
made); everything else is the error's name. Each fault strikes each operation of the run once, three times in a row, or for good.

${names.map((name) => `- **${name}**: ${situations[name].what}`).join('\n')}

| | ${names.join(' | ')} |
|---|${names.map(() => '---').join('|')}|
${rows.map((row) => `| ${row} | ${names.map((name) => cellAt(row, name)).join(' | ')} |`).join('\n')}
`
}
