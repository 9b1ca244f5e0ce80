import type { Config } from '../../core/config.ts'
import { type MetricName, metricNamespace } from '../../core/operation/metrics.ts'
import { physicalName } from '../function.ts'
import { alarmTopic } from './alarm-topic.ts'

type Dimensions = Record<string, $util.Input<string>>

interface Watch {
  namespace: string
  metricName: string
  dimensions: Dimensions
  stat: 'Sum' | 'Maximum'
}

/** What goes off, and the chapter of docs/runbooks.md that says what to do about it, which has its name. */
interface Alarm {
  name: string
  description: string
  /** It goes off where their sum is above the threshold. CloudWatch takes ten in one alarm. */
  of: Watch[]
  /** 0 unless given. */
  above?: number
  /** It goes off where the sum is below 1 for as many periods as this, and where there is no figure at all. */
  absentFor?: number
  /** 300 unless given. */
  periodSeconds?: number
  /** Whether it stays as it is where there is no figure; else that means that nothing happened. */
  stays?: boolean
}

export interface Watched {
  machine: aws.sfn.StateMachine
  /** Of rollouts in waves. */
  rolloutMachine: aws.sfn.StateMachine
  functions: { name: string; fn: sst.aws.Function }[]
  /** Where events end that could not be delivered. */
  deadLetters: aws.sqs.Queue
}

/** The value of the dimension that every metric of ours has. */
export const serviceDimension = (): string => `${$app.name}-${$app.stage}`

/**
 * Alarms for what somebody can do something about. A run that stops at what it found, or that a person declined, is none:
 * its report says what to do, to whoever asked for it.
 */
export const alarms = (config: Config, watched: Watched): aws.sns.Topic => {
  const topic = alarmTopic(config)
  for (const alarm of inventory(config, watched)) {
    const { name, description, of, absentFor, stays = false, periodSeconds = 300 } = alarm
    const metricQueries = of.map(({ stat, ...metric }, index) => ({
      id: `m${index}`,
      metric: { ...metric, stat, period: periodSeconds },
      returnData: false,
    }))
    new aws.cloudwatch.MetricAlarm(`${name}Alarm`, {
      name: physicalName(name),
      alarmDescription: `${description}. What to do: docs/runbooks.md, ${name}`,
      ...(of.length === 1 && of[0]
        ? {
            namespace: of[0].namespace,
            metricName: of[0].metricName,
            dimensions: of[0].dimensions,
            statistic: of[0].stat,
            period: periodSeconds,
          }
        : {
            metricQueries: [
              {
                id: 'all',
                expression: of.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
                label: name,
                returnData: true,
              },
              ...metricQueries,
            ],
          }),
      ...(absentFor === undefined
        ? {
            evaluationPeriods: 1,
            threshold: alarm.above ?? 0,
            comparisonOperator: 'GreaterThanThreshold',
            treatMissingData: stays ? 'ignore' : 'notBreaching',
          }
        : {
            evaluationPeriods: absentFor,
            threshold: 1,
            comparisonOperator: 'LessThanThreshold',
            treatMissingData: 'breaching',
          }),
      alarmActions: [topic.arn],
    })
  }
  return topic
}

const inventory = (config: Config, { machine, rolloutMachine, functions, deadLetters }: Watched): Alarm[] => {
  const ours = (metricName: MetricName, stat: Watch['stat'] = 'Sum'): Watch => ({
    namespace: metricNamespace,
    metricName,
    dimensions: { service: serviceDimension() },
    stat,
  })
  const executionsOf =
    ({ arn }: aws.sfn.StateMachine) =>
    (metricName: string): Watch => ({
      namespace: 'AWS/States',
      metricName,
      dimensions: { StateMachineArn: arn },
      stat: 'Sum',
    })
  const runs = executionsOf(machine)
  const rollouts = executionsOf(rolloutMachine)
  const calls = (metricName: string, names: readonly string[]): Watch[] =>
    functions
      .filter(({ name }) => names.includes(name))
      .map(({ fn }) => ({
        namespace: 'AWS/Lambda',
        metricName,
        dimensions: { FunctionName: fn.name },
        stat: 'Sum',
      }))
  const letters = (metricName: string): Watch => ({
    namespace: 'AWS/SQS',
    metricName,
    dimensions: { QueueName: deadLetters.name },
    stat: 'Maximum',
  })
  const url = calls('Url5xxCount', ['http'])
  const sweepSeconds = config.triggers.sweep.everyMinutes * 60
  return [
    {
      name: 'UndoIncomplete',
      description: 'A run failed and could not put everything back: somebody has to do the rest by hand',
      of: [ours('UndoIncomplete')],
    },
    {
      name: 'RunsBroken',
      description: 'A run ended by a fault of podid or of its workflow, not by what it found',
      of: [ours('RunsBroken')],
    },
    {
      name: 'RunsTimedOut',
      description: 'A run, or a step of it again and again, took longer than it may',
      of: [ours('RunsTimedOut'), runs('ExecutionsTimedOut')],
    },
    {
      name: 'RolloutsTimedOut',
      description: 'A rollout in waves took longer than the whole allowance of its workflow',
      of: [rollouts('ExecutionsTimedOut')],
    },
    {
      name: 'RunOpenTooLong',
      description: 'A run has been open for longer than all its limits together: it stands still',
      of: [ours('RunsOpenTooLong', 'Maximum')],
      periodSeconds: sweepSeconds,
      // Each sweep looks anew.
      stays: true,
    },
    {
      name: 'SweepUnfinished',
      description: 'No sweep came to the end of its round in three intervals: nobody looks for drift',
      of: [ours('SweepRounds')],
      periodSeconds: sweepSeconds,
      // An alarm looks back a day, or seven where its periods are an hour or longer.
      absentFor: 3,
    },
    ...(url.length > 0
      ? [
          {
            name: 'UrlFails',
            description: 'The URL for Slack and for callers answered a request with 5xx',
            of: url,
          },
        ]
      : []),
    {
      name: 'Throttled',
      description: "AWS held back podid's own functions or its state machines",
      // Lambda's metric of a region counts everybody's functions; ours count the steps by their runs' histories.
      of: [
        ours('StepsThrottled'),
        runs('ExecutionThrottled'),
        rollouts('ExecutionThrottled'),
        ...calls('Throttles', ['start', 'sweep', 'http', 'followRun', 'notify']),
      ],
    },
    {
      name: 'DeadLetters',
      description: 'An event could not be delivered, or a function failed at it three times',
      of: [letters('ApproximateNumberOfMessagesVisible')],
      // A queue's figures pause where nobody touches it; a letter that lies there is still to be sent.
      stays: true,
    },
    {
      name: 'DeadLettersExpire',
      description: 'A dead letter is ten days old; after fourteen it is deleted',
      of: [letters('ApproximateAgeOfOldestMessage')],
      above: 10 * 86_400,
      stays: true,
    },
  ]
}
