import type {
  InspectionData,
  TestStateInput,
  TestStateOutput,
  ValidateStateMachineDefinitionInput,
  ValidateStateMachineDefinitionOutput,
} from '@aws-sdk/client-sfn'
import type { Definition, Json } from '../../engine/definition.ts'
import {
  type DefinitionFault,
  TaskFailure,
  type TaskFunction,
  validateDefinition,
} from '../../engine/index.ts'
import { type Trial, tryState } from '../../engine/test-state.ts'
import { validateState } from '../../engine/validate/validate.ts'
import { isObject } from '../../json-object.ts'
import { readJsonText } from '../../json-text.ts'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation, type Received } from '../operation.ts'
import type { StateMachines } from './state-machines.ts'

/** ValidateStateMachineDefinition, and TestState, which visits one state without an execution. */
export const definitionOperations = (account: Account, machines: StateMachines): Operations => ({
  ValidateStateMachineDefinition: operation<
    ValidateStateMachineDefinitionInput,
    ValidateStateMachineDefinitionOutput
  >()({
    // Everything found is an error, so that no severity leaves out any of it.
    reads: ['definition', 'type', 'severity', 'maxResults'],
    resource: () => '*',
    handle: ({ definition, type = 'STANDARD', maxResults }) => {
      if (type !== 'STANDARD') throw notImplemented('EXPRESS state machines')
      const found = diagnose(definition)
      const shown = found.slice(0, maxResults || 100)
      return {
        result: found.length > 0 ? 'FAIL' : 'OK',
        diagnostics: shown,
        truncated: shown.length < found.length,
      }
    },
  }),
  TestState: operation<TestStateInput, TestStateOutput>()({
    reads: [
      'definition',
      'roleArn',
      'input',
      'inspectionLevel',
      'revealSecrets',
      'variables',
      'stateName',
      'mock.result',
      'mock.errorOutput',
      'context',
      'stateConfiguration.retrierRetryCount',
      'stateConfiguration.mapIterationFailureCount',
    ],
    resource: () => '*',
    handle: async (input, { require }) => {
      if (input.roleArn)
        require({
          action: 'iam:PassRole',
          resource: input.roleArn,
          context: { 'iam:PassedToService': 'states.amazonaws.com' },
        })
      return testState(account, machines, input)
    },
  }),
})

const notImplemented = (what: string): AwsFailure =>
  new AwsFailure('NotImplemented', `The stand-in does not implement ${what}`, { status: 501 })

interface Diagnostic {
  severity: 'ERROR'
  code: string
  message: string
  location?: string
}

const diagnose = (text: string): Diagnostic[] => {
  let definition: unknown
  try {
    definition = readJsonText(text)
  } catch (error) {
    return [{ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message: String(error) }]
  }
  return validateDefinition(definition).map(
    ({ path, message }): Diagnostic => ({
      severity: 'ERROR',
      code: 'SCHEMA_VALIDATION_FAILED',
      location: path,
      message,
    }),
  )
}

/** The name that TestState gives to a state that is sent alone. */
const lone = 'StateName'

const testState = async (
  account: Account,
  machines: StateMachines,
  input: Received<TestStateInput>,
): Promise<TestStateOutput> => {
  const { mock, stateConfiguration = {}, inspectionLevel = 'INFO' } = input
  const { definition, name } = stateOf(input)
  const { Type: type } = definition.States[name] as { Type: string }
  checkMock(type, input)
  const value = readMember('input', input.input ?? '{}') as Json
  const variables = readObject('variables', input.variables ?? '{}')
  const context = { ...contextOf(account, input, value), ...readObject('context', input.context ?? '{}') }
  const trial = await tryState({
    definition,
    state: name,
    input: value,
    variables,
    context,
    attempts: Array(100).fill(stateConfiguration.retrierRetryCount ?? 0),
    clock: account.clock,
    task: mock ? mocked(mock) : taskOf(machines, type, input.roleArn),
  })
  const { status, output, error, cause, nextState } = trial
  return {
    status,
    output: output === undefined ? undefined : JSON.stringify(output),
    error,
    cause,
    nextState,
    ...(inspectionLevel === 'INFO' ? {} : { inspectionData: inspect(trial, value) }),
  }
}

/** The state under test, in a definition that holds nothing else unless a whole one was sent. */
const stateOf = ({ definition, stateName }: TestStateInput): { definition: Definition; name: string } => {
  const parsed = readMember('definition', definition ?? '') as Record<string, unknown>
  if (stateName === undefined) {
    refuseFaults(validateState(lone, parsed))
    return {
      definition: { QueryLanguage: 'JSONata', StartAt: lone, States: { [lone]: parsed } } as never,
      name: lone,
    }
  }
  const states = (parsed?.States ?? {}) as object
  if (!Object.hasOwn(states, stateName))
    throw new AwsFailure('ValidationException', 'State not found in definition')
  refuseFaults(validateDefinition(parsed))
  return { definition: parsed as never, name: stateName }
}

