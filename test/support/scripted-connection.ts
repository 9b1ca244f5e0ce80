import type { Clock } from '../../adapters/clock.ts'
import type { Connection, KubernetesRequest } from '../../adapters/kubernetes/connection.ts'
import { isNotFound, readFailure, restateKubernetesError } from '../../adapters/kubernetes/errors.ts'

/** What a cluster's API says to one request: an object, or a failure. */
export type Said = object | { failure: number; message: string }

/**
 * A cluster's API by a script, without a server: for steps whose own decisions are the point, in no time. What it was
 * asked is in `asked`, as `create pods`; what the script answers with `failure` comes as the adapters restate it. A log is `{ text }`.
 */
export const scriptedConnection = (
  clock: Clock,
  answer: (request: KubernetesRequest) => Said,
  /** The lines of a watch. */
  lines: (request: KubernetesRequest) => AsyncIterable<string> = () => {
    throw new Error('the script has no watches')
  },
) => {
  const asked: string[] = []
  let closed = 0
  const request = async <T>(one: KubernetesRequest): Promise<T> => {
    asked.push(`${one.verb} ${one.resource}`)
    const said = answer(one)
    if (!('failure' in said)) return said as T
    const reason = said.failure === 404 ? { reason: 'NotFound' } : {}
    const body = JSON.stringify({ kind: 'Status', message: said.message, ...reason })
    throw restateKubernetesError(
      { verb: one.verb, subject: one.resource, cluster: 'eks-workshop' },
      readFailure(Number(said.failure), {}, body),
    )
  }
  const connection: Connection = {
    cluster: 'eks-workshop',
    clock,
    request,
    find: async <T>(one: KubernetesRequest) => {
      try {
        return await request<T>(one)
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    text: async (one) => {
      const { text } = await request<{ text?: string }>(one)
      if (text === undefined) throw new Error('the script has no such text')
      return text
    },
    lines: async (one) => {
      asked.push(`${one.verb} ${one.resource}`)
      return lines(one)
    },
    close: async () => void closed++,
  }
  return { connection, asked, closed: () => closed }
}

/** A watch whose lines a test sends; it ends with its request's signal, as a socket does. */
export const sentLines = () => {
  const waiting: string[] = []
  let wake = () => {}
  return {
    send: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: object) => {
      waiting.push(JSON.stringify({ type, object }))
      wake()
    },
    lines: async function* ({ signal }: Pick<KubernetesRequest, 'signal'>) {
      while (true) {
        signal?.throwIfAborted()
        const next = waiting.shift()
        if (next !== undefined) yield next
        else
          await new Promise<void>((resolve) => {
            wake = resolve
            signal?.addEventListener('abort', () => resolve(), { once: true })
          })
      }
    },
  }
}

/** A clock on which a sleep takes no time: it only says later. */
export const skippingClock = (start = Date.UTC(2026, 0, 1)): Clock => {
  let now = start
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
  }
}
