import type { MiddlewareObj } from '@middy/core'
import { isWarmUp } from '../../core/triggers/warm-up.ts'

/** Answers a call that only starts the function; it leaves no line in the log, and reaches nothing else. */
export const warmUp = (): MiddlewareObj => ({
  before: ({ event }) => (isWarmUp(event) ? { warm: true } : undefined),
})
