import type { HistoryEvent } from '../../core/run-events/history.ts'
import type { RunMachine } from './branches.ts'
import type { Json, Machine } from './definition.ts'
import { Interruption, StateFailure, TaskFailure } from './failure.ts'
import type { Trail } from './history.ts'
import type { StateLine } from './line.ts'
import type { Payload } from './payload.ts'
import { failureDetails } from './task/task-journal.ts'
import type { EngineExecution } from './visit.ts'

/** How an execution ended. */
export interface Ending {
  status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'
  /** The last state's output, where the execution succeeded. */
  output?: Json
  error?: string
  cause?: string
}

interface Course {
  signal: AbortSignal
  runMachine: RunMachine
  /** How far the execution has come; it is kept up to date. */
  line: StateLine
  /** How often the execution was redriven, this time among them. */
  redrives: number
}

/**
 * Runs a machine as an execution of its own, from the first event of the run's history to the last; a redriven
 * one from where its line is.
 */
export const execute = async (
  execution: EngineExecution,
  machine: Machine,
  input: Payload,
  { signal, runMachine, line, redrives }: Course,
): Promise<Ending> => {
  const trail = begin(execution, input, redrives)
  const ending = await endingOf(
    () => runMachine(execution, machine, input.value, { trail, signal, line }),
    signal,
  )
  const [type, details] = lastEvent(ending)
  const fromOutside = ending.status === 'TIMED_OUT' || ending.status === 'ABORTED'
  execution.history.close({ previous: fromOutside ? 0 : trail.previous }, type, details)
  return ending
}

const begin = ({ history, identity }: EngineExecution, input: Payload, redrives: number): Trail => {
  if (redrives > 0) {
    const trail = { previous: history.events.length }
    history.add(trail, 'ExecutionRedriven', { executionRedrivenEventDetails: { redriveCount: redrives } })
    return trail
  }
  history.add({ previous: 0 }, 'ExecutionStarted', {
    executionStartedEventDetails: { input: input.text, roleArn: identity.Execution.RoleArn },
  })
  // The service lets the first state follow from nothing, as it does the start.
  return { previous: 0 }
}

const endingOf = async (work: () => Promise<Json>, signal: AbortSignal): Promise<Ending> => {
  try {
    return { status: 'SUCCEEDED', output: await work() }
  } catch (error) {
    if (error instanceof StateFailure) return { status: 'FAILED', ...failureDetails(error) }
    if (!(error instanceof Interruption)) throw error
    if (error.kind === 'timedOut') return { status: 'TIMED_OUT', error: 'States.Timeout' }
    return { status: 'ABORTED', ...abortDetails(signal.reason) }
  }
}

/** What StopExecution was given, where the caller aborted with a TaskFailure. */
const abortDetails = (reason: unknown): { error?: string; cause?: string } =>
  reason instanceof TaskFailure
    ? failureDetails(new StateFailure(reason.name, reason.message || undefined))
    : {}

const lastEvent = ({ status, output, ...failure }: Ending): [string, Partial<HistoryEvent>] => {
  switch (status) {
    case 'SUCCEEDED':
      return ['ExecutionSucceeded', { executionSucceededEventDetails: { output: JSON.stringify(output) } }]
    case 'FAILED':
      return ['ExecutionFailed', { executionFailedEventDetails: failure }]
    case 'TIMED_OUT':
      return ['ExecutionTimedOut', { executionTimedOutEventDetails: failure }]
    case 'ABORTED':
      return ['ExecutionAborted', { executionAbortedEventDetails: failure }]
  }
}
