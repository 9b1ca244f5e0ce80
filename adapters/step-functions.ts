import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  type HistoryEvent as SdkHistoryEvent,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { unqualifiedStateMachine } from '../core/names.ts'
import type { HistoryEvent } from '../core/run-events/history.ts'
import { clientOptions, onlyAnswersOfAws } from './aws-client.ts'
import { requiredMember, restateAwsError } from './aws-errors.ts'
import { perRuntime } from './per-runtime.ts'
import type { Runtime } from './runtime.ts'

const client = perRuntime((runtime, region) =>
  onlyAnswersOfAws(new SFNClient(clientOptions(runtime, region))),
)

/** An execution as far as starters and messages care. Times are RFC 3339. */
export interface ExecutionState {
  run: string
  arn: string
  status: string
  startedAt: string
}

/** An execution in a list. */
export interface ListedExecution extends ExecutionState {
  /** Null while it is under way. */
  endedAt: string | null
}

/** The executions of one state machine. Every failure comes in the names of `core/errors.ts`. */
export type Executions = ReturnType<typeof executions>

/**
 * @param stateMachineArn `arn:aws:states:REGION:ACCOUNT:stateMachine:NAME`, or of a version or an alias of it, by which
 * executions are then started; they are found and listed whatever started them
 */
export const executions = (runtime: Runtime, stateMachineArn: string) => {
  const sdk = client(runtime, stateMachineArn.split(':')[3] ?? '')
  const options = runtime.signal ? { abortSignal: runtime.signal } : {}
  const machineArn = unqualifiedStateMachine(stateMachineArn)
  const arnOf = (run: string) => `${machineArn.replace(':stateMachine:', ':execution:')}:${run}`

  const attempt = async <Answer>(doing: string, ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await ask()
    } catch (error) {
      throw restateAwsError(error, doing)
    }
  }
  /** Answers undefined where the service says that there is no such thing. */
  const unless = async <Answer>(
    names: readonly string[],
    ask: () => Promise<Answer>,
  ): Promise<Answer | undefined> => {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof Error && names.includes(error.name)) return undefined
      throw error
    }
  }

  return {
    arnOf,

    /** Starts an execution; false where the name was used before, which means that the cause is known already. */
    start: (run: string, input: unknown): Promise<boolean> =>
      attempt(`starting the run ${run}`, async () => {
        const started = await unless(['ExecutionAlreadyExists'], () =>
          sdk.send(
            new StartExecutionCommand({ stateMachineArn, name: run, input: JSON.stringify(input) }),
            options,
          ),
        )
        if (started) requiredMember(started.executionArn, 'ARN of the execution')
        return started !== undefined
      }),

    /** The execution of that name, or undefined. `input` is the JSON it was started with, `output` null before its success. */
    find: (
      run: string,
    ): Promise<(ExecutionState & { input: unknown; output: unknown; cause: string | null }) | undefined> =>
      attempt(`describing the run ${run}`, () =>
        unless(['ExecutionDoesNotExist', 'InvalidArn', 'InvalidName'], async () => {
          const found = await sdk.send(new DescribeExecutionCommand({ executionArn: arnOf(run) }), options)
          return {
            ...stateOf(found),
            input: JSON.parse(found.input ?? 'null') as unknown,
            output: JSON.parse(found.output ?? 'null') as unknown,
            cause: found.cause ?? null,
          }
        }),
      ),

    /** Stops an execution; one that is over stays as it is. */
    stop: (run: string, cause: string): Promise<void> =>
      attempt(`stopping the run ${run}`, async () => {
        await unless(['ExecutionDoesNotExist'], () =>
          sdk.send(new StopExecutionCommand({ executionArn: arnOf(run), cause }), options),
        )
      }),

    /**
     * The newest first, or of these those under way. A page may be shorter than it was asked to be.
     * @param wanted which of them; then no more than the newest 5,000 are looked through
     */
    list: (
      most: number,
      statusFilter?: 'RUNNING',
      wanted?: (run: string) => boolean,
    ): Promise<ListedExecution[]> =>
      attempt('listing the runs', async () => {
        const found: ListedExecution[] = []
        let nextToken: string | undefined
        let looked = 0
        do {
          const maxResults = wanted ? 1000 : Math.min(most - found.length, 1000)
          const page = await sdk.send(
            new ListExecutionsCommand({ stateMachineArn: machineArn, statusFilter, maxResults, nextToken }),
            options,
          )
          const states = requiredMember(page.executions, 'list of executions').map((one) => ({
            ...stateOf(one),
            endedAt: one.stopDate?.toISOString() ?? null,
          }))
          found.push(...states.filter(({ run }) => !wanted || wanted(run)))
          nextToken = page.nextToken
          looked += states.length
        } while (nextToken && found.length < most && !(wanted && looked >= 5000))
        return found.slice(0, most)
      }),

    /** What has happened since the event of this id, oldest first; all of it where that is 0. */
    newEvents: (run: string, after: number): Promise<HistoryEvent[]> =>
      attempt(`reading what is new of ${run}`, async () => {
        const events: HistoryEvent[] = []
        let nextToken: string | undefined
        do {
          // From the end: a page that was read to the end has no token to go on from.
          const page = await sdk.send(
            new GetExecutionHistoryCommand({
              executionArn: arnOf(run),
              reverseOrder: true,
              maxResults: after === 0 ? 1000 : 100,
              nextToken,
            }),
            options,
          )
          const found = requiredMember(page.events, 'list of events').map(eventOf)
          events.push(...found.filter(({ id }) => id > after))
          nextToken = found.some(({ id }) => id <= after) ? undefined : page.nextToken
        } while (nextToken)
        return events.reverse()
      }),

    /** The whole history up to now, oldest first. */
    history: (run: string): Promise<HistoryEvent[]> =>
      attempt(`reading the history of ${run}`, async () => {
        const events: HistoryEvent[] = []
        let nextToken: string | undefined
        do {
          const page = await sdk.send(
            new GetExecutionHistoryCommand({ executionArn: arnOf(run), maxResults: 1000, nextToken }),
            options,
          )
          events.push(...requiredMember(page.events, 'list of events').map(eventOf))
          nextToken = page.nextToken
        } while (nextToken)
        return events
      }),

    /** Lets a waiting task go on; false where it waits no more. */
    succeed: (taskToken: string, output: unknown): Promise<boolean> =>
      attempt('answering a waiting task', async () => {
        const answered = await unless(goneTasks, () =>
          sdk.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }), options),
        )
        return answered !== undefined
      }),

    /** Lets a waiting task fail; false where it waits no more. */
    fail: (taskToken: string, error: string, cause: string): Promise<boolean> =>
      attempt('answering a waiting task', async () => {
        const answered = await unless(goneTasks, () =>
          sdk.send(new SendTaskFailureCommand({ taskToken, error, cause }), options),
        )
        return answered !== undefined
      }),
  }
}

const eventOf = (event: SdkHistoryEvent): HistoryEvent =>
  ({ ...event, timestamp: event.timestamp?.getTime() ?? 0 }) as HistoryEvent

const goneTasks = ['TaskDoesNotExist', 'TaskTimedOut', 'InvalidToken']

const stateOf = (found: {
  name?: string | undefined
  executionArn?: string | undefined
  status?: string | undefined
  startDate?: Date | undefined
}): ExecutionState => ({
  run: found.name ?? found.executionArn?.split(':').at(-1) ?? '',
  arn: requiredMember(found.executionArn, 'ARN of the execution'),
  status: requiredMember(found.status, 'status of the execution'),
  startedAt: (found.startDate ?? new Date(0)).toISOString(),
})