const refuseFaults = ([first]: readonly DefinitionFault[]): void => {
  if (!first) return
  const { message, path } = first
  throw new AwsFailure(
    'InvalidDefinition',
    `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${message} at ${path}'`,
  )
}

/** The rules of TestState about mocks, in its own words. */
const checkMock = (type: string, { mock, revealSecrets, stateConfiguration }: TestStateInput): void => {
  const refuse = (message: string, code = 'ValidationException') => {
    throw new AwsFailure(code, message)
  }
  if (!mock) {
    if (stateConfiguration?.mapIterationFailureCount !== undefined)
      refuse('TestState does not support MapIterationFailureCount when a mock is not specified.')
    if (type === 'Map' || type === 'Parallel')
      refuse(
        'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
        'InvalidDefinition',
      )
    return
  }
  if (mock.result !== undefined && mock.errorOutput)
    refuse('A test mock should have only one of the following fields: [result, errorOutput].')
  if (revealSecrets) refuse('TestState does not support RevealSecrets when a mock is specified.')
  if (type === 'Map' || type === 'Parallel') throw notImplemented(`mocks of ${type} states`)
  if (type !== 'Task') refuse(`State type '${type}' is not supported when a mock is specified`)
}

const mocked = ({ result, errorOutput }: NonNullable<TestStateInput['mock']>): TaskFunction => {
  if (errorOutput) {
    const { error = '', cause } = errorOutput
    return () => Promise.reject(new TaskFailure(error, cause))
  }
  let value: unknown
  try {
    value = readJsonText(result ?? '{}')
  } catch {
    throw new AwsFailure('ValidationException', 'Mocked result must be valid JSON')
  }
  return () => value
}

/** Without a mock a Task does its work, as the state machine of the same role would. */
const taskOf = (machines: StateMachines, type: string, roleArn: string | undefined): TaskFunction => {
  if (type !== 'Task') return () => undefined
  if (!roleArn)
    throw new AwsFailure('ValidationException', 'RoleArn must be specified when testing a Task state')
  const machine = machines.list().find((each) => each.roleArn === roleArn)
  if (!machine) throw notImplemented(`tasks of the role ${roleArn}, which no state machine has; send a mock`)
  return machine.task
}

const contextOf = (account: Account, { roleArn }: TestStateInput, input: Json) => ({
  Execution: {
    Id: `arn:${account.partition}:states:${account.region}:${account.accountId}:express:test:test`,
    Input: input,
    Name: 'test',
    RoleArn: roleArn ?? null,
    StartTime: account.now().toISOString(),
  },
  StateMachine: {
    Id: `arn:${account.partition}:states:${account.region}:${account.accountId}:stateMachine:test`,
    Name: 'test',
  },
})

const readMember = (member: string, text: string): unknown => {
  try {
    return readJsonText(text)
  } catch (error) {
    if (member === 'definition')
      throw new AwsFailure('InvalidDefinition', `Invalid State Machine Definition: '${String(error)}'`)
    if (member === 'input')
      throw new AwsFailure(
        'InvalidExecutionInput',
        `Invalid State Machine Execution Input: '${String(error)}'`,
      )
    throw new AwsFailure('ValidationException', `The member ${member} is not JSON: ${String(error)}`)
  }
}

const readObject = (member: string, text: string): Record<string, Json> => {
  const value = readMember(member, text)
  if (isObject(value)) return value as Record<string, Json>
  throw new AwsFailure('ValidationException', `The member ${member} must be a JSON object`)
}

/** What DEBUG and TRACE add. */
const inspect = (trial: Trial, input: Json): InspectionData => {
  const { variables, catchIndex, retryIndex, retryBackoffIntervalSeconds, history } = trial
  const details = <Part extends object>(part: (event: (typeof history)[number]) => Part | undefined) =>
    history.map(part).find((found) => found !== undefined)
  const scheduled = details(({ taskScheduledEventDetails: task, lambdaFunctionScheduledEventDetails: fn }) =>
    task ? { arguments: task.parameters } : fn && { arguments: fn.input },
  )
  const succeeded = details(
    ({ taskSucceededEventDetails: task, lambdaFunctionSucceededEventDetails: fn }) => task ?? fn,
  )
  return {
    input: JSON.stringify(input),
    ...(scheduled ? { afterArguments: scheduled.arguments } : {}),
    ...(succeeded ? { result: succeeded.output } : {}),
    ...(Object.keys(variables).length > 0 ? { variables: JSON.stringify(variables) } : {}),
    ...(catchIndex === undefined ? {} : { errorDetails: { catchIndex } }),
    ...(retryIndex === undefined ? {} : { errorDetails: { retryIndex, retryBackoffIntervalSeconds } }),
  }
}
