import type { HistoryEvent, RunResult, TaskFunction } from '../../engine/index.ts'

/** A state machine of the account. */
export interface StateMachine {
  arn: string
  name: string
  /** The rendered definition, as JSON text. */
  definition: string
  roleArn: string
  createdAt: Date
  task: TaskFunction
}

/** One execution, under way or closed. */
export interface Execution {
  arn: string
  name: string
  machine: StateMachine
  /** As it was sent. */
  input: string
  status: 'RUNNING' | RunResult['status']
  startedAt: Date
  stoppedAt?: Date
  output?: string
  error?: string
  cause?: string
  /** Grows while the execution runs. */
  history: HistoryEvent[]
  /** Of the Map Run that a child execution belongs to. */
  mapRunArn?: string
}
