import type { HistoryEvent } from '../../../core/run-events/history.ts'

/** One run of a distributed Map, which lives on while its children do. */
export interface MapRun {
  /** `arn:aws:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:ID`. */
  arn: string
  /** Of the execution that the Map is in. */
  executionArn: string
  /** Of its children's state machine, `…:stateMachine:MACHINE/LABEL`. */
  stateMachineArn: string
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED'
  /** Milliseconds since the epoch. */
  startedAt: number
  stoppedAt?: number
  /** How many items there are; 0 until they are read. */
  total: number
  /** How many children there are to be: as many as items, unless those go in batches. */
  executions: number
  /** May be changed while it runs, and then `changed` is called. */
  limits: MapRunLimits
  changed: () => void
  /** Those started so far, in the order of their items. */
  children: ChildExecution[]
  redriveCount: number
  /** Milliseconds since the epoch. */
  redrivenAt?: number
}

export interface MapRunLimits {
  /** Children at a time; 0 for as many as the service runs. */
  maxConcurrency: number
  /** How many may fail; not set, failures are judged by the percentage alone. */
  toleratedFailureCount?: number
  /** From 0 to 100. */
  toleratedFailurePercentage?: number
}

/** The execution of a distributed Map's processor on one item. */
export interface ChildExecution {
  arn: string
  name: string
  /** JSON text. */
  input: string
  /** How many items it has. */
  items: number
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'
  startedAt: number
  stoppedAt?: number
  output?: string
  error?: string
  cause?: string
  history: HistoryEvent[]
  redriveCount: number
  redrivenAt?: number
  /** It ended badly, and the Map Run that is being redriven has yet to come to it. */
  pendingRedrive?: boolean
}
