import type { Log } from '../../adapters/runtime.ts'
import { callQuotas } from '../../core/fleet/waves/quotas.ts'
import type { FleetReport } from '../../core/fleet/waves/report.ts'
import { rolloutSteps } from '../../core/steps/rollout-table.ts'
import { steps } from '../../core/steps/table.ts'
import type { CallLimit } from '../../local/call-limits.ts'
import type { WorkClock } from '../../local/clock.ts'
import type { World } from '../../local/world.ts'
import { startStage } from '../../stage/stage.ts'
import { type BilledUse, costOf } from './cost.ts'
import { fleetConfig, startFleet } from './fleet.ts'

/** What a rollout over a fleet came to. */
export interface MeasuredRollout {
  bindings: number
  clusters: number
  /** How many of them were enabled. */
  enabled: number
  /** Seconds by the world's clock, from the start of the rollout to its end. */
  virtualSeconds: number
  /** Seconds of this machine, and of its processors. */
  realSeconds: number
  cpuSeconds: number
  /** Calls of all bindings together, by service. */
  calls: Record<string, number>
  /** What the stand-ins' limits refused, by service. */
  refused: Record<string, number>
  /** The most runs under way at once, and of one cluster. */
  most: { all: number; cluster: number }
  /** In MiB, after a garbage collection: before the rollout, and after it. The stand-ins are a part. */
  heap: { before: number; after: number }
  usage: BilledUse
  cost: number
}

/** A function's own work besides waiting, in milliseconds: calls to AWS and the cluster, and now and then a cold start. */
const workMs = 400
/** What Lambda itself writes of each call: START, END and REPORT. */
const ownLogBytes = 350
const integrationMemoryMb = 1024
/** Not one of the large ones. */
const region = 'eu-central-1'

/** The quotas as limits of the stand-ins; where AWS does not say what its bucket holds, what a second brings. */
const limits = (): CallLimit[] => {
  const { eks, iam, sts, startExecution, histories, descriptions } = callQuotas
  const ofStates = (operation: string) => ({ service: 'states' as const, operations: [operation] })
  return [
    { service: 'eks' as const, ...eks },
    { service: 'iam' as const, ...iam },
    { service: 'sts' as const, ...sts },
    { ...ofStates('StartExecution'), ...startExecution },
    { ...ofStates('GetExecutionHistory'), ...histories },
    { ...ofStates('DescribeExecution'), ...descriptions },
  ].map(({ rate, ...limit }) => ({
    service: limit.service,
    ...('operations' in limit ? { operations: limit.operations } : {}),
    perSecond: rate.perSecond,
    burst: rate.burst ?? rate.perSecond,
  }))
}

/** Rolls out to so many bindings on so many clusters, on stand-ins in virtual time, with limits like AWS's. */
export const measureRollout = async (bindings: number, clusters: number): Promise<MeasuredRollout> => {
  const size = { clusters, workloads: bindings / clusters, replicas: 1 }
  const world = await startFleet(size, { region, pace: { propagationMs: [1000, 800] } })
  const { aws, calls } = world
  const usage = emptyUsage()
  const stage = await startStage({
    world: { aws, clock: metered(world, usage) },
    config: fleetConfig(world, size),
    log: metering(usage),
  })
  for (const limit of limits()) calls.limit(limit)
  const counted = countCalls(world, usage)
  const most = watchRuns(world, stage.stateMachineArn)
  aws.stateMachines.events.subscribe(({ event }) => {
    if (event.type.endsWith('StateEntered')) usage.transition++
  })
  const before = heapMiB()
  const [began, startedAt, cpu] = [performance.now(), world.clock.now(), process.cpuUsage()]
  const { arn } = aws.stateMachines.start(
    stage.rolloutMachineArn,
    JSON.stringify({ bindings: 'all' }),
    'rollout-scale',
  )
  const ended = await aws.stateMachines.closed(arn)
  const virtualSeconds = (world.clock.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const report = JSON.parse(ended.output ?? 'null') as FleetReport | null
  if (ended.status !== 'SUCCEEDED' || !report)
    throw new Error(`the rollout ended ${ended.status}: ${ended.cause}`)
  for (const mapRun of aws.stateMachines.mapRuns.of(arn))
    for (const { history } of mapRun.children)
      usage.transition += history.filter(({ type }) => type.endsWith('StateEntered')).length
  const measured: MeasuredRollout = {
    bindings,
    clusters,
    enabled: report.waves.reduce((sum, { counts }) => sum + counts.enabled, 0),
    virtualSeconds,
    realSeconds: (performance.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
    calls: Object.fromEntries(counted),
    refused: refusedByService(calls.refused),
    most,
    heap: { before, after: heapMiB() },
    usage,
    cost: costOf(usage),
  }
  await stage.close()
  await world.close()
  return measured
}

const emptyUsage = (): BilledUse => ({
  transition: 0,
  gigabyteSecond: 0,
  invocation: 0,
  tableRead: 0,
  tableWrite: 0,
  objectRead: 0,
  objectWrite: 0,
  event: 0,
  logByte: 0,
})

/** The world's clock, which also reckons what Lambda would bill for each function that works. */
const metered = ({ clock }: World, usage: BilledUse): World['clock'] => {
  const work = async <Answer>(run: () => Promise<Answer>, name?: string): Promise<Answer> => {
    const began = clock.now()
    try {
      return await clock.work(run)
    } finally {
      usage.invocation++
      usage.gigabyteSecond += ((memoryOf(name) / 1024) * (clock.now() - began + workMs)) / 1000
      usage.logByte += ownLogBytes
    }
  }
  return { ...clock, work: work as WorkClock['work'] }
}

const memoryOf = (name = ''): number => {
  const known: Record<string, { memoryMb: number }> = { ...steps, ...rolloutSteps }
  return known[name]?.memoryMb ?? integrationMemoryMb
}

const metering = (usage: BilledUse): Log => {
  const note = (message: string, data?: Record<string, unknown>): void => {
    usage.logByte += Buffer.byteLength(JSON.stringify({ message, ...data })) + 150
  }
  return { info: note, warn: note, error: note }
}

const countCalls = ({ calls }: World, usage: BilledUse): Map<string, number> => {
  const counted = new Map<string, number>()
  calls.onCall(({ service, operation }) => {
    counted.set(service, (counted.get(service) ?? 0) + 1)
    if (service === 'dynamodb') usage[operation === 'GetItem' ? 'tableRead' : 'tableWrite']++
    if (service === 's3') usage[operation === 'GetObject' ? 'objectRead' : 'objectWrite']++
    if (service === 'events') usage.event++
  })
  return counted
}

const watchRuns = ({ aws }: World, machineArn: string): MeasuredRollout['most'] => {
  const most = { all: 0, cluster: 0 }
  const underWay = new Map<string, string>()
  aws.stateMachines.changes.subscribe(({ arn, machine, status, input }) => {
    if (machine.arn !== machineArn) return
    if (status === 'RUNNING') underWay.set(arn, (JSON.parse(input) as { cluster: string }).cluster)
    else underWay.delete(arn)
    most.all = Math.max(most.all, underWay.size)
    for (const [, own] of Map.groupBy(underWay.values(), (cluster) => cluster))
      most.cluster = Math.max(most.cluster, own.length)
  })
  return most
}

const refusedByService = (refused: ReadonlyMap<string, number>): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const [call, count] of refused) {
    const [service = ''] = call.split(' ')
    sums[service] = (sums[service] ?? 0) + count
  }
  return sums
}

const heapMiB = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}
