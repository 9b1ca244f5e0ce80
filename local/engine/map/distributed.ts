import { itemsOf, type RunMachine } from '../branches.ts'
import type { Json, MapState } from '../definition.ts'
import { execute } from '../execution.ts'
import { Interruption, StateFailure } from '../failure.ts'
import { createHistory } from '../history.ts'
import { uuidFrom } from '../jsonata.ts'
import { type DistributedProgress, newLine, type StartedChild } from '../line.ts'
import { follow, throwIfInterrupted } from '../pausing.ts'
import { toPayload } from '../payload.ts'
import { failureDetails } from '../task/task-journal.ts'
import { type EngineExecution, evaluateInteger, evaluateNumber, type Visit } from '../visit.ts'
import { batchesOf, selectedItem, selectedItems } from './item-batcher.ts'
import { readItems } from './item-reader.ts'
import type { ChildExecution, MapRun, MapRunLimits } from './map-run.ts'
import { formedOutput, writeResults } from './result-writer.ts'

/** The service runs at most this many children of a Map Run at a time. */
const maximalConcurrency = 10_000

/**
 * Runs a Map whose processor is DISTRIBUTED: each item is an execution of its own, with its own history, and sees
 * none of the variables around. The output holds what the children that succeeded answered, in the items' order.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export const runDistributed = async (visit: Visit<MapState>, runMachine: RunMachine): Promise<Json> => {
  const { execution, branch, state } = visit
  const { distributed } = branch.line
  if (distributed) redrive(visit, distributed)
  const group = distributed ?? (await start(visit))
  const { mapRun } = group
  const started = branch.trail.previous
  const end = (status: MapRun['status']) =>
    Object.assign(mapRun, { status, stoppedAt: execution.clock.now() })
  try {
    if (state.ItemReader) group.items ??= await readItems(visit, state.ItemReader)
    mapRun.total = group.items?.length ?? 0
    if (state.ItemBatcher)
      group.batches ??= await batchesOf(
        visit,
        state.ItemBatcher,
        await selectedItems(visit, group.items ?? []),
      )
    mapRun.executions = group.batches?.length ?? mapRun.total
    const outputs = await resultsOf(visit, group, runMachine)
    end('SUCCEEDED')
    execution.history.add(branch.trail, 'MapRunSucceeded')
    execution.history.add(branch.trail, 'MapStateSucceeded')
    // The service lets the exit follow from the start of the run.
    branch.trail.previous = started
    return outputs
  } catch (error) {
    end(error instanceof StateFailure ? 'FAILED' : 'ABORTED')
    if (error instanceof StateFailure)
      execution.history.add(branch.trail, 'MapRunFailed', { mapRunFailedEventDetails: failureDetails(error) })
    if (error instanceof Interruption && error.kind === 'sibling')
      execution.history.add({ previous: started }, 'MapRunAborted')
    throw error
  }
}

/** The state's output: where its ResultWriter left the results, or the results. */
const resultsOf = async (
  visit: Visit<MapState>,
  group: DistributedProgress,
  runMachine: RunMachine,
): Promise<Json> => {
  const { ResultWriter: writer } = visit.state
  const results = () => ({ mapRun: group.mapRun, pending: pendingInputs(group) })
  try {
    const outputs = await runChildren(visit, group, runMachine)
    if (!writer) return outputs
    return writer.Resource ? await writeResults(visit, writer, results()) : formedOutput(writer, results())
  } catch (error) {
    // What there is is written of a run that failed, too.
    if (writer?.Resource && error instanceof StateFailure && error.error === exceeded)
      await writeResults(visit, writer, results())
    throw error
  }
}

const pendingInputs = ({ items = [], batches, started }: DistributedProgress): Json[] =>
  (batches?.map(({ input }) => input) ?? items).filter((_input, index) => !started.has(index))

