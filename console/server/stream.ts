import { type EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** How often what is under way is looked at. */
export interface LookPace {
  /** Between two looks while nothing changes, in milliseconds; shorter while something does. */
  everyMs: number
  /** Its event `look` asks for a look now. */
  asked: EventEmitter
  /** A failure for people. */
  words: (error: unknown) => string
}

/** The pause after a look that has shown something new. */
const shortestMs = 250

/**
 * Answers with server-sent events: what is read, again whenever it has changed, until the reader goes. What cannot be
 * read is an event `fault`, and the next look is made all the same.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const streamTo = async (
  response: ServerResponse,
  signal: AbortSignal,
  { everyMs, asked, words }: LookPace,
  read: () => Promise<unknown>,
): Promise<void> => {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const either = AbortSignal.any([signal, gone.signal])
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  let last = ''
  let pause = Math.min(shortestMs, everyMs)
  while (!either.aborted) {
    const text = await read().then(
      (value) => `data: ${JSON.stringify(value)}\n\n`,
      (error: unknown) => `event: fault\ndata: ${JSON.stringify({ error: words(error) })}\n\n`,
    )
    if (either.aborted) break
    response.write(text === last ? ': as before\n\n' : text)
    pause = Math.min(text === last ? pause * 1.5 : shortestMs, everyMs)
    last = text
    await waited(pause, either, asked)
  }
  response.end()
}

const waited = async (ms: number, signal: AbortSignal, asked: EventEmitter): Promise<void> => {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  await Promise.race([
    sleep(ms, undefined, { signal: either }).catch(() => {}),
    once(asked, 'look', { signal: either }).catch(() => {}),
  ])
  over.abort()
}
