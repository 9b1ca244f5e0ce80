import { unqualifiedStateMachine } from '../../../core/names.ts'
import type { CallLog } from '../../calls.ts'
import { TaskFailure, type TaskFunction } from '../../engine/index.ts'
import type { Account } from '../account/account.ts'
import { denialText, type PolicyAuthorizer } from '../authorization.ts'
import { AwsFailure } from '../failure.ts'
import type { Execution } from './execution.ts'
import type { StateMachines } from './state-machines.ts'

interface Arguments {
  StateMachineArn: string
  Name?: string
  Input?: unknown
}

export interface NestedOptions {
  account: Account
  authorizer: PolicyAuthorizer
  calls: CallLog
  /** Known only when the state machines that it is a part of are made. */
  machines: () => StateMachines
}

/** A cause is cut off here. https://docs.aws.amazon.com/step-functions/latest/apireference/API_TaskFailedEventDetails.html */
const mostOfCause = 32_768

/**
 * The task function of a state machine, which starts executions of other machines where a state asks for it, with the
 * permissions of the machine's role where the account has that role, and is the given one for everything else. With
 * `.sync:2` it waits for their end, and stops them when its own state is given up.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
export const withExecutions =
  ({ account, authorizer, calls, machines }: NestedOptions) =>
  (task: TaskFunction, roleArn: string): TaskFunction =>
  async (resource, given, call) => {
    const [, waits] = /^arn:[\w-]+:states:::states:startExecution(\.sync:2)?$/.exec(resource) ?? [
      undefined,
      null,
    ]
    if (waits === null) return task(resource, given, call)
    const { StateMachineArn: machineArn, Name: name, Input: input = {} } = given as unknown as Arguments
    authorize({ account, authorizer }, roleArn, machineArn, waits !== undefined)
    const nested = start({ account, calls, machines }, { machineArn, name, input, roleArn })
    const started = { ExecutionArn: nested.arn, StartDate: nested.startedAt.getTime() }
    if (waits === undefined) return started
    call.submitted?.(started)
    const stop = () => void machines().stop(nested.arn, undefined, undefined)
    call.signal.addEventListener('abort', stop)
    const ended = await machines().closed(nested.arn)
    call.signal.removeEventListener('abort', stop)
    if (ended.status !== 'SUCCEEDED')
      throw new TaskFailure('States.TaskFailed', JSON.stringify(described(ended)).slice(0, mostOfCause))
    return { ...described(ended), Input: JSON.parse(ended.input), Output: JSON.parse(ended.output ?? 'null') }
  }

/** What a role needs that starts executions and waits for them. https://docs.aws.amazon.com/step-functions/latest/dg/stepfunctions-iam.html */
const authorize = (
  { account, authorizer }: Pick<NestedOptions, 'account' | 'authorizer'>,
  roleArn: string,
  machineArn: string,
  waits: boolean,
): void => {
  if (!account.roleByArn(roleArn)) return
  const session = account.session(roleArn, 'states')
  const [machine, qualifier] = [unqualifiedStateMachine(machineArn), machineArn.split(':')[7]]
  const rule = `arn:${account.partition}:events:${account.region}:${account.accountId}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`
  const executions = `${machine.replace(':stateMachine:', ':execution:')}:*`
  const needs = [
    {
      action: 'states:StartExecution',
      resource: machine,
      ...(qualifier === undefined ? {} : { context: { 'states:StateMachineQualifier': [qualifier] } }),
    },
    ...(waits
      ? [
          ...['states:DescribeExecution', 'states:StopExecution'].map((action) => ({
            action,
            resource: executions,
          })),
          ...['events:PutTargets', 'events:PutRule', 'events:DescribeRule'].map((action) => ({
            action,
            resource: rule,
          })),
        ]
      : []),
  ]
  for (const need of needs) {
    const verdict = authorizer.decide(session, { ...need, label: `"${need.resource}"` })
    if (verdict.decision !== 'allowed')
      throw new TaskFailure(
        'StepFunctions.AccessDeniedException',
        denialText(session.arn, { ...need, label: `"${need.resource}"` }, verdict),
      )
  }
}

/** Notes the call, so that it can be made to fail as one over HTTP. */
const start = (
  { account, calls, machines }: Pick<NestedOptions, 'account' | 'calls' | 'machines'>,
  {
    machineArn,
    name,
    input,
    roleArn,
  }: { machineArn: string; name: string | undefined; input: unknown; roleArn: string },
): Execution => {
  const { call, fault } = calls.record({
    service: 'states',
    operation: 'StartExecution',
    write: true,
    principal: roleArn,
    subject: name === undefined ? machineArn : `${machineArn} ${name}`,
    at: account.now().getTime(),
  })
  if (fault?.kind === 'error') {
    call.status = fault.status
    throw new TaskFailure(`StepFunctions.${withSuffix(fault.code)}`, fault.message ?? fault.code)
  }
  try {
    const text = typeof input === 'string' ? input : JSON.stringify(input)
    const execution = machines().start(machineArn, text, name)
    Object.assign(call, { status: 200, applied: true })
    return execution
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error
    call.status = 400
    throw new TaskFailure(`StepFunctions.${withSuffix(error.code)}`, error.message)
  }
}

const withSuffix = (code: string): string => (code.endsWith('Exception') ? code : `${code}Exception`)

const described = (execution: Execution) => ({
  ...(execution.cause === undefined ? {} : { Cause: execution.cause }),
  ...(execution.error === undefined ? {} : { Error: execution.error }),
  ExecutionArn: execution.arn,
  Input: execution.input,
  InputDetails: { Included: true },
  Name: execution.name,
  ...(execution.output === undefined ? {} : { Output: execution.output, OutputDetails: { Included: true } }),
  RedriveCount: execution.redriveCount,
  StartDate: execution.startedAt.getTime(),
  StateMachineArn: execution.machine.arn,
  Status: execution.status,
  ...(execution.stoppedAt === undefined ? {} : { StopDate: execution.stoppedAt.getTime() }),
})
