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

/** The height of a part of a group, and of the title above them. */
export const partHeight = 34

/**
 * Places the states that a run can come to without an error, and those that end it. Ways of failures are left out: an
 * arrow for each would hide the way of success.
 */
export const pictureOf = ({ startAt, nodes, edges }: Graph): Picture => {
  const good = edges.filter(({ failure }) => !failure)
  const reached = new Set([startAt, ...good.map(({ to }) => to)])
  const shown = nodes.filter(({ name, type }) => reached.has(name) || type === 'Fail')
  const order = new Map(nodes.map(({ name }, index) => [name, index]))
  const graph = new DagreGraph()
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 26, marginx: 12, marginy: 12 })
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
  return {
    width,
    height,
    nodes: shown.map((node) => ({ node, ...(graph.node(node.name) as Omit<Placed, 'node'>) })),
    ways: good.map(({ from, to }) => ({
      from,
      to,
      points: (graph.edge(from, to) as { points: { x: number; y: number }[] }).points,
    })),
  }
}

/**
 * The ways that a run has taken, each as `FROM TO`: between a step and the next one, through decisions, of which events say nothing.
 * @param steps the steps outside of groups, in the order in which they began
 */
export const waysTaken = ({ nodes, edges }: Graph, steps: readonly string[]): Set<string> => {
  const silent = new Set(
    nodes.filter(({ type }) => type === 'Choice' || type === 'Pass').map(({ name }) => name),
  )
  const next = Map.groupBy(edges, ({ from }) => from)
  const taken = new Set<string>()
  for (const [index, from] of steps.entries()) {
    const to = steps[index + 1]
    if (to === undefined) break
    const paths: string[][] = [[from]]
    const seen = new Set<string>()
    for (const path of paths) {
      const [last = ''] = path.slice(-1)
      const ends = (next.get(last) ?? []).map((edge) => edge.to)
      if (ends.includes(to)) {
        for (const [at, name] of path.entries()) taken.add(`${name} ${path[at + 1] ?? to}`)
        break
      }
      for (const end of ends)
        if (silent.has(end) && !seen.has(end)) {
          seen.add(end)
          paths.push([...path, end])
        }
    }
  }
  return taken
}
