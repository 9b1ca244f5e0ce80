import type { Bundle } from './bundle.ts'

/** The clients of AWS's services in a bundle: they are most of whatever holds them. A cluster's API takes Node's own HTTPS. */
const clientsIn = ({ packages }: Pick<Bundle, 'packages'>): number =>
  Object.keys(packages).filter((name) => name.startsWith('@aws-sdk/client-')).length

/**
 * How large a function's minified bundle may be, in KiB: a cold start loads all of it. Four services are enough for what
 * somebody waits for; the sweep calls a fifth, and writes metrics, and nobody waits for it.
 */
export const budgetKiB = (one: Pick<Bundle, 'packages'>): number => {
  const clients = clientsIn(one)
  if (clients === 0) return 225
  return 540 + Math.max(0, clients - 4) * 115
}
