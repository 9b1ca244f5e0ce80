import { mayBeDone } from '../../core/changes.ts'
import { blocking, type Finding } from '../../core/findings.ts'
import type { Report } from '../../core/report.ts'

/** The first line of a report: how the run ended, and what is changed by it now. What findings say is left to them. */
export const headlineOf = (report: Report): string => {
  const [first = ''] = report.summary.split('\n')
  // How the workload is after it stands with what is put back.
  if (report.outcome !== 'failed') {
    const after = workloadAfter(report)
    return after === undefined ? first : first.replace(`; ${after}`, '')
  }
  const what = nameOf(report)
  const found = blocking(report.findings)
  const message = report.failure?.message ?? 'something could not be put back'
  const preflight = report.failure?.error === 'PreflightFailed'
  // What was asked after the run may have been added to what a finding says.
  const says = ({ subject, found }: Finding) =>
    message.includes(found) || (preflight && message.includes(`${subject}: `))
  if (!found.some(says)) {
    const { said } = adviceIn(message)
    return `${what}: ${said}${said.includes('nothing was changed') ? '' : `; ${stateNow(report)}`}`
  }
  const [, late] = /\(not done within (\d+ s)\)/.exec(message) ?? []
  const why = preflight
    ? `${found.length} ${found.length === 1 ? 'finding is' : 'findings are'} in the way`
    : late
      ? `the rollout was not done within ${late}`
      : 'the rollout failed'
  return `${what}: ${why}; ${stateNow(report)}`
}

/** A message that ends with commands: what it says before it comes to them, and how it introduces them. */
export const adviceIn = (message: string): { said: string; advice: string } => {
  const [first = '', ...commands] = message.split('\n')
  const start = commands.length > 0 ? first.lastIndexOf('. ') + 1 : 0
  return start > 0
    ? { said: first.slice(0, start - 1), advice: first.slice(start + 1) }
    : { said: first, advice: '' }
}

/** How the workload is after what was put back, where that is not as it was before: with what is put back, not first. */
export const workloadAfter = ({ undo }: Report): string | undefined =>
  undo?.workload && !undo.workload.asBefore && undo.done.length > 0 ? undo.workload.message : undefined

/** What the run is about, as the report's summary calls it. */
const nameOf = ({ binding: { namespace, serviceAccount, workload, cluster } }: Report): string =>
  `${namespace}/${workload?.split('/')[1] ?? serviceAccount} on ${cluster}`

/** What is changed after a failed run: as much as was seen, and no more. */
const stateNow = ({ changes, undo, stays }: Report): string => {
  if (undo && undo.left.length > 0) return 'not everything could be put back'
  if (changes.some(({ state, undone }) => state === 'unknown' && !undone))
    return 'what became of its changes could not all be seen'
  if (!changes.some(mayBeDone)) return 'nothing was changed'
  if (!undo) return 'what it changed stays'
  if (undo.kept.length > 0) return 'its changes are put back, but for what others have changed since'
  if (!undo.workload?.asBefore) return 'its changes are put back'
  return `${stays.length > 0 ? 'all else' : 'everything'} is as it was before`
}
