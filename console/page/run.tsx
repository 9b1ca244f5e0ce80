import { useMemo, useState } from 'preact/hooks'
import { podsIn } from '../../core/replay/pods.ts'
import { type ReplayedRun, replay } from '../../core/replay/replay.ts'
import { wavesOf } from '../../core/replay/waves.ts'
import type { Report } from '../../core/report.ts'
import { visible } from '../../core/text/unprintable.ts'
import type { Graph } from '../../workflows/graph.ts'
import type { ListedRun, RawRun, ReadRun, RunLog } from '../server/source.ts'
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
import { Waves } from './waves.tsx'
import { durationText } from './words.ts'

/**
 * One run. What is shown is made of its events up to some place: the last one, or the one that the scrubber is at.
 * @param saved given where the page has no server to ask
 */
export const RunPage = ({
  graph,
  read,
  saved,
  others = [],
}: {
  graph: Graph
  read: ReadRun
  saved?: { raw: RawRun; log: RunLog }
  others?: readonly ListedRun[]
}) => {
  const { listed, events, actions } = read
  const [at, setAt] = useState<number | undefined>(undefined)
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const shown = at === undefined ? events : events.slice(0, at)
  const view = useMemo(() => replay(shown), [events, at])
  const pods = useMemo(() => podsIn(shown), [events, at])
  const waves = useMemo(() => wavesOf(shown), [events, at])
  const unknown = useMemo(() => statesUnknown(graph, view), [graph, view])
  const parent = others.find(({ prefix }) => prefix !== null && isPart(listed.run, prefix))
  const replaying = at !== undefined && at < events.length
  const ticking =
    view.endedAt === undefined && !replaying && saved === undefined && listed.status === 'RUNNING'
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
          {visible(listed.mode ?? '')}
          {listed.cluster !== null && <> on {visible(listed.cluster)}</>}
          {listed.way !== null && <>, by {visible(listed.way)}</>}
          {listed.by !== null && <>, asked by {visible(listed.by)}</>},{' '}
          <Time at={view.startedAt || listed.startedAt} />,{' '}
          {durationText(Math.max(0, end - Date.parse(view.startedAt || listed.startedAt)))}
        </p>
        <p class="quiet">
          {visible(listed.run)} of {visible(listed.where)}
          {parent && (
            <>
              , a part of <a href={`#/runs/${encodeURIComponent(parent.run)}`}>{visible(parent.run)}</a>
            </>
          )}
        </p>
        {report && <p class="summary">{visible(report.summary)}</p>}
        {!report && view.failure && (
          <p class="summary">
            {visible(view.failure.error)}: {visible(view.failure.message)}
          </p>
        )}
        {saved === undefined && (
          <>
            <Actions listed={listed} actions={actions} />
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
      {unknown.length > 0 && (
        <p class="fault">
          This run’s workflow is not the one of this podid: the graph has no {unknown.map(visible).join(', ')}
          . Below is all that happened in it.
        </p>
      )}
      {waves && <Waves seen={waves} read={read} others={others} />}
      <div class="columns">
        <RunGraph graph={graph} view={view} now={now} chosen={step} onChoose={setChosen} />
        <div>
          {step !== undefined && <Step view={view} step={step} now={now} />}
          <Waterfall view={view} now={now} chosen={step} onChoose={setChosen} />
          <Compare listed={listed} events={events} others={others} />
        </div>
      </div>
      <Findings view={view} />
      <Pods view={view} pods={pods} />
      {listed.kind === 'run' && <Changes report={report} />}
      <Raw run={listed.run} events={events} saved={saved} />
    </article>
  )
}

/** Steps of a run that the graph has no state for: of another version, or of another state machine. */
const statesUnknown = ({ nodes }: Graph, { visits }: ReplayedRun): string[] => {
  const known = new Set(nodes.flatMap(({ name, parts }) => [name, ...parts]))
  return [...new Set(visits.map(({ step }) => step))].filter((step) => !known.has(step))
}

/** Whether a run is one of a rollout's whose runs are called so. */
const isPart = (run: string, prefix: string): boolean =>
  run.startsWith(prefix) && /^[wu]\d+-\d+/.test(run.slice(prefix.length))
