import * as z from 'zod'
import { callBack, topic } from '../../adapters/notifications.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { parseWebhookSecrets } from '../../adapters/signatures.ts'
import { amazonQNotification } from '../../core/chatops/amazon-q.ts'
import { digestMessage } from '../../core/chatops/drift-message.ts'
import { viewRun } from '../../core/chatops/run-view.ts'
import {
  EventBridgeEvent,
  eventSource,
  type PodidEvent,
  type RolloutFinished,
  type RunFinished,
} from '../../core/events.ts'
import { runPrefix } from '../../core/fleet/waves/request.ts'
import { viewFleet } from '../../core/fleet/waves/view.ts'
import { slackBudget } from '../../core/operation/pace.ts'
import { causeOf, runMetrics } from '../../core/operation/run-metrics.ts'
import type { Report } from '../../core/report.ts'
import { translateHistory } from '../../core/run-events/translation.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { type Emit, toLog } from '../support/metrics.ts'
import { once } from '../support/once.ts'
import { showRollout } from '../support/rollout/show.ts'
import { type RunServices, runServicesOf } from '../support/run-services.ts'
import { secretSetting, slackOf } from '../support/secrets.ts'
import { optionalSetting } from '../support/settings.ts'
import { readRun, showRun, showUndone } from '../support/showing/show-run.ts'

const NotifiedEvent = EventBridgeEvent.extend({ id: z.string() })

/** The detail of Step Functions' event for an execution that has ended. */
const Ended = z.object({
  name: z.string(),
  executionArn: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
})

/**
 * Turns the end of an execution into the event `Run Finished`, and delivers our own events to Slack, to the topic
 * for Amazon Q and to the caller that requested the run. Each gets an event once, even if another could not be
 * reached and the function is retried.
 */
export const create = (runtime: Runtime, emit: Emit = () => {}) =>
  makeHandler(
    runtime,
    { name: 'Notify', input: NotifiedEvent, describe: (line: EndLine | undefined) => ({ ...line }) },
    async ({ id, source, detail, resources, ...envelope }): Promise<EndLine | undefined> => {
      const deliverOnce = once(runtime)
      if (source !== eventSource) {
        const { name, executionArn: arn, status } = Ended.parse(detail)
        let line: EndLine | undefined
        if (arn.startsWith(runServicesOf(runtime).rollouts.arnOf('')))
          await deliverOnce(`${status}/${arn}`, () => rolloutChanged(runtime, { name, arn, status }))
        else if (status !== 'RUNNING')
          await deliverOnce(`end/${arn}`, async () => {
            line = await announceEnd(runServicesOf(runtime), { name, arn, status }, emit)
          })
        return line
      }
      // Only the project's own functions may put events of this source on the bus.
      const ours = { type: envelope['detail-type'], resources, detail } as PodidEvent
      const results = await Promise.allSettled(
        channelsFor(runtime, ours).map(([channel, work]) => deliverOnce(`${id}/${channel}`, work)),
      )
      const failure = results.find((result) => result.status === 'rejected')
      if (failure) throw failure.reason
      return undefined
    },
  )

/** What the log's line says of a run that has ended: for whom runs fail, and since when, is found by these. */
type EndLine = { outcome: string; cause: string | null } & Partial<Report['binding']>

const announceEnd = async (
  { executions, bus }: Pick<RunServices, 'executions' | 'bus'>,
  { name: run, arn, status }: { name: string; arn: string; status: RunFinished['status'] },
  emit: Emit,
): Promise<EndLine> => {
  const history = await executions.history(run)
  const { end } = viewRun(translateHistory(history, { run }))
  const summary = end?.message ?? status
  const detail: RunFinished = { run, arn, status, summary, report: end?.report ?? null }
  await bus.put({ type: 'Run Finished', resources: [arn], detail: withinEvent(detail) })
  const { report } = detail
  const ending = { status, report, error: history.at(-1)?.executionFailedEventDetails?.error }
  emit(runMetrics(ending, history))
  return { outcome: report?.outcome ?? 'failed', cause: causeOf(ending), ...report?.binding }
}

