import { appendFileSync, readFileSync } from 'node:fs'
import { type RunnerTestCase, type RunnerTestFile, TestRunner } from 'vitest'
import { startTests } from 'vitest/internal/browser'

/** What Stryker's switches read: which mutant is on, how often it may be reached, and what was reached. */
interface MutantSwitches {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> }
}

/**
 * What a run of vitest is for: to see what each test reaches, to try mutants that tests reach, or those that loading a
 * file reaches: by the name of the file with the tests, the mutants and the file that each is in.
 */
export type Task =
  | { look: true }
  | { look: false; alive: string[]; reached: Record<string, Record<string, number>> }
  | { load: Record<string, Record<string, string>> }

/** A line of what came of it. */
export type SeenLine =
  | { pid: number }
  | { test: string; file: string; ms: number; reached: Record<string, number> }
  | { loaded: Record<string, number> }
  | { trying: string }
  | { killed: string; by: string }
  /** This test fails without a mutant too, once it has run with some: it says nothing. */
  | { unsteady: string }
  | { ended: string }

/** Stands for loading the files as they are: where its tests fail by that alone, they say nothing. */
const noMutant = 'none'

const note = (seen: SeenLine): void =>
  appendFileSync(process.env.PODID_MUTANTS_SEEN ?? '', `${JSON.stringify(seen)}\n`)

/** What stays while the process goes from file to file. */
interface KeptInProcess {
  task: Task
  on: MutantSwitches
  dead: Set<string>
}
const kept = (): KeptInProcess => {
  const all = globalThis as { podidMutants?: KeptInProcess; __stryker__?: MutantSwitches }
  if (!all.podidMutants) {
    const task = JSON.parse(readFileSync(process.env.PODID_MUTANTS_TASK ?? '', 'utf8')) as Task
    all.__stryker__ = {}
    note({ pid: process.pid })
    all.podidMutants = { task, on: all.__stryker__, dead: new Set() }
  }
  return all.podidMutants
}

/** What vitest has loaded in this process. */
interface LoadedModule {
  importers: Set<string>
  evaluated: boolean
  promise: unknown
  exports: unknown
}

/** Has these files, and all that imports them, loaded anew when they are next asked for; what is not concerned stays, as loading takes long. */
const forget = (files: readonly string[]): void => {
  const { idToModuleMap: modules } = (
    globalThis as unknown as {
      __vitest_worker__: { evaluatedModules: { idToModuleMap: Map<string, LoadedModule> } }
    }
  ).__vitest_worker__.evaluatedModules
  const next = [...modules.keys()].filter((id) =>
    files.some((file) => file && id.split('?')[0]?.endsWith(`/${file}`)),
  )
  const gone = new Set<string>()
  for (let id = next.pop(); id; id = next.pop()) {
    const module = modules.get(id)
    if (!module || gone.has(id)) continue
    gone.add(id)
    next.push(...module.importers)
    Object.assign(module, { promise: undefined, exports: undefined, evaluated: false })
  }
}

/**
 * Runs each test once to see which mutants it reaches; or once for each living mutant that it reaches, with that one
 * switched on, in the same process: nothing is loaded again, so that a mutant costs as little as the test itself.
 * The last time is without a mutant. For those that loading reaches, the files are loaded anew for each.
 */
export default class extends TestRunner {
  private readonly kept = kept()
  private mine: string[] = []
  private begun = 0
  /** The mutant that the files are being loaded with. */
  private loading: string | undefined

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    await super.onBeforeRunTask(test)
    const { task, dead } = this.kept
    if ('load' in task) {
      if (!this.loading || dead.has(this.loading)) test.mode = 'skip'
      return
    }
    if (task.look) return
    const reached = task.reached[test.id] ?? {}
    this.mine = task.alive.filter((id) => id in reached && !dead.has(id))
    if (this.mine.length === 0) test.mode = 'skip'
    else test.repeats = this.mine.length
  }

  override onBeforeTryTask(test: RunnerTestCase, options: { retry: number; repeats: number }): void {
    super.onBeforeTryTask(test, options)
    const { task, on } = this.kept
    if ('load' in task) return
    if (task.look) {
      this.begun = performance.now()
      on.currentTestId = test.id
      return
    }
    const id = this.mine[options.repeats]
    on.activeMutant = id
    if (!id) return
    on.hitCount = 0
    on.hitLimit = 1000 + 100 * (task.reached[test.id]?.[id] ?? 0)
    note({ trying: id })
  }

  override async onAfterRetryTask(
    test: RunnerTestCase,
    options: { retry: number; repeats: number },
  ): Promise<void> {
    await super.onAfterRetryTask(test, options)
    const { task, on } = this.kept
    const failed = test.result?.state === 'fail'
    if ('load' in task) {
      if (failed && this.loading) this.kill(this.loading, test.id)
    } else if (task.look) {
      on.currentTestId = undefined
      if (failed) throw new Error(`${test.file.name}: ${test.name} fails without a mutant`)
      note({
        test: test.id,
        file: test.file.name,
        ms: performance.now() - this.begun,
        reached: on.mutantCoverage?.perTest[test.id] ?? {},
      })
    } else {
      const id = on.activeMutant
      on.activeMutant = undefined
      if (failed && !id) note({ unsteady: test.id })
      if (failed && id) this.kill(id, test.id)
      if (test.result) delete test.result.errors
    }
  }

  override async onAfterRunFiles(files: RunnerTestFile[]): Promise<void> {
    super.onAfterRunFiles(files)
    const { task, on, dead } = this.kept
    if (!('load' in task)) {
      note(task.look ? { loaded: on.mutantCoverage?.static ?? {} } : { ended: files[0]?.name ?? '' })
      return
    }
    const [file] = files
    if (this.loading || !file) {
      if (this.loading && file?.result?.errors?.length) this.kill(this.loading, file.name)
      return
    }
    const mutants = Object.entries(task.load[file.name] ?? {})
    let before = ''
    for (const [id, changed] of [[noMutant, mutants[0]?.[1] ?? ''] as const, ...mutants]) {
      if (dead.has(id) || dead.has(noMutant)) continue
      note({ trying: id })
      forget([before, changed])
      before = changed
      on.activeMutant = this.loading = id
      on.hitCount = 0
      on.hitLimit = 1_000_000
      await startTests([file.filepath], this)
      on.activeMutant = this.loading = undefined
    }
    forget([before])
    dead.delete(noMutant)
    note({ ended: file.name })
  }

  private kill(id: string, by: string): void {
    this.kept.dead.add(id)
    note({ killed: id, by })
  }
}
