import type { PodidEvent } from '../events.ts'
import type { Finding } from '../findings.ts'
import { gateText } from '../fleet/waves/gate.ts'
import { digestText } from '../fleet/waves/results.ts'
import { changeLine } from '../text/change-lines.ts'
import { clip } from '../text/clip.ts'
import { firstLine } from '../text/first-line.ts'
import { digestTitle } from './drift-message.ts'
import { literal } from './mrkdwn.ts'
import { remedyText } from './remedy.ts'

/**
 * A custom notification as Amazon Q Developer in chat applications takes it from SNS and shows it in Slack and
 * Teams. https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export interface AmazonQNotification {
  version: '1.0'
  source: 'custom'
  content: { textType: 'client-markdown'; title: string; description: string; nextSteps?: string[] }
  /** Notifications of one thread are shown under each other. */
  metadata: { threadId: string; summary: string; eventType: string; relatedResources: string[] }
}

/** The notification for an event; undefined for events that are not shown to people. */
export const amazonQNotification = (event: PodidEvent): AmazonQNotification | undefined => {
  switch (event.type) {
    case 'Rollout Finished': {
      const { rollout, summary, status, report } = event.detail
      return notification(event, rollout, {
        title: `${status === 'SUCCEEDED' ? '✅' : '❌'} Rollout ${rollout}: ${firstLine(summary)}`,
        description: (report?.digest ?? []).map((one) => `• ${digestText(one, { literal })}`),
        nextSteps: [],
      })
    }
    case 'Run Finished': {
      const { run, summary, status, report } = event.detail
      return notification(event, run, {
        title: `${status === 'SUCCEEDED' ? '✅' : '❌'} ${firstLine(summary)}`,
        description: report
          ? [
              ...report.changes.map((change) => `• ${literal(changeLine(change))}`),
              ...findingLines(report.findings),
              ...(report.changes.length === 0 ? ['Nothing was changed.'] : []),
            ]
          : ['It left no report: the history of its execution shows how far it came.'],
        nextSteps: report ? remediesOf(report.findings) : [],
      })
    }
    case 'Run Approval Requested': {
      const { run, approval, plan, changes, findings, cluster, namespace, gate } = event.detail
      return notification(event, run, {
        title: gate
          ? `✋ The rollout ${run} waits for approval`
          : `✋ A run on ${cluster}, namespace ${namespace}, waits for approval`,
        description: [
          ...(gate ? [`• ${literal(gateText(gate))}`, literal(gate.before)] : []),
          ...changes.map((change) => `• ${literal(changeLine(change))}`),
          ...findingLines(findings),
        ],
        nextSteps: [
          `Approve or decline ${approval} (plan ${plan}) in its Slack message or through the webhook`,
        ],
      })
    }
    case 'Drift Digest': {
      const { day, drifted, notChecked, stopped } = event.detail
      const started = drifted.filter(({ run }) => run !== null).length
      return notification(event, `drift/${day}`, {
        title: digestTitle(event.detail),
        description: [
          ...drifted.map(
            ({ binding, cluster, findings }) =>
              `• *${literal(`${binding} on ${cluster}`)}*: ${literal(clip(findings.map(({ found }) => found).join('; '), 500))}`,
          ),
          ...notChecked.flatMap(({ findings }) => findingLines(findings)),
        ],
        nextSteps: [
          ...(started > 0 ? [`${started} ${started === 1 ? 'run repairs' : 'runs repair'} what can be`] : []),
          ...(stopped === null ? [] : [literal(clip(stopped, 500))]),
        ],
      })
    }
    default:
      return undefined
  }
}

const notification = (
  { type, resources }: PodidEvent,
  threadId: string,
  content: { title: string; description: string[]; nextSteps: string[] },
): AmazonQNotification => ({
  version: '1.0',
  source: 'custom',
  content: {
    textType: 'client-markdown',
    title: clip(literal(content.title), 250),
    description: clip(content.description.join('\n') || literal(content.title), 8000),
    ...(content.nextSteps.length > 0 ? { nextSteps: content.nextSteps.slice(0, 10) } : {}),
  },
  metadata: {
    threadId: clip(threadId, 80),
    summary: clip(literal(content.title), 250),
    eventType: type,
    relatedResources: resources.slice(0, 10),
  },
})

const findingLines = (findings: readonly Finding[]): string[] =>
  findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ subject, found }) => `• *${literal(subject)}*: ${literal(clip(found, 500))}`)

const remediesOf = (findings: readonly Finding[]): string[] =>
  findings.flatMap(({ remedy, severity }) =>
    remedy && severity !== 'info' ? [remedyText(remedy, 500).join('\n')] : [],
  )
