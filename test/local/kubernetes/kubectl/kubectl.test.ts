import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { needing } from '../../../support/command-line.ts'
import { type ServedStore, serveStore } from '../support/api-server.ts'
import { adminConfig } from '../support/kubeconfig.ts'

const { skipped, note } = needing('kubectl')

const run = promisify(execFile)

describe.skipIf(skipped)(`kubectl${note}`, () => {
  let served: ServedStore
  let home: string
  let environment: NodeJS.ProcessEnv

  beforeAll(async () => {
    served = await serveStore()
    home = mkdtempSync(join(tmpdir(), 'kubectl-'))
    const config = join(home, 'config')
    writeFileSync(config, JSON.stringify(adminConfig(served.server, 'carts')))
    environment = { ...process.env, HOME: home, KUBECONFIG: config, KUBECACHEDIR: join(home, 'cache') }
    plant(served)
    await served.clock.sleep(93 * 3_600_000)
  })
  afterAll(async () => {
    served.clock.stop()
    await served.server.close()
    rmSync(home, { recursive: true })
  })

  /** What kubectl prints, with runs of spaces as one. */
  const kubectl = async (command: string): Promise<string[]> => {
    const { stdout } = await run('kubectl', command.split(' '), { env: environment })
    return stdout.trimEnd().replace(/ +/g, ' ').split('\n')
  }
  const stored = () => served.store.read(resources.deployments, 'carts', 'carts')

  it('describes what the workshop greps for', async () => {
    expect(await kubectl('describe deployment carts')).toContain(' Service Account: carts')
  })

  it('explains fields in the words of the API', async () => {
    const explained = await kubectl('explain pod.spec.priorityClassName')
    expect(explained.join(' ')).toMatch(
      /FIELD: priorityClassName <string>.*If specified, indicates the pod's priority/,
    )
  })

  it('autoscales, and shows that nothing is measured', async () => {
    await kubectl('autoscale deployment carts --max=3 --cpu-percent=80')
    expect(await kubectl('get hpa')).toContain('carts Deployment/carts cpu: <unknown>/80% 1 3 0 0s')
  })

  it('restarts a rollout', async () => {
    expect(await kubectl('rollout restart deployment/carts')).toEqual(['deployment.apps/carts restarted'])
    expect(stored().spec.template.metadata?.annotations).toHaveProperty(['kubectl.kubernetes.io/restartedAt'])
    expect(stored().metadata.managedFields?.map(({ manager }) => manager)).toEqual(['kubectl-rollout'])
  })

  it('scales by the subresource', async () => {
    await kubectl('scale deployment/carts --replicas=5')
    expect(stored().spec.replicas).toBe(5)
    expect(served.calls.writes().at(-1)).toMatchObject({ operation: 'patch deployments/scale' })
  })

  it('asks what it may do, and creates, in protobuf', async () => {
    expect(await kubectl('auth can-i patch deployments')).toEqual(['yes'])
    expect(await kubectl('create serviceaccount orders')).toEqual(['serviceaccount/orders created'])
    expect(served.store.get(resources.serviceaccounts, 'carts', 'orders')).toBeDefined()
  })

  it('applies from its own side and from the server', async () => {
    const file = join(home, 'map.json')
    const map = (data: Record<string, string>) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'map' },
      data,
    })
    // As a first `apply` leaves it, which transcripts.test.ts begins with.
    const first = map({ a: '1', b: '2' })
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(first) }
    served.store.create(resources.configmaps, {
      ...first,
      metadata: { ...first.metadata, namespace: 'carts', annotations },
    })
    writeFileSync(file, JSON.stringify(map({ a: '3' })))
    expect(await kubectl(`apply -f ${file}`)).toEqual(['configmap/map configured'])
    expect(served.store.read(resources.configmaps, 'carts', 'map').data).toEqual({ a: '3' })
    expect(await kubectl(`apply --server-side -f ${file}`)).toEqual(['configmap/map serverside-applied'])
  })

  it('waits for a deletion that it asked for', async () => {
    expect(await kubectl('delete configmap map')).toEqual(['configmap "map" deleted'])
    expect(served.store.get(resources.configmaps, 'carts', 'map')).toBeUndefined()
  })
})

const plant = ({ store }: ServedStore) => {
  const labels = { app: 'carts' }
  const template = {
    metadata: { labels },
    spec: { serviceAccountName: 'carts', containers: [{ name: 'carts', image: 'carts:1.2.1' }] },
  }
  store.create(resources.serviceaccounts, { metadata: { namespace: 'carts', name: 'carts' } })
  store.create(resources.deployments, {
    metadata: { namespace: 'carts', name: 'carts' },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  })
}
