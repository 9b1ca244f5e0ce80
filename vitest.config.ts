import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Much of a test is waiting for sockets and processes: three workers keep two cores busy.
    maxWorkers: 3,
    // Nothing here keeps state in a module, so files may share the clients' imports, which cost most of the time.
    isolate: false,
    testTimeout: 30_000,
  },
})
