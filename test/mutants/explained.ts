/** Changes of the code that no test can notice, because nothing that anybody sees changes by them. */
export interface Explanation {
  why: string
  /** The file, the text that is replaced, and what stands instead of it, as `npm run mutants` prints them; once for each place. */
  mutants: readonly (readonly [file: string, text: string, instead: string])[]
}

export const explanations: readonly Explanation[] = []
