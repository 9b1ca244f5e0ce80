import type { Drift, DriftDigest, NotChecked } from '../events.ts'
import { clip } from '../text/clip.ts'
import { context, type Message, type Part, plainText, section, withinLimits } from './blocks.ts'
import { code, literal } from './mrkdwn.ts'

/** What sweeps found in a day, for the channel: one message, however many bindings it is about. */
export const digestMessage = (digest: DriftDigest): Message => {
  const title = digestTitle(digest)
  const { drifted, notChecked, total, stopped } = digest
  return {
    text: literal(title),
    blocks: withinLimits([
      { type: 'header', text: plainText(clip(title, 150)) },
      listOf(drifted.map(driftLines), total.drifted - drifted.length),
      listOf(notChecked.map(notCheckedLines), total.notChecked - notChecked.length),
      ...(stopped === null ? [] : [context(literal(clip(stopped, 500)))]),
      context('One message a day; each finding is an event of the stage’s bus when it is found.'),
    ]),
  }
}

/** `⚠ 3 bindings are not as declared, and 1 cluster could not be checked` */
export const digestTitle = ({ total, drifted, notChecked }: DriftDigest): string => {
  const [one] = drifted
  const [unchecked] = notChecked
  const parts = [
    ...(total.drifted === 1 && one ? [`${one.binding} on ${one.cluster} is not as declared`] : []),
    ...(total.drifted > 1 ? [`${total.drifted} bindings are not as declared`] : []),
    ...(total.notChecked === 1 && unchecked ? [uncheckedText(unchecked)] : []),
    ...(total.notChecked > 1 ? [`${total.notChecked} clusters could not be checked`] : []),
  ]
  return `⚠ ${parts.join(', and ')}`
}

const uncheckedText = ({ cluster, region }: NotChecked): string =>
  cluster === null
    ? `the clusters of ${region} could not be checked`
    : `the cluster ${cluster} could not be checked`

/** @param untold how many more there are than these texts */
const listOf = (texts: readonly string[], untold: number): Part => {
  const more = (count: number) => context(`and ${count} more`)
  return {
    list: [...texts.map(section), ...(untold > 0 ? [more(untold)] : [])],
    // The line that counts those is the first to be left out, and is none of them.
    more: (left) => more(untold > 0 ? untold + left - 1 : left),
  }
}

const driftLines = ({ binding, cluster, findings, ...next }: DriftDigest['drifted'][number]): string =>
  [
    `*${literal(`${binding} on ${cluster}`)}*`,
    ...findings.map(({ found }) => literal(clip(found, 300))),
    nextStep({ binding, cluster, ...next }),
  ].join('\n')

const notCheckedLines = (detail: NotChecked): string =>
  [
    `*${literal(uncheckedText(detail))}*`,
    ...detail.findings.map(({ found }) => literal(clip(found, 300))),
  ].join('\n')

const nextStep = ({ binding, cluster, run, undoneBy, held }: Omit<Drift, 'findings' | 'region'>): string => {
  if (run) return `The run ${code(run)} repairs it.`
  const start = `${code(`/pod-identity enable ${binding} on ${cluster}`)} starts a run.`
  if (undoneBy)
    return `The run ${code(undoneBy)} undid it, so that the sweep leaves it alone until somebody enables it again: ${start}`
  return held ? `Nothing was changed: ${literal(clip(held, 300))}.` : `Nothing was changed. ${start}`
}
