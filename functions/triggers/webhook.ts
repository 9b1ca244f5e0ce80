import type { Runtime } from '../../adapters/runtime.ts'
import { Transient } from '../../core/errors.ts'
import { answer, type HttpAnswer, type HttpEvent, HttpRefusal } from '../support/http.ts'
import { lambda } from '../support/lambda.ts'
import { optionalSetting, type SettingName } from '../support/settings.ts'
import { hook } from './routes/hooks.ts'
import { interaction, slashCommand } from './routes/slack.ts'

interface Route {
  /** The route is there only where the stage has this setting. */
  needs: SettingName
  serve: (runtime: Runtime, event: HttpEvent) => Promise<HttpAnswer>
}

const routes: Readonly<Record<string, Route>> = {
  '/slack/commands': { needs: 'SLACK_SIGNING_SECRET', serve: slashCommand },
  '/slack/interactions': { needs: 'SLACK_SIGNING_SECRET', serve: interaction },
  '/hooks': { needs: 'PODID_WEBHOOK_SECRETS', serve: hook },
}

/**
 * The function URL: Slack's commands and clicks, and signed messages of other callers. A request with a wrong
 * signature gets no other information.
 */
export const create =
  (runtime: Runtime) =>
  async (event: HttpEvent): Promise<HttpAnswer> => {
    try {
      return await routeOf(runtime, event).serve(runtime, event)
    } catch (error) {
      return failureAnswer(runtime, error)
    }
  }

const routeOf = (runtime: Runtime, { rawPath = '/', requestContext }: HttpEvent): Route => {
  const route = Object.hasOwn(routes, rawPath) ? routes[rawPath] : undefined
  if (!route || !optionalSetting(runtime, route.needs)) throw new HttpRefusal(404, 'there is nothing here')
  if (requestContext?.http?.method !== 'POST')
    throw new HttpRefusal(405, 'only POST is allowed here', { allow: 'POST' })
  return route
}

const failureAnswer = (runtime: Runtime, error: unknown): HttpAnswer => {
  if (error instanceof HttpRefusal) {
    runtime.log.warn('refused a request', { status: error.status, why: error.message })
    return answer(error.status, { error: error.message }, error.headers)
  }
  const { name, message } = error as Error
  runtime.log.error('a request failed', { error: name, why: message })
  return error instanceof Transient
    ? answer(503, { error: 'a service that podid calls is temporarily unavailable' }, { 'retry-after': '5' })
    : answer(500, { error: 'internal error' })
}

export const handler = create(lambda)
