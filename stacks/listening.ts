import { warmedUp, warmUpEvent, warmUpRule } from '../core/triggers/warm-up.ts'
import { logicalName, physicalName } from './function.ts'
import type { Storage } from './storage.ts'

/** Events that fit a pattern (on the default bus unless another is given) or the ticks of a schedule, for a function. */
type Listening = {
  name: string
  description: string
  fn: sst.aws.Function
} & ({ pattern: Record<string, unknown>; bus?: aws.cloudwatch.EventBus } | { schedule: string })

/**
 * Sends events to a function, and none is lost in silence: what cannot be delivered within a day ends in the
 * dead-letter queue, which an alarm watches.
 */
export const listen = (
  { name, description, fn, ...what }: Listening,
  { deadLetters }: Storage,
): aws.cloudwatch.EventRule => {
  const bus = 'bus' in what && what.bus ? { eventBusName: what.bus.name } : {}
  const rule = new aws.cloudwatch.EventRule(name, {
    name: physicalName(name),
    description,
    ...('schedule' in what
      ? { scheduleExpression: what.schedule }
      : { eventPattern: JSON.stringify(what.pattern) }),
    ...bus,
  })
  new aws.lambda.Permission(`${name}Permission`, {
    action: 'lambda:InvokeFunction',
    function: fn.name,
    principal: 'events.amazonaws.com',
    sourceArn: rule.arn,
  })
  new aws.cloudwatch.EventTarget(`${name}Target`, {
    rule: rule.name,
    arn: fn.arn,
    ...bus,
    deadLetterConfig: { arn: deadLetters.arn },
    retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
  })
  return rule
}

/**
 * Has the functions that a run comes to later started when it starts: the versions that it calls, by a call that does nothing.
 * One that is late or lost is not made up for, as the run itself starts the function then.
 */
export const startAhead = (
  stateMachine: string,
  functions: readonly { name: string; fn: sst.aws.Function; versionArn: $util.Output<string> }[],
): void => {
  const { name, description, pattern } = warmUpRule(stateMachine)
  const rule = new aws.cloudwatch.EventRule(name, {
    name: physicalName(name),
    description,
    eventPattern: JSON.stringify(pattern),
  })
  for (const { name: step, fn, versionArn } of functions) {
    if (!warmedUp.some((one) => one === step)) continue
    const id = `${name}${logicalName(step)}`
    const qualifier = versionArn.apply((arn) => arn.split(':').at(-1) ?? '')
    new aws.lambda.Permission(`${id}Permission`, {
      action: 'lambda:InvokeFunction',
      function: fn.name,
      qualifier,
      principal: 'events.amazonaws.com',
      sourceArn: rule.arn,
    })
    new aws.lambda.FunctionEventInvokeConfig(`${id}Once`, {
      functionName: fn.name,
      qualifier,
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 60,
    })
    new aws.cloudwatch.EventTarget(`${id}Target`, {
      rule: rule.name,
      targetId: step,
      arn: versionArn,
      input: JSON.stringify(warmUpEvent),
      retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 0 },
    })
  }
}

/** Keeps the events that a function was handed and failed at three times. */
export const keepFailures = (name: string, fn: sst.aws.Function, { deadLetters }: Storage): void => {
  new aws.lambda.FunctionEventInvokeConfig(`${logicalName(name)}Failures`, {
    functionName: fn.name,
    maximumRetryAttempts: 2,
    maximumEventAgeInSeconds: 3600,
    destinationConfig: { onFailure: { destination: deadLetters.arn } },
  })
}

/** Lets rules put into the dead-letter queue what they could not deliver. */
export const acceptDeadLetters = (
  account: string,
  rules: aws.cloudwatch.EventRule[],
  { deadLetters }: Storage,
): void => {
  new aws.sqs.QueuePolicy('DeadLettersPolicy', {
    queueUrl: deadLetters.url,
    policy: $util.all([deadLetters.arn, ...rules.map(({ arn }) => arn)]).apply(([queue, ...sources]) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: queue,
            Condition: {
              ArnEquals: { 'aws:SourceArn': sources },
              StringEquals: { 'aws:SourceAccount': account },
            },
          },
        ],
      }),
    ),
  })
}
