import { AwsFailure } from '../failure.ts'
import { type Page, pageOf } from '../pages.ts'

/** One page of a list, as Step Functions' operations are asked for it. Throws InvalidToken. */
export const page = <Item>(
  all: readonly Item[],
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
): Page<Item> => {
  const found = pageOf(all, { size: maxResults || 100, token: nextToken }) // 0 asks for the default
  if (!found) throw new AwsFailure('InvalidToken', "Invalid Token: 'Invalid token'")
  return found
}
