import type { LookupEventsRequest, LookupEventsResponse } from '@aws-sdk/client-cloudtrail'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'

/** AWS gives no number; commonly it is said to take 5 to 15 minutes. */
const delayMs = 5 * 60_000

/** CloudTrail's quotas page: LookupEvents, per account and region. */
const perSecond = 2

/** CloudTrail: looking events up by a resource, newest first, twice a second at most. */
export const cloudTrailOperations = (account: Pick<Account, 'history' | 'now'>): Operations => {
  let answered: number[] = []
  /** @throws AwsFailure as the service does where there are too many requests */
  const takeTurn = (): void => {
    const now = account.now().getTime()
    answered = answered.filter((at) => now - at < 1000)
    if (answered.length >= perSecond) throw new AwsFailure('ThrottlingException', 'Rate exceeded')
    answered.push(now)
  }
  return {
    LookupEvents: operation<LookupEventsRequest, LookupEventsResponse>()({
      reads: ['LookupAttributes', 'StartTime', 'EndTime', 'MaxResults', 'NextToken'],
      resource: () => '*',
      subject: ({ LookupAttributes = [] }) => LookupAttributes[0]?.AttributeValue ?? '',
      handle: ({ LookupAttributes = [], StartTime, EndTime, MaxResults = 50, NextToken = '0' }) => {
        takeTurn()
        const [attribute, ...more] = LookupAttributes
        if (more.length > 0 || (attribute && attribute.AttributeKey !== 'ResourceName'))
          throw new AwsFailure(
            'InvalidLookupAttributesException',
            'One attribute can be looked up by: ResourceName',
          )
        const from = Number(NextToken)
        if (!Number.isInteger(from) || from < 0)
          throw new AwsFailure('InvalidNextTokenException', 'Invalid nextToken')
        const found = account.history.events
          .filter(
            ({ at, resources }) =>
              at + delayMs <= account.now().getTime() &&
              at >= (StartTime?.getTime() ?? 0) &&
              at <= (EndTime?.getTime() ?? Number.POSITIVE_INFINITY) &&
              (!attribute || resources.includes(attribute.AttributeValue ?? '')),
          )
          .toReversed()
        const page = found.slice(from, from + MaxResults)
        return {
          Events: page.map(({ id, name, at, resources, detail }) => ({
            EventId: id,
            EventName: name,
            EventTime: new Date(at),
            EventSource: 'sts.amazonaws.com',
            ReadOnly: 'true',
            Resources: resources.map((ResourceName) => ({ ResourceName })),
            CloudTrailEvent: JSON.stringify({
              eventID: id,
              eventTime: new Date(at).toISOString(),
              ...detail,
            }),
          })),
          ...(from + MaxResults < found.length ? { NextToken: String(from + MaxResults) } : {}),
        }
      },
    }),
  }
}