/** A rollout started, whose message is posted, or ended, which becomes an event of ours. */
const rolloutChanged = async (
  runtime: Runtime,
  { name, arn, status }: { name: string; arn: string; status: z.output<typeof Ended>['status'] },
): Promise<void> => {
  const services = runServicesOf(runtime)
  if (status === 'RUNNING') {
    const slack = slackOf(runtime)
    if (slack) await showRollout({ ...services, slack }, name)
    return
  }
  const { end } = viewFleet(await services.rollouts.history(name))
  const summary = end?.message ?? status
  const detail = { rollout: name, arn, status, summary, report: end?.report ?? null }
  await services.bus.put({ type: 'Rollout Finished', resources: [arn], detail })
}

/** EventBridge accepts 256 KB. A longer report is shortened here; the answer of the execution's state Report has all of it. */
const withinEvent = (detail: RunFinished): RunFinished =>
  Buffer.byteLength(JSON.stringify(detail)) < 200_000 || !detail.report
    ? detail
    : {
        ...detail,
        report: { ...detail.report, findings: detail.report.findings.slice(0, 20), credentials: null },
      }

type Channel = [name: string, work: () => Promise<void>]

const channelsFor = (runtime: Runtime, ours: PodidEvent): Channel[] => {
  // The runs of a rollout are told of together, when it has ended.
  if (ours.type === 'Run Finished' && ours.detail.run.startsWith(runPrefix)) return []
  const notification = amazonQNotification(ours)
  const topicArn = optionalSetting(runtime, 'PODID_TOPIC_ARN')
  return [
    ...(notification && topicArn
      ? [['topic', () => topic(runtime, topicArn).publish(notification)] as Channel]
      : []),
    ...slackChannels(runtime, ours),
    ...(ours.type === 'Run Finished'
      ? [['callback', () => callBackCaller(runtime, ours.detail.run, 'run.finished', ours.detail)] as Channel]
      : []),
    ...(ours.type === 'Rollout Finished'
      ? [
          [
            'callback',
            () => callBackCaller(runtime, ours.detail.rollout, 'rollout.finished', ours.detail),
          ] as Channel,
        ]
      : []),
  ]
}

/** The function has a minute. */
const longestWaitMs = 30_000

const slackChannels = (runtime: Runtime, ours: PodidEvent): Channel[] => {
  const slack = slackOf(runtime)
  if (!slack) return []
  const services = { ...runServicesOf(runtime), slack }
  const channel = services.config.channels.slack?.channel
  switch (ours.type) {
    case 'Rollout Wave Judged':
    case 'Rollout Finished':
      return [['slack', () => showRollout(services, ours.detail.rollout)]]
    case 'Run Finished':
    case 'Run Approval Requested':
      if ('gate' in ours.detail && ours.detail.gate)
        return [['slack', () => showRollout(services, ours.detail.run)]]
      return [
        [
          'slack',
          async () => {
            const { message, undid, channel } = await readRun(services, ours.detail.run)
            // Followers of other runs write there, too. It is the last word, so that it does not wait for long.
            const waitMs = await services.paces.turn(slackBudget(channel))
            await runtime.clock.sleep(Math.min(waitMs, longestWaitMs), runtime.signal)
            await showRun(services, ours.detail.run, message)
            if (undid) await showUndone(services, undid, ours.detail.run)
          },
        ],
      ]
    case 'Drift Digest':
      return channel
        ? [['slack', async () => void (await slack.post(channel, digestMessage(ours.detail)))]]
        : []
    default:
      return []
  }
}

/** The signed callback to the webhook's caller that requested the run, if podid.yaml names a URL for it. */
const callBackCaller = async (
  runtime: Runtime,
  run: string,
  type: 'run.finished' | 'rollout.finished',
  data: RunFinished | RolloutFinished,
): Promise<void> => {
  const { config, runs } = runServicesOf(runtime)
  const origin = (await runs.find(run))?.origin
  const caller = origin?.by?.startsWith('caller:') ? origin.by.slice('caller:'.length) : undefined
  const url = caller && config.channels.callbacks[caller]
  if (!url) return
  const secrets = parseWebhookSecrets(await secretSetting(runtime, 'PODID_WEBHOOK_SECRETS_ARN'))
  // During a rotation a caller has two secrets; the last one is the new one.
  const key = secrets.findLast((secret) => secret.caller === caller)?.key
  if (!key) throw new Error(`the caller ${caller} has a callback in podid.yaml and no secret`)
  await callBack(
    runtime,
    { url, key },
    {
      id: `${run}.finished`,
      type,
      data,
    },
  )
}

export const handler = create(lambda, toLog)
