/**
 * Appends to a log that keeps the newest entries only: the oldest tenth goes when `most` is passed, so that
 * a stand-in may run for days. Whoever holds the array sees the same. Answers what went.
 */
export const appendBounded = <Entry>(log: Entry[], entry: Entry, most: number): Entry[] => {
  log.push(entry)
  return log.length > most ? log.splice(0, Math.ceil(most / 10)) : []
}

/** Sets an entry of a map that keeps the newest `most` only; setting a key again makes it the newest. */
export const setBounded = <Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void => {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) return
    map.delete(oldest)
  }
}
