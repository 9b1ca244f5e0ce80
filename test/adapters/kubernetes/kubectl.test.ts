import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { observeRollout } from '../../../adapters/kubernetes/watch.ts'
import { workloads } from '../../../adapters/kubernetes/workloads.ts'
import type { DaemonSet, Deployment, StatefulSet } from '../../../core/kubernetes.ts'
import { formatWorkloadRef, type WorkloadRef } from '../../../core/workload/workload.ts'
import { needing } from '../../support/command-line.ts'
import { cartsDeployment, type ServedCluster, serveCluster } from '../../support/servers/served-cluster.ts'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close()
})

const template = cartsDeployment().spec?.template ?? {}
const selector = { matchLabels: { app: 'carts' } }
const metadata = { name: 'carts', namespace: 'carts' }

const kinds: [WorkloadRef['kind'], Deployment | DaemonSet | StatefulSet][] = [
  ['Deployment', cartsDeployment()],
  ['DaemonSet', { kind: 'DaemonSet', metadata, spec: { selector, template } }],
  [
    'StatefulSet',
    { kind: 'StatefulSet', metadata, spec: { selector, template, serviceName: 'carts', replicas: 2 } },
  ],
]

const { skipped, note } = needing('kubectl')

it.skipIf(skipped).each(kinds)(
  `reports the rollout of a %s in the words of kubectl, one by one${note}`,
  async (kind, workload) => {
    const cluster = await serveCluster({ held: true })
    opened.push(cluster)
    await cluster.deploy(workload)
    const ref: WorkloadRef = { kind, name: 'carts' }
    const { connection } = cluster
    const { generation } = await workloads(connection).restart(ref, 'carts', '2026-01-01T00:10:00Z')
    const ours = observeRollout({ connection, ref, namespace: 'carts', generation, budgetMs: 900_000 })
    const theirs = await kubectl(cluster, ['rollout', 'status', formatWorkloadRef(ref), '-n', 'carts'])
    await bothWatch(cluster)
    cluster.clock.release('jump')
    const { state, progress } = await ours
    expect(state).toBe('complete')
    expect(distinct(progress.map(({ message }) => message))).toEqual(distinct(await theirs.lines))
  },
)

const bothWatch = async (cluster: ServedCluster): Promise<void> => {
  while (cluster.api.watches.open.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
}

const distinct = (lines: string[]): string[] => lines.filter((line, index) => line !== lines[index - 1])

/** Starts kubectl as the same caller, with a configuration and caches of its own. */
const kubectl = async ({ api }: ServedCluster, args: string[]) => {
  const folder = await mkdtemp(join(tmpdir(), 'podid-kubectl-'))
  opened.push({ close: () => rm(folder, { recursive: true }) })
  const kubeconfig = join(folder, 'config')
  const authority = Buffer.from(api.caData).toString('base64')
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: api.url, 'certificate-authority-data': authority } }],
      users: [{ name: 'u', user: { token: 'k8s-aws-v1.test' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    }),
  )
  const child = spawn('kubectl', args, {
    env: { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(folder, 'cache') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const lines = new Promise<string[]>((resolve) => {
    child.on('close', () => resolve(said.trim().split('\n')))
  })
  return { lines }
}
