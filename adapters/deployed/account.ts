import {
  CloudTrailClient,
  DescribeTrailsCommand,
  type EventSelector,
  GetEventSelectorsCommand,
  type GetEventSelectorsResponse,
  GetTrailStatusCommand,
} from '@aws-sdk/client-cloudtrail'
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DescribeClusterCommand } from '@aws-sdk/client-eks'
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { GetAccountSettingsCommand, GetFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import type { Concurrency, LoggingTrail, Parameter, RecordsTable } from '../../core/doctor/account.ts'
import type { ClusterAccessMode } from '../../core/doctor/cluster.ts'
import { clientOptions, onlyAnswersOfAws } from '../aws-client.ts'
import { requiredMember, restateAwsError } from '../aws-errors.ts'
import { eksClient } from '../eks/client.ts'
import type { Runtime } from '../runtime.ts'

/** What services call something that is not there. */
const absent = new Set(['ResourceNotFoundException', 'ParameterNotFound', 'StateMachineDoesNotExist'])

/** What an account has, as far as a deployment of a stage depends on it. Every failure comes in the names of `core/errors.ts`. */
export const stageAccount = (runtime: Runtime, region: string) => {
  const options = clientOptions(runtime, region)
  const attempt = async <Answer>(doing: string, ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await ask()
    } catch (error) {
      throw restateAwsError(error, doing)
    }
  }
  /** Undefined where the service says that there is none. */
  const found = <Answer>(doing: string, ask: () => Promise<Answer>): Promise<Answer | undefined> =>
    attempt(doing, () =>
      ask().catch((error: Error) => {
        if (absent.has(error.name)) return undefined
        throw error
      }),
    )

  return {
    /** The trails that get the region's events. */
    trails: (): Promise<LoggingTrail[]> =>
      attempt(`looking for the trails of ${region}`, async () => {
        const sdk = onlyAnswersOfAws(new CloudTrailClient(options))
        const { trailList } = await sdk.send(new DescribeTrailsCommand({ includeShadowTrails: true }))
        const here = requiredMember(trailList, 'list of trails').filter(
          ({ IsMultiRegionTrail, HomeRegion }) => IsMultiRegionTrail || HomeRegion === region,
        )
        return Promise.all(
          here.map(async ({ Name = '', TrailARN = Name }): Promise<LoggingTrail> => {
            const [status, selectors] = await Promise.all([
              sdk.send(new GetTrailStatusCommand({ Name: TrailARN })),
              sdk.send(new GetEventSelectorsCommand({ TrailName: TrailARN })),
            ])
            const logging = requiredMember(status.IsLogging, `state of the trail ${Name}`)
            return { name: Name, logging, writes: logsWrites(selectors) }
          }),
        )
      }),

    concurrency: (): Promise<Concurrency> =>
      attempt('reading Lambda’s account settings', async () => {
        const sdk = onlyAnswersOfAws(new LambdaClient(options))
        const { AccountLimit } = await sdk.send(new GetAccountSettingsCommand({}))
        const limits = requiredMember(AccountLimit, 'limits')
        return {
          limit: requiredMember(limits.ConcurrentExecutions, 'limit of concurrent executions'),
          unreserved: requiredMember(
            limits.UnreservedConcurrentExecutions,
            'unreserved concurrent executions',
          ),
        }
      }),

    functionUrl: (name: string): Promise<string | undefined> =>
      found(`looking for the URL of ${name}`, async () => {
        const sdk = onlyAnswersOfAws(new LambdaClient(options))
        return requiredMember(
          (await sdk.send(new GetFunctionUrlConfigCommand({ FunctionName: name }))).FunctionUrl,
          'URL of the function',
        )
      }),

    table: (name: string): Promise<RecordsTable | undefined> =>
      found(`looking for the table ${name}`, async () => {
        const sdk = onlyAnswersOfAws(new DynamoDBClient(options))
        const { Table } = await sdk.send(new DescribeTableCommand({ TableName: name }))
        return { name: requiredMember(Table?.TableName, 'name of the table') }
      }),

    /** Whether the state machine is there, by its ARN. */
    hasStateMachine: async (arn: string): Promise<boolean> =>
      (await found(`looking for ${arn.split(':').at(-1)}`, async () => {
        const sdk = onlyAnswersOfAws(new SFNClient(options))
        return sdk.send(new DescribeStateMachineCommand({ stateMachineArn: arn }))
      })) !== undefined,

    /** A rule's state on the default bus: ENABLED, DISABLED, …; undefined where there is no such rule. */
    ruleState: (name: string): Promise<string | undefined> =>
      found(`looking for the rule ${name}`, async () => {
        const sdk = onlyAnswersOfAws(new EventBridgeClient(options))
        return requiredMember(
          (await sdk.send(new DescribeRuleCommand({ Name: name }))).State,
          'state of the rule',
        )
      }),

    /** A parameter without its value. */
    parameter: (name: string): Promise<Parameter | undefined> =>
      found(`looking for the parameter ${name}`, async () => {
        const sdk = onlyAnswersOfAws(new SSMClient(options))
        const { Parameter } = await sdk.send(new GetParameterCommand({ Name: name }))
        return { type: requiredMember(Parameter?.Type, 'type of the parameter') }
      }),

    accessMode: (cluster: string): Promise<ClusterAccessMode | undefined> =>
      found(`describing cluster ${cluster}`, async () => {
        const answer = await eksClient(runtime, region).send(new DescribeClusterCommand({ name: cluster }))
        const { accessConfig } = requiredMember(answer.cluster, 'cluster')
        return { cluster, region, mode: accessConfig?.authenticationMode ?? 'CONFIG_MAP' }
      }),
  }
}

/** Whether management events that write are logged: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html */
const logsWrites = ({
  EventSelectors = [],
  AdvancedEventSelectors = [],
}: GetEventSelectorsResponse): boolean =>
  EventSelectors.some(
    ({ IncludeManagementEvents, ReadWriteType, ExcludeManagementEventSources }: EventSelector) =>
      IncludeManagementEvents !== false &&
      ReadWriteType !== 'ReadOnly' &&
      !ExcludeManagementEventSources?.includes('eks.amazonaws.com'),
  ) ||
  AdvancedEventSelectors.some(({ FieldSelectors = [] }) => {
    const field = (name: string) => FieldSelectors.find(({ Field }) => Field === name)
    return (
      field('eventCategory')?.Equals?.includes('Management') === true &&
      field('readOnly')?.Equals?.[0] !== 'true' &&
      !field('eventSource')?.NotEquals?.includes('eks.amazonaws.com')
    )
  })
