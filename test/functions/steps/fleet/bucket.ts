import { parseConfig } from '../../../../core/config.ts'
import type { FleetPlan } from '../../../../core/fleet/waves/plan.ts'
import type { WaveItem } from '../../../../core/fleet/waves/request.ts'
import { resultCounts } from '../../../../core/fleet/waves/results.ts'

const account = '123456789012'
const startTime = '2026-11-23T06:00:00.000Z'
const before = { run: 'x', restartedAt: startTime, association: null, workload: null }
const place = (name: string) => ({
  cluster: 'shop',
  namespace: 'n',
  serviceAccount: name,
  role: `arn:aws:iam::${account}:role/${name}`,
})
const names = ['a', 'b', 'c', 'd']
const config = parseConfig(
  {
    account,
    region: 'us-west-2',
    bindings: Object.fromEntries(names.map((name, at) => [name, { ...place(name), cluster: `shop-${at}` }])),
    access: [],
  },
  'test',
)

/** A bucket, and what was put on the bus. */
const services = (objects: Record<string, unknown> = {}, inTheWay?: string) => {
  const did: unknown[] = []
  const got: string[] = []
  return {
    did,
    stored: objects,
    config,
    clusters: () => {
      throw new Error('nothing is to be asked of EKS')
    },
    got,
    objects: {
      bucket: 'rollouts',
      get: async (key: string) => {
        got.push(key.slice(key.lastIndexOf('/') + 1))
        return objects[key]
      },
      put: async (key: string, value: unknown) => {
        objects[key] = JSON.parse(JSON.stringify(value))
      },
      list: async (prefix: string) => Object.keys(objects).filter((key) => key.startsWith(prefix)),
    },
    executions: { find: async () => undefined, history: async () => [], stop: async () => {} },
    rollouts: { arnOf: (run: string) => `arn:${run}` },
    bus: { put: async (event: unknown) => void did.push(event) },
    takeTurn: async (...given: unknown[]) => {
      did.push(given)
      return inTheWay
    },
  }
}
const ownItem = (name: string, run = `run-${name}`): WaveItem => ({
  binding: name,
  cluster: 'shop',
  region: 'us-west-2',
  namespace: 'n',
  serviceAccount: name,
  run,
  input: { cluster: 'shop', namespace: 'n', mode: 'enable' },
})
const plan = (change: Partial<FleetPlan> = {}): FleetPlan => ({
  rollout: 'rollout-1',
  mode: 'enable',
  startedAt: startTime,
  bucket: 'rollouts',
  folder: '',
  waves: [
    { number: 1, clusters: 1, bindings: 2, rounds: 2 },
    { number: 2, clusters: 1, bindings: 1, rounds: 1 },
  ] as never,
  concurrency: 1,
  atOnce: 1,
  paceMs: 0,
  toleratedFailurePercentage: 0,
  undoOnFailure: false,
  approval: 'none',
  approvalTimeoutSeconds: 60,
  pauseSeconds: 0,
  openings: null,
  summary: '',
  ...change,
})
const at = 'rollouts/rollout-1'
const noneOfAny = resultCounts([])

/** A rollout of four bindings, and what its steps work with. */
export const rolloutOfFour = {
  account,
  startTime,
  before,
  place,
  names,
  services,
  ownItem,
  plan,
  at,
  noneOfAny,
}
