import { Transient } from '../../core/errors.ts'
import type { ListMeta } from '../../core/kubernetes.ts'
import type { Connection, KubernetesRequest } from './connection.ts'
import { retryAfterOf, statusOf } from './errors.ts'

/** As many as kubectl asks for at once. */
const pageSize = 500

const mostAttempts = 5

/**
 * Lists page by page, so that a large cluster is never held whole, and gives each page to `take` before the next is
 * asked for. What fails for a moment is asked for again, after the time that the server names.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 * @param take may see an object again: where the server has forgotten a list, it is begun again
 */
export const eachPage = async <T>(
  connection: Connection,
  request: Pick<KubernetesRequest, 'version' | 'resource' | 'namespace' | 'signal'>,
  take: (items: T[]) => void | Promise<void>,
): Promise<void> => {
  let next: string | undefined
  let begunAgain = false
  for (;;) {
    const position = next
    try {
      const page = await patiently(connection, request.signal, () =>
        connection.request<{ items: T[]; metadata?: ListMeta }>({
          ...request,
          verb: 'list',
          query: { limit: String(pageSize), ...(position ? { continue: position } : {}) },
        }),
      )
      await take(page.items)
      next = page.metadata?.continue || undefined
      if (!next) return
    } catch (error) {
      // The list is older than the server remembers: begin again once, with what is there now.
      if (position === undefined || begunAgain || statusOf(error) !== 410) throw error
      begunAgain = true
      next = undefined
    }
  }
}

const patiently = async <T>(
  { clock }: Connection,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      // What the server has forgotten it does not remember a moment later.
      const lasting = !(error instanceof Transient) || statusOf(error) === 410
      if (lasting || attempt === mostAttempts) throw error
      await clock.sleep(retryAfterOf(error) ?? 500 * 2 ** attempt, signal)
    }
  }
}
