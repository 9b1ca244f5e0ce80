/**
 * Maps with at most `limit` calls under way at once; answers keep the items' order. The first failure lets no
 * further call begin, and is thrown when those under way have ended.
 */
export const concurrently = async <Item, Answer>(
  items: readonly Item[],
  limit: number,
  call: (item: Item) => Promise<Answer>,
): Promise<Answer[]> => {
  const answers: Answer[] = []
  const queue = [...items.entries()].reverse()
  const worker = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [at, item] = next
      answers[at] = await call(item).catch((error: unknown) => {
        queue.length = 0
        throw error
      })
    }
  }
  await together(Array.from({ length: Math.min(limit, items.length) }, worker))
  return answers
}

/**
 * As Promise.all, but a failure is thrown only when everything else has ended, too: Lambda freezes what outlives an
 * answer, and lets it run on in a later call.
 */
export const together = async <Work extends readonly unknown[] | []>(
  work: Work,
): Promise<{ -readonly [Key in keyof Work]: Awaited<Work[Key]> }> => {
  const results = await Promise.allSettled(work as readonly unknown[])
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [Key in keyof Work]: Awaited<Work[Key]>
  }
}

/**
 * Lets calls that are quickly done wait for each other: one begins at once where fewer than the bound are under way,
 * else as soon as one of them ends, and at the latest after the wait, so that none is kept by others that hang.
 * @param waitMs of the machine's time
 */
export const fewAtOnce = (
  bound: number,
  waitMs: number,
): (<Answer>(call: () => Promise<Answer>) => Promise<Answer>) => {
  let underWay = 0
  const waiting = new Set<() => void>()
  const untilOneEnds = (): Promise<void> =>
    new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer)
        waiting.delete(go)
        resolve()
      }
      const timer = setTimeout(go, waitMs)
      waiting.add(go)
    })
  return async (call) => {
    if (underWay >= bound) await untilOneEnds()
    underWay++
    try {
      return await call()
    } finally {
      underWay--
      const [next] = waiting
      next?.()
    }
  }
}
