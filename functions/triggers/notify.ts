import * as z from 'zod'
import { callBack, topic } from '../../adapters/notifications.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { parseWebhookSecrets } from '../../adapters/signatures.ts'
import { amazonQNotification } from '../../core/chatops/amazon-q.ts'
import { driftMessage } from '../../core/chatops/drift-message.ts'
import { viewRun } from '../../core/chatops/run-view.ts'
import { eventSource, type PodidEvent, type RunFinished } from '../../core/events.ts'
import { translateHistory } from '../../core/run-events/translation.ts'
import { lambda } from '../support/lambda.ts'
import { once } from '../support/once.ts'
import { type RunServices, runServicesOf, slackOf } from '../support/run-services.ts'
import { optionalSetting, setting } from '../support/settings.ts'
import { readRun, showRun } from '../support/show-run.ts'

const Envelope = z.object({
  id: z.string(),
  source: z.string(),
  'detail-type': z.string(),
  resources: z.array(z.string()).default([]),
  detail: z.unknown(),
})

/** What Step Functions says of an execution that has ended. */
const Ended = z.object({
  name: z.string(),
  executionArn: z.string(),
  status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
})

/**
 * Makes an event of our own of an execution's end, and brings our own events to people: Slack, the topic for
 * Amazon Q, and the caller who asked. Each is told once, even where another could not be reached and the whole
 * is tried again.
 */
export const create =
  (runtime: Runtime) =>
  async (event: unknown): Promise<void> => {
    const { id, source, detail, resources, ...envelope } = Envelope.parse(event)
    const tell = once(runtime)
    if (source !== eventSource) {
      const ended = Ended.parse(detail)
      return tell(`end/${ended.executionArn}`, () => announceEnd(runServicesOf(runtime), ended))
    }
    // Only the project's own functions may put events of this source on the bus.
    const news = { type: envelope['detail-type'], resources, detail } as PodidEvent
    const results = await Promise.allSettled(
      channelsFor(runtime, news).map(([channel, work]) => tell(`${id}/${channel}`, work)),
    )
    const failure = results.find((result) => result.status === 'rejected')
    if (failure) throw failure.reason
  }

const announceEnd = async (
  { executions, bus }: Pick<RunServices, 'executions' | 'bus'>,
  { name: run, executionArn: arn, status }: z.output<typeof Ended>,
): Promise<void> => {
  const { end } = viewRun(translateHistory(await executions.history(run), { run }))
  const summary = end?.message ?? status
  const detail: RunFinished = { run, arn, status, summary, report: end?.report ?? null }
  await bus.put({ type: 'Run Finished', resources: [arn], detail: withinEvent(detail) })
}

/** EventBridge takes 256 KB; what makes a report long is left to the execution's own output. */
const withinEvent = (detail: RunFinished): RunFinished =>
  Buffer.byteLength(JSON.stringify(detail)) < 200_000 || !detail.report
    ? detail
    : {
        ...detail,
        report: { ...detail.report, findings: detail.report.findings.slice(0, 20), credentials: null },
      }

type Channel = [name: string, work: () => Promise<void>]

const channelsFor = (runtime: Runtime, news: PodidEvent): Channel[] => {
  const notification = amazonQNotification(news)
  const topicArn = optionalSetting(runtime, 'PODID_TOPIC_ARN')
  return [
    ...(notification && topicArn
      ? [['topic', () => topic(runtime, topicArn).publish(notification)] as Channel]
      : []),
    ...slackChannels(runtime, news),
    ...(news.type === 'Run Finished'
      ? [['callback', () => tellCaller(runtime, news.detail)] as Channel]
      : []),
  ]
}

const slackChannels = (runtime: Runtime, news: PodidEvent): Channel[] => {
  const slack = slackOf(runtime)
  if (!slack) return []
  const services = { ...runServicesOf(runtime), slack }
  const channel = services.config.channels.slack?.channel
  switch (news.type) {
    case 'Run Finished':
    case 'Run Approval Requested':
      return [
        [
          'slack',
          async () => {
            const { message } = await readRun(services, news.detail.run)
            await showRun(services, news.detail.run, message)
          },
        ],
      ]
    case 'Drift Found':
      return channel
        ? [['slack', async () => void (await slack.post(channel, driftMessage(news.detail)))]]
        : []
    default:
      return []
  }
}

/** The signed callback to the caller of the webhook that asked for the run, if podid.yaml names a URL for it. */
const tellCaller = async (runtime: Runtime, finished: RunFinished): Promise<void> => {
  const { config, runs } = runServicesOf(runtime)
  const origin = (await runs.find(finished.run))?.origin
  const caller = origin?.by?.startsWith('caller:') ? origin.by.slice('caller:'.length) : undefined
  const url = caller && config.channels.callbacks[caller]
  if (!url) return
  const secrets = parseWebhookSecrets(setting(runtime, 'PODID_WEBHOOK_SECRETS'))
  // Of an old and a new secret the last one is the new.
  const key = secrets.findLast((secret) => secret.caller === caller)?.key
  if (!key) throw new Error(`the caller ${caller} has a callback in podid.yaml and no secret`)
  await callBack(
    runtime,
    { url, key },
    {
      id: `${finished.run}.finished`,
      type: 'run.finished',
      data: finished,
    },
  )
}

export const handler = create(lambda)
