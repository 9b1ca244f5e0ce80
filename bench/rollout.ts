import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, connect } from '../adapters/kubernetes/connection.ts'
import { observeRollout } from '../adapters/kubernetes/watch.ts'
import { workloads } from '../adapters/kubernetes/workloads.ts'
import type { Deployment } from '../core/kubernetes.ts'
import { assessRollout, type Workload } from '../core/workload/rollout.ts'
import type { WorkloadRef } from '../core/workload/workload.ts'
import { realClock } from '../local/clock.ts'
import { startApiServer } from '../local/kubernetes/api/server.ts'
import { startControllers } from '../local/kubernetes/controllers/index.ts'
import { ec2Node } from '../local/kubernetes/kubelet/nodes.ts'
import { resources } from '../local/kubernetes/store/resources.ts'
import { Store } from '../local/kubernetes/store/store.ts'

/** How soon the end of a rollout is noticed, from the write of the status that ends it, in milliseconds. */
export interface RolloutBenchmark {
  rounds: number
  /** Our watch: the median and the worst. */
  watch: { median: number; worst: number }
  /** `kubectl rollout status` on the same rollouts, its start not counted; absent where there is no kubectl. */
  kubectl?: { median: number; worst: number }
  /** The fewest available pods at any write during the rollouts, and how many the strategy demands. */
  available: { fewest: number; demanded: number }
}

const carts: WorkloadRef = { kind: 'Deployment', name: 'carts' }
const replicas = 3

const deployment: Deployment = {
  metadata: { name: 'carts', namespace: 'carts' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'carts' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: 'carts' } },
      spec: { containers: [{ name: 'carts', image: 'carts:1' }] },
    },
  },
}

const token = 'benchmark'

/** Restarts a Deployment `rounds` times and lets our watch and kubectl follow each rollout side by side. */
export const benchRollout = async (rounds = 20): Promise<RolloutBenchmark> => {
  const clock = realClock()
  const store = new Store({ clock })
  const controllers = startControllers({
    store,
    clock,
    kubelet: () => ({ startMs: 60, readyAfterMs: 120, stopMs: 60 }),
  })
  const api = await startApiServer({
    store,
    clock,
    authenticate: async () => ({ username: 'benchmark', groups: ['system:masters'] }),
  })
  const cluster = {
    name: 'benchmark',
    endpoint: api.url,
    ca: Buffer.from(api.caData).toString('base64'),
    region: 'us-west-2',
  }
  const connection = connect({
    cluster,
    credentials: async () => ({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'example' }),
    clock,
  })
  const directory = await mkdtemp(join(tmpdir(), 'podid-bench-'))
  try {
    await writeFile(join(directory, 'kubeconfig'), kubeconfig(cluster))
    store.create(resources.namespaces, { metadata: { name: 'carts' } })
    for (const address of ['10.42.10.10', '10.42.20.10']) {
      store.create(resources.nodes, ec2Node({ address, zone: 'us-west-2a', now: store.timestamp() }))
    }
    store.create(resources.deployments, deployment)
    await settled(store)
    const measured: Round[] = []
    for (let round = -1; round < rounds; round++) {
      const result = await measure(store, connection, directory, round)
      if (round >= 0) measured.push(result) // the first round warms up
    }
    const kubectl = measured.map((round) => round.kubectl).filter((time) => time !== undefined)
    return {
      rounds,
      watch: summary(measured.map((round) => round.watch)),
      ...(kubectl.length > 0 && { kubectl: summary(kubectl) }),
      available: { fewest: Math.min(...measured.map((round) => round.fewest)), demanded: replicas },
    }
  } finally {
    controllers.stop()
    await connection.close()
    await api.close()
    await rm(directory, { recursive: true })
  }
}

interface Round {
  watch: number
  kubectl: number | undefined
  fewest: number
}

const measure = async (
  store: Store,
  connection: Connection,
  directory: string,
  round: number,
): Promise<Round> => {
  let fewest = Number.POSITIVE_INFINITY
  let writtenAt = 0
  let generation = Number.POSITIVE_INFINITY
  const unsubscribe = store.subscribe(({ resource, object }) => {
    if (resource !== resources.deployments) return
    const { state, counts } = assessRollout(object as Workload, { generation })
    fewest = Math.min(fewest, counts.available)
    if (state === 'complete') writtenAt ||= performance.now()
  })
  const restarted = await workloads(connection).restart(carts, 'carts', new Date(round * 1000).toISOString())
  generation = restarted.generation
  const [watch, kubectl] = await Promise.all([
    observeRollout({ connection, ref: carts, namespace: 'carts', generation, budgetMs: 60_000 }).then(() =>
      performance.now(),
    ),
    kubectlRolloutStatus(directory),
  ])
  unsubscribe()
  return { watch: watch - writtenAt, kubectl: kubectl && kubectl - writtenAt, fewest }
}

/** When kubectl said that the rollout is over. */
const kubectlRolloutStatus = (directory: string): Promise<number | undefined> =>
  new Promise((resolve) => {
    const kubectl = spawn('kubectl', ['-n', 'carts', 'rollout', 'status', 'deployment/carts'], {
      env: {
        ...process.env,
        KUBECONFIG: join(directory, 'kubeconfig'),
        KUBECACHEDIR: join(directory, 'cache'),
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let said = ''
    kubectl.on('error', () => resolve(undefined))
    kubectl.on('close', () => resolve(undefined))
    kubectl.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (!said.includes('successfully rolled out')) return
      resolve(performance.now())
      // It has said what it was started for, and must not outlive the cluster that it asks.
      kubectl.kill()
    })
  })

const settled = (store: Store): Promise<void> =>
  new Promise((resolve) => {
    const unsubscribe = store.subscribe(({ resource, object }) => {
      if (resource !== resources.deployments) return
      if (assessRollout(object as Workload).state !== 'complete') return
      unsubscribe()
      resolve()
    })
  })

const summary = (times: number[]) => {
  const sorted = times.toSorted((one, other) => one - other)
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, worst: sorted.at(-1) ?? 0 }
}

const kubeconfig = (cluster: { endpoint: string; ca: string }): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'benchmark',
    clusters: [
      {
        name: 'benchmark',
        cluster: { server: cluster.endpoint, 'certificate-authority-data': cluster.ca },
      },
    ],
    users: [{ name: 'benchmark', user: { token } }],
    contexts: [{ name: 'benchmark', context: { cluster: 'benchmark', user: 'benchmark' } }],
  })

if (import.meta.main) {
  const { rounds, watch, kubectl, available } = await benchRollout()
  const figures = ({ median, worst }: { median: number; worst: number }) =>
    `${median.toFixed(1)} ms (worst ${worst.toFixed(1)} ms)`
  process.stdout.write(
    `rollout: ${rounds} rollouts, end noticed after ${figures(watch)}; kubectl rollout status ${kubectl ? figures(kubectl) : 'not there'}; ` +
      `never fewer than ${available.fewest} pods available of ${available.demanded} demanded\n`,
  )
}
