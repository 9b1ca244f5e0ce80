import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The machines this runs on have two cores; a third worker only makes timings noisier.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
})
