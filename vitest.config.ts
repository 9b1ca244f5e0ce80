import { defineConfig } from 'vitest/config'
import { SlowFirst } from './test/slow-first.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Much of a test is waiting for sockets and processes: five workers keep two cores busy.
    maxWorkers: 5,
    sequence: { sequencer: SlowFirst },
    // Nothing here keeps state in a module, so files may share the clients' imports, which cost most of the time.
    isolate: false,
    // esbuild bundles with a quarter less computing as long as it collects no garbage.
    env: { GOGC: 'off', GOMEMLIMIT: '1GiB' },
    // Only for what hangs: a machine with much else to do is no fault of a test's.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
  },
})
