import type { Bundle } from './bundle.ts'

/** Whether a bundle calls AWS: the SDK is most of whatever holds it. A cluster's API takes Node's own HTTPS. */
const callsAws = ({ packages }: Pick<Bundle, 'packages'>): boolean =>
  Object.keys(packages).some((name) => name.startsWith('@aws-sdk/client-'))

/** How large a function's minified bundle may be, in KiB: a cold start loads all of it. */
export const budgetKiB = (one: Pick<Bundle, 'packages'>): number => (callsAws(one) ? 525 : 200)
