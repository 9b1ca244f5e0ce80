import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type AskedOfFleet, servePods } from './fleet/pods.ts'

/** What `podid inventory --all-clusters` takes. */
export interface InventoryBenchmark {
  clusters: number
  pods: number
  seconds: number
  /** What the command's own process had resident at most, in MiB. */
  peak: number
  rows: number
  calls: Record<string, number>
  /** Lists of Kubernetes objects, each of which may take several pages. */
  pages: number
  /** Calls that AWS and the API servers refused as too many, and that were asked again. */
  throttled: Record<string, number>
  code: number
}

/** What the command's process says of itself at its end. */
interface Spent {
  code: number
  peak: number
}

/** Looks with the command line, as a process of its own, at clusters that only serve what they have. */
export const benchInventory = async (clusters: number, podsOfEach: number): Promise<InventoryBenchmark> => {
  const fleet = await servePods({ clusters, podsOfEach })
  try {
    const began = performance.now()
    const child = fork(import.meta.filename, ['--look'], { env: fleet.env, silent: true })
    let printed = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
    child.stderr?.pipe(process.stderr)
    const closed = once(child, 'close')
    const [spent] = (await once(child, 'message')) as [Spent]
    const seconds = (performance.now() - began) / 1000
    await closed
    const seen: AskedOfFleet = fleet.seen()
    return {
      clusters,
      pods: clusters * podsOfEach,
      seconds,
      ...spent,
      rows: (JSON.parse(printed) as { items: unknown[] }).items.length,
      ...seen,
    }
  } finally {
    await fleet.close()
  }
}

/** What the forked process does: it is `podid inventory`, and says what it took. */
const look = async (): Promise<void> => {
  const { inventory } = await import('../cli/commands/inventory.ts')
  const code = await inventory({ allClusters: true, output: 'json' })
  // In KiB: https://nodejs.org/docs/latest-v24.x/api/process.html#processresourceusage
  process.send?.({ code, peak: process.resourceUsage().maxRSS / 1024 })
  process.disconnect()
}

const lineOf = (one: InventoryBenchmark): string =>
  `${one.clusters} clusters, ${one.pods} pods: ${one.rows} rows in ${one.seconds.toFixed(0)} s, peak ${one.peak.toFixed(0)} MiB; ` +
  `calls ${Object.entries(one.calls)
    .map(([service, count]) => `${service} ${count}`)
    .join(', ')}, of them ${one.pages} pages; throttled and asked again ${
    Object.entries(one.throttled)
      .map(([service, count]) => `${service} ${count}`)
      .join(', ') || 'none'
  }; ended with ${one.code}\n`

if (import.meta.main) {
  if (process.argv.includes('--look')) await look()
  else {
    for (const clusters of [5, 50]) {
      const measured = await benchInventory(clusters, 400)
      process.stdout.write(lineOf(measured))
      if (measured.code !== 0) process.exitCode = 1
    }
  }
}
