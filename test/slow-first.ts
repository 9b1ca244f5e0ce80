import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Folders of test/ whose files run whole stages, scenarios or processes, the slowest first. */
const slow = ['cli', 'stacks', 'scenarios', 'stage', 'console', 'faults', 'functions', 'packaging']

const rank = ({ moduleId }: TestSpecification): number => {
  const place = slow.findIndex((folder) => moduleId.includes(`/test/${folder}/`))
  return place < 0 ? slow.length : place
}

/** Begins with what takes long, so that at the end no core waits for a file that was begun last. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
