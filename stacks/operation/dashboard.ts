import { type MetricName, metricNamespace } from '../../core/operation/metrics.ts'
import { physicalName } from '../function.ts'
import { serviceDimension, type Watched } from './alarms.ts'

type Metric = [namespace: string, metric: string, ...rest: (string | object)[]] | [{ expression: string }]

/**
 * One page, from above: whether runs succeed, for whom they do not and since when, how long they take, whether bindings
 * stay in force, and whether anything is held back or lost.
 */
export const dashboard = (
  region: string,
  { machine, rolloutMachine, functions, deadLetters }: Watched,
): aws.cloudwatch.Dashboard =>
  new aws.cloudwatch.Dashboard('Dashboard', {
    dashboardName: physicalName('Runs'),
    dashboardBody: $util
      .all([machine.arn, rolloutMachine.arn, deadLetters.name, ...functions.map(({ fn }) => fn.name)])
      .apply(([arn = '', rolloutArn = '', queue = '', ...names]) =>
        JSON.stringify({
          widgets: widgets({ region, machine: arn, rolloutMachine: rolloutArn, queue, names }),
        }),
      ),
  })

interface Shown {
  region: string
  machine: string
  rolloutMachine: string
  queue: string
  names: string[]
}

const startedAndEnded = [
  'ExecutionsStarted',
  'ExecutionsSucceeded',
  'ExecutionsFailed',
  'ExecutionsTimedOut',
  'ExecutionsAborted',
]

const widgets = ({ region, machine, rolloutMachine, queue, names }: Shown) => {
  const service = serviceDimension()
  const executionsOf =
    (arn: string) =>
    (metric: string): Metric => ['AWS/States', metric, 'StateMachineArn', arn]
  const runs = executionsOf(machine)
  const rollouts = executionsOf(rolloutMachine)
  const ours = (metric: MetricName, stat: string): Metric => [
    metricNamespace,
    metric,
    'service',
    service,
    { stat },
  ]
  const each = (metric: string, stat: string): Metric[] =>
    names.map((name) => ['AWS/Lambda', metric, 'FunctionName', name, { stat }])
  const byOutcome = `SEARCH('{${metricNamespace},cause,outcome,service} MetricName="Runs" service="${service}"', 'Sum', 300)`
  const graph = (title: string, stat: string, metrics: Metric[]) => ({
    type: 'metric',
    properties: { title, region, stat, metrics, period: 300, view: 'timeSeries' },
  })
  const log = (title: string, source: string, query: string) => ({
    type: 'log',
    properties: { title, region, view: 'table', query: `SOURCE '/aws/lambda/${source}' | ${query}` },
  })
  const shown = [
    graph('Runs by outcome and cause', 'Sum', [[{ expression: byOutcome }]]),
    graph('Runs started and ended', 'Sum', startedAndEnded.map(runs)),
    graph('Rollouts started and ended', 'Sum', startedAndEnded.map(rollouts)),
    log(
      'For whom runs fail, and since when',
      physicalName('Notify'),
      'filter outcome = "failed" | stats count(*) as runs, earliest(@timestamp) as since, latest(@timestamp) as last, latest(cause) as lastCause, latest(run) as lastRun by cluster, namespace, serviceAccount | sort last desc | limit 50',
    ),
    graph('Until credentials arrive, and are seen', 'p90', [
      ours('Propagation', 'p90'),
      ours('Rollout', 'p90'),
      ours('TimeToProof', 'p90'),
    ]),
    graph('Bindings not in force, clusters not looked at', 'Maximum', [
      ours('BindingsChecked', 'Maximum'),
      ours('Drift', 'Maximum'),
      ours('NotChecked', 'Maximum'),
      ours('RunsOpenTooLong', 'Maximum'),
    ]),
    graph('To be put right by hand', 'Sum', [
      ours('UndoIncomplete', 'Sum'),
      ours('RunsBroken', 'Sum'),
      ours('RunsTimedOut', 'Sum'),
      ours('NeedsDenied', 'Sum'),
    ]),
    graph('Lost events', 'Maximum', [['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', queue]]),
    graph('Held back', 'Sum', [
      ours('StepsThrottled', 'Sum'),
      runs('ExecutionThrottled'),
      rollouts('ExecutionThrottled'),
      ...each('Throttles', 'Sum'),
    ]),
    graph('Functions: errors', 'Sum', each('Errors', 'Sum')),
    graph('Functions: time', 'p90', each('Duration', 'p90')),
  ]
  return shown.map((widget, index) => ({
    ...widget,
    x: (index % 2) * 12,
    y: Math.floor(index / 2) * 6,
    width: 12,
    height: 6,
  }))
}
