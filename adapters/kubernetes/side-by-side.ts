/**
 * Lets calls that are quickly done wait for each other: one begins at once where fewer than the bound are under way,
 * else as soon as one of them ends, and at the latest after the wait, so that none is kept by others that hang.
 * @param waitMs of the machine's time
 */
export const sideBySide = (
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
