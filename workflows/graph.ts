/** A state of a definition as a picture needs it. */
export interface GraphNode {
  name: string
  /** `Task`, `Choice`, `Parallel`, … */
  type: string
  /** The states inside it that a run can come to without an error, of all its branches. */
  parts: string[]
}

/** A way from one state to the next. `failure`: the way of an error that outlasted its retries. */
export interface GraphEdge {
  from: string
  to: string
  failure: boolean
}

/** A definition as states and the ways between them. */
export interface Graph {
  startAt: string
  nodes: GraphNode[]
  edges: GraphEdge[]
}

interface State {
  Type: string
  Next?: string
  Default?: string
  Choices?: { Next: string }[]
  Branches?: Machine[]
  ItemProcessor?: Machine & { ProcessorConfig?: { Mode?: string } }
  Catch?: { Next: string }[]
}

interface Machine {
  StartAt: string
  States: Record<string, State>
}

/** The graph of a definition, as rendering has made it. */
export const graphOf = (definition: unknown): Graph => {
  const { StartAt, States } = definition as Machine
  const entries = Object.entries(States)
  return {
    startAt: StartAt,
    nodes: entries.map(([name, { Type, Branches = [], ItemProcessor }]) => ({
      name,
      type: Type,
      // What a distributed Map runs are executions of their own, of which this one's history says nothing.
      parts: [
        ...Branches,
        ...(ItemProcessor && ItemProcessor.ProcessorConfig?.Mode !== 'DISTRIBUTED' ? [ItemProcessor] : []),
      ].flatMap(reachedIn),
    })),
    edges: entries.flatMap(([from, state]) => [
      ...nextOf(state).map((to) => ({ from, to, failure: false })),
      ...[...new Set((state.Catch ?? []).map(({ Next }) => Next))].map((to) => ({ from, to, failure: true })),
    ]),
  }
}

/** The states of a branch that a run can come to without an error, in their order. */
const reachedIn = ({ StartAt, States }: Machine): string[] => {
  const reached = new Set([StartAt])
  for (const name of reached) for (const next of nextOf(States[name] ?? {})) reached.add(next)
  return Object.keys(States).filter((name) => reached.has(name))
}

/** Where a state may go to without an error, each once. */
export const nextOf = ({
  Next,
  Default,
  Choices = [],
}: Pick<State, 'Next' | 'Default' | 'Choices'>): string[] => [
  ...new Set([...Choices.map((choice) => choice.Next), Default, Next].filter((name) => name !== undefined)),
]
