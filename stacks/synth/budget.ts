import type { Bundle } from './bundle.ts'

/** Whether a bundle talks to clusters. */
export const talksToClusters = ({ packages }: Pick<Bundle, 'packages'>): boolean =>
  packages['@kubernetes/client-node'] !== undefined

/** How large a function's minified bundle may be, in KiB: a cold start loads all of it. */
export const budgetKiB = (one: Pick<Bundle, 'packages'>): number => (talksToClusters(one) ? 1.2 * 1024 : 450)
