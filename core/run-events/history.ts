/**
 * One event of an execution's history in the shape of Step Functions' GetExecutionHistory, with two
 * liberties: `timestamp` is in epoch milliseconds, and the `…Details` that only say "not truncated" are left
 * out. Inputs, outputs, parameters and assigned variables are JSON text, as the service has them.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export interface HistoryEvent {
  /** 1, 2, 3, … in the order of happening. */
  id: number
  /** The event this one follows from in its own branch; 0 at the start. */
  previousEventId: number
  /** Milliseconds since the epoch. */
  timestamp: number
  /** `TaskStateEntered`, `TaskScheduled`, `ExecutionSucceeded`, … */
  type: string
  executionStartedEventDetails?: { input: string; roleArn: string }
  executionSucceededEventDetails?: { output: string }
  executionFailedEventDetails?: Failure
  executionTimedOutEventDetails?: Failure
  executionAbortedEventDetails?: Failure
  executionRedrivenEventDetails?: { redriveCount: number }
  stateEnteredEventDetails?: { name: string; input: string }
  stateExitedEventDetails?: { name: string; output: string; assignedVariables?: Record<string, string> }
  taskScheduledEventDetails?: Resource & {
    region: string
    parameters: string
    timeoutInSeconds?: number
    heartbeatInSeconds?: number
  }
  taskStartedEventDetails?: Resource
  taskSubmittedEventDetails?: Resource & { output: string }
  taskSucceededEventDetails?: Resource & { output: string }
  taskFailedEventDetails?: Resource & Failure
  /** Of a task that waits to be answered, where it could not be handed over. */
  taskSubmitFailedEventDetails?: Resource & Failure
  taskTimedOutEventDetails?: Resource & Failure
  lambdaFunctionScheduledEventDetails?: { resource: string; input: string; timeoutInSeconds?: number }
  lambdaFunctionSucceededEventDetails?: { output: string }
  lambdaFunctionFailedEventDetails?: Failure
  lambdaFunctionTimedOutEventDetails?: Failure
  mapStateStartedEventDetails?: { length: number }
  mapRunStartedEventDetails?: { mapRunArn: string }
  mapRunRedrivenEventDetails?: { mapRunArn: string; redriveCount: number }
  mapRunFailedEventDetails?: Failure
  mapIterationStartedEventDetails?: Iteration
  mapIterationSucceededEventDetails?: Iteration
  mapIterationFailedEventDetails?: Iteration
  mapIterationAbortedEventDetails?: Iteration
  evaluationFailedEventDetails?: Failure & { state: string; location?: string }
}

interface Failure {
  error?: string
  cause?: string
}

/** `arn:aws:states:::lambda:invoke` is resourceType `lambda`, resource `invoke`. */
interface Resource {
  resourceType: string
  resource: string
}

interface Iteration {
  name: string
  index: number
}
