import type { Runtime } from '../../adapters/runtime.ts'
import { answerHttp } from '../middleware/answer-http.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { type HttpAnswer, HttpEvent, HttpRefusal } from '../support/http.ts'
import { lambda } from '../support/lambda.ts'
import { optionalSetting, type SettingName } from '../support/settings.ts'
import { chatOf, interaction, slashCommand } from './routes/slack.ts'
import { hookOf, webhook } from './routes/webhook.ts'

interface Route {
  /** The route is there only where the stage has this setting. */
  needs: SettingName
  serve: (runtime: Runtime) => (event: HttpEvent) => Promise<HttpAnswer>
}

const routes = new Map<string | undefined, Route>([
  [
    '/slack/commands',
    { needs: 'SLACK_SIGNING_SECRET_ARN', serve: (runtime) => slashCommand(chatOf(runtime)) },
  ],
  [
    '/slack/interactions',
    { needs: 'SLACK_SIGNING_SECRET_ARN', serve: (runtime) => interaction(chatOf(runtime)) },
  ],
  ['/hooks', { needs: 'PODID_WEBHOOK_SECRETS_ARN', serve: (runtime) => webhook(hookOf(runtime)) }],
])

/**
 * The function URL: Slack's commands and clicks, and signed messages of other callers. A request with a wrong
 * signature gets no other information.
 */
export const create = (runtime: Runtime) =>
  makeHandler(
    runtime,
    {
      name: 'Http',
      input: HttpEvent,
      use: [answerHttp()],
      describe: ({ statusCode }: HttpAnswer) => ({ status: statusCode }),
    },
    async (event) => routeOf(runtime, event).serve(runtime)(event),
  )

const routeOf = (runtime: Runtime, { rawPath, requestContext }: HttpEvent): Route => {
  const route = routes.get(rawPath)
  if (!route || !optionalSetting(runtime, route.needs)) throw new HttpRefusal(404, 'there is nothing here')
  if (requestContext?.http?.method !== 'POST')
    throw new HttpRefusal(405, 'only POST is allowed here', { allow: 'POST' })
  return route
}

export const handler = create(lambda)
