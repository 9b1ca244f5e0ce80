/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
const randomFrom = (start: number) => {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Draws for property tests, the same for the same seed. */
export const randomSource = (seed: number) => {
  const random = randomFrom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  return {
    random,
    pick: <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item,
    chance: (of: number) => random() < of,
    some: <Item>(draw: () => Item, most: number): Item[] => Array.from({ length: 1 + below(most) }, draw),
  }
}
