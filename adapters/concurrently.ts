/** Maps with at most `limit` calls under way at once; answers keep the items' order, the first failure ends it. */
export const concurrently = async <Item, Answer>(
  items: readonly Item[],
  limit: number,
  call: (item: Item) => Promise<Answer>,
): Promise<Answer[]> => {
  const answers: Answer[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [at, item] of queue) answers[at] = await call(item)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return answers
}
