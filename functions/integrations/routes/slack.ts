import * as z from 'zod'
import type { Log, Runtime } from '../../../adapters/runtime.ts'
import { isSignedBySlack } from '../../../adapters/signatures.ts'
import type { Slack } from '../../../adapters/slack.ts'
import type { Requester } from '../../../core/chatops/access.ts'
import { parseCommand } from '../../../core/chatops/command.ts'
import { literal } from '../../../core/chatops/mrkdwn.ts'
import { helpText, startedText, statusText } from '../../../core/chatops/replies.ts'
import { redact } from '../../../core/text/redact.ts'
import { groupsOf } from '../../support/groups.ts'
import {
  answer,
  bodyOf,
  type HttpAnswer,
  type HttpEvent,
  HttpRefusal,
  header,
  jsonOf,
  requireType,
  textOf,
} from '../../support/http.ts'
import { answerApproval, runStatus, startRun, startUndo } from '../../support/requests/actions.ts'
import type { Refusal, RequestSource } from '../../support/requests/requests.ts'
import { startRollout } from '../../support/rollout/start.ts'
import { configOf } from '../../support/run-services.ts'
import { secretSetting, slackOf } from '../../support/secrets.ts'
import { type Services, servicesOf } from '../../support/services.ts'
import type { Started } from '../../support/starter.ts'

const id = (letters: string) => z.string().regex(new RegExp(`^[${letters}][A-Z0-9]{1,30}$`))
const User = id('UW')
const Channel = id('CDG')

/** A slash command's form. https://docs.slack.dev/interactivity/implementing-slash-commands */
const SlashCommand = z.object({
  command: z.string().regex(/^\/[\w-]{1,40}$/),
  text: z.string().max(2000).default(''),
  user_id: User,
  channel_id: Channel,
  team_id: z.string().max(40).default(''),
  trigger_id: z.string().min(1).max(200),
})

/** A click on a button. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const Click = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: User }),
  channel: z.object({ id: Channel }),
  team: z.object({ id: z.string().max(40) }).nullish(),
  trigger_id: z.string().min(1).max(200),
  actions: z.tuple([
    z.object({ action_id: z.enum(['approve', 'decline', 'undo']), value: z.string().max(2000) }),
  ]),
})

/** What both routes work with. */
interface Chat {
  /** The app's signing secret, as it is now. */
  signingSecret: () => Promise<string>
  /** Made only for a request that Slack signed; where they cannot be, the reply says so in words. */
  services: () => Services
  /** The groups of a Slack user that podid.yaml names. */
  groupsOf: (user: string) => Promise<string[]>
  slack: Pick<Slack, 'whisper'> | undefined
  now: () => number
  log: Pick<Log, 'warn' | 'error'>
}

export const chatOf = (runtime: Runtime): Chat => {
  const slack = slackOf(runtime)
  return {
    signingSecret: () => secretSetting(runtime, 'SLACK_SIGNING_SECRET_ARN'),
    services: () => servicesOf(runtime),
    groupsOf: (user) => groupsOf(runtime, { config: configOf(runtime), slack }, user),
    slack,
    now: () => runtime.clock.now(),
    log: runtime.log,
  }
}

/** Serves the form of a request that Slack signed. */
const signedForm =
  (chat: Chat, serve: (form: URLSearchParams) => Promise<HttpAnswer>) =>
  async (event: HttpEvent): Promise<HttpAnswer> => {
    const form = await formOf(chat, event)
    // Slack checks the certificate from time to time.
    return form.get('ssl_check') === '1' ? answer(200, {}) : serve(form)
  }

const formOf = async ({ signingSecret, now }: Chat, event: HttpEvent): Promise<URLSearchParams> => {
  const body = bodyOf(event)
  const signed = isSignedBySlack(
    await signingSecret(),
    {
      timestamp: header(event.headers, 'x-slack-request-timestamp'),
      signature: header(event.headers, 'x-slack-signature'),
      body,
    },
    now(),
  )
  if (!signed) throw new HttpRefusal(401, 'the request is not signed by Slack, or not a moment ago')
  requireType(event.headers, 'application/x-www-form-urlencoded')
  return new URLSearchParams(textOf(body))
}

const parse = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new HttpRefusal(400, 'this is not a request as Slack sends them')
  return parsed.data
}

