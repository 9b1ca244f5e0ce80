import { type ReplayedRun, standingAt } from '../../core/replay/replay.ts'
import { visible } from '../../core/text/unprintable.ts'
import { Mark, Time } from './parts.tsx'
import { durationText, stateText } from './words.ts'

/** Of more attempts than these the last ones are shown; the events below have all. */
const mostRetries = 20

/** All that is known of one step: each visit, what it said, and its attempts with the time of the next one. */
export const Step = ({ view, step, now }: { view: ReplayedRun; step: string; now: number }) => {
  const visits = view.visits.filter((visit) => visit.step === step)
  return (
    <section class="card" aria-labelledby="step-title">
      <h2 id="step-title">{stateText(step)}</h2>
      {visits.length === 0 && <p class="quiet">The run has not come here.</p>}
      {visits.map((visit) => (
        <div key={visit.visit}>
          <p>
            <Mark standing={standingAt(visit, now)} />{' '}
            {visit.endedAt !== undefined &&
              `in ${durationText(Date.parse(visit.endedAt) - Date.parse(visit.startedAt))}`}{' '}
            <span class="quiet">
              visit {visit.visit}, <Time at={visit.startedAt} />
            </span>
          </p>
          {visit.error !== undefined && <p class="code">{visible(visit.error)}</p>}
          {visit.message !== undefined && <p class="said">{visible(visit.message)}</p>}
          {visit.retries.length > 0 && (
            <ol class="retries" start={Math.max(0, visit.retries.length - mostRetries) + 1}>
              {visit.retries.slice(-mostRetries).map(({ at, attempt, of, nextAt, error, message }) => (
                <li key={attempt}>
                  <Time at={at} /> {visible(error)}: {visible(message)}{' '}
                  <span class="quiet">
                    attempt {attempt + 1}
                    {of === undefined ? '' : ` of ${of + 1}`}{' '}
                    {now < Date.parse(nextAt) && visit.endedAt === undefined
                      ? `in ${durationText(Date.parse(nextAt) - now)}`
                      : 'followed'}
                  </span>
                </li>
              ))}
            </ol>
          )}
        </div>
      ))}
    </section>
  )
}
