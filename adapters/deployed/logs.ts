import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { clientOptions, onlyAnswersOfAws } from '../aws-client.ts'
import { isNamed, restateAwsError } from '../aws-errors.ts'
import { perRuntime } from '../per-runtime.ts'
import type { Runtime } from '../runtime.ts'

/** A line of a function's log. `at` is in milliseconds since the epoch. */
export interface LoggedLine {
  at: number
  text: string
}

const client = perRuntime((runtime, region) =>
  onlyAnswersOfAws(new CloudWatchLogsClient(clientOptions(runtime, region))),
)

/**
 * The lines of a log group that hold a text, the oldest first; none where there is no such group.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 * @param about between which times, in milliseconds since the epoch, and how many lines at most
 * @throws AccessDenied where the caller may not ask this
 */
export const linesWith = async (
  runtime: Runtime,
  { region, group }: { region: string; group: string },
  text: string,
  { from, to, most }: { from: number; to: number; most: number },
): Promise<LoggedLine[]> => {
  const found: LoggedLine[] = []
  let nextToken: string | undefined
  try {
    // A page may be empty and not be the last one.
    do {
      const page = await client(runtime, region).send(
        new FilterLogEventsCommand({
          logGroupName: group,
          // The name of an execution has no quotes in it.
          filterPattern: `"${text}"`,
          startTime: from,
          endTime: to,
          nextToken,
        }),
        runtime.signal ? { abortSignal: runtime.signal } : {},
      )
      found.push(
        ...(page.events ?? []).map(({ timestamp = 0, message = '' }) => ({ at: timestamp, text: message })),
      )
      nextToken = page.nextToken
    } while (nextToken && found.length < most)
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return []
    throw restateAwsError(error, `reading the log ${group}`)
  }
  return found.slice(0, most)
}
