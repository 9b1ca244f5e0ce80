import type { ReplayedRun } from '../../core/replay/replay.ts'
import { timelineOf } from '../../core/replay/timeline.ts'
import { durationText, standings, stateText } from './words.ts'

/** Where the time of a run went: a bar for each visit, with the pauses between its attempts. */
export const Waterfall = ({
  view,
  now,
  chosen,
  onChoose,
}: {
  view: ReplayedRun
  now: number
  chosen: string | undefined
  onChoose: (step: string) => void
}) => {
  const { bars, ms } = timelineOf(view, now)
  const percent = (part: number): string => `${ms === 0 ? 0 : (part / ms) * 100}%`
  return (
    <section aria-labelledby="time-title">
      <h2 id="time-title">Time</h2>
      <ol class="waterfall">
        {bars.map(({ visit, standing, from, to, pauses }) => (
          <li
            key={`${visit.step} ${visit.visit}`}
            data-state={standing}
            data-chosen={chosen === visit.step || undefined}
            class={visit.within ? 'part' : ''}
          >
            <button type="button" onClick={() => onChoose(visit.step)} aria-pressed={chosen === visit.step}>
              <span aria-hidden="true">{standings[standing].mark}</span> {stateText(visit.step)}
              {visit.visit > 1 && ` (visit ${visit.visit})`}
            </button>
            <span class="track" aria-hidden="true">
              <span class="bar" style={{ left: percent(from), width: percent(to - from) }} />
              {pauses.map((pause) => (
                <span
                  class="pause"
                  key={pause.from}
                  style={{ left: percent(pause.from), width: percent(pause.to - pause.from) }}
                />
              ))}
            </span>
            <span class="took">
              {durationText(to - from)}
              <span class="unseen">
                {`, ${standings[standing].word}, ${durationText(from)} after the beginning`}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
