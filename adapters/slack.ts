import { type Message, shortened } from '../core/chatops/blocks.ts'
import { Transient } from '../core/errors.ts'
import { excerpt } from '../core/text/redact.ts'
import { withPatience } from './patience.ts'
import type { Runtime } from './runtime.ts'

/** Where Slack's Web API is, and the bot token to call it with. */
export interface SlackAccess {
  /** `https://slack.com/api` */
  url: string
  /** The bot token as it is now: it may be rotated. */
  token: () => Promise<string>
}

/** Names a message: its channel's id and its timestamp. */
export interface MessageRef {
  channel: string
  ts: string
}

/** Slack said no: `reason` is its code, such as channel_not_found. */
export class SlackRefused extends Error {
  override readonly name = 'SlackRefused'
  readonly reason: string
  constructor(
    method: string,
    reason: string,
    advice = `https://docs.slack.dev/reference/methods/${method} explains it`,
  ) {
    super(`Slack refused ${method}: ${reason}; ${advice}`)
    this.reason = reason
  }
}

/** As much of Slack's Web API as runs need. Throws Transient for what may pass, SlackRefused for what will not. */
export const slack = (runtime: Runtime, { url, token }: SlackAccess) => {
  const call = async (method: string, fields: Record<string, unknown>): Promise<Record<string, unknown>> => {
    for (let attempt = 1; ; attempt++) {
      const response = await post(method, fields)
      if (response.status === 429 && attempt < 3) {
        const seconds = Number(response.headers.get('retry-after')) || 1
        await runtime.clock.sleep(Math.min(seconds, longestPause) * 1000, runtime.signal)
        continue
      }
      return answerOf(method, response)
    }
  }

  const post = async (method: string, fields: Record<string, unknown>): Promise<Answered> => {
    const bearer = `Bearer ${await token()}`
    try {
      return await withPatience(patienceMs, runtime.signal, async (signal) => {
        const response = await fetch(`${url}/${method}`, {
          method: 'POST',
          headers: { authorization: bearer, 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify(fields),
          redirect: 'error',
          signal,
        })
        return { status: response.status, headers: response.headers, text: await response.text() }
      })
    } catch (error) {
      runtime.signal?.throwIfAborted()
      throw new Transient(`Slack cannot be reached for ${method}`, { cause: error })
    }
  }

  return {
    post: async (channel: string, message: Message): Promise<MessageRef> => {
      const posted = await inWords(message, (said) =>
        call('chat.postMessage', { channel, ...said, ...noPreviews }),
      )
      return { channel: String(posted.channel), ts: String(posted.ts) }
    },
    update: async (ref: MessageRef, message: Message): Promise<void> => {
      await inWords(message, (said) => call('chat.update', { ...ref, ...said }))
    },
    /** Shows a text to one person only. */
    whisper: async (channel: string, user: string, text: string): Promise<void> => {
      await call('chat.postEphemeral', { channel, user, text })
    },
    /** Whose token it is: https://docs.slack.dev/reference/methods/auth.test */
    whoAmI: async (): Promise<{ team: string; user: string }> => {
      const { team, user } = await call('auth.test', {})
      return { team: String(team), user: String(user) }
    },
    /** The ids of the members of a user group. */
    membersOf: async (usergroup: string): Promise<string[]> => {
      const { users } = await call('usergroups.users.list', { usergroup })
      return Array.isArray(users) ? users.map(String) : []
    },
  }
}

export type Slack = ReturnType<typeof slack>

/** What Slack says of a message that is not as it takes messages. */
const unfit = new Set(['msg_blocks_too_long', 'msg_too_long', 'invalid_blocks', 'invalid_blocks_format'])

/** Says a message, or where Slack takes it for too long or faulty, a shorter one with the same buttons. */
const inWords = async <Answer>(
  message: Message,
  say: (message: Message) => Promise<Answer>,
): Promise<Answer> => {
  try {
    return await say(message)
  } catch (error) {
    if (!(error instanceof SlackRefused) || !unfit.has(error.reason)) throw error
    return say(shortened(message, error.reason))
  }
}

const patienceMs = 5_000
const longestPause = 30
const noPreviews = { unfurl_links: false, unfurl_media: false }

/** A response read to its end, so that its connection is free. */
type Answered = Pick<Response, 'status' | 'headers'> & { text: string }

const answerOf = (method: string, response: Answered): Record<string, unknown> => {
  if (response.status === 429 || response.status >= 500) {
    throw new Transient(`Slack answered ${method} with ${response.status}`)
  }
  const answer = fieldsOf(response.text)
  if (!answer)
    throw new SlackRefused(
      method,
      `${response.status}, with an answer that is not Slack's`,
      `it begins with ${JSON.stringify(excerpt(response.text.trim(), 100))}: see whether a proxy answers in Slack's place, and that SLACK_API_URL is https://slack.com/api or not set`,
    )
  if (answer.ok !== true) throw new SlackRefused(method, String(answer.error ?? response.status))
  return answer
}

const fieldsOf = (text: string): Record<string, unknown> | undefined => {
  try {
    const fields: unknown = JSON.parse(text)
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
