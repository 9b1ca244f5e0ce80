import type { Watched } from './alarms.ts'
import { physicalName } from './function.ts'

type Metric = [namespace: string, metric: string, dimension: string, value: string, options?: object]

/** One page that shows whether runs succeed, how long they take, and whether anything is held back or lost. */
export const dashboard = (
  region: string,
  { machine, functions, deadLetters }: Watched,
): aws.cloudwatch.Dashboard =>
  new aws.cloudwatch.Dashboard('Dashboard', {
    dashboardName: physicalName('Runs'),
    dashboardBody: $util
      .all([machine.arn, deadLetters.name, ...functions.map(({ fn }) => fn.name)])
      .apply(([arn = '', queue = '', ...names]) =>
        JSON.stringify({ widgets: widgets(region, arn, queue, names) }),
      ),
  })

const widgets = (region: string, machine: string, queue: string, names: string[]) => {
  const runs = (metric: string): Metric => ['AWS/States', metric, 'StateMachineArn', machine]
  const each = (metric: string, stat: string): Metric[] =>
    names.map((name) => ['AWS/Lambda', metric, 'FunctionName', name, { stat }])
  const graphs: [title: string, stat: string, metrics: Metric[]][] = [
    [
      'Runs',
      'Sum',
      [
        'ExecutionsStarted',
        'ExecutionsSucceeded',
        'ExecutionsFailed',
        'ExecutionsTimedOut',
        'ExecutionsAborted',
      ].map(runs),
    ],
    ['Time of a run', 'p90', [runs('ExecutionTime')]],
    ['Functions: time', 'p90', each('Duration', 'p90')],
    ['Functions: errors', 'Sum', each('Errors', 'Sum')],
    ['Held back', 'Sum', [runs('ExecutionThrottled'), ...each('Throttles', 'Sum')]],
    ['Lost events', 'Maximum', [['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', queue]]],
  ]
  return graphs.map(([title, stat, metrics], index) => ({
    type: 'metric',
    x: (index % 2) * 12,
    y: Math.floor(index / 2) * 6,
    width: 12,
    height: 6,
    properties: { title, region, stat, metrics, period: 300, view: 'timeSeries' },
  }))
}
