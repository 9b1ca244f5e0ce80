import * as z from 'zod'
import type { Runtime } from '../../../adapters/runtime.ts'
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
import type { RequestSource } from '../../support/requests/requests.ts'
import { startRollout } from '../../support/rollout/start.ts'
import { secretSetting, slackOf } from '../../support/secrets.ts'
import { type Services, servicesOf } from '../../support/services.ts'

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
  actions: z
    .array(z.object({ action_id: z.enum(['approve', 'decline', 'undo']), value: z.string().max(2000) }))
    .length(1),
})

/** What both routes work with. */
interface Chat {
  runtime: Runtime
  services: Services
  slack: Slack | undefined
}

/** The form of a request that Slack signed. */
const formOf = async (runtime: Runtime, event: HttpEvent): Promise<URLSearchParams> => {
  const body = bodyOf(event)
  const signed = isSignedBySlack(
    await secretSetting(runtime, 'SLACK_SIGNING_SECRET_ARN'),
    {
      timestamp: header(event.headers, 'x-slack-request-timestamp'),
      signature: header(event.headers, 'x-slack-signature'),
      body,
    },
    runtime.clock.now(),
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

const requesterOf = async ({ runtime, services, slack }: Chat, user: string): Promise<Requester> => ({
  kind: 'slack',
  id: user,
  groups: await groupsOf(runtime, { config: services.config, slack }, user),
})

const chatOf = (runtime: Runtime): Chat => ({
  runtime,
  services: servicesOf(runtime),
  slack: slackOf(runtime),
})

/** `/pod-identity …`: only the requester sees the reply; the run's own message goes to the channel. */
export const slashCommand = async (runtime: Runtime, event: HttpEvent): Promise<HttpAnswer> => {
  const form = await formOf(runtime, event)
  // Slack checks the certificate from time to time.
  if (form.get('ssl_check') === '1') return answer(200, {})
  const command = parse(SlashCommand, Object.fromEntries(form))
  const text = await inWords(runtime, () => runCommand(chatOf(runtime), command))
  return answer(200, { response_type: 'ephemeral', text })
}

const runCommand = async (chat: Chat, sent: z.output<typeof SlashCommand>): Promise<string> => {
  const { services } = chat
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
      return 'refused' in found ? refusalText(found.why) : statusText(found)
    }
    case 'undo': {
      const { name, cluster, wave } = request
      const started = await startUndo(services)(source, request)
      return 'refused' in started
        ? refusalText(started.why)
        : startedText(started, what(wave === undefined ? name : `wave ${wave} of ${name}`, cluster))
    }
    case 'rollout': {
      const { names, cluster } = request
      const started = await startRollout(services)(source, {
        names,
        ...(cluster ? { clusters: [cluster] } : {}),
      })
      const all = names.length > 0 ? names.join(', ') : 'all bindings'
      return 'refused' in started ? refusalText(started.why) : startedText(started, what(all, cluster))
    }
    default: {
      const finish = request.verb === 'finish'
      const mode = request.verb === 'finish' ? 'enable' : request.verb
      const started = await startRun(services)(source, { ...request, mode, finish })
      return 'refused' in started
        ? refusalText(started.why)
        : startedText(started, what(request.name, request.cluster))
    }
  }
}

const refusalText = (why: string): string => `Not done: ${literal(why)}`

/** A click on approve, decline or undo: the run's message changes by itself; only the requester sees a refusal. */
export const interaction = async (runtime: Runtime, event: HttpEvent): Promise<HttpAnswer> => {
  const form = await formOf(runtime, event)
  if (form.get('ssl_check') === '1') return answer(200, {})
  const click = parse(Click, jsonOf(form.get('payload') ?? ''))
  const text = await inWords(runtime, () => act(chatOf(runtime), click))
  if (text) {
    await slackOf(runtime)
      ?.whisper(click.channel.id, click.user.id, text)
      .catch((error: Error) =>
        runtime.log.warn('Slack did not accept the reply to a click', { error: redact(error.message) }),
      )
  }
  return answer(200, {})
}

const act = async (chat: Chat, click: z.output<typeof Click>): Promise<string> => {
  const { services } = chat
  const [{ action_id: action, value }] = click.actions as [z.output<typeof Click>['actions'][number]]
  const requester = await requesterOf(chat, click.user.id)
  if (action !== 'undo') {
    const [approval = '', plan] = value.split('.')
    const answered = await answerApproval(services)(requester, {
      approval,
      plan,
      approved: action === 'approve',
    })
    return 'refused' in answered ? refusalText(answered.why) : ''
  }
  const source: RequestSource = {
    requester,
    origin: { trigger: 'slack', by: `slack:${click.user.id}`, channel: click.channel.id },
    cause: [click.team?.id ?? '', click.trigger_id],
  }
  const [, name = value, wave] = /^(\S+) wave (\d+)$/.exec(value) ?? []
  const started = await startUndo(services)(source, { name, ...(wave ? { wave: Number(wave) } : {}) })
  return 'refused' in started ? refusalText(started.why) : startedText(started, `undo ${value}`)
}

/** Slack shows people nothing useful for a failure status, so the reply says it in words. */
const inWords = async (runtime: Runtime, work: () => Promise<string>): Promise<string> => {
  try {
    return await work()
  } catch (error) {
    runtime.log.error('a chat request failed', {
      error: (error as Error).name,
      why: redact((error as Error).message),
    })
    return 'That did not work: an internal error. Try again in a moment.'
  }
}
