import type {
  DescribeExecutionInput,
  DescribeExecutionOutput,
  DescribeStateMachineForExecutionInput,
  DescribeStateMachineForExecutionOutput,
  DescribeStateMachineInput,
  DescribeStateMachineOutput,
  ExecutionListItem,
  GetExecutionHistoryInput,
  GetExecutionHistoryOutput,
  ListExecutionsInput,
  ListExecutionsOutput,
  ListStateMachinesInput,
  ListStateMachinesOutput,
  RedriveExecutionInput,
  RedriveExecutionOutput,
  StartExecutionInput,
  StartExecutionOutput,
  StopExecutionInput,
  StopExecutionOutput,
} from '@aws-sdk/client-sfn'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { callbackOperations } from './callbacks.ts'
import { definitionOperations } from './definitions.ts'
import type { Execution } from './execution.ts'
import { historyEvent } from './history.ts'
import { mapRunOperations } from './map-runs.ts'
import { page } from './pages.ts'
import { notRedrivable } from './redrive.ts'
import type { StateMachines } from './state-machines.ts'
import { qualifiedContext, versionOperations } from './version-operations.ts'
import { unqualified } from './versions.ts'

const onMachine = {
  resource: ({ stateMachineArn }: { stateMachineArn: string }): string => unqualified(stateMachineArn).arn,
  context: ({ stateMachineArn }: { stateMachineArn: string }) => qualifiedContext(stateMachineArn),
  subject: ({ stateMachineArn }: { stateMachineArn: string }): string => stateMachineArn,
}

const onExecution = {
  resource: ({ executionArn }: { executionArn: string }): string => executionArn,
  subject: ({ executionArn }: { executionArn: string }): string => executionArn,
}

