import type { Drift, NotChecked } from '../events.ts'
import type { Finding } from '../findings.ts'
import { clip } from '../text/clip.ts'
import { context, type Message, type Part, plainText, section, withinLimits } from './blocks.ts'
import { code, literal } from './mrkdwn.ts'
import { remedyText } from './remedy.ts'

/** What the sweep found, for the channel. */
export const driftMessage = ({ binding, cluster, findings, run, undoneBy }: Drift): Message => {
  const title = `⚠ ${binding} on ${cluster} is not as declared`
  return {
    text: literal(title),
    blocks: withinLimits([
      { type: 'header', text: plainText(clip(title, 150)) },
      listOf(findings),
      context(nextStep({ binding, cluster, run, undoneBy })),
    ]),
  }
}

/** A cluster, or a region, that the sweep could not look at. */
export const notCheckedMessage = (detail: NotChecked): Message => {
  const title = notCheckedTitle(detail)
  return {
    text: literal(title),
    blocks: withinLimits([
      { type: 'header', text: plainText(clip(title, 150)) },
      listOf(detail.findings),
      context('The sweep went on with the others, and tries it again next time.'),
    ]),
  }
}

export const notCheckedTitle = ({ cluster, region }: NotChecked): string =>
  cluster === null
    ? `⚠ The clusters of ${region} could not be checked`
    : `⚠ The cluster ${cluster} could not be checked`

const listOf = (findings: readonly Finding[]): Part => ({
  list: findings.map(({ subject, found, remedy }) =>
    section(
      [
        `${code(clip(subject, 150))} ${literal(clip(found, 900))}`,
        ...(remedy ? remedyText(remedy, 1000) : []),
      ].join('\n'),
    ),
  ),
  more: (left) => context(`and ${left} more`),
})

const nextStep = ({ binding, cluster, run, undoneBy }: Omit<Drift, 'findings' | 'region'>): string => {
  if (run) return `The run ${code(run)} repairs it.`
  const start = `${code(`/pod-identity enable ${binding} on ${cluster}`)} starts a run.`
  return undoneBy
    ? `The run ${code(undoneBy)} undid it, so that the sweep leaves it alone until somebody enables it again: ${start}`
    : `Nothing was changed. ${start}`
}
