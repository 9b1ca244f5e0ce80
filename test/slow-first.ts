import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Folders of test/ whose files mostly wait, for processes and for real time. */
const waiting = ['cli', 'packaging', 'console']
/** Those whose files keep a core busy for long: whole stages, scenarios and deployments. */
const working = ['stacks', 'scenarios', 'stage', 'faults', 'functions']

const isIn = (folders: readonly string[]) => (file: TestSpecification) =>
  folders.some((folder) => file.moduleId.includes(`/test/${folder}/`))

/**
 * Begins with what takes long, so that at the end no core waits for a file that was begun last; and takes what waits
 * and what works in turns, so that neither all workers wait nor all of them want a core.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const [waits, works] = [sorted.filter(isIn(waiting)), sorted.filter(isIn(working))]
    const turns = Array.from({ length: Math.max(waits.length, works.length) }, (_, turn) => [
      waits[turn],
      works[turn],
    ])
    const slow = turns.flat().filter((file) => file !== undefined)
    return [...slow, ...sorted.filter((file) => !slow.includes(file))]
  }
}