/** Step Functions for Standard state machines: executions, their histories, task tokens. */
export const statesOperations = (account: Account, machines: StateMachines): Operations => ({
  ...callbackOperations(machines),
  ...definitionOperations(account, machines),
  ...mapRunOperations(machines),
  ...versionOperations(account, machines),
  StartExecution: operation<StartExecutionInput, StartExecutionOutput>()({
    reads: ['stateMachineArn', 'name', 'input'],
    ...onMachine,
    subject: ({ stateMachineArn, name }) => (name ? `${stateMachineArn} ${name}` : stateMachineArn),
    handle: ({ stateMachineArn, input = '{}', name }) => {
      const execution = machines.start(stateMachineArn, input, name)
      return { executionArn: execution.arn, startDate: execution.startedAt }
    },
  }),
  StopExecution: operation<StopExecutionInput, StopExecutionOutput>()({
    reads: ['executionArn', 'error', 'cause'],
    ...onExecution,
    handle: async ({ executionArn, error, cause }) => {
      const { stoppedAt } = await machines.stop(executionArn, error, cause)
      return { stopDate: stoppedAt }
    },
  }),
  RedriveExecution: operation<RedriveExecutionInput, RedriveExecutionOutput>()({
    reads: ['executionArn', 'clientToken'],
    ...onExecution,
    handle: ({ executionArn, clientToken }) => {
      const { redrivenAt } = machines.redrive(executionArn, clientToken)
      return { redriveDate: redrivenAt }
    },
  }),
  DescribeExecution: operation<DescribeExecutionInput, DescribeExecutionOutput>()({
    reads: ['executionArn'],
    ...onExecution,
    handle: ({ executionArn }) => {
      const execution = machines.execution(executionArn)
      return {
        ...described(execution),
        input: execution.input,
        inputDetails: { included: true },
        output: execution.output,
        ...(execution.output === undefined ? {} : { outputDetails: { included: true } }),
        error: execution.error,
        cause: execution.cause,
        ...redriveStatus(execution, account.now().getTime()),
      }
    },
  }),
  ListExecutions: operation<ListExecutionsInput, ListExecutionsOutput>()({
    reads: ['stateMachineArn', 'mapRunArn', 'statusFilter', 'redriveFilter', 'maxResults', 'nextToken'],
    resource: ({ stateMachineArn, mapRunArn }) =>
      stateMachineArn === undefined ? (mapRunArn ?? '*') : unqualified(stateMachineArn).arn,
    context: ({ stateMachineArn }) => qualifiedContext(stateMachineArn ?? ''),
    subject: ({ stateMachineArn, mapRunArn }) => stateMachineArn ?? mapRunArn ?? '',
    handle: (input) => {
      const { stateMachineArn, mapRunArn, statusFilter, redriveFilter } = input
      if ((stateMachineArn === undefined) === (mapRunArn === undefined))
        throw new AwsFailure(
          'ValidationException',
          'Exactly one of stateMachineArn and mapRunArn must be given',
        )
      if (redriveFilter && mapRunArn === undefined)
        throw new AwsFailure('ValidationException', 'redriveFilter is for the executions of a Map Run')
      const all =
        mapRunArn === undefined
          ? executionsBy(machines, stateMachineArn ?? '')
          : machines.mapRuns.children(mapRunArn)
      const matching = all.filter(
        ({ status, redriveCount }) =>
          (!statusFilter || status === statusFilter) &&
          (!redriveFilter || (redriveFilter === 'REDRIVEN') === redriveCount > 0),
      )
      const { items, nextToken } = page(matching, input)
      return { executions: items.map(summarize), nextToken }
    },
  }),
  GetExecutionHistory: operation<GetExecutionHistoryInput, GetExecutionHistoryOutput>()({
    reads: ['executionArn', 'maxResults', 'reverseOrder', 'nextToken', 'includeExecutionData'],
    ...onExecution,
    handle: (input) => {
      const { history } = machines.execution(input.executionArn)
      const { items, nextToken } = page(input.reverseOrder ? history.toReversed() : history, input)
      const events = items.map((event) => historyEvent(event, input.includeExecutionData ?? true))
      return { events, nextToken }
    },
  }),
  ListStateMachines: operation<ListStateMachinesInput, ListStateMachinesOutput>()({
    reads: ['maxResults', 'nextToken'],
    resource: () => '*',
    handle: (input) => {
      const { items, nextToken } = page(machines.list(), input)
      const stateMachines = items.map(({ arn, name, createdAt }) => ({
        stateMachineArn: arn,
        name,
        type: 'STANDARD' as const,
        creationDate: createdAt,
      }))
      return { stateMachines, nextToken }
    },
  }),
  DescribeStateMachine: operation<DescribeStateMachineInput, DescribeStateMachineOutput>()({
    reads: ['stateMachineArn'],
    ...onMachine,
    handle: ({ stateMachineArn }) => {
      const { machine } = machines.resolve(stateMachineArn)
      const { name, definition, roleArn, createdAt } = machine
      return {
        stateMachineArn: stateMachineArn,
        name,
        status: 'ACTIVE',
        definition,
        roleArn,
        type: 'STANDARD',
        creationDate: createdAt,
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: { enabled: false },
      }
    },
  }),
  DescribeStateMachineForExecution: operation<
    DescribeStateMachineForExecutionInput,
    DescribeStateMachineForExecutionOutput
  >()({
    reads: ['executionArn'],
    ...onExecution,
    handle: ({ executionArn }) => {
      const { arn, name, definition, roleArn, createdAt } = machines.execution(executionArn).machine
      return { stateMachineArn: arn, name, definition, roleArn, updateDate: createdAt }
    },
  }),
})

/** The executions of a state machine, or those that were started by one of its versions or aliases. */
const executionsBy = (machines: StateMachines, arn: string): Execution[] => {
  const { machine, aliasArn, versionArn } = machines.resolve(arn)
  const all = machines.executionsOf(machine.arn)
  if (aliasArn !== undefined) return all.filter((execution) => execution.aliasArn === aliasArn)
  return versionArn === undefined ? all : all.filter((execution) => execution.versionArn === versionArn)
}

/** What DescribeExecution says too: all of the summary but how many items there were. */
const described = (execution: Execution) => {
  const { itemCount: _, ...rest } = summarize(execution)
  return rest
}

const summarize = (execution: Execution): ExecutionListItem => ({
  executionArn: execution.arn,
  stateMachineArn: execution.machine.arn,
  ...(execution.versionArn === undefined ? {} : { stateMachineVersionArn: execution.versionArn }),
  ...(execution.aliasArn === undefined ? {} : { stateMachineAliasArn: execution.aliasArn }),
  name: execution.name,
  status: execution.status,
  startDate: execution.startedAt,
  stopDate: execution.stoppedAt,
  ...(execution.mapRunArn === undefined ? {} : { mapRunArn: execution.mapRunArn, itemCount: 1 }),
  redriveCount: execution.redriveCount,
  redriveDate: execution.redrivenAt,
})

/** A child is redriven with the execution that its Map is in. */
const redriveStatus = (execution: Execution, now: number) => {
  const reason = notRedrivable(execution, now)
  if (reason !== undefined) return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason } as const
  return { redriveStatus: execution.mapRunArn ? 'REDRIVABLE_BY_MAP_RUN' : 'REDRIVABLE' } as const
}
