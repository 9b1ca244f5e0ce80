import type {
  FilteredLogEvent,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs'
import type { Account } from './account/account.ts'
import { AwsFailure } from './failure.ts'
import { type Operations, operation } from './operation.ts'
import { pageOf } from './pages.ts'

interface Line {
  id: string
  at: number
  text: string
}

/** Of more lines than these a group loses the oldest. */
const mostLines = 10_000

/** The account's log groups of CloudWatch Logs. */
export class LogGroups {
  readonly #groups = new Map<string, Line[]>()
  #count = 0

  /** Writes a line, into a group that is made where there is none. `at` is in milliseconds since the epoch. */
  write(group: string, at: number, text: string): void {
    const lines = this.#groups.get(group) ?? []
    this.#groups.set(group, lines)
    lines.push({ id: String(++this.#count).padStart(56, '0'), at, text })
    if (lines.length > mostLines) lines.shift()
  }

  get(group: string): readonly Line[] | undefined {
    return this.#groups.get(group)
  }
}

/**
 * CloudWatch Logs: reading a group by words in quotes, all of which a line has to hold.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export const logsOperations = (
  groups: LogGroups,
  { partition, region, accountId }: Pick<Account, 'partition' | 'region' | 'accountId'>,
): Operations => ({
  FilterLogEvents: operation<FilterLogEventsRequest, FilterLogEventsResponse>()({
    reads: ['logGroupName', 'filterPattern', 'startTime', 'endTime', 'nextToken', 'limit'],
    resource: ({ logGroupName = '' }) =>
      `arn:${partition}:logs:${region}:${accountId}:log-group:${logGroupName}:log-stream:`,
    subject: ({ logGroupName = '' }) => logGroupName,
    handle: ({
      logGroupName = '',
      filterPattern = '',
      startTime = 0,
      endTime,
      nextToken,
      limit = 10_000,
    }) => {
      const lines = groups.get(logGroupName)
      if (!lines) throw new AwsFailure('ResourceNotFoundException', 'The specified log group does not exist.')
      const words = wordsIn(filterPattern)
      const found = lines.filter(
        ({ at, text }) =>
          at >= startTime &&
          at <= (endTime ?? Number.POSITIVE_INFINITY) &&
          words.every((word) => text.includes(word)),
      )
      const page = pageOf(found, { size: limit, token: nextToken })
      if (!page) throw new AwsFailure('InvalidParameterException', 'The specified nextToken is invalid.')
      return {
        events: page.items.map(
          ({ id, at, text }): FilteredLogEvent => ({
            eventId: id,
            logStreamName: '2026/11/26/[$LATEST]0',
            timestamp: at,
            ingestionTime: at,
            message: text,
          }),
        ),
        searchedLogStreams: [],
        ...(page.nextToken ? { nextToken: page.nextToken } : {}),
      }
    },
  }),
})

/** @throws AwsFailure for a pattern that has anything but words in quotes */
const wordsIn = (pattern: string): string[] => {
  if (!/^(?:\s*"[^"]*")*\s*$/.test(pattern))
    throw new AwsFailure('NotImplemented', `the stand-in reads words in quotes only, and not ${pattern}`, {
      status: 501,
    })
  return [...pattern.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word)
}
