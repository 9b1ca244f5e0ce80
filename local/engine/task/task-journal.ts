import type { TaskState } from '../definition.ts'
import type { StateFailure } from '../failure.ts'
import type { Details } from '../history.ts'
import type { Visit } from '../visit.ts'

/** Writes the events of one attempt at a task. */
export interface TaskJournal {
  scheduled(parameters: string, timeout: number | undefined, heartbeat: number | undefined): void
  started(): void
  submitted(output: string): void
  succeeded(output: string): void
  failed(failure: StateFailure): void
}

/** Whether the resource runs a function, by its own ARN or through the Lambda integration. */
export const isLambda = (resource: string): boolean =>
  isFunctionArn(resource) || /^arn:[\w-]+:states:::lambda:invoke(\.\w+)?$/.test(resource)

const isFunctionArn = (resource: string): boolean => /^arn:[\w-]+:lambda:/.test(resource)

/** The journal in the form that the service uses for the state's resource. */
export const taskJournal = (visit: Visit<TaskState>): TaskJournal =>
  isFunctionArn(visit.state.Resource) ? functionJournal(visit) : integrationJournal(visit)

const writer =
  ({ execution, branch }: Visit<TaskState>) =>
  (type: string, details?: Details): void =>
    void execution.history.add(branch.trail, type, details)

const integrationJournal = (visit: Visit<TaskState>): TaskJournal => {
  const write = writer(visit)
  const resource = splitResource(visit.state.Resource)
  return {
    scheduled: (parameters, timeout, heartbeat) =>
      write('TaskScheduled', {
        taskScheduledEventDetails: {
          ...resource,
          region: visit.execution.region,
          parameters,
          ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
          ...(heartbeat === undefined ? {} : { heartbeatInSeconds: heartbeat }),
        },
      }),
    started: () => write('TaskStarted', { taskStartedEventDetails: resource }),
    submitted: (output) => write('TaskSubmitted', { taskSubmittedEventDetails: { ...resource, output } }),
    succeeded: (output) => write('TaskSucceeded', { taskSucceededEventDetails: { ...resource, output } }),
    failed: (failure) =>
      failure.error === 'States.Timeout'
        ? write('TaskTimedOut', { taskTimedOutEventDetails: { ...resource, ...failureDetails(failure) } })
        : write('TaskFailed', { taskFailedEventDetails: { ...resource, ...failureDetails(failure) } }),
  }
}

const functionJournal = (visit: Visit<TaskState>): TaskJournal => {
  const write = writer(visit)
  return {
    scheduled: (input, timeout) =>
      write('LambdaFunctionScheduled', {
        lambdaFunctionScheduledEventDetails: {
          resource: visit.state.Resource,
          input,
          ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
        },
      }),
    started: () => write('LambdaFunctionStarted'),
    submitted: () => {},
    succeeded: (output) =>
      write('LambdaFunctionSucceeded', { lambdaFunctionSucceededEventDetails: { output } }),
    failed: (failure) =>
      failure.error === 'States.Timeout'
        ? write('LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: failureDetails(failure) })
        : write('LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: failureDetails(failure) }),
  }
}

/** A failure as events and results show it: what is empty is left out. */
export const failureDetails = ({ error, reason }: StateFailure): { error?: string; cause?: string } => ({
  ...(error === '' ? {} : { error }),
  ...(reason === undefined ? {} : { cause: reason }),
})

/** `arn:aws:states:::aws-sdk:eks:describeCluster` is resource `describeCluster` of type `aws-sdk:eks`. */
const splitResource = (resource: string): { resourceType: string; resource: string } => {
  const path = resource.replace(/^arn:[^:]*:states:[^:]*:[^:]*:/, '')
  const cut = path.lastIndexOf(':')
  return { resourceType: path.slice(0, Math.max(cut, 0)), resource: path.slice(cut + 1) }
}
