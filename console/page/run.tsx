import { useMemo, useState } from 'preact/hooks'
import { replay } from '../../core/replay/replay.ts'
import type { Report } from '../../core/report.ts'
import { visible } from '../../core/text/unprintable.ts'
import type { Graph } from '../../workflows/graph.ts'
import type { ListedRun, RawRun, ReadRun } from '../server/source.ts'
import { Actions } from './actions.tsx'
import { Compare } from './compare.tsx'
import { Changes, Findings } from './findings.tsx'
import { RunGraph } from './graph.tsx'
import { exportAddress, useNow } from './live.ts'
import { Mark, Time } from './parts.tsx'
import { Pods } from './pods.tsx'
import { Raw } from './raw.tsx'
import { Step } from './step.tsx'
import { Waterfall } from './timeline.tsx'
import { durationText } from './words.ts'

/**
 * One run. What is shown is made of its events up to some place: the last one, or the one that the scrubber is at.
 * @param raw given where the page has no server to ask
 */
export const RunPage = ({
  graph,
  read: { listed, events, actions },
  raw,
  others = [],
}: {
  graph: Graph
  read: ReadRun
  raw?: RawRun
  others?: readonly ListedRun[]
}) => {
  const [at, setAt] = useState<number | undefined>(undefined)
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const shown = at === undefined ? events : events.slice(0, at)
  const view = useMemo(() => replay(shown), [events, at])
  const replaying = at !== undefined && at < events.length
  const ticking = view.endedAt === undefined && !replaying && raw === undefined && listed.status === 'RUNNING'
  const clock = useNow(ticking)
  // What was then is shown as of then.
  const now = ticking ? clock : Date.parse(view.lastAt)
  const report = view.report as Report | undefined
  const end = view.endedAt === undefined ? now : Date.parse(view.endedAt)
  const step = chosen ?? view.visits.findLast(({ endedAt }) => endedAt === undefined)?.step
  return (
    <article data-run={listed.run} data-state={view.standing}>
      <header class="run">
        <h1>
          {visible(
            report?.binding
              ? `${report.binding.namespace}/${report.binding.serviceAccount}`
              : (listed.binding ?? listed.run),
          )}
        </h1>
        <p>
          <Mark
            standing={listed.status === 'KILLED' ? 'stopped' : view.standing}
            {...(listed.status === 'KILLED' ? { word: 'killed: its process is gone' } : {})}
          />{' '}
          {visible(listed.mode ?? '')} {listed.cluster !== null && <>on {visible(listed.cluster)}</>}
          {listed.by !== null && <>, asked by {visible(listed.by)}</>},{' '}
          <Time at={view.startedAt || listed.startedAt} />,{' '}
          {durationText(Math.max(0, end - Date.parse(view.startedAt || listed.startedAt)))}
        </p>
        <p class="quiet">
          {visible(listed.run)} of {visible(listed.where)}
        </p>
        {report && <p class="summary">{visible(report.summary)}</p>}
        {!report && view.failure && (
          <p class="summary">
            {visible(view.failure.error)}: {visible(view.failure.message)}
          </p>
        )}
        {raw === undefined && (
          <>
            <Actions run={listed.run} actions={actions} />
            <a href={exportAddress(listed.run)} download={`${listed.run}.html`}>
              Save as one file
            </a>
          </>
        )}
      </header>
      <label class="scrubber">
        Replay
        <input
          type="range"
          min={1}
          max={Math.max(1, events.length)}
          value={at ?? events.length}
          aria-valuetext={`event ${at ?? events.length} of ${events.length}, ${view.lastAt}`}
          onInput={({ currentTarget }) => {
            const to = Number(currentTarget.value)
            setAt(to >= events.length ? undefined : to)
          }}
        />
        <output>
          {at ?? events.length} of {events.length}, <Time at={view.lastAt} />
        </output>
      </label>
      <div class="columns">
        <RunGraph graph={graph} view={view} now={now} chosen={step} onChoose={setChosen} />
        <div>
          {step !== undefined && <Step view={view} step={step} now={now} />}
          <Waterfall view={view} now={now} chosen={step} onChoose={setChosen} />
          <Compare listed={listed} events={events} others={others} />
        </div>
      </div>
      <Findings view={view} />
      <Pods view={view} />
      <Changes report={report} />
      <Raw run={listed.run} events={events} raw={raw} />
    </article>
  )
}
