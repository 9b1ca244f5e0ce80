import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesIn, layOutPackage } from '../packaging/layout.ts'

/** What the package of `npm pack` takes, unpacked, and how long its shortest commands take. */
export interface PackageBenchmark {
  unpackedKiB: number
  /** Of that, what `podid local` and `podid demo` alone load. */
  standInsKiB: number
  /** Medians in milliseconds, each process from its start to its end. */
  emptyMs: number
  starts: { command: string; ms: number }[]
}

const commands = ['--version', '--help', 'enable --help', 'completion bash']

/** Builds the package and starts it, with its code compiled by an earlier start, in turns with an empty program. */
export const benchPackage = async (rounds = 15): Promise<PackageBenchmark> => {
  const folder = await mkdtemp(join(tmpdir(), 'podid-package-'))
  try {
    const podid = await layOutPackage(join(folder, 'podid'))
    const empty = join(folder, 'empty.mjs')
    await writeFile(empty, '')
    const start = (file: string, ...args: string[]): number => {
      const began = performance.now()
      const { status } = spawnSync(process.execPath, [file, ...args], {
        env: { PATH: process.env.PATH, HOME: folder },
      })
      if (status !== 0) throw new Error(`${[file, ...args].join(' ')} ended with ${status}`)
      return performance.now() - began
    }
    const times = new Map<string, number[]>()
    for (let round = -1; round < rounds; round++) {
      const all: [name: string, ms: number][] = [
        ['', start(empty)],
        ...commands.map((command): [string, number] => [command, start(podid, ...command.split(' '))]),
      ]
      // The first round fills the caches.
      if (round >= 0) for (const [name, ms] of all) times.set(name, [...(times.get(name) ?? []), ms])
    }
    const median = (name: string): number =>
      (times.get(name) ?? []).toSorted((one, other) => one - other)[Math.floor(rounds / 2)] ?? 0
    return {
      unpackedKiB: bytesIn(join(folder, 'podid')) / 1024,
      standInsKiB: bytesIn(join(folder, 'podid/dist'), 'stand-ins.mjs') / 1024,
      emptyMs: median(''),
      starts: commands.map((command) => ({ command, ms: median(command) })),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const { unpackedKiB, standInsKiB, emptyMs, starts } = await benchPackage()
  const row = (what: string, ...cells: string[]) =>
    `${what.padEnd(28)}${cells.map((cell) => cell.padStart(14)).join('')}\n`
  process.stdout.write(
    row('unpacked, no dependencies', `${unpackedKiB.toFixed(0)} KiB`) +
      row('  of that, the stand-ins', `${standInsKiB.toFixed(0)} KiB`) +
      row('', 'start to end', 'beyond Node') +
      row('an empty program', `${emptyMs.toFixed(0)} ms`, '') +
      starts
        .map(({ command, ms }) =>
          row(`podid ${command}`, `${ms.toFixed(0)} ms`, `${(ms - emptyMs).toFixed(0)} ms`),
        )
        .join(''),
  )
}
