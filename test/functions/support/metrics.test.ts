import { afterEach, expect, it, vi } from 'vitest'
import type { Metric } from '../../../core/operation/metrics.ts'
import { toLog } from '../../../functions/support/metrics.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** A line in CloudWatch's embedded metric format. */
interface Line {
  _aws: {
    CloudWatchMetrics: {
      Namespace: string
      Dimensions: string[][]
      Metrics: { Name: string; Unit: string }[]
    }[]
  }
}

/** The lines that figures leave in the log. */
const linesOf = (figures: readonly Metric[]): string[] => {
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  toLog(figures)
  return lines
}

it('figures are of no stage where the stack names none', () => {
  vi.stubEnv('PODID_STAGE', undefined)
  vi.stubEnv('POWERTOOLS_DEV', 'true')
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
  expect(JSON.parse(linesOf([{ name: 'Propagation', value: 1 }])[0] ?? '')).toMatchObject({
    service: 'podid-',
  })
})

it('figures are lines of the log in the embedded metric format, with the stage and nothing that grows with the fleet', () => {
  vi.stubEnv('PODID_STAGE', 'dev')
  vi.stubEnv('POWERTOOLS_DEV', 'true')
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
  const figures: Metric[] = [
    { name: 'Runs', value: 1, by: { outcome: 'failed', cause: 'PreflightFailed' } },
    { name: 'Propagation', value: 1200 },
    { name: 'NeedsDenied', value: 2 },
  ]
  const parsed = linesOf(figures).map((line) => JSON.parse(line) as Line & Record<string, unknown>)
  expect(
    parsed.map(({ _aws: { CloudWatchMetrics: all }, ...rest }) => [
      all.map(({ Namespace, Dimensions, Metrics }) => [
        Namespace,
        Dimensions,
        Metrics.map(({ Name, Unit }) => `${Name} ${Unit}`),
      ]),
      rest,
    ]),
  ).toEqual([
    [
      [['podid', [['service', 'outcome', 'cause']], ['Runs Count']]],
      { service: 'podid-dev', outcome: 'failed', cause: 'PreflightFailed', Runs: 1 },
    ],
    [
      [['podid', [['service']], ['Propagation Milliseconds', 'NeedsDenied Count']]],
      { service: 'podid-dev', Propagation: 1200, NeedsDenied: 2 },
    ],
  ])
})
