import { maximalEvents } from '../../engine/index.ts'
import type { Execution } from './execution.ts'

const day = 86_400_000
/** From its end, an execution can be redriven for so long. */
const redrivablePeriod = 14 * day
/** From its start, an execution can be open for so long. */
const longestExecution = 365 * day

/**
 * Why an execution cannot be redriven at the time given, in the words of DescribeExecution's
 * `redriveStatusReason`; undefined for one that can.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
 */
export const notRedrivable = (execution: Execution, now: number): string | undefined => {
  const { status, startedAt, stoppedAt, stopped, history, mapRunArn } = execution
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`
  if (history.length >= maximalEvents - 1) return 'Execution history event limit exceeded'
  if (now - startedAt.getTime() > longestExecution) return 'Execution has exceeded the max execution time'
  if (stoppedAt && now - stoppedAt.getTime() > redrivablePeriod) return 'Execution redrivable period exceeded'
  if (mapRunArn !== undefined || stopped) return undefined
  return 'The stand-in itself failed in this execution'
}

/** The tokens of the last redrives of an execution: a request that is sent a second time redrives once. */
export class RedriveTokens {
  #used: { token: string; at: number }[] = []

  /** When the token was used for a redrive, in milliseconds since the epoch. */
  find(token: string | undefined, now: number): number | undefined {
    return this.#used.find((used) => used.token === token && now - used.at <= 15 * 60_000)?.at
  }

  add(token: string, at: number): void {
    this.#used = [...this.#used, { token, at }].slice(-10)
  }
}
