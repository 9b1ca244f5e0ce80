import { Graph as DagreGraph, layout } from '@dagrejs/dagre'
import type { Graph, GraphNode } from '../../workflows/graph.ts'

/** A state in the picture; x and y are of its middle. */
export interface Placed {
  node: GraphNode
  x: number
  y: number
  width: number
  height: number
}

/** The picture of a definition, in pixels. */
export interface Picture {
  width: number
  height: number
  nodes: Placed[]
  /** The ways without failures, as points. */
  ways: { from: string; to: string; points: { x: number; y: number }[] }[]
}

const sizes: Readonly<Record<string, [width: number, height: number]>> = {
  Choice: [18, 18],
  Succeed: [90, 30],
  Fail: [90, 30],
}

/** Around the picture, in pixels. */
const margin = 12

/** The height of a part of a group, and of the title above them. */
export const partHeight = 34

/** Of a definition whose picture was made once, as making it takes longer than all else that is shown of a run. */
const pictures = new WeakMap<Graph, Picture>()

/**
 * Places the states that a run can come to without an error, and those that end it. Ways of failures are left out: an
 * arrow for each would hide the way of success.
 */
export const pictureOf = (graph: Graph): Picture => {
  const picture = pictures.get(graph) ?? drawn(graph)
  pictures.set(graph, picture)
  return picture
}

const drawn = ({ startAt, nodes, edges }: Graph): Picture => {
  const good = edges.filter(({ failure }) => !failure)
  const reached = new Set([startAt, ...good.map(({ to }) => to)])
  const shown = nodes.filter(({ name, type }) => reached.has(name) || type === 'Fail')
  const order = new Map(nodes.map(({ name }, index) => [name, index]))
  const graph = new DagreGraph()
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 26, marginx: margin, marginy: margin })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { name, type, parts } of shown) {
    const [width, height] = sizes[type] ?? [170, parts.length > 0 ? 26 + parts.length * partHeight : 34]
    graph.setNode(name, { width, height })
  }
  for (const { from, to } of good) {
    // A way on is straight, and a way back may bend.
    const step = (order.get(to) ?? 0) - (order.get(from) ?? 0)
    graph.setEdge(from, to, { weight: step === 1 ? 8 : step > 0 ? 2 : 1 })
  }
  // Where only failures lead stands below a state that fails into it.
  for (const { from, to, failure } of edges)
    if (failure && !reached.has(to) && graph.hasNode(to) && !graph.hasEdge(from, to))
      graph.setEdge(from, to, { weight: 0 })
  layout(graph)
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  const ways = good.map(({ from, to }) => ({
    from,
    to,
    points: (graph.edge(from, to) as { points: { x: number; y: number }[] }).points,
  }))
  // A way back may go around the outside.
  const across = ways.flatMap(({ points }) => points.map(({ x }) => x))
  const left = Math.min(0, ...across.map((x) => x - margin))
  const right = Math.max(width, ...across.map((x) => x + margin))
  const moved = <Place extends { x: number }>(place: Place): Place => ({ ...place, x: place.x - left })
  return {
    width: right - left,
    height,
    nodes: shown.map((node) => ({ node, ...moved(graph.node(node.name) as Omit<Placed, 'node'>) })),
    ways: ways.map((way) => ({ ...way, points: way.points.map(moved) })),
  }
}

/** Finds the shortest way from a state to another one, through decisions, of which events say nothing; undefined where there is none. */
const pathFinder = ({ nodes, edges }: Graph) => {
  const silent = new Set(
    nodes.filter(({ type }) => type === 'Choice' || type === 'Pass').map(({ name }) => name),
  )
  const next = Map.groupBy(edges, ({ from }) => from)
  return (from: string, isEnd: (name: string) => boolean): string[] | undefined => {
    const paths: string[][] = [[from]]
    const seen = new Set<string>()
    for (const path of paths) {
      const [last = ''] = path.slice(-1)
      const ends = (next.get(last) ?? []).map(({ to }) => to)
      const end = ends.find(isEnd)
      if (end !== undefined) return [...path, end]
      for (const one of ends)
        if (silent.has(one) && !seen.has(one)) {
          seen.add(one)
          paths.push([...path, one])
        }
    }
    return undefined
  }
}

/**
 * The ways that a run has taken, each as `FROM TO`: between a step and the next one, through decisions, of which events say nothing.
 * @param steps the steps outside of groups, in the order in which they began
 */
export const waysTaken = (graph: Graph, steps: readonly string[]): Set<string> => {
  const pathOf = pathFinder(graph)
  const taken = new Set<string>()
  for (const [index, from] of steps.entries()) {
    const to = steps[index + 1]
    if (to === undefined) break
    const path = pathOf(from, (end) => end === to) ?? []
    for (const [at, name] of path.slice(0, -1).entries()) taken.add(`${name} ${path[at + 1]}`)
  }
  return taken
}

/** The end that a run came to from its last step; undefined where the graph has no such way. */
export const endReached = (
  { nodes, edges }: Graph,
  { step, failed, succeeded }: { step: string; failed: boolean; succeeded: boolean },
): string | undefined => {
  const ends = new Set(
    nodes.filter(({ type }) => type === (succeeded ? 'Succeed' : 'Fail')).map(({ name }) => name),
  )
  // A step that failed was left by the way of failures, and any other one was not.
  const fitting = edges.filter(({ from, failure }) => from !== step || failure === failed)
  return pathFinder({ startAt: step, nodes, edges: fitting })(step, (name) => ends.has(name))?.at(-1)
}
