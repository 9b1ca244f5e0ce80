/**
 * How often something may be done by all functions of a stage together, which know nothing of each other. Turns stand in one
 * record for each budget, in the stage's table.
 */
export interface Budget {
  /** What is counted, as its record's id: `history`, `slack/C0PODID`. */
  id: string
  /** Milliseconds between two turns. */
  everyMs: number
}

/**
 * Reads of histories. AWS takes 20 a second in an account and region, and 400 at once; half of that is left to everybody else.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-api-action-throttling-general
 */
export const historyBudget: Budget = { id: 'history', everyMs: 100 }

/** Messages and their updates. Slack takes about one a second in a channel: https://docs.slack.dev/apis/web-api/rate-limits */
export const slackBudget = (channel: string): Budget => ({ id: `slack/${channel}`, everyMs: 1100 })

/** The next turn: how long to wait for it, and when the one after it is free. Times are milliseconds. */
export const nextTurn = (
  freeAt: number | undefined,
  now: number,
  everyMs: number,
): { waitMs: number; freeAt: number } => {
  const at = Math.max(now, freeAt ?? now)
  return { waitMs: at - now, freeAt: at + everyMs }
}
