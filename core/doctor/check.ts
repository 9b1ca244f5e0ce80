import { advise, type Remedy } from '../findings.ts'

/**
 * What was looked at of a stage, and what was found. `wrong` says how it is mended; `unseen` is neither right nor wrong: it could
 * not be looked at, and `found` says why.
 */
export interface Check {
  /** `credentials`, `cluster eks-workshop: authentication mode`. */
  about: string
  state: 'right' | 'wrong' | 'unseen'
  /** In a sentence, as it was seen. */
  found: string
  remedy?: Remedy
}

export const right = (about: string, found: string): Check => ({ about, state: 'right', found })

export const wrong = (about: string, found: string, remedy: Remedy): Check => ({
  about,
  state: 'wrong',
  found,
  remedy,
})

export const unseen = (about: string, found: string, advice?: string): Check => ({
  about,
  state: 'unseen',
  found,
  ...(advice === undefined ? {} : { remedy: advise(advice) }),
})
