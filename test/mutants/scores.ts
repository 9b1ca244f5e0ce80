import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What became of a file's mutants. */
export interface FileScore {
  /** The day. */
  on: string
  /** A digest of the file and its layer's tests as they were. */
  of: string
  killed: number
  /** Not noticed, and explained.ts says why none can. */
  explained: number
  survived: number
}

/** By file. */
export type Score = Record<string, FileScore>

const root = join(import.meta.dirname, '../..')

/** Puts the table of scores, by folder, into docs/testing.md. */
export const writeScores = (scores: Score): void => {
  const path = join(root, 'docs/testing.md')
  const text = readFileSync(path, 'utf8')
  const [open, close] = ['<!-- mutants -->\n', '\n<!-- /mutants -->']
  const [start, end] = [text.indexOf(open) + open.length, text.indexOf(close)]
  writeFileSync(path, text.slice(0, start) + scoreTable(scores) + text.slice(end))
}

/** A row for each folder of code, also for those that were not looked at yet. */
export const scoreTable = (scores: Score): string => {
  const files = globSync('{core,functions,adapters}/**/*.ts', { cwd: root }).sort()
  const rows = [...Map.groupBy(files, (file) => dirname(file))].map(([folder, inside]) => {
    const seen = inside.flatMap((file) => scores[file] ?? [])
    if (seen.length === 0) return `| ${folder} | 0 of ${inside.length} | | | | | | not yet |`
    const sum = (of: 'killed' | 'explained' | 'survived') =>
      seen.reduce((total, score) => total + score[of], 0)
    const [killed, listed, lives] = [sum('killed'), sum('explained'), sum('survived')]
    const days = seen.map(({ on }) => on).sort()
    const [first, last] = [days[0], days.at(-1)]
    return `| ${[folder, `${seen.length} of ${inside.length}`, killed + lives + listed, killed, lives, listed, percent(killed, killed + lives), first === last ? first : `${first} to ${last}`].join(' | ')} |`
  })
  return [
    '| folder | files | mutants | killed | live | explained | score | run on |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(0)} %`
