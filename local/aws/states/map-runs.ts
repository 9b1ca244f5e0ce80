import type {
  DescribeMapRunInput,
  DescribeMapRunOutput,
  ListMapRunsInput,
  ListMapRunsOutput,
  MapRunListItem,
  UpdateMapRunInput,
  UpdateMapRunOutput,
} from '@aws-sdk/client-sfn'
import type { MapRun } from '../../engine/index.ts'
import { type Operations, operation } from '../operation.ts'
import { page } from './pages.ts'
import type { StateMachines } from './state-machines.ts'

const onMapRun = {
  resource: ({ mapRunArn }: { mapRunArn: string }): string => mapRunArn,
  subject: ({ mapRunArn }: { mapRunArn: string }): string => mapRunArn,
}

/** The runs of distributed Maps: what came of their children, and their limits while they run. */
export const mapRunOperations = (machines: StateMachines): Operations => ({
  ListMapRuns: operation<ListMapRunsInput, ListMapRunsOutput>()({
    reads: ['executionArn', 'maxResults', 'nextToken'],
    resource: ({ executionArn }) => executionArn,
    handle: (input) => {
      const { items, nextToken } = page(
        machines.mapRuns.of(machines.execution(input.executionArn).arn),
        input,
      )
      return { mapRuns: items.map(summarize), nextToken }
    },
  }),
  DescribeMapRun: operation<DescribeMapRunInput, DescribeMapRunOutput>()({
    reads: ['mapRunArn'],
    ...onMapRun,
    handle: ({ mapRunArn }) => describe(machines.mapRuns.get(mapRunArn)),
  }),
  UpdateMapRun: operation<UpdateMapRunInput, UpdateMapRunOutput>()({
    reads: ['mapRunArn', 'maxConcurrency', 'toleratedFailurePercentage', 'toleratedFailureCount'],
    ...onMapRun,
    handle: ({ mapRunArn, ...limits }) => {
      const mapRun = machines.mapRuns.get(mapRunArn)
      Object.assign(mapRun.limits, limits)
      mapRun.changed()
      return {}
    },
  }),
})

const summarize = (mapRun: MapRun): MapRunListItem => ({
  mapRunArn: mapRun.arn,
  executionArn: mapRun.executionArn,
  stateMachineArn: mapRun.stateMachineArn,
  startDate: new Date(mapRun.startedAt),
  stopDate: mapRun.stoppedAt === undefined ? undefined : new Date(mapRun.stoppedAt),
})

const describe = (mapRun: MapRun): DescribeMapRunOutput => {
  const { stateMachineArn: _, ...listed } = summarize(mapRun)
  const counts = countsOf(mapRun)
  return {
    ...listed,
    status: mapRun.status,
    maxConcurrency: mapRun.limits.maxConcurrency,
    toleratedFailureCount: mapRun.limits.toleratedFailureCount ?? 0,
    toleratedFailurePercentage: mapRun.limits.toleratedFailurePercentage ?? 0,
    // Items are not batched, so that each child has one.
    itemCounts: counts,
    executionCounts: counts,
    redriveCount: mapRun.redriveCount,
    redriveDate: mapRun.redrivenAt === undefined ? undefined : new Date(mapRun.redrivenAt),
  }
}

const countsOf = ({ children, total, status }: MapRun) => {
  const of = (wanted: string) =>
    children.filter((child) => !child.pendingRedrive && child.status === wanted).length
  const succeeded = of('SUCCEEDED')
  return {
    pending: status === 'RUNNING' ? total - children.length : 0,
    running: of('RUNNING'),
    succeeded,
    failed: of('FAILED'),
    timedOut: of('TIMED_OUT'),
    // Children that a Map Run that ended early never started count as aborted.
    aborted: of('ABORTED') + (status === 'RUNNING' ? 0 : total - children.length),
    total,
    pendingRedrive: children.filter(({ pendingRedrive }) => pendingRedrive).length,
    resultsWritten: status === 'SUCCEEDED' ? succeeded : 0,
  }
}
