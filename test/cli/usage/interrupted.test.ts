import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { badRequest } from '../../../local/kubernetes/store/status.ts'
import { type Here, startHere } from '../../support/commands/here.ts'

const settings = `account: '123456789012'
region: us-west-2
bindings:
  orders: { cluster: shop-blue, namespace: shop, serviceAccount: orders, workload: deployment/orders, role: arn:aws:iam::123456789012:role/shop-blue-orders, manageTrust: true, needs: [] }
  payments: { cluster: shop-blue, namespace: shop, serviceAccount: payments, workload: deployment/payments, role: arn:aws:iam::123456789012:role/shop-blue-payments, manageTrust: true, needs: [] }
  green: { cluster: shop-green, namespace: shop, serviceAccount: orders, workload: deployment/orders, role: arn:aws:iam::123456789012:role/shop-green-orders, manageTrust: true, needs: [] }
  etl: { cluster: data, namespace: shop, serviceAccount: etl, workload: deployment/etl, role: arn:aws:iam::123456789012:role/data-etl, needs: [] }
`

let here: Here
let file: string
beforeAll(async () => {
  here = await startHere('fleet')
  file = join(here.folder, 'podid.yaml')
  writeFileSync(file, settings)
})
afterAll(() => here[Symbol.asyncDispose]())

// Each of bindings of its own, since what is not put back stays.
it.each<[what: string, cluster: string, command: string[], said: unknown]>([
  [
    'one binding',
    'shop-blue',
    ['enable', '--binding', 'orders'],
    expect.objectContaining({ type: 'run.failed', error: 'UndoIncomplete' }),
  ],
  [
    'several, of which no other is begun',
    'shop-green',
    ['enable', '--binding', 'green', '--binding', 'etl', '--parallel', '1'],
    expect.objectContaining({ type: 'run.failed' }),
  ],
  [
    'a rollout',
    'shop-blue',
    ['rollout', '--binding', 'payments'],
    expect.objectContaining({
      report: expect.objectContaining({
        bindings: [
          expect.objectContaining({
            result: 'stopped',
            said: 'its run was stopped; what it changed may not all be put back',
          }),
        ],
      }),
    }),
  ],
])(
  'Ctrl-C ends with 4 where not everything could be put back: %s',
  async (_what, cluster, [name = '', ...args], said) => {
    const store = here.world.clusters.get(cluster)?.store
    const admitting = store?.validation.slice() ?? []
    let restarted = false
    const forget = store?.subscribe(({ type, object, previous }) => {
      if (restarted || type !== 'MODIFIED' || object.kind !== 'Deployment') return
      if (object.metadata.generation === previous?.metadata.generation) return
      restarted = true
      store.validation.push(({ resource: { kind }, operation }) => {
        if (kind === 'Deployment' && operation === 'UPDATE') throw badRequest('deployments are frozen')
      })
      // What Ctrl-C does: the command line is in this process.
      process.emit('SIGINT')
    })
    const { code, stdout } = await here.podid(name, '-f', file, ...args, '--json')
    forget?.()
    store?.validation.splice(0, Number.POSITIVE_INFINITY, ...admitting)
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(restarted).toBe(true)
    expect(events).toContainEqual(said)
    expect(stdout).not.toContain('"binding":"etl')
    expect(code).toBe(4)
  },
)
