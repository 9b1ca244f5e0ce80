import { defineConfig } from 'vitest/config'

/** The tests that Stryker may run: of those in this folder, the ones that reach the mutated file. */
export default defineConfig({
  test: {
    include: [`test/${process.env.PODID_MUTANTS_LAYER ?? 'core'}/**/*.test.ts`],
    isolate: false,
    maxWorkers: 1,
  },
})
