import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomSource } from '../support/random.ts'
import { type Cell, cellsOf, describeCell, type SituationName, situations } from './cells.ts'
import { type Flaw, flawsOf } from './judge.ts'
import { play, undisturbed } from './play.ts'
import { faultTable } from './table.ts'

/**
 * `npm run faults`: plays every cell, prints what is wrong with each, and writes docs/faults.md.
 * `npm run faults -- --only TEXT` plays the cells whose description holds the text, and writes nothing.
 * `--seed N` draws the moments of kills and of persons (1).
 */
const flag = (name: string): string | undefined => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
const only = flag('--only')
const seed = Number(flag('--seed') ?? 1)

const { random } = randomSource(seed)
const cells: Cell[] = []
for (const name of Object.keys(situations) as SituationName[]) {
  cells.push(...cellsOf(name, await undisturbed(name), random, { persons: 2, kills: 8 }))
}
const chosen = cells.filter((cell) => only === undefined || describeCell(cell).includes(only))
process.stdout.write(`${chosen.length} of ${cells.length} cells, seed ${seed}\n`)

/** On a machine that is busy with other things a cell takes far longer than here; one that hangs takes for ever. */
const realMs = 300_000

const judged: { cell: Cell; flaws: Flaw[]; outcome: string }[] = []
const queue = [...chosen]
const worker = async (): Promise<void> => {
  for (let cell = queue.shift(); cell; cell = queue.shift()) {
    const played = await play(cell, { realMs })
    const flaws = flawsOf(played)
    const event = played.end?.event
    const outcome = event?.type === 'run.succeeded' ? 'converged' : (event?.error ?? 'no end')
    judged.push({ cell, flaws, outcome })
    for (const { kind, found } of flaws)
      process.stdout.write(`${kind.padEnd(9)} ${describeCell(cell)}: ${found}\n`)
    if (judged.length % 100 === 0) process.stdout.write(`… ${judged.length} cells\n`)
  }
}
// A call whose answer never comes waits in real time, with nothing to do meanwhile.
await Promise.all(Array.from({ length: 4 }, worker))

const flawed = judged.filter(({ flaws }) => flaws.length > 0)
process.stdout.write(`${judged.length - flawed.length} cells as they should be, ${flawed.length} not\n`)
if (only === undefined && flawed.length === 0) {
  writeFileSync(join(import.meta.dirname, '../../docs/faults.md'), faultTable(judged, seed))
}
process.exitCode = flawed.length > 0 ? 1 : 0
