import { parseConfig } from '../../core/config.ts'
import type { FleetReport } from '../../core/fleet/waves/report.ts'
import { virtualClock } from '../../local/clock.ts'
import { runRollout } from '../../stage/rollout.ts'

/** What the rollout's own workflow takes, with runs that only last. */
export interface MeasuredMachine {
  bindings: number
  clusters: number
  enabled: number
  virtualSeconds: number
  /** Of this machine's processor, for each binding. */
  cpuMsEach: number
  /** What is left in the heap for each binding, in KiB. */
  heapKiBEach: number
  most: { all: number; cluster: number }
}

const account = '111122223333'
const region = 'eu-central-1'
/** A run of a workload with a few pods. */
const runMs = 60_000

/** Rolls out to so many bindings through the engine, the steps and a bucket in memory; each run sleeps for a minute. */
export const measureMachine = async (bindings: number, clusters: number): Promise<MeasuredMachine> => {
  const clock = virtualClock()
  const started = clock.now()
  const items = Array.from({ length: bindings }, (_, at) => ({
    name: `app-${at}`,
    input: {
      cluster: `fleet-${at % clusters}`,
      namespace: 'shop',
      serviceAccount: `app-${at}`,
      role: `arn:aws:iam::${account}:role/app-${at}`,
      workload: `deployment/app-${at}`,
    },
  }))
  const stored = new Map<string, string>([['inputs/all', JSON.stringify(items)]])
  const most = { all: 0, cluster: 0 }
  const underWay = new Map<string, string>()
  const heap = heapKiB()
  const cpu = process.cpuUsage()
  const { status, history } = await runRollout({
    input: { itemsAt: 'inputs/all' },
    account,
    region,
    name: 'rollout-scale',
    clock,
    objects: {
      bucket: 'rollouts',
      get: async (key) => JSON.parse(stored.get(key) ?? 'null') ?? undefined,
      put: async (key, value) => void stored.set(key, JSON.stringify(value)),
      list: async (prefix) => [...stored.keys()].filter((key) => key.startsWith(prefix)),
    },
    config: parseConfig({ account, region }, 'the benchmark'),
    clusters: () => {
      throw new Error('no cluster is asked for')
    },
    takeTurn: async () => undefined,
    executions: { find: async () => undefined, history: async () => [], stop: async () => {} },
    ask: () => {},
    runBinding: async (run, { cluster, serviceAccount }, signal) => {
      underWay.set(run, String(cluster))
      const own = [...underWay.values()].filter((one) => one === cluster).length
      most.all = Math.max(most.all, underWay.size)
      most.cluster = Math.max(most.cluster, own)
      await clock.sleep(runMs, signal)
      underWay.delete(run)
      return { outcome: 'enabled', summary: `${serviceAccount} enabled`, before: null }
    },
  })
  const { user, system } = process.cpuUsage(cpu)
  const output = history.findLast(({ stateExitedEventDetails: exited }) => exited?.name === 'Report')
    ?.stateExitedEventDetails?.output
  const report = JSON.parse(output ?? 'null') as FleetReport | null
  if (status !== 'SUCCEEDED' || !report) throw new Error(`the rollout ended ${status}`)
  const virtualSeconds = (clock.now() - started) / 1000
  clock.stop()
  return {
    bindings,
    clusters,
    enabled: report.waves.reduce((sum, { counts }) => sum + counts.enabled, 0),
    virtualSeconds,
    cpuMsEach: (user + system) / 1000 / bindings,
    heapKiBEach: (heapKiB() - heap) / bindings,
    most,
  }
}

const heapKiB = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1024
}
