import { together } from '../../../adapters/concurrently.ts'
import { type MessageRef, type Slack, SlackRefused } from '../../../adapters/slack.ts'
import type { Message } from '../../../core/chatops/blocks.ts'
import { runMessage } from '../../../core/chatops/run-message.ts'
import { type RunView, viewRun } from '../../../core/chatops/run-view.ts'
import { wayBack } from '../../../core/chatops/way-back.ts'
import type { RequestInput } from '../../../core/request-input.ts'
import type { HistoryEvent } from '../../../core/run-events/history.ts'
import { translateHistory } from '../../../core/run-events/translation.ts'
import type { RunRecord } from '../../../core/triggers/origin.ts'
import type { Services } from '../services.ts'

export type ShowServices = Pick<Services, 'config' | 'executions' | 'runs' | 'approvals' | 'now'> & {
  slack: Slack
}

/** The state of a run, and the message that shows it. */
export interface Showing {
  view: RunView
  message: Message
  /** Where it is shown, or would be. */
  channel: string
  /** The run that this one has undone. */
  undid: string | undefined
}

/** Reads the state of a run and makes its message; `known` is its history, where the caller has read it. */
export const readRun = async (
  services: ShowServices,
  run: string,
  known?: readonly HistoryEvent[],
): Promise<Showing> => {
  const [history, record] = await together([
    known ?? services.executions.history(run),
    services.runs.find(run),
  ])
  const view = viewRun(translateHistory(history, { run }))
  const approval = record?.approval ? await services.approvals.find(record.approval) : undefined
  const input = inputOf(history[0]?.executionStartedEventDetails?.input)
  const { mode, before } = (input ?? {}) as Partial<RequestInput>
  const undoable = view.end !== null && wayBack(history, { mode, report: view.end.report }) !== undefined
  return {
    view,
    channel: record?.message?.channel || channelsOf(services.config, record?.origin ?? null)[0] || '',
    message: runMessage({ run, input, view, undoable, record, approval: approval?.value }),
    undid: view.end?.report?.outcome === 'undone' ? before?.run : undefined,
  }
}

const inputOf = (text: string | undefined): unknown => {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

/**
 * Brings the run's one message up to date, or posts it where there is none yet. Of several that find none, one
 * posts: who has written first that it will. Where Slack does not take it, whoever tries next posts it.
 */
export const showRun = async (services: ShowServices, run: string, message: Message): Promise<void> => {
  const { slack, runs, now } = services
  const at = now()
  const { record, changed } = await runs.change(run, (before) =>
    before.message?.ts || (before.message && at - before.message.at < postingMs)
      ? undefined
      : { ...before, message: { channel: '', ts: null, at } },
  )
  const keep = (place: MessageRef) =>
    runs.change(run, (before) => ({ ...before, message: { ...place, at: now() } }))
  const { channel, ts } = record.message ?? nowhere
  if (changed) {
    const place = await postSomewhere(services, record, message).catch(async (error: unknown) => {
      await runs.change(run, (before) =>
        before.message?.at === at ? { ...before, message: null } : undefined,
      )
      throw error
    })
    await keep(place)
  } else if (channel && ts) {
    const there = await unless(messageGone, () => slack.update({ channel, ts }, message).then(() => true))
    if (!there) await keep(nowhere)
  }
}

/** Notes at a run that another one has undone it, and brings its message up to date where it has one: nobody undoes it again. */
export const showUndone = async (services: ShowServices, run: string, undoneBy: string): Promise<void> => {
  if (!(await services.runs.find(run))) return
  const { record } = await services.runs.change(run, (before) =>
    before.undoneBy ? undefined : { ...before, undoneBy },
  )
  if (!record.message?.ts) return
  const { message } = await readRun(services, run)
  await showRun(services, run, message)
}

/** After this time the function that wanted to post is considered to have failed. */
const postingMs = 30_000

/** Posts where the run was requested, or else in the channel for runs that were not requested in Slack. */
const postSomewhere = async (
  { slack, config }: Pick<ShowServices, 'slack' | 'config'>,
  { origin }: RunRecord,
  message: Message,
): Promise<MessageRef> => {
  for (const channel of channelsOf(config, origin)) {
    const posted = await unless(channelClosed, () => slack.post(channel, message))
    if (posted) return posted
  }
  return nowhere
}

/** Where a run's message may be, the first choice first. */
const channelsOf = (config: ShowServices['config'], origin: RunRecord['origin']): string[] => [
  ...new Set([origin?.channel, config.channels.slack?.channel].filter((channel) => channel !== undefined)),
]

/** No channel accepts the message, or somebody deleted it: it is not posted again. */
const nowhere: MessageRef = { channel: '', ts: 'none' }

const channelClosed = ['channel_not_found', 'is_archived', 'not_in_channel', 'restricted_action']
const messageGone = [...channelClosed, 'cant_update_message', 'edit_window_closed', 'message_not_found']

/** Answers undefined where Slack refuses for one of these reasons; other refusals are faults of ours. */
const unless = async <Answer>(
  reasons: readonly string[],
  act: () => Promise<Answer>,
): Promise<Answer | undefined> => {
  try {
    return await act()
  } catch (error) {
    if (error instanceof SlackRefused && reasons.includes(error.reason)) return undefined
    throw error
  }
}
