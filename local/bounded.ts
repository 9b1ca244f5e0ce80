/**
 * Appends to a log that keeps the newest entries only: the oldest tenth goes when `most` is passed, so that
 * a stand-in may run for days. Whoever holds the array sees the same.
 */
export const appendBounded = <Entry>(log: Entry[], entry: Entry, most: number): void => {
  log.push(entry)
  if (log.length > most) log.splice(0, Math.ceil(most / 10))
}