/** Starts the Map Run, of which a redrive of the execution goes on with what did not succeed. */
const start = async (visit: Visit<MapState>): Promise<DistributedProgress> => {
  const { execution, branch, state } = visit
  const items = state.ItemReader ? undefined : await itemsOf(visit)
  const mapRun = await describe(visit)
  // With a reader the service does not know the number yet, and says 0.
  const length = items?.length ?? 0
  execution.history.add(branch.trail, 'MapStateStarted', { mapStateStartedEventDetails: { length } })
  execution.history.add(branch.trail, 'MapRunStarted', {
    mapRunStartedEventDetails: { mapRunArn: mapRun.arn },
  })
  execution.onMapRun(mapRun)
  const group = { mapRun, ...(items ? { items } : {}), outputs: new Map(), started: new Map() }
  branch.line.distributed = group
  return group
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html */
const redrive = ({ execution, branch }: Visit, { mapRun }: DistributedProgress): void => {
  Object.assign(mapRun, { status: 'RUNNING', redrivenAt: execution.clock.now() })
  delete mapRun.stoppedAt
  mapRun.redriveCount++
  for (const child of mapRun.children) if (child.status !== 'SUCCEEDED') child.pendingRedrive = true
  const { arn: mapRunArn, redriveCount } = mapRun
  execution.history.add(branch.trail, 'MapRunRedriven', {
    mapRunRedrivenEventDetails: { mapRunArn, redriveCount },
  })
}

const describe = async (visit: Visit<MapState>): Promise<MapRun> => {
  const { execution, state } = visit
  const { ToleratedFailureCount: count, ToleratedFailurePercentage: percentage } = state
  const limits: MapRunLimits = {
    maxConcurrency: await evaluateInteger(visit, state.MaxConcurrency ?? 0, 'MaxConcurrency', 0),
  }
  if (count !== undefined)
    limits.toleratedFailureCount = await evaluateInteger(visit, count, 'ToleratedFailureCount', 0)
  if (percentage !== undefined)
    limits.toleratedFailurePercentage = await evaluateNumber(
      visit,
      percentage,
      'ToleratedFailurePercentage',
      100,
    )
  const { Id } = execution.identity.StateMachine
  const label = state.Label ?? uuidFrom(execution.random)
  return {
    arn: `${Id.replace(':stateMachine:', ':mapRun:')}/${label}:${uuidFrom(execution.random)}`,
    executionArn: execution.identity.Execution.Id,
    stateMachineArn: `${Id}/${label}`,
    status: 'RUNNING',
    startedAt: execution.clock.now(),
    total: 0,
    executions: 0,
    limits,
    changed: () => {},
    children: [],
    redriveCount: 0,
  }
}

/** Whether more items failed than the Map tolerates: with a child all that it has. */
const exceeds = ({ children, total, limits }: MapRun): boolean => {
  const failures = children
    .filter(
      ({ status, pendingRedrive }) => !pendingRedrive && (status === 'FAILED' || status === 'TIMED_OUT'),
    )
    .reduce((sum, { items }) => sum + items, 0)
  const { toleratedFailureCount: count, toleratedFailurePercentage: percentage } = limits
  if (count === undefined && percentage === undefined) return failures > 0
  return (
    (count !== undefined && failures > count) ||
    (percentage !== undefined && (failures / total) * 100 > percentage)
  )
}

const runChildren = async (
  visit: Visit<MapState>,
  group: DistributedProgress,
  runMachine: RunMachine,
): Promise<Json[]> => {
  const { execution, branch } = visit
  const { mapRun, outputs } = group
  const { controller, release } = follow(branch.signal)
  const faults: unknown[] = []
  let next = 0
  let active = 0
  let wake = Promise.withResolvers<void>()
  mapRun.changed = () => wake.resolve()
  const goesOn = () => faults.length === 0 && !controller.signal.aborted && !exceeds(mapRun)
  const work = async (index: number) => {
    active++
    try {
      const output = await runChild(visit, group, { index, runMachine, signal: controller.signal })
      if (output !== undefined) outputs.set(index, output)
    } catch (error) {
      faults.push(error)
    }
    active--
    if (!goesOn()) controller.abort(new Interruption('aborted'))
    wake.resolve()
  }
  while (active > 0 || (next < mapRun.executions && goesOn())) {
    const width = Math.min(mapRun.limits.maxConcurrency || maximalConcurrency, maximalConcurrency)
    for (; next < mapRun.executions && active < width && goesOn(); next++)
      if (!outputs.has(next)) void work(next)
    if (active === 0) continue
    await wake.promise
    wake = Promise.withResolvers<void>()
  }
  release()
  throwIfInterrupted(branch.signal)
  if (execution.deadline !== undefined && execution.clock.now() >= execution.deadline)
    throw new Interruption('timedOut')
  if (faults.length > 0) throw faults[0]
  if (exceeds(mapRun))
    throw new StateFailure(exceeded, 'The specified tolerated failure threshold was exceeded')
  return [...outputs].sort(([one], [other]) => one - other).map(([, output]) => output)
}

const exceeded = 'States.ExceedToleratedFailureThreshold'

interface Item {
  index: number
  runMachine: RunMachine
  signal: AbortSignal
}

/** Runs the processor on one item, and answers its output; none when it did not succeed. */
const runChild = async (
  visit: Visit<MapState>,
  group: DistributedProgress,
  { index, runMachine, signal }: Item,
): Promise<Json | undefined> => {
  const { execution, state } = visit
  const { child, input, line } =
    redrivenChild(group, index, execution) ?? (await startChild(visit, group, index))
  const childsExecution = executionOf(execution, group.mapRun, child, input.value)
  const ending = await execute(childsExecution, state.ItemProcessor, input, {
    signal,
    runMachine,
    line,
    redrives: child.redriveCount,
  })
  const { output, ...rest } = ending
  Object.assign(child, rest, { stoppedAt: child.history.at(-1)?.timestamp ?? execution.clock.now() })
  if (output !== undefined) child.output = JSON.stringify(output)
  return output
}

const redrivenChild = (
  { started }: DistributedProgress,
  index: number,
  { clock }: EngineExecution,
): StartedChild | undefined => {
  const earlier = started.get(index)
  if (!earlier) return undefined
  const { child } = earlier
  Object.assign(child, { status: 'RUNNING', redrivenAt: clock.now(), pendingRedrive: false })
  child.redriveCount++
  for (const member of ['stoppedAt', 'error', 'cause'] as const) delete child[member]
  return earlier
}

const startChild = async (
  visit: Visit<MapState>,
  { mapRun, items = [], batches, started }: DistributedProgress,
  index: number,
): Promise<StartedChild> => {
  const { execution, name: owner } = visit
  const batch = batches?.[index] ?? { input: await selectedItem(visit, items, index), size: 1 }
  const input = toPayload(batch.input, owner)
  const name = uuidFrom(execution.random)
  const child: ChildExecution = {
    arn: `${mapRun.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`,
    name,
    input: input.text,
    items: batch.size,
    status: 'RUNNING',
    startedAt: execution.clock.now(),
    history: [],
    redriveCount: 0,
  }
  mapRun.children.push(child)
  const entry = { child, input, line: newLine() }
  started.set(index, entry)
  return entry
}

/** The run of a child: an execution of its own, in the surroundings of its parent. */
const executionOf = (
  execution: EngineExecution,
  mapRun: MapRun,
  child: ChildExecution,
  input: Json,
): EngineExecution => {
  const history = createHistory(
    () => execution.clock.now(),
    () => {},
    child.history,
  )
  child.history = history.events
  return {
    ...execution,
    history,
    identity: {
      Execution: {
        ...execution.identity.Execution,
        Id: child.arn,
        Input: input,
        Name: child.name,
        StartTime: new Date(child.startedAt).toISOString(),
        RedriveCount: child.redriveCount,
      },
      StateMachine: { Id: mapRun.stateMachineArn, Name: mapRun.stateMachineArn.split(':').at(-1) ?? '' },
    },
  }
}
