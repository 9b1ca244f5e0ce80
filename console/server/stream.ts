import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { redact } from '../../core/text/redact.ts'

/**
 * Answers with server-sent events: what is read, again whenever it has changed, until the reader goes. What cannot be
 * read is an event `fault`, and the next look is made all the same.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const streamTo = async (
  response: ServerResponse,
  signal: AbortSignal,
  everyMs: number,
  read: () => Promise<unknown>,
): Promise<void> => {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const either = AbortSignal.any([signal, gone.signal])
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  let last = ''
  for (;;) {
    const text = await read().then(
      (value) => `data: ${JSON.stringify(value)}\n\n`,
      (error: unknown) =>
        `event: fault\ndata: ${JSON.stringify({ error: redact(error instanceof Error ? error.message : String(error)) })}\n\n`,
    )
    if (either.aborted) break
    response.write(text === last ? ': as before\n\n' : text)
    last = text
    await sleep(everyMs, undefined, { signal: either }).catch(() => {})
    if (either.aborted) break
  }
  response.end()
}
