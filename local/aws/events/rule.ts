import type { EventPattern } from './pattern.ts'
import type { Schedule } from './schedule.ts'

/** An event as rules and targets see it. */
export interface BusEvent {
  version: '0'
  id: string
  'detail-type': string
  source: string
  account: string
  /** ISO 8601, to the second. */
  time: string
  region: string
  resources: string[]
  detail: unknown
}

/** Where a rule sends its events. */
export interface Target {
  id: string
  arn: string
  roleArn?: string
  /** Sent instead of the event, as JSON text. */
  input?: string
  retry: { attempts: number; ageSeconds: number }
  /** ARN of the queue for what could not be delivered. */
  deadLetterArn?: string
}

/** A rule of the default bus. */
export interface Rule {
  name: string
  arn: string
  description?: string
  enabled: boolean
  roleArn?: string
  /** As it was sent; rules on a pattern may have none. */
  scheduleText?: string
  schedule?: Schedule
  /** As it was sent; rules on a schedule have none. */
  patternText?: string
  matches?: EventPattern
  targets: Map<string, Target>
}
