import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVitest, type Vitest } from 'vitest/node'
import type { Planted } from './plant.ts'
import type { SeenLine, Task } from './runner.ts'

/** What became of the mutants that a test has noticed: the id of each. The others live. */
export interface Tried {
  killed: Set<string>
  /** No test reaches them. */
  unreached: Set<string>
}

interface Place {
  root: string
  /** A folder for what is handed between the processes. */
  folder: string
}

/** How long nothing may come from the process with the tests before it is taken for one that goes round in circles: each line is one try of one test. */
const silence = 20_000

/**
 * How many files with tests are loaded anew for a mutant that only loading reaches: the one that is named as its file, then
 * those that call its file most. Where it has nothing to call, more of them: those that import little else.
 */
const mostLoads = 2

/** A test that takes longer than this, in milliseconds, is not asked, nor is a file with tests that takes four times as long loaded anew: what a table does not show is not shown. */
const slow = 500

/** Lets the tests look for the mutants. */
export const tryMutants = async (
  { root, folder }: Place,
  planted: Planted,
  tests: readonly string[],
  imports: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<Tried> => {
  mkdirSync(folder, { recursive: true })
  const [taskFile, seenFile] = [join(folder, 'task.json'), join(folder, 'seen.jsonl')]
  writeFileSync(join(folder, 'planted.json'), JSON.stringify({ code: planted.code }))
  Object.assign(process.env, {
    PODID_MUTANTS_PLANTED: join(folder, 'planted.json'),
    PODID_MUTANTS_TASK: taskFile,
    PODID_MUTANTS_SEEN: seenFile,
  })
  let vitest: Vitest | undefined
  const run = async (task: Task, files: readonly string[]): Promise<SeenLine[]> => {
    writeFileSync(taskFile, JSON.stringify(task))
    writeFileSync(seenFile, '')
    vitest ??= await createVitest('test', {
      config: join(root, 'test/mutants/vitest.config.ts'),
      root,
      watch: false,
    })
    if (files.length === 0) return []
    vitest.state.filesMap.clear()
    // A mutant may leave a test waiting for what never comes: no test is asked that takes a quarter of this.
    for (const { config } of vitest.projects)
      config.testTimeout = 'look' in task && task.look ? 120_000 : 4 * slow
    const seen = () =>
      readFileSync(seenFile, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as SeenLine)
    let [length, since] = [0, Date.now()]
    const watch = setInterval(() => {
      const now = readFileSync(seenFile).length
      if (now !== length) [length, since] = [now, Date.now()]
      else if (Date.now() - since > ('look' in task && task.look ? 6 : 1) * silence) {
        const worker = seen().findLast((line) => 'pid' in line)
        if (worker) process.kill(worker.pid, 'SIGKILL')
        since = Date.now()
      }
    }, 5_000)
    try {
      await vitest.start(files.map((file) => join(root, file)))
    } finally {
      clearInterval(watch)
    }
    return seen()
  }
  try {
    const fileOf = new Map(planted.mutants.map(({ id, file }) => [id, file]))
    /** By file with tests: in which files its tests reach mutants, and how many. */
    const called = new Map<string, Map<string, number>>()
    const looked = await run({ look: true }, tests)
    const reached: Record<string, Record<string, number>> = {}
    const time = new Map<string, number>()
    const loaded = new Set<string>()
    for (const line of looked) {
      if ('reached' in line) {
        time.set(line.file, (time.get(line.file) ?? 0) + line.ms)
        if (line.ms > slow) continue
        reached[line.test] = line.reached
        const files = called.get(line.file) ?? new Map<string, number>()
        for (const id of Object.keys(line.reached)) {
          const file = fileOf.get(id) ?? ''
          files.set(file, (files.get(file) ?? 0) + 1)
        }
        called.set(line.file, files)
      } else if ('loaded' in line) for (const id of Object.keys(line.loaded)) loaded.add(id)
    }
    const inTests = new Set(Object.values(reached).flatMap((ids) => Object.keys(ids)))
    const killed = new Set<string>()
    // What code keeps between two calls stays between two mutants, and makes a test unsteady: with files that are loaded anew
    // it says what it has to say.
    const anew = new Set(loaded)
    const order = [...time].sort((a, b) => a[1] - b[1]).map(([file]) => file)
    for (let again = true; again; ) {
      const alive = [...inTests].filter((id) => !killed.has(id))
      const seen = await run({ look: false, alive, reached }, order)
      const unsteady = new Set(seen.flatMap((line) => ('unsteady' in line ? line.unsteady : [])))
      for (const test of unsteady) {
        for (const id of Object.keys(reached[test] ?? {})) anew.add(id)
        delete reached[test]
      }
      for (const line of seen) if ('killed' in line && !unsteady.has(line.by)) killed.add(line.killed)
      const circling = circlingIn(seen, order)
      if (circling) killed.add(circling)
      again = unsteady.size > 0 || circling !== undefined
    }
    const load: Record<string, Record<string, string>> = {}
    for (const id of anew) {
      if (killed.has(id)) continue
      const file = fileOf.get(id) ?? ''
      const callsOf = (test: string): number => called.get(test)?.get(file) ?? 0
      const own = `test/${file.replace(/\.ts$/, '.test.ts')}`
      const near = order
        .filter((test) => imports.get(test)?.has(file) && (time.get(test) ?? 0) < 4 * slow)
        .sort(
          (a, b) =>
            Number(b === own) - Number(a === own) ||
            callsOf(b) - callsOf(a) ||
            (imports.get(a)?.size ?? 0) - (imports.get(b)?.size ?? 0),
        )
      const most = near.some((test) => callsOf(test) > 0) ? mostLoads : 3 * mostLoads
      for (const test of near.slice(0, most)) load[test] = { ...load[test], [id]: file }
    }
    for (let again = true; again; ) {
      const left: typeof load = {}
      for (const [test, ids] of Object.entries(load)) {
        const alive = Object.entries(ids).filter(([id]) => !killed.has(id))
        if (alive.length > 0) left[test] = Object.fromEntries(alive)
      }
      const files = order.filter((test) => test in left)
      const seen = await run({ load: left }, files)
      for (const line of seen) if ('killed' in line) killed.add(line.killed)
      const circling = circlingIn(seen, files)
      if (circling) killed.add(circling)
      again = circling !== undefined
    }
    return {
      killed,
      unreached: new Set(
        planted.mutants.map(({ id }) => id).filter((id) => !inTests.has(id) && !loaded.has(id)),
      ),
    }
  } finally {
    await vitest?.close()
  }
}

/** The mutant with which the tests came to no end. */
const circlingIn = (seen: readonly SeenLine[], files: readonly string[]): string | undefined =>
  seen.filter((line) => 'ended' in line).length < files.length
    ? seen.findLast((line) => 'trying' in line)?.trying
    : undefined
