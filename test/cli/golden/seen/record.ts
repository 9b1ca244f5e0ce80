import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startHere } from '../../../support/commands/here.ts'

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`

/** Three clusters of the fleet; the role of search trusts no pods. */
const settings = `account: '123456789012'
region: us-west-2
bindings:
  etl: { cluster: data, namespace: shop, serviceAccount: etl, workload: deployment/etl, role: ${role('data-etl')}, needs: [] }
  orders-green: { cluster: shop-green, namespace: shop, serviceAccount: orders, role: ${role('shop-green-orders')}, manageTrust: true, needs: [] }
  search: { cluster: shop-green, namespace: shop, serviceAccount: search, role: ${role('shop-blue-payments')}, needs: [] }
  orders-blue: { cluster: shop-blue, namespace: shop, serviceAccount: orders, role: ${role('shop-blue-orders')}, manageTrust: true, needs: [] }
rollout: { maxConcurrency: 1 }
`

/** Asks the stand-ins of a fleet what there is, and writes what the commands give as JSON. */
await using here = await startHere('fleet')
const file = join(here.folder, 'podid.yaml')
writeFileSync(file, settings)

const keep = (name: string, value: unknown) =>
  writeFileSync(join(import.meta.dirname, `${name}.json`), `${JSON.stringify(value, null, 1)}\n`)
/** The JSON lines that a command prints. */
const linesOf = async (...args: string[]): Promise<Record<string, unknown>[]> =>
  (await here.podid(...args)).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

for (const [name, args] of Object.entries({
  status: ['status', '--file', file, '--cluster', 'data', '--cluster', 'shop-green'],
  inventory: ['inventory', '--all-clusters'],
  verify: ['verify', '--file', file, '--all'],
  doctor: ['doctor', '--stage', 'production', '--file', file],
}))
  keep(name, (await linesOf(...args, '-o', 'json'))[0])
const last = async (...args: string[]) =>
  (await linesOf('rollout', '-f', file, '--json', ...args)).at(-1)?.report
keep('rollout-plan', await last('--plan'))
keep('rollout', await last('--undo-on-failure'))
await here.podid('enable', '-f', file, '--binding', 'etl', '-q')
keep('runs', (await linesOf('runs', '-o', 'json'))[0])
