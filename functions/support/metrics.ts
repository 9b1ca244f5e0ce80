import { Metrics } from '@aws-lambda-powertools/metrics'
import { type Metric, metricNamespace, metrics as table } from '../../core/operation/metrics.ts'

/** Hands figures to CloudWatch; none where nothing collects them. */
export type Emit = (figures: readonly Metric[]) => void

/**
 * Writes figures as lines of the log in CloudWatch's embedded metric format, which takes no permission and no call:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const toLog: Emit = (figures) => {
  const service = `podid-${process.env.PODID_STAGE ?? ''}`
  const metrics = new Metrics({ namespace: metricNamespace, serviceName: service })
  for (const { name, value, by } of figures) {
    const { unit } = table[name]
    if (by) metrics.singleMetric().addDimensions(by).addMetric(name, unit, value)
    else metrics.addMetric(name, unit, value)
  }
  metrics.publishStoredMetrics()
}
