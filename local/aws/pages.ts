/** One page of a list, and the token for the next one where there is more. */
export interface Page<Item> {
  items: Item[]
  nextToken?: string
}

/** Cuts a page out of a list; undefined when the token is none that an earlier page gave. */
export const pageOf = <Item>(
  all: readonly Item[],
  { size, token }: { size: number; token?: string | undefined },
): Page<Item> | undefined => {
  const start = token === undefined ? 0 : readToken(token)
  if (start === undefined) return undefined
  const items = all.slice(start, start + size)
  const next = start + items.length
  return next < all.length ? { items, nextToken: writeToken(next) } : { items }
}

const writeToken = (offset: number): string => Buffer.from(`from ${offset}`).toString('base64')

const readToken = (token: string): number | undefined => {
  const [, offset] = /^from (\d+)$/.exec(Buffer.from(token, 'base64').toString()) ?? []
  return offset === undefined ? undefined : Number(offset)
}
