import type {
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge'
import { isObject } from '../../json-object.ts'
import { readJsonText } from '../../json-text.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import type { EventBusStandIn } from './bus.ts'

const MAX_BYTES = 262_144

/** PutEvents on the default bus: each entry succeeds or fails by itself. */
export const putEventsOperations = (bus: EventBusStandIn, busArn: string): Operations => ({
  PutEvents: operation<PutEventsRequest, PutEventsResponse>()({
    reads: [
      'Entries.Time',
      'Entries.Source',
      'Entries.Resources',
      'Entries.DetailType',
      'Entries.Detail',
      'Entries.EventBusName',
    ],
    resource: () => busArn,
    context: ({ Entries }) => ({
      'events:source': Entries.map(({ Source = '' }) => Source),
      'events:detail-type': Entries.map(({ DetailType = '' }) => DetailType),
    }),
    subject: ({ Entries }) => Entries.map(({ DetailType = '' }) => DetailType).join(', '),
    handle: (input) => {
      if (input.Entries.reduce((size, entry) => size + sizeOf(entry), 0) > MAX_BYTES)
        throw new AwsFailure(
          'ValidationException',
          'Total size of the entries in the request is over the limit.',
        )
      const entries = input.Entries.map((entry) => put(bus, busArn, entry))
      return { FailedEntryCount: entries.filter(({ ErrorCode }) => ErrorCode).length, Entries: entries }
    },
  }),
})

/** As EventBridge counts: 14 bytes for a time, and the UTF-8 of the rest. */
const sizeOf = ({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsRequestEntry) =>
  (Time ? 14 : 0) + Buffer.byteLength([Source, DetailType, Detail, ...Resources].join(''))

const put = (bus: EventBusStandIn, busArn: string, entry: PutEventsRequestEntry): PutEventsResultEntry => {
  const { Source, DetailType, Detail, Resources, Time, EventBusName = 'default' } = entry
  if (!Source) return required('Source')
  if (!DetailType) return required('DetailType')
  if (!Detail) return required('Detail')
  if (Source.startsWith('aws.'))
    return failed('NotAuthorizedForSourceException', 'Not authorized for the source.')
  const detail = parseDetail(Detail)
  if (!detail) return failed('MalformedDetail', 'Detail is malformed.')
  if (EventBusName !== 'default' && EventBusName !== busArn)
    return failed('ResourceNotFoundException', `Event bus ${EventBusName} does not exist.`)
  const event = { source: Source, detailType: DetailType, detail, resources: Resources ?? [] }
  return { EventId: bus.publish({ ...event, ...(Time ? { time: Time } : {}) }) }
}

const failed = (ErrorCode: string, ErrorMessage: string): PutEventsResultEntry => ({
  ErrorCode,
  ErrorMessage,
})

const required = (name: string): PutEventsResultEntry =>
  failed('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`)

const parseDetail = (text: string): object | undefined => {
  try {
    const detail = readJsonText(text)
    return isObject(detail) ? detail : undefined
  } catch {
    return undefined
  }
}