const requesterOf = async ({ groupsOf }: Chat, user: string): Promise<Requester> => ({
  kind: 'slack',
  id: user,
  groups: await groupsOf(user),
})

/** `/pod-identity …`: only the requester sees the reply; the run's own message goes to the channel. */
export const slashCommand = (chat: Chat) =>
  signedForm(chat, async (form) => {
    const command = parse(SlashCommand, Object.fromEntries(form))
    const text = await inWords(chat, () => runCommand(chat, command))
    return answer(200, { response_type: 'ephemeral', text })
  })

const runCommand = async (chat: Chat, sent: z.output<typeof SlashCommand>): Promise<string> => {
  const services = chat.services()
  const request = parseCommand(sent.text)
  if (request.verb === 'misunderstood')
    return `${literal(request.why)}${request.why.endsWith('?') ? '' : '.'} \`${sent.command} help\` says what there is.`
  const requester = await requesterOf(chat, sent.user_id)
  const source: RequestSource = {
    requester,
    origin: { trigger: 'slack', by: `slack:${sent.user_id}`, channel: sent.channel_id },
    cause: [sent.team_id, sent.trigger_id],
  }
  const what = (name: string, cluster?: string) => `${request.verb} ${name}${cluster ? ` on ${cluster}` : ''}`
  switch (request.verb) {
    case 'help':
      return helpText(sent.command, services.config, requester)
    case 'status': {
      const found = await runStatus(services)(source, request)
      return 'refused' in found ? refusalText(found) : statusText(found)
    }
    case 'undo': {
      const { name, cluster, wave } = request
      const started = await startUndo(services)(source, request)
      return replyTo(started, what(wave === undefined ? name : `wave ${wave} of ${name}`, cluster))
    }
    case 'rollout': {
      const { names, cluster } = request
      const started = await startRollout(services)(source, {
        names,
        ...(cluster ? { clusters: [cluster] } : {}),
      })
      return replyTo(started, what(names.length > 0 ? names.join(', ') : 'all bindings', cluster))
    }
    case 'finish':
      return replyTo(
        await startRun(services)(source, { ...request, mode: 'enable', finish: true }),
        what(request.name, request.cluster),
      )
    default:
      return replyTo(
        await startRun(services)(source, { ...request, mode: request.verb }),
        what(request.name, request.cluster),
      )
  }
}

const refusalText = ({ why }: Refusal): string => `Not done: ${literal(why)}`

const replyTo = (started: Started | Refusal, what: string): string =>
  'refused' in started ? refusalText(started) : startedText(started, what)

/** A click on approve, decline or undo: the run's message changes by itself; only the requester sees a refusal. */
export const interaction = (chat: Chat) =>
  signedForm(chat, async (form) => {
    const click = parse(Click, jsonOf(String(form.get('payload'))))
    const text = await inWords(chat, () => act(chat, click))
    if (text) {
      await chat.slack
        ?.whisper(click.channel.id, click.user.id, text)
        .catch((error: Error) =>
          chat.log.warn('Slack did not accept the reply to a click', { error: redact(error.message) }),
        )
    }
    return answer(200, {})
  })

const act = async (chat: Chat, click: z.output<typeof Click>): Promise<string> => {
  const services = chat.services()
  const [{ action_id: action, value }] = click.actions
  const requester = await requesterOf(chat, click.user.id)
  if (action !== 'undo') {
    const [approval = value, plan] = value.split('.')
    const answered = await answerApproval(services)(requester, {
      approval,
      plan,
      approved: action === 'approve',
    })
    return 'refused' in answered ? refusalText(answered) : ''
  }
  const source: RequestSource = {
    requester,
    origin: { trigger: 'slack', by: `slack:${click.user.id}`, channel: click.channel.id },
    cause: [click.team?.id ?? '', click.trigger_id],
  }
  const [name = value, wave] = value.split(' wave ')
  const started = await startUndo(services)(source, { name, wave: wave ? Number(wave) : undefined })
  return replyTo(started, `undo ${value}`)
}

/** Slack shows people nothing useful for a failure status, so the reply says it in words. */
const inWords = async ({ log }: Chat, work: () => Promise<string>): Promise<string> => {
  try {
    return await work()
  } catch (error) {
    log.error('a chat request failed', {
      error: (error as Error).name,
      why: redact((error as Error).message),
    })
    return 'That did not work: an internal error. Try again in a moment.'
  }
}
