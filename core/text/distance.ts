import { firstOf } from './list.ts'

/** How many characters have to be put in, taken out, exchanged or swapped to make one text of the other. */
export const editDistance = (from: string, to: string): number => {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const exchanged = (last[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const swapped =
        from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] ? (beforeLast[j - 2] ?? 0) + 1 : Infinity
      row[j] = Math.min(exchanged, swapped, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1)
    }
    beforeLast = last
    last = row
  }
  return last[to.length] ?? 0
}

/** The name that a mistyped one most likely is: the nearest of those that are at most a third, and at most two, of its characters away. */
export const nearestName = (typed: string, names: Iterable<string>): string | undefined => {
  const most = Math.min(2, Math.ceil(typed.length / 3))
  const distances = [...names]
    .filter((name) => name.length <= 100 && typed.length <= 100)
    .map((name) => ({ name, distance: editDistance(typed.toLowerCase(), name.toLowerCase()) }))
  return distances
    .filter(({ distance }) => distance <= most)
    .sort((one, other) => one.distance - other.distance)[0]?.name
}

/** What ends a sentence about a name that is not there: the one most likely meant, or those that there are. */
export const orElse = (typed: string, names: readonly string[], most = 10): string => {
  const near = nearestName(typed, names)
  if (near !== undefined) return `; did you mean ${near}?`
  return names.length > 0 ? `; there are ${firstOf(names, most)}` : ''
}
