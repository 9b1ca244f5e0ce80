import type { MiddlewareObj, Request } from '@middy/core'
import type { Runtime } from '../../adapters/runtime.ts'
import { PodidError } from '../../core/errors.ts'
import { HttpRefusal } from '../support/http.ts'
import { type LogSubject, logSubject } from './log-subject.ts'

/**
 * Leaves one line in the log for each call: what it was about, how long it took and, of a failure, its name and message: a warning where we
 * have a name for it, an error where we have not. `describe` adds what the line says of an answer.
 */
export const logLine = <Answer>(
  name: string,
  { log, clock }: Pick<Runtime, 'log' | 'clock'>,
  describe: (answer: Answer) => Record<string, unknown> = () => ({}),
): MiddlewareObj<unknown, Answer> => {
  const calls = new WeakMap<object, { started: number; subject: LogSubject }>()
  const lineOf = (request: Request) => {
    const { started = clock.now(), subject = {} } = calls.get(request) ?? {}
    return { ...subject, tookMs: clock.now() - started }
  }
  return {
    before: (request) => {
      const subject = logSubject(request.event, request.context)
      calls.set(request, { started: clock.now(), subject })
      log.about?.(subject)
    },
    after: (request) => {
      log.info(name, { ...lineOf(request), ...describe(request.response as Answer) })
    },
    onError: (request) => {
      const { error } = request
      const foreseen = error instanceof PodidError || error instanceof HttpRefusal
      // The line's own text is the key `message`.
      const line = { ...lineOf(request), error: error?.name, why: error?.message }
      if (foreseen) log.warn(name, line)
      else log.error(name, line)
    },
  }
}
