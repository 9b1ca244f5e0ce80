import * as z from 'zod'
import { together } from '../../adapters/concurrently.ts'
import { callBack, topic } from '../../adapters/notifications.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { parseWebhookSecrets } from '../../adapters/signatures.ts'
import type { Slack } from '../../adapters/slack.ts'
import { type AmazonQNotification, amazonQNotification } from '../../core/chatops/amazon-q.ts'
import { requesterKey } from '../../core/chatops/approval.ts'
import { digestMessage } from '../../core/chatops/drift-message.ts'
import { viewRun } from '../../core/chatops/run-view.ts'
import {
  EventBridgeEvent,
  eventSource,
  type PodidEvent,
  type RolloutFinished,
  type RunFinished,
} from '../../core/events.ts'
import { viewFleet } from '../../core/fleet/waves/history-view.ts'
import { runPrefix } from '../../core/fleet/waves/request.ts'
import { slackBudget } from '../../core/operation/pace.ts'
import { causeOf, runMetrics } from '../../core/operation/run-metrics.ts'
import type { Report } from '../../core/report.ts'
import { translateHistory } from '../../core/run-events/translation.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { type Emit, toLog } from '../support/metrics.ts'
import { type Once, once } from '../support/once.ts'
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
  /** How often it was redriven: an execution that is ends once more. */
  redriveCount: z.number().default(0),
})

/** What telling of events works with. */
export type NotifyServices = Omit<RunServices, 'looks'> & {
  once: Once
  slack: Slack | undefined
  /** Publishes to the topic for Amazon Q, where the stage has one. */
  publish: ((notification: AmazonQNotification) => Promise<void>) | undefined
  /** Of the webhook's callers, as they are now. */
  secrets: () => Promise<string>
  callBack: (
    to: { url: string; key: Buffer },
    message: { id: string; type: string; data: unknown },
  ) => Promise<void>
  sleep: (ms: number) => Promise<void>
  emit: Emit
}

/**
 * Turns the end of an execution into the event `Run Finished`, and delivers our own events to Slack, to the topic
 * for Amazon Q and to the caller that requested the run. Each gets an event once, even if another could not be
 * reached and the function is retried.
 */
export const notify =
  (services: NotifyServices) =>
  async ({
    id,
    source,
    detail,
    resources,
    ...envelope
  }: z.output<typeof NotifiedEvent>): Promise<EndLine | undefined> => {
    if (source !== eventSource) return executionChanged(services, Ended.parse(detail))
    // Only the project's own functions may put events of this source on the bus.
    const ours = { type: envelope['detail-type'], resources, detail } as PodidEvent
    await together(
      channelsFor(services, ours).map(([channel, work]) => services.once(`${id}/${channel}`, work)),
    )
    return undefined
  }

/** What the log's line says of a run that has ended: for whom runs fail, and since when, is found by these. */
type EndLine = { outcome: string; cause: string | null } & Partial<Report['binding']>

const executionChanged = async (
  services: NotifyServices,
  { name, executionArn: arn, status, redriveCount }: z.output<typeof Ended>,
): Promise<EndLine | undefined> => {
  let line: EndLine | undefined
  const key = redriveCount === 0 ? arn : `${arn}/${redriveCount}`
  if (arn.startsWith(services.rollouts.arnOf('')))
    await services.once(`${status}/${key}`, () => rolloutChanged(services, { name, arn, status }))
  else if (status !== 'RUNNING')
    await services.once(`end/${key}`, async () => {
      line = await announceEnd(services, { name, arn, status })
    })
  return line
}

