/** A change of the code that no test can notice, because nothing that anybody sees changes by it. */
export interface ExplainedMutant {
  file: string
  /** The text that is replaced, and what stands instead of it, as `npm run mutants` prints them. */
  text: string
  instead: string
  why: string
}

export const explained: readonly ExplainedMutant[] = []
