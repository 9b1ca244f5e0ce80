import { useMemo } from 'preact/hooks'
import { type ReplayedRun, type Standing, standingAt, type VisitView } from '../../core/replay/replay.ts'
import type { Graph } from '../../workflows/graph.ts'
import { endReached, type Placed, partHeight, pictureOf, waysTaken } from './layout.ts'
import { Scrolls } from './parts.tsx'
import { standings, stateText } from './words.ts'

interface GraphProps {
  graph: Graph
  view: ReplayedRun
  now: number
  chosen: string | undefined
  onChoose: (step: string) => void
}

/** A picture that is wider than its place gets smaller, as far as its words can be read; then it scrolls. */
const smallest = 0.75

/** The whole workflow with where the run has been: by its colour, its mark and its words each state says how it stands. */
export const RunGraph = ({ graph, view, now, chosen, onChoose }: GraphProps) => {
  const picture = pictureOf(graph)
  const failures = useMemo(
    () => new Map(graph.edges.filter(({ failure }) => failure).map(({ from, to }) => [from, to])),
    [graph],
  )
  const visits = Map.groupBy(view.visits, ({ step }) => step)
  const steps = view.visits.filter(({ within }) => within === undefined)
  const taken = waysTaken(
    graph,
    steps.map(({ step }) => step),
  )
  const end = endOf(graph, view, steps.at(-1))
  return (
    <Scrolls class="graph" label="The workflow">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be an SVG */}
      <svg
        viewBox={`0 0 ${picture.width} ${picture.height}`}
        style={{ minWidth: `${picture.width * smallest}px`, maxWidth: `${picture.width}px` }}
        role="group"
        aria-label="States of the workflow"
      >
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0 8 4 0 8z" />
          </marker>
        </defs>
        {picture.ways.map(({ from, to, points }) => (
          <path
            key={`${from} ${to}`}
            class="way"
            data-state={taken.has(`${from} ${to}`) ? 'taken' : undefined}
            d={points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('')}
            marker-end="url(#tip)"
          />
        ))}
        {picture.nodes.map((placed) => (
          <State
            key={placed.node.name}
            placed={placed}
            visits={visits}
            now={now}
            end={end}
            failure={failures.get(placed.node.name)}
            chosen={chosen}
            onChoose={onChoose}
          />
        ))}
      </svg>
    </Scrolls>
  )
}

interface StateProps extends Omit<GraphProps, 'graph' | 'view'> {
  placed: Placed
  /** The end that the run came to. */
  end: { name: string; standing: Standing } | undefined
  visits: ReadonlyMap<string, VisitView[]>
  failure: string | undefined
}

const State = ({
  placed: { node, x, y, width, height },
  visits,
  now,
  end,
  failure,
  chosen,
  onChoose,
}: StateProps) => {
  const { name, type, parts } = node
  const left = x - width / 2
  const top = y - height / 2
  if (type === 'Choice')
    return <path class="choice" d={`M${x} ${top}L${x + 9} ${y}L${x} ${top + height}L${left} ${y}z`} />
  if (type === 'Succeed' || type === 'Fail') {
    const ended = end?.name === name ? end.standing : undefined
    return (
      <g data-state={ended} class="state">
        <rect x={left} y={top} width={width} height={height} rx="15" />
        <text x={x} y={y + 4} text-anchor="middle">
          {stateText(name)}
        </text>
      </g>
    )
  }
  const box = {
    name,
    x: left,
    y: top,
    width,
    height,
    now,
    failure,
    onChoose,
  }
  return (
    <>
      <StateBox {...box} visits={visits.get(name) ?? []} chosen={chosen === name} title={parts.length > 0} />
      {parts.map((part, index) => (
        <StateBox
          key={part}
          {...box}
          failure={undefined}
          name={part}
          x={left + 8}
          y={top + 22 + index * partHeight}
          width={width - 16}
          height={partHeight - 6}
          visits={visits.get(part) ?? []}
          chosen={chosen === part}
        />
      ))}
    </>
  )
}

/** Ten by ten pixels: the mark of each standing, as a shape that no reader reads aloud. */
const icons: Readonly<Record<Standing, string>> = {
  succeeded: 'M1 5l3 4 5-8',
  failed: 'M1 1l8 8M9 1l-8 8',
  stopped: 'M1 1h8v8h-8z',
  caught: 'M5 0v6M5 8.5v1',
  waiting: 'M5 0l5 5-5 5-5-5z',
  retrying: 'M8.5 3a4 4 0 1 0 .5 3M9 0v3.5h-3.5',
  running: 'M5 1a4 4 0 1 0 .01 0z',
}

/** The end that a run has come to, by its last step. */
const endOf = (
  graph: Graph,
  { standing, endedAt }: ReplayedRun,
  last: VisitView | undefined,
): StateProps['end'] => {
  if (endedAt === undefined || !last || standing === 'stopped') return undefined
  const failed = last.standing === 'caught' || last.standing === 'failed'
  const name = endReached(graph, { step: last.step, failed, succeeded: standing === 'succeeded' })
  return name === undefined ? undefined : { name, standing }
}

interface BoxProps {
  name: string
  x: number
  y: number
  width: number
  height: number
  visits: readonly VisitView[]
  now: number
  failure: string | undefined
  chosen: boolean
  title?: boolean
  onChoose: (step: string) => void
}

const StateBox = ({ name, x, y, width, height, visits, now, failure, chosen, title, onChoose }: BoxProps) => {
  const last = visits.at(-1)
  const standing = last && standingAt(last, now)
  const retries = last?.retries.length ?? 0
  const words = [
    standing ? standings[standing].word : 'not reached',
    ...(visits.length > 1 ? [`${visits.length} visits`] : []),
    ...(retries > 0 ? [`${retries + 1} attempts`] : []),
  ]
  const choose = () => onChoose(name)
  const small = [
    ...(visits.length > 1 ? [`${visits.length}×`] : []),
    ...(retries > 0 ? [`↻${retries}`] : []),
  ].join(' ')
  const baseline = title ? y + 15 : y + height / 2 + 4
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot stand in an SVG
    <g
      class="state"
      data-step={name}
      data-state={standing ?? 'none'}
      data-chosen={chosen || undefined}
      role="button"
      tabindex={0}
      aria-pressed={chosen}
      aria-label={`${stateText(name)} ${small}: ${words.join(', ')}${failure ? `; after a failure: ${stateText(failure)}` : ''}`}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault()
          choose()
        }
      }}
    >
      <rect x={x} y={y} width={width} height={height} rx="5" />
      {standing && (
        <path class="icon" d={icons[standing]} transform={`translate(${x + 8} ${baseline - 9})`} />
      )}
      <text x={x + 24} y={baseline}>
        {/* The space keeps the count apart where the two are read as one text. */}
        {`${stateText(name)} `}
      </text>
      <text x={x + width - 8} y={baseline} text-anchor="end" class="count">
        {small}
      </text>
      {failure && <circle class="port" cx={x + width} cy={y + height / 2} r="4" />}
    </g>
  )
}
