import type { Slack } from '../../adapters/slack.ts'
import { SlackRefused } from '../../adapters/slack.ts'
import type { Message } from '../../core/chatops/blocks.ts'
import { runMessage } from '../../core/chatops/run-message.ts'
import { type RunView, viewRun } from '../../core/chatops/run-view.ts'
import { translateHistory } from '../../core/run-events.ts'
import type { RunRecord } from '../../core/triggers/origin.ts'
import type { Services } from './services.ts'

export type ShowServices = Pick<Services, 'config' | 'executions' | 'runs' | 'approvals' | 'now'> & {
  slack: Slack
}

/** Where a run stands, and the message that says so. */
export interface Showing {
  view: RunView
  message: Message
}

/** Reads where a run stands and what its message has to say. */
export const readRun = async (services: ShowServices, run: string): Promise<Showing> => {
  const [history, record] = await Promise.all([services.executions.history(run), services.runs.find(run)])
  const view = viewRun(translateHistory(history, { run }))
  const approval = record?.approval ? await services.approvals.find(record.approval) : undefined
  const input = inputOf(history[0]?.executionStartedEventDetails?.input)
  return { view, message: runMessage({ run, input, view, record, approval: approval?.value }) }
}

const inputOf = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}

/**
 * Brings the run's one message up to date, or posts it where there is none yet. Of several that find none, one
 * posts: who has written first that it will.
 */
export const showRun = async (services: ShowServices, run: string, message: Message): Promise<void> => {
  const { slack, runs, now } = services
  const { record, changed } = await runs.change(run, (before) =>
    before.message?.ts || (before.message && now() - before.message.at < postingMs)
      ? undefined
      : { ...before, message: { channel: '', ts: null, at: now() } },
  )
  if (changed) {
    const posted = await postSomewhere(services, record, message)
    await runs.change(run, (before) => ({ ...before, message: { ...posted, at: now() } }))
  } else if (record.message?.channel && record.message.ts) {
    await slack.update({ channel: record.message.channel, ts: record.message.ts }, message)
  }
}

/** Who has not posted by then will not. */
const postingMs = 30_000

/** Posts where the run was asked for, or else in the channel for runs that nobody asked for in Slack. */
const postSomewhere = async (
  { slack, config }: Pick<ShowServices, 'slack' | 'config'>,
  { origin }: RunRecord,
  message: Message,
): Promise<{ channel: string; ts: string }> => {
  const channels = new Set(
    [origin?.channel, config.channels.slack?.channel].filter((channel) => channel !== undefined),
  )
  for (const channel of channels) {
    try {
      return await slack.post(channel, message)
    } catch (error) {
      // A private channel without the bot: the other one is left.
      if (!(error instanceof SlackRefused)) throw error
    }
  }
  return { channel: '', ts: nowhere }
}

/** Instead of a timestamp: no channel takes the message, so that nobody needs to try again. */
const nowhere = 'none'
