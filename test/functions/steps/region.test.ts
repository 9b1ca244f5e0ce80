import { expect, it } from 'vitest'
import type { Eks } from '../../../adapters/eks/eks.ts'
import type { Association } from '../../../core/association.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { awaitCluster } from '../../../functions/steps/await-cluster.ts'
import { checkAssociation } from '../../../functions/steps/check-association.ts'
import { ensureAssociation } from '../../../functions/steps/ensure-association.ts'
import { undo } from '../../../functions/steps/undo.ts'
import { virtualClock } from '../../../local/clock.ts'

// A cluster of the same name may be in another region, the one that podid itself runs in above all.

const elsewhere = 'eu-north-1'
const role = 'arn:aws:iam::123456789012:role/carts'
const request = resolveRequest(
  { cluster: 'shop', region: elsewhere, namespace: 'carts', serviceAccount: 'carts', role },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)
const cluster = { name: 'shop' } as ReachableCluster
const own: Association = {
  id: 'a-1',
  arn: `arn:aws:eks:${elsewhere}:123456789012:podidentityassociation/shop/a-1`,
  role,
  sessionTags: true,
  createdAt: '2026-11-23T06:00:00.000Z',
  modifiedAt: '2026-11-23T06:00:00.000Z',
  tags: { 'podid:run': 'run-1' },
}
const never = (): never => {
  throw new Error('nothing is to be asked of the cluster or of IAM')
}

type Clusters = (region: string) => Eks
const steps: [step: string, play: (clusters: Clusters) => Promise<unknown>][] = [
  ['AwaitCluster', (clusters) => awaitCluster(clusters)({ request })],
  ['CheckAssociation', (clusters) => checkAssociation(clusters)({ request, cluster })],
  ['EnsureAssociation', (clusters) => ensureAssociation(clusters)({ request, expected: null })],
  [
    'Undo',
    (clusters) => {
      const before = { run: 'run-1', restartedAt: request.restartedAt, association: null, workload: null }
      const apis = { shared: never, fresh: never }
      const step = undo(clusters, never, { ...apis, shared: () => undefined as never }, [], {
        clock: virtualClock(),
      })
      return step({ request, before, id: null, retries: 0, cluster })
    },
  ],
]

it.each(steps)('%s goes to the region of the request, and to no other', async (_step, play) => {
  const asked = new Set<string>()
  let there: Association | undefined = own
  const clusters = (region: string): Eks => {
    asked.add(region)
    return {
      describeCluster: async () => undefined,
      findAssociation: async () => there,
      describeAssociation: async () => there,
      deleteAssociation: async () => {
        there = undefined
      },
    } as unknown as Eks
  }
  await play(clusters)
  expect([...asked]).toEqual([elsewhere])
})
