import type { ReplayedRun } from '../../core/replay/replay.ts'
import type { Report } from '../../core/report.ts'
import { changeLine } from '../../core/text/change-lines.ts'
import { visible } from '../../core/text/unprintable.ts'
import { Copied } from './parts.tsx'

const order = ['blocking', 'warning', 'info']

/** What the checks found, the worst first, each with what to do about it. */
export const Findings = ({ view }: { view: ReplayedRun }) => {
  if (view.findings.length === 0) return null
  const sorted = view.findings.toSorted(
    (one, other) => order.indexOf(one.finding.severity) - order.indexOf(other.finding.severity),
  )
  return (
    <section aria-labelledby="findings-title">
      <h2 id="findings-title">Findings</h2>
      {sorted.map(({ step, finding: { code, severity, subject, found, remedy } }, index) => (
        <article key={`${code} ${index}`} class="card" data-severity={severity}>
          <h3>
            {severity}: {visible(subject)}
          </h3>
          <p class="said">{visible(found)}</p>
          {remedy && <p>{visible(remedy.advice)}</p>}
          {remedy?.command !== undefined && (
            <Copied text={visible(remedy.command)} label={`the commands for ${code}`} />
          )}
          <p class="quiet">
            {visible(code)}, by {visible(step)}
          </p>
        </article>
      ))}
    </section>
  )
}

/** What the run has changed, and what would put it back by hand. */
export const Changes = ({ report }: { report: Report | undefined }) => {
  if (!report || (report.changes.length === 0 && report.stays.length === 0)) return null
  return (
    <section aria-labelledby="changes-title">
      <h2 id="changes-title">{report.outcome === 'planned' ? 'What a run would change' : 'Changes'}</h2>
      {report.changes.map((change, index) => (
        <article key={`${change.subject} ${index}`} class="card" data-change={change.state}>
          <h3>{visible(changeLine(change))}</h3>
          {change.diff && (
            <ul class="diff">
              {change.diff.fields.map(({ name, from, to }) => (
                <li key={name}>
                  {visible(name)}: {from === null ? '' : `${visible(from)} → `}
                  {visible(to)}
                </li>
              ))}
            </ul>
          )}
          {change.command !== undefined && !change.undone && (
            <details>
              <summary>What takes it back by hand</summary>
              <Copied text={visible(change.command)} label="the command that takes it back" />
            </details>
          )}
        </article>
      ))}
      {report.stays.map(({ what, command }) => (
        <article key={what} class="card">
          <h3>{visible(what)} stays, since others may rely on it by now</h3>
          <Copied text={visible(command)} label="the command that takes it away" />
        </article>
      ))}
      {report.undo?.left.map(({ what, error, command }) => (
        <article key={what} class="card" data-severity="blocking">
          <h3>not put back: {visible(what)}</h3>
          <p class="said">{visible(error)}</p>
          <Copied text={visible(command)} label="the command that puts it back" />
        </article>
      ))}
    </section>
  )
}
