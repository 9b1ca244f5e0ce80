import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Folders of test/ whose files mostly wait, for processes and their pauses. */
const waiting = ['cli', 'console', 'packaging']
/** Those that keep a core busy for long, the slowest first. */
const busy = ['stacks', 'scenarios', 'stage', 'faults', 'functions']

const placeIn = (folders: readonly string[], { moduleId }: TestSpecification): number =>
  folders.findIndex((folder) => moduleId.includes(`/test/${folder}/`))

const inFolders = (files: readonly TestSpecification[], folders: readonly string[]): TestSpecification[] =>
  files
    .filter((file) => placeIn(folders, file) >= 0)
    .sort((one, other) => placeIn(folders, one) - placeIn(folders, other))

/** Begins with what takes long, so that at the end no core waits for a file that was begun last. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const slow = inFolders(sorted, busy)
    // One that waits, one that computes: many that wait at once would leave the cores idle.
    const mixed = inFolders(sorted, waiting).flatMap((file) => [file, ...slow.splice(0, 1)])
    const begun = [...mixed, ...slow]
    return [...begun, ...sorted.filter((file) => !begun.includes(file))]
  }
}
