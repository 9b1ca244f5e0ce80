import type { Json, Machine, MapState, ParallelState } from './definition.ts'
import { EvaluationFailure, Interruption, StateFailure } from './failure.ts'
import type { Trail } from './history.ts'
import { type GroupProgress, newLine, type StateLine } from './line.ts'
import { follow, throwIfInterrupted } from './pausing.ts'
import {
  type Branch,
  type EngineExecution,
  evaluateField,
  evaluateInteger,
  unexpected,
  type Visit,
} from './visit.ts'

/** Runs a machine to its end in a branch; the interpreter, handed in to keep the two files apart. */
export type RunMachine = (
  execution: EngineExecution,
  machine: Machine,
  input: Json,
  branch: Branch,
) => Promise<Json>

/** Runs every branch of a Parallel on the same input. */
export const runParallel = async (visit: Visit<ParallelState>, runMachine: RunMachine): Promise<Json> => {
  const { execution, branch, state } = visit
  const { line } = branch
  if (!line.group) {
    const input =
      'Arguments' in state ? await evaluateField(visit, state.Arguments ?? null, 'Arguments') : visit.input
    execution.history.add(branch.trail, 'ParallelStateStarted')
    line.group = newGroup(state.Branches.map(() => structuredClone(input)))
  }
  const { group } = line
  const started = branch.trail.previous
  await gather(branch, group, state.Branches.length, (index, signal) => {
    const inner = { ...branch, trail: { previous: started }, signal, line: lineOf(branch, group, index) }
    const machine = state.Branches[index] as Machine
    return joining(branch, inner, () => runMachine(execution, machine, group.inputs[index] ?? null, inner))
  })
  succeeded(execution, branch, 'Parallel')
  return group.results
}

const newGroup = (inputs: readonly Json[]): GroupProgress => ({
  inputs,
  results: new Array(inputs.length),
  lines: new Array(inputs.length),
})

/** The line of a branch or iteration: a new one, unless a redrive goes on with it. */
const lineOf = ({ line }: Branch, { lines }: GroupProgress, index: number): StateLine => {
  lines[index] ??= newLine(line.variables)
  return lines[index]
}

/** The service runs at most this many iterations of an inline Map at a time. */
const maximalConcurrency = 40

/** Runs the item processor on every item. */
export const runMap = async (visit: Visit<MapState>, runMachine: RunMachine): Promise<Json> => {
  const { execution, branch, state } = visit
  const items = branch.line.group?.inputs ?? (await itemsOf(visit))
  const limit = await evaluateInteger(visit, state.MaxConcurrency ?? 0, 'MaxConcurrency', 0)
  const width = Math.min(limit || maximalConcurrency, maximalConcurrency)
  if (!branch.line.group) {
    execution.history.add(branch.trail, 'MapStateStarted', {
      mapStateStartedEventDetails: { length: items.length },
    })
    branch.line.group = newGroup(items)
  }
  const { group } = branch.line
  let last = branch.trail.previous
  await gather(branch, group, width, async (index, signal) => {
    const inner: Branch = {
      // The service lets an iteration follow from the one whose end made room for it.
      trail: { ...branch.trail },
      signal,
      line: lineOf(branch, group, index),
      item: { Item: { Index: index, Value: items[index] ?? null } },
    }
    return joining(branch, inner, async () => {
      const { output, event } = await iterate(visit, index, inner, runMachine)
      last = event
      return output
    })
  })
  branch.trail.previous = last
  succeeded(execution, branch, 'Map')
  return group.results
}

/** The event of a group's success; the service lets the state's exit follow from what this one followed from. */
const succeeded = (execution: EngineExecution, branch: Branch, type: 'Parallel' | 'Map'): void =>
  void execution.history.add({ ...branch.trail }, `${type}StateSucceeded`)

/** The items of a Map that reads none: its Items, or its input. */
export const itemsOf = async (visit: Visit<MapState>): Promise<Json[]> => {
  const { state, input } = visit
  const items = 'Items' in state ? await evaluateField(visit, state.Items ?? null, 'Items') : input
  if (Array.isArray(items)) return items
  if ('Items' in state) throw unexpected(state.Items ?? null, 'Items', 'array', items)
  throw new EvaluationFailure('Items', `Map state input must be an array but was: ${JSON.stringify(items)}`)
}

/** One iteration: the events around it, its selected input, its states. */
const iterate = async (visit: Visit<MapState>, index: number, inner: Branch, runMachine: RunMachine) => {
  const { execution, name, state } = visit
  const note = (trail: Trail, what: 'Started' | 'Succeeded' | 'Failed' | 'Aborted') =>
    execution.history.add(trail, `MapIteration${what}`, {
      [`mapIteration${what}EventDetails`]: { name, index },
    })
  const redriven = inner.line.at
  if (!redriven) note(inner.trail, 'Started')
  try {
    const input = redriven
      ? redriven.input
      : await evaluateField(
          { ...visit, branch: inner },
          'ItemSelector' in state ? (state.ItemSelector ?? null) : '{% $states.context.Map.Item.Value %}',
          'ItemSelector',
        )
    const output = await runMachine(execution, state.ItemProcessor, input, inner)
    // The next iteration follows from this one's last state, and the Map's success from this.
    return { output, event: note({ ...inner.trail }, 'Succeeded') }
  } catch (error) {
    if (error instanceof StateFailure) note({ ...inner.trail }, 'Failed')
    if (error instanceof Interruption && error.kind === 'sibling') note({ previous: error.event }, 'Aborted')
    throw error
  }
}

/** Lets the branch around go on, in the history, from where the inner one came to its own end. */
const joining = async <T>(outer: Branch, inner: Branch, run: () => Promise<T>): Promise<T> => {
  try {
    const result = await run()
    outer.trail.previous = inner.trail.previous
    return result
  } catch (error) {
    if (error instanceof StateFailure) outer.trail.previous = inner.trail.previous
    throw error
  }
}

/**
 * Does the group's jobs that have no result yet, at most `width` at a time. The first failure interrupts the jobs
 * under way and is thrown once they are down, so that nothing happens in a group after its end.
 */
const gather = async (
  { signal, trail }: Branch,
  { inputs: { length: count }, results }: GroupProgress,
  width: number,
  job: (index: number, signal: AbortSignal) => Promise<Json>,
): Promise<void> => {
  const { controller, release } = follow(signal)
  const failures: unknown[] = []
  let next = 0
  const work = async () => {
    while (next < count && !controller.signal.aborted) {
      const index = next++
      if (index in results) continue
      try {
        results[index] = await job(index, controller.signal)
      } catch (error) {
        failures.push(error)
        controller.abort(error instanceof Interruption ? error : new Interruption('sibling', trail.previous))
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, work))
  release()
  if (failures.length > 0) throw failures[0]
  throwIfInterrupted(signal)
}