const announceEnd = async (
  { executions, bus, emit }: NotifyServices,
  { name: run, arn, status }: { name: string; arn: string; status: RunFinished['status'] },
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
  { slack, ...services }: NotifyServices,
  { name, arn, status }: { name: string; arn: string; status: z.output<typeof Ended>['status'] },
): Promise<void> => {
  if (status === 'RUNNING') {
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

type Work = () => Promise<void>
type Channel = [name: string, work: Work]

const channelsFor = ({ slack, ...services }: NotifyServices, ours: PodidEvent): Channel[] => {
  // The runs of a rollout are told of together, when it has ended.
  if (ours.type === 'Run Finished' && ours.detail.run.startsWith(runPrefix)) return []
  const { publish } = services
  const notification = amazonQNotification(ours)
  const channels: [name: string, work: Work | undefined][] = [
    ['topic', notification && publish && (() => publish(notification))],
    ['slack', slack && inSlack({ ...services, slack }, ours)],
    ['callback', toCaller(services, ours)],
  ]
  return channels.flatMap(([name, work]) => (work ? [[name, work]] : []))
}

/** The function has a minute. */
const longestWaitMs = 30_000

const inSlack = (services: NotifyServices & { slack: Slack }, ours: PodidEvent): Work | undefined => {
  switch (ours.type) {
    case 'Rollout Wave Judged':
    case 'Rollout Finished':
      return () => showRollout(services, ours.detail.rollout)
    case 'Run Finished':
      return () => showLast(services, ours.detail.run)
    case 'Drift Digest': {
      const channel = services.config.channels.slack?.channel
      return channel
        ? async () => void (await services.slack.post(channel, digestMessage(ours.detail)))
        : undefined
    }
    case 'Run Approval Requested':
      return () =>
        ours.detail.gate ? showRollout(services, ours.detail.run) : showLast(services, ours.detail.run)
  }
}

/** Shows what is true of a run from now on: its end, or that it waits for a person. */
const showLast = async (services: NotifyServices & { slack: Slack }, run: string): Promise<void> => {
  const { message, undid, channel } = await readRun(services, run)
  // Followers of other runs write there, too. It is the last word, so that it does not wait for long.
  const waitMs = await services.paces.turn(slackBudget(channel))
  await services.sleep(Math.min(waitMs, longestWaitMs))
  await showRun(services, run, message)
  if (undid) await showUndone(services, undid, run)
}

const toCaller = (services: CallbackServices, ours: PodidEvent): Work | undefined => {
  switch (ours.type) {
    case 'Run Finished':
      return () => callBackCaller(services, ours.detail.run, 'run.finished', ours.detail)
    case 'Rollout Finished':
      return () => callBackCaller(services, ours.detail.rollout, 'rollout.finished', ours.detail)
  }
}

type CallbackServices = Pick<NotifyServices, 'config' | 'runs' | 'secrets' | 'callBack'>

/** The signed callback to the webhook's caller that requested the run, if podid.yaml names a URL for it. */
const callBackCaller = async (
  { config, runs, secrets, callBack }: CallbackServices,
  run: string,
  type: 'run.finished' | 'rollout.finished',
  data: RunFinished | RolloutFinished,
): Promise<void> => {
  const by = (await runs.find(run))?.origin?.by
  const callback = Object.entries(config.channels.callbacks).find(
    ([id]) => requesterKey({ kind: 'caller', id }) === by,
  )
  if (!callback) return
  const [caller, url] = callback
  // During a rotation a caller has two secrets; the last one is the new one.
  const secret = parseWebhookSecrets(await secrets()).findLast((one) => one.caller === caller)
  if (!secret) throw new Error(`the caller ${caller} has a callback in podid.yaml and no secret`)
  await callBack({ url, key: secret.key }, { id: `${run}.finished`, type, data })
}

export const create = (runtime: Runtime, emit: Emit = () => {}) =>
  makeHandler(
    runtime,
    { name: 'Notify', input: NotifiedEvent, describe: (line: EndLine | undefined) => ({ ...line }) },
    async (event) => notify(notifyServicesOf(runtime, emit))(event),
  )

const notifyServicesOf = (runtime: Runtime, emit: Emit): NotifyServices => {
  const topicArn = optionalSetting(runtime, 'PODID_TOPIC_ARN')
  return {
    ...runServicesOf(runtime),
    once: once(runtime),
    slack: slackOf(runtime),
    publish: topicArn ? topic(runtime, topicArn).publish : undefined,
    secrets: () => secretSetting(runtime, 'PODID_WEBHOOK_SECRETS_ARN'),
    callBack: (to, message) => callBack(runtime, to, message),
    sleep: (ms) => runtime.clock.sleep(ms, runtime.signal),
    emit,
  }
}

export const handler = create(lambda, toLog)
