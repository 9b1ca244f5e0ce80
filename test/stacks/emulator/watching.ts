import { capital, defined, type Making } from './shapes.ts'

/** What starts functions, and what shows how they do. */
export const makingWatches: Making = {
  'aws:cloudwatch/eventBus:EventBus': ({ name }) => [['events', 'create_event_bus', { Name: name }]],
  'aws:cloudwatch/eventRule:EventRule': ({
    name,
    description,
    eventPattern,
    scheduleExpression,
    eventBusName,
  }) => [
    [
      'events',
      'put_rule',
      defined({
        Name: name,
        Description: description,
        EventPattern: eventPattern,
        ScheduleExpression: scheduleExpression,
        EventBusName: eventBusName,
      }),
    ],
  ],
  'aws:cloudwatch/eventTarget:EventTarget': ({
    rule,
    targetId,
    arn,
    input,
    eventBusName,
    deadLetterConfig,
    retryPolicy,
  }) => [
    [
      'events',
      'put_targets',
      defined({
        Rule: rule,
        EventBusName: eventBusName,
        Targets: [
          defined({
            Id: targetId ?? 'target',
            Arn: arn,
            Input: input,
            DeadLetterConfig: capital(deadLetterConfig),
            RetryPolicy: capital(retryPolicy),
          }),
        ],
      }),
    ],
  ],
  'aws:cloudwatch/metricAlarm:MetricAlarm': (inputs) => [
    [
      'cloudwatch',
      'put_metric_alarm',
      defined({
        AlarmName: inputs.name,
        AlarmDescription: inputs.alarmDescription,
        Namespace: inputs.namespace,
        MetricName: inputs.metricName,
        Dimensions: dimensions(inputs.dimensions),
        Metrics: (inputs.metricQueries as MetricQuery[] | undefined)?.map(
          ({ id, expression, label, returnData, metric }) =>
            defined({
              Id: id,
              Expression: expression,
              Label: label,
              ReturnData: returnData,
              MetricStat: metric && {
                Metric: {
                  Namespace: metric.namespace,
                  MetricName: metric.metricName,
                  Dimensions: dimensions(metric.dimensions),
                },
                Period: metric.period,
                Stat: metric.stat,
              },
            }),
        ),
        Statistic: inputs.statistic,
        Period: inputs.period,
        EvaluationPeriods: inputs.evaluationPeriods,
        Threshold: inputs.threshold,
        ComparisonOperator: inputs.comparisonOperator,
        TreatMissingData: inputs.treatMissingData,
        AlarmActions: inputs.alarmActions,
      }),
    ],
  ],
  'aws:cloudwatch/dashboard:Dashboard': ({ dashboardName, dashboardBody }) => [
    ['cloudwatch', 'put_dashboard', { DashboardName: dashboardName, DashboardBody: dashboardBody }],
  ],
}

interface MetricQuery {
  id: string
  expression?: string
  label?: string
  returnData: boolean
  metric?: { namespace: string; metricName: string; dimensions: unknown; period: number; stat: string }
}

const dimensions = (named: unknown): { Name: string; Value: string }[] | undefined =>
  named === undefined
    ? undefined
    : Object.entries(named as Record<string, string>).map(([Name, Value]) => ({ Name, Value }))
