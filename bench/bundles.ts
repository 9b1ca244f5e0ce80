import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { budgetKiB } from '../stacks/synth/budget.ts'
import { bundle } from '../stacks/synth/bundle.ts'

/** What a function's cold start costs. */
export interface BundleBenchmark {
  /** `verify-role` */
  name: string
  sizeKiB: number
  budgetKiB: number
  /** CPU time of importing it, beyond an empty start of Node, in milliseconds: the least of the rounds. */
  importMs: number
  /** The process's memory at its highest, once imported, in MiB. */
  memoryMiB: number
}

const root = join(import.meta.dirname, '..')

/** Bundles every function as a deployment does, and imports each in processes of its own. */
export const benchBundles = async (rounds = 5): Promise<BundleBenchmark[]> => {
  const handlers = globSync('functions/{steps,integrations}/*.ts', { cwd: root })
    .map((file) => file.replace(/\.ts$/, '.handler'))
    .sort()
  const folder = await mkdtemp(join(tmpdir(), 'podid-bundles-'))
  try {
    const empty = join(folder, 'empty.mjs')
    await writeFile(empty, '')
    const idle = start(empty, rounds)
    const benchmarks: BundleBenchmark[] = []
    for (const one of await bundle(root, handlers)) {
      const name = basename(one.handler, '.handler')
      const file = join(folder, `${name}.mjs`)
      await writeFile(file, one.code)
      const { ms, memoryMiB } = start(file, rounds)
      benchmarks.push({
        name,
        sizeKiB: one.code.length / 1024,
        budgetKiB: budgetKiB(one),
        importMs: ms - idle.ms,
        memoryMiB,
      })
    }
    return benchmarks
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Imports a file in a fresh process, as often as asked. CPU time, as a clock also shows what else the machine does. */
const start = (file: string, rounds: number): { ms: number; memoryMiB: number } => {
  const code = `await import(${JSON.stringify(file)}); const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); process.stdout.write([userCPUTime + systemCPUTime, maxRSS].join(' ')); process.exit()`
  const starts = Array.from({ length: rounds }, () => {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
      env: { PATH: process.env.PATH, AWS_REGION: 'us-west-2' },
    })
    const [microseconds = 0, kibibytes = 0] = String(stdout).split(' ').map(Number)
    return { ms: microseconds / 1000, memoryMiB: kibibytes / 1024 }
  })
  return starts.toSorted((one, other) => one.ms - other.ms)[0] ?? { ms: 0, memoryMiB: 0 }
}

if (import.meta.main) {
  const benchmarks = await benchBundles()
  const line = (cells: string[]) =>
    `${cells[0]?.padEnd(20)}${cells
      .slice(1)
      .map((cell) => cell.padStart(12))
      .join('')}\n`
  process.stdout.write(line(['function', 'KiB', 'budget', 'import ms', 'memory MiB']))
  for (const one of benchmarks) {
    process.stdout.write(
      line([
        one.name,
        ...[one.sizeKiB, one.budgetKiB, one.importMs, one.memoryMiB].map((figure) => figure.toFixed(0)),
      ]),
    )
  }
  const over = benchmarks.filter(({ sizeKiB, budgetKiB: most }) => sizeKiB > most)
  if (over.length > 0) {
    process.stdout.write(`over budget: ${over.map(({ name }) => name).join(', ')}\n`)
    process.exitCode = 1
  }
}
