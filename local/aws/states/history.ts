import type { HistoryEvent as SdkHistoryEvent } from '@aws-sdk/client-sfn'
import type { HistoryEvent } from '../../engine/index.ts'

/** The members of an event's details that hold data of the execution, and what says that they are whole. */
const dataMembers: Readonly<Record<string, string>> = {
  input: 'inputDetails',
  output: 'outputDetails',
  assignedVariables: 'assignedVariablesDetails',
}

/** An event as GetExecutionHistory answers it; without execution data, inputs and outputs are left out. */
export const historyEvent = (event: HistoryEvent, includeData: boolean): SdkHistoryEvent => {
  const { id, previousEventId, timestamp, type, ...details } = event
  const answered = Object.entries(details).map(([member, value]) => [
    member,
    answeredDetails(value as Record<string, unknown>, includeData),
  ])
  return {
    timestamp: new Date(timestamp),
    type: type as SdkHistoryEvent['type'], // the engine uses the names of Step Functions
    id,
    previousEventId,
    ...(Object.fromEntries(answered) as Partial<SdkHistoryEvent>),
  }
}

const answeredDetails = (details: Record<string, unknown>, includeData: boolean): Record<string, unknown> => {
  const answered: Record<string, unknown> = {}
  for (const [member, value] of Object.entries(details)) {
    const about = dataMembers[member]
    if (about === undefined || includeData) answered[member] = value
    if (about !== undefined && includeData) answered[about] = { truncated: false }
  }
  return answered
}
