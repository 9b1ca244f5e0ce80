import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { defineConfig } from 'vitest/config'

const root = join(import.meta.dirname, '../..')
const { code } = JSON.parse(readFileSync(process.env.PODID_MUTANTS_PLANTED ?? '', 'utf8')) as {
  code: Record<string, string>
}

/** The tests over the code with the mutants in it. What is in the repository stays as it is. */
export default defineConfig({
  plugins: [
    { name: 'mutants', enforce: 'pre', load: (id) => code[relative(root, id.split('?')[0] ?? '')] ?? null },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    isolate: false,
    // The same file has other mutants in it each time.
    fsModuleCache: false,
    pool: 'forks',
    maxWorkers: 1,
    execArgv: ['--no-warnings'],
    maxConcurrency: 1,
    runner: 'test/mutants/runner.ts',
    hookTimeout: 120_000,
    reporters: [{}],
    onConsoleLog: () => false,
  },
})
