import type { WaveSize } from './settings.ts'

/** What tells clusters apart. */
interface OnCluster {
  region: string
  cluster: string
}

/** Bindings that are worked on before the next question whether to go on. */
export interface Wave<Item> {
  /** From 1. */
  number: number
  clusters: number
  /** One after the other, and in each no cluster has more than its share. */
  rounds: Item[][]
}

/**
 * Divides bindings into waves by their clusters, in the order in which clusters first come, and each wave into rounds. A
 * wave's clusters take turns in a round, so that what is under way at once is spread over them.
 */
export const splitIntoWaves = <Item extends OnCluster>(
  items: readonly Item[],
  { waves: sizes, perCluster }: { waves: readonly WaveSize[]; perCluster: number },
): Wave<Item>[] => {
  const clusters = [...Map.groupBy(items, ({ region, cluster }) => `${region}/${cluster}`).values()]
  const waves: Wave<Item>[] = []
  let taken = 0
  for (const size of [...sizes, '100%'] as const) {
    const count =
      typeof size === 'number' ? size : Math.ceil((clusters.length * Number.parseInt(size, 10)) / 100)
    const own = clusters.slice(taken, taken + count)
    taken += own.length
    if (own.length > 0)
      waves.push({ number: waves.length + 1, clusters: own.length, rounds: roundsOf(own, perCluster) })
  }
  return waves
}

const roundsOf = <Item>(clusters: readonly Item[][], perCluster: number): Item[][] => {
  const longest = Math.max(...clusters.map(({ length }) => length))
  return Array.from({ length: Math.ceil(longest / perCluster) }, (_, round) =>
    Array.from({ length: perCluster }, (_, turn) =>
      clusters.flatMap((own) => own.slice(round * perCluster + turn, round * perCluster + turn + 1)),
    ).flat(),
  )
}
