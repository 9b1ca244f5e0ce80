import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The machines this runs on have two cores; a third worker only makes timings noisier.
    maxWorkers: 2,
    // Nothing here keeps state in a module, so files may share the clients' imports, which cost most of the time.
    isolate: false,
    testTimeout: 30_000,
  },
})
