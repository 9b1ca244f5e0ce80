import type { MiddlewareObj, Request } from '@middy/core'
import type { Runtime } from '../../adapters/runtime.ts'
import { PodidError } from '../../core/errors.ts'
import { HttpRefusal } from '../support/http.ts'

/**
 * Leaves one line in the log for each call: how long it took and, of a failure, its name and message: a warning where we
 * have a name for it, an error where we have not. `describe` adds what the line says of an answer.
 */
export const logLine = <Answer>(
  name: string,
  { log, clock }: Pick<Runtime, 'log' | 'clock'>,
  describe: (answer: Answer) => Record<string, unknown> = () => ({}),
): MiddlewareObj<unknown, Answer> => {
  const started = new WeakMap<object, number>()
  const tookMs = (request: Request) => clock.now() - (started.get(request) ?? clock.now())
  return {
    before: (request) => {
      started.set(request, clock.now())
    },
    after: (request) => {
      log.info(name, { ...describe(request.response as Answer), tookMs: tookMs(request) })
    },
    onError: (request) => {
      const { error } = request
      const foreseen = error instanceof PodidError || error instanceof HttpRefusal
      // The line's own text is the key `message`.
      const line = { tookMs: tookMs(request), error: error?.name, why: error?.message }
      if (foreseen) log.warn(name, line)
      else log.error(name, line)
    },
  }
}
