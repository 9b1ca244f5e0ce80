import type { MiddlewareObj } from '@middy/core'
import { redact } from '../../core/text/redact.ts'

/**
 * Takes secrets out of a failure's message, and out of its stack, which Lambda hands on beside it: an error without a
 * name of ours may say whatever a service or a library put into it.
 */
export const hideSecrets = (): MiddlewareObj => ({
  onError: ({ error }) => {
    if (!error) return
    if (error.stack !== undefined) error.stack = redact(error.stack)
    error.message = redact(error.message)
  },
})
