import * as z from 'zod'
import type { Runtime } from '../../../adapters/runtime.ts'
import { callerOf, parseWebhookSecrets } from '../../../adapters/signatures.ts'
import { excerpt } from '../../../core/text/redact.ts'
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
import { secretSetting } from '../../support/secrets.ts'
import { type Services, servicesOf } from '../../support/services.ts'

const Name = z.string().regex(/^[\w.-]{1,100}$/, { error: 'is not a name' })
/** Of a binding by pattern with its namespace and ServiceAccount: `carts/shop/orders`. */
const BindingName = z.string().regex(/^\w[\w.-]{0,99}(?:\/\w[\w.-]{0,252}){0,2}$/, { error: 'is not a name' })
const message = <const Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.strictObject({ type: z.literal(type), timestamp: z.string().max(40).optional(), data })

/** What a caller may send; docs/triggers.md has examples. */
const Message = z.discriminatedUnion('type', [
  message(
    'run.start',
    z.strictObject({
      binding: BindingName,
      cluster: Name.optional(),
      mode: z.enum(['enable', 'plan']).default('enable'),
      finish: z.boolean().default(false),
    }),
  ),
  message('run.status', z.strictObject({ run: Name })),
  message('run.undo', z.strictObject({ run: Name, wave: z.int().min(1).optional() })),
  message(
    'rollout.start',
    z.strictObject({
      bindings: z.union([z.literal('all'), z.array(Name).min(1).max(1000)], {
        error: 'is neither "all" nor a list of 1 to 1000 names',
      }),
      clusters: z.array(Name).min(1).max(1000).optional(),
      mode: z.enum(['enable', 'plan']).default('enable'),
    }),
  ),
  message(
    'approval.answer',
    z
      .strictObject({ approval: Name, approved: z.boolean(), plan: Name.optional() })
      .refine(({ approved, plan }) => !approved || plan !== undefined, {
        path: ['plan'],
        error: 'is missing: an approval names the plan that it approves, which the question says',
      }),
  ),
])

/** What the webhook works with. */
interface Hook {
  /** Of all callers, as they are now. */
  secrets: () => Promise<string>
  /** Made only for a message that is signed, and one of those above. */
  services: () => Services
  now: () => number
}

export const hookOf = (runtime: Runtime): Hook => ({
  secrets: () => secretSetting(runtime, 'PODID_WEBHOOK_SECRETS_ARN'),
  services: () => servicesOf(runtime),
  now: () => runtime.clock.now(),
})

/** A message by the Standard Webhooks specification. Its id is the cause: sending it again starts nothing again. */
export const webhook =
  ({ secrets, services, now }: Hook) =>
  async (event: HttpEvent): Promise<HttpAnswer> => {
    const body = bodyOf(event)
    const id = header(event.headers, 'webhook-id')
    const caller = callerOf(
      parseWebhookSecrets(await secrets()),
      { id, timestamp: header(event.headers, 'webhook-timestamp'), body },
      header(event.headers, 'webhook-signature'),
      now(),
    )
    if (!caller)
      throw new HttpRefusal(401, 'the message is not signed by a known caller, or not a moment ago')
    requireType(event.headers, 'application/json')
    const parsed = Message.safeParse(jsonOf(textOf(body)))
    if (!parsed.success) {
      const faults = parsed.error.issues.map(
        (issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`,
      )
      throw new HttpRefusal(400, excerpt(faults.join('; '), 500))
    }
    const source: RequestSource = {
      requester: { kind: 'caller', id: caller },
      origin: { trigger: 'webhook', by: `caller:${caller}` },
      cause: [caller, id],
    }
    return serve(services(), source, parsed.data)
  }

const serve = async (
  services: Services,
  source: RequestSource,
  { type, data }: z.output<typeof Message>,
): Promise<HttpAnswer> => {
  switch (type) {
    case 'run.start':
      return answerTo(await startRun(services)(source, { ...data, name: data.binding }), 202)
    case 'rollout.start': {
      const { bindings, ...rest } = data
      const names = bindings === 'all' ? [] : bindings
      return answerTo(await startRollout(services)(source, { ...rest, names }), 202)
    }
    case 'run.undo':
      return answerTo(await startUndo(services)(source, { name: data.run, wave: data.wave }), 202)
    case 'run.status': {
      const found = await runStatus(services)(source, { name: data.run })
      return answerTo('refused' in found ? found : { ...found[0] }, 200)
    }
    case 'approval.answer':
      return answerTo(await answerApproval(services)(source.requester, data), 200)
  }
}

const statuses: Record<Refusal['refused'], number> = { unknown: 404, forbidden: 403, impossible: 409 }

const answerTo = (result: object | Refusal, status: number): HttpAnswer =>
  'refused' in result ? answer(statuses[result.refused], { error: result.why }) : answer(status, result)
