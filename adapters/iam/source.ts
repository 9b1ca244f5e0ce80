import type { IAMClient } from '@aws-sdk/client-iam'
import { isNamed, requiredMember, restateAwsError } from '../aws-errors.ts'
import type { Clock } from '../clock.ts'

/** Where IAM is asked, and in what time. */
export interface Source {
  client: IAMClient
  clock: Clock
  signal?: AbortSignal | undefined
}

/** What every call takes along, so that an abort reaches it. */
export const callOptions = ({ signal }: Source) => (signal ? { abortSignal: signal } : {})

/**
 * All items of a list that comes in pages. Every page says whether it is cut short; one that does not is no page of
 * IAM, and must not pass for an empty list.
 */
export const allItems = async <Page extends { IsTruncated?: boolean | undefined }, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => Item[] | undefined,
): Promise<Item[]> => {
  const items: Item[] = []
  for await (const page of pages) {
    requiredMember(page.IsTruncated, 'list (IsTruncated)')
    items.push(...(itemsOf(page) ?? []))
  }
  return items
}

/** The answer, or undefined where it does not exist in IAM; other failures in the names of core/errors.ts. */
export const ifThere = async <Answer>(
  doing: string,
  ask: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> => {
  try {
    return await ask()
  } catch (error) {
    if (isNamed(error, 'NoSuchEntityException')) return undefined
    throw restateAwsError(error, doing)
  }
}
