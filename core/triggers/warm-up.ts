import type { StepName } from '../steps/table.ts'

/** What a function is called with to be started and nothing else. No step takes such an input. */
export const warmUpEvent = { warmUp: true } as const

/** Whether a function is called only to be started. */
export const isWarmUp = (event: unknown): boolean =>
  typeof event === 'object' &&
  event !== null &&
  Object.keys(event).join() === 'warmUp' &&
  (event as { warmUp: unknown }).warmUp === true

/**
 * The functions that are started when a run starts: those that it comes to once its association is there, some seconds
 * later, and would wait for. Those before may be called as soon as the event, and AwaitInjection starts while the association
 * propagates. EventBridge takes five targets a rule: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
export const warmedUp = [
  'restartWorkload',
  'watchRollout',
  'verifyCredentials',
  'report',
] as const satisfies StepName[]

/** The rule by which EventBridge starts them. */
export const warmUpRule = (stateMachineArn: string) => ({
  name: 'WarmUp',
  description: 'A run started: the functions that it comes to later are started meanwhile',
  pattern: {
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: { stateMachineArn: [stateMachineArn], status: ['RUNNING'] },
  },
})
