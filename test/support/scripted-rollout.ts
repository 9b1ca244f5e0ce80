import type { ServerResponse } from 'node:http'
import type { Workload } from '../../core/workload/rollout.ts'
import { json, type ServedRequest, serveKubernetes } from './servers/kubernetes-server.ts'

export interface WatchStream {
  request: ServedRequest
  send(type: string, object: unknown): void
  /** Sends text as it stands. */
  raw(text: string): void
  /** A clean end of the answer. */
  close(): void
  /** A reset connection. */
  cut(): void
}

type Turn = (stream: WatchStream) => void

/** A server whose lists say `object`, and whose watches are played by a script, one turn for each. */
export const scriptedRollout = async (object: Workload | undefined, turns: Turn[]) => {
  const state = {
    object,
    /** Answers given to the next requests in place of the script. */
    failures: [] as { status: number; headers?: Record<string, string> }[],
  }
  const streams: WatchStream[] = []
  const server = await serveKubernetes((request, response) => {
    const failure = state.failures.shift()
    if (failure)
      return json(response, { kind: 'Status', message: 'because' }, failure.status, failure.headers)
    if (!request.query.has('watch')) {
      const items = state.object ? [state.object] : []
      const resourceVersion = state.object?.metadata?.resourceVersion ?? '1'
      return json(response, { metadata: { resourceVersion }, items })
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const stream = streamOf(request, response)
    streams.push(stream)
    turns[Math.min(streams.length, turns.length) - 1]?.(stream)
  })
  const lists = () => server.requests.filter(({ query }) => !query.has('watch'))
  return { ...server, state, streams, lists }
}

const streamOf = (request: ServedRequest, response: ServerResponse): WatchStream => ({
  request,
  send: (type, object) => void response.write(`${JSON.stringify({ type, object })}\n`),
  raw: (text) => void response.write(text),
  close: () => void response.end(),
  cut: () => void response.destroy(),
})
