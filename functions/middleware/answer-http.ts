import type { MiddlewareObj } from '@middy/core'
import { TimedOut, Transient } from '../../core/errors.ts'
import { answer, type HttpAnswer, HttpRefusal } from '../support/http.ts'
import { FaultyInput } from './parse-input.ts'

/**
 * Turns a failure into an answer, since a function URL makes a bare 502 of whatever is thrown. A refusal says
 * its own status and text; an internal error says nothing else.
 */
export const answerHttp = (): MiddlewareObj<unknown, HttpAnswer> => ({
  onError: (request) => {
    // Returning it would end the middlewares here, and the log would have no line.
    request.response = answerOf(request.error)
  },
})

const answerOf = (error: Error | null | undefined): HttpAnswer => {
  if (error instanceof HttpRefusal) return answer(error.status, { error: error.message }, error.headers)
  if (error instanceof FaultyInput) return answer(400, { error: 'not a request of a function URL' })
  return error instanceof Transient || error instanceof TimedOut
    ? answer(503, { error: 'a service that podid calls is temporarily unavailable' }, { 'retry-after': '5' })
    : answer(500, { error: 'internal error' })
}
