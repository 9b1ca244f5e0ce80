import type {
  DescribeMapRunInput,
  DescribeMapRunOutput,
  ListMapRunsInput,
  ListMapRunsOutput,
  MapRunExecutionCounts,
  MapRunItemCounts,
  MapRunListItem,
  UpdateMapRunInput,
  UpdateMapRunOutput,
} from '@aws-sdk/client-sfn'
import type { ChildExecution, MapRun } from '../../engine/index.ts'
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
  return {
    ...listed,
    status: mapRun.status,
    maxConcurrency: mapRun.limits.maxConcurrency,
    toleratedFailureCount: mapRun.limits.toleratedFailureCount ?? 0,
    toleratedFailurePercentage: mapRun.limits.toleratedFailurePercentage ?? 0,
    itemCounts: countsOf(mapRun, mapRun.total, ({ items }) => items),
    executionCounts: countsOf(mapRun, mapRun.executions, () => 1),
    redriveCount: mapRun.redriveCount,
    redriveDate: mapRun.redrivenAt === undefined ? undefined : new Date(mapRun.redrivenAt),
  }
}

/** How many items, or children, ended how: `weigh` says for how many a child counts. */
const countsOf = (
  { children, status }: MapRun,
  total: number,
  weigh: (child: ChildExecution) => number,
): MapRunItemCounts & MapRunExecutionCounts => {
  const count = (fits: (child: ChildExecution) => boolean) =>
    children.filter(fits).reduce((sum, child) => sum + weigh(child), 0)
  const of = (wanted: string) => count((child) => !child.pendingRedrive && child.status === wanted)
  const unstarted = total - count(() => true)
  const succeeded = of('SUCCEEDED')
  return {
    pending: status === 'RUNNING' ? unstarted : 0,
    running: of('RUNNING'),
    succeeded,
    failed: of('FAILED'),
    timedOut: of('TIMED_OUT'),
    // Children that a Map Run that ended early never started count as aborted.
    aborted: of('ABORTED') + (status === 'RUNNING' ? 0 : unstarted),
    total,
    pendingRedrive: count(({ pendingRedrive }) => pendingRedrive === true),
    resultsWritten: status === 'SUCCEEDED' ? succeeded : 0,
  }
}
