import type { HistoryEvent, RunResult, StateLine, TaskFunction } from '../../engine/index.ts'

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
  /** Of the version that it runs, where it was started by a version or an alias. */
  versionArn?: string
  /** Of the alias that it was started by. */
  aliasArn?: string
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
  redriveCount: number
  /** The last time that it was redriven. */
  redrivenAt?: Date
  /** Where a redrive goes on; not set while it runs, after a success, and of a child execution. */
  stopped?: StateLine
}
