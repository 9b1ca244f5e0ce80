import type { Retrier } from '../../core/run-events/retry.ts'

/** What JSON can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A value in which any string may be a JSONata expression between `{%` and `%}`. */
export type Template = Json

/**
 * The part of the Amazon States Language that the engine runs: JSONata only, and Maps without batches or result
 * writers. Everything else is refused by `validateDefinition`, so past it these types can be trusted.
 * https://states-language.net/spec.html
 */
export interface Machine {
  Comment?: string
  StartAt: string
  States: Record<string, State>
}

/** The whole definition: a machine with what only the top level may say. */
export interface Definition extends Machine {
  QueryLanguage: 'JSONata'
  Version?: string
  /** How long an execution may run, in seconds. */
  TimeoutSeconds?: number
}

export type State =
  | TaskState
  | ParallelState
  | MapState
  | ChoiceState
  | WaitState
  | PassState
  | SucceedState
  | FailState

interface Common {
  Comment?: string
  QueryLanguage?: 'JSONata'
}

/** What a state leaves behind: both are evaluated against the variables as they were before it. */
export interface StateOutput {
  Output?: Template
  Assign?: Record<string, Template>
}

/** Where a state leads. */
interface Transition {
  Next?: string
  End?: boolean
}

export interface Catcher extends StateOutput {
  Comment?: string
  ErrorEquals: string[]
  Next: string
}

interface Recovering {
  Retry?: Retrier[]
  Catch?: Catcher[]
}

export interface TaskState extends Common, StateOutput, Transition, Recovering {
  Type: 'Task'
  Resource: string
  Arguments?: Template
  TimeoutSeconds?: number | string
  HeartbeatSeconds?: number | string
}

export interface ParallelState extends Common, StateOutput, Transition, Recovering {
  Type: 'Parallel'
  Branches: Machine[]
  Arguments?: Template
}

export interface MapState extends Common, StateOutput, Transition, Recovering {
  Type: 'Map'
  ItemProcessor: Machine & { ProcessorConfig?: { Mode?: 'INLINE' | 'DISTRIBUTED' } }
  Items?: Template
  ItemSelector?: Template
  MaxConcurrency?: number | string
  // Of a distributed Map alone:
  ItemReader?: ItemReader
  ItemBatcher?: ItemBatcher
  ResultWriter?: ResultWriter
  Label?: string
  ToleratedFailureCount?: number | string
  ToleratedFailurePercentage?: number | string
}

/** Where a distributed Map reads its items from, in S3. */
export interface ItemReader {
  /** `arn:aws:states:::s3:getObject` or `…:s3:listObjectsV2`. */
  Resource: string
  Arguments?: Template
  ReaderConfig?: {
    InputType?: 'JSON' | 'JSONL' | 'CSV'
    CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN'
    CSVHeaders?: string[]
    MaxItems?: number | string
  }
}

/** How many items a child gets at a time. */
export interface ItemBatcher {
  MaxItemsPerBatch?: number | string
  MaxInputBytesPerBatch?: number | string
  BatchInput?: Template
}

/** What a distributed Map makes of its children's results, and where in S3 it leaves them. */
export interface ResultWriter {
  /** `arn:aws:states:::s3:putObject`; without it the results are the state's output. */
  Resource?: string
  /** `{ Bucket, Prefix? }`. */
  Arguments?: Template
  WriterConfig?: { Transformation?: 'NONE' | 'COMPACT' | 'FLATTEN'; OutputType?: 'JSON' | 'JSONL' }
}

export interface Choice extends StateOutput {
  Comment?: string
  Condition: Template
  Next: string
}

export interface ChoiceState extends Common, StateOutput {
  Type: 'Choice'
  Choices: Choice[]
  Default?: string
}

export interface WaitState extends Common, StateOutput, Transition {
  Type: 'Wait'
  Seconds?: number | string
  Timestamp?: string
}

export interface PassState extends Common, StateOutput, Transition {
  Type: 'Pass'
}

export interface SucceedState extends Common {
  Type: 'Succeed'
  Output?: Template
}

export interface FailState extends Common {
  Type: 'Fail'
  Error?: string
  Cause?: string
}

/** `{% … %}`. */
export type Expression = `{%${string}%}`

/** True for a string that is a JSONata expression. */
export const isExpression = (value: unknown): value is Expression =>
  typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}') && value.length >= 4

/** The expression between `{%` and `%}`. */
export const expressionOf = (template: Expression): string => template.slice(2, -2).trim()

/** The resource's task waits for SendTaskSuccess or SendTaskFailure. */
export const waitsForToken = (resource: string): boolean => resource.endsWith('.waitForTaskToken')
