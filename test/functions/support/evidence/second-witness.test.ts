import { describe, expect, it } from 'vitest'
import type { ReachableCluster } from '../../../../core/cluster.ts'
import { AccessDenied } from '../../../../core/errors.ts'
import type { Pod } from '../../../../core/kubernetes.ts'
import type { Request } from '../../../../core/request.ts'
import type { TrailLook } from '../../../../core/workload/proof/trail.ts'
import type { WorkloadRef } from '../../../../core/workload/workload.ts'
import {
  currentPods,
  type InForce,
  lookAtTrail,
} from '../../../../functions/support/evidence/second-witness.ts'
import { scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'

const now = Date.parse('2026-11-25T12:00:00Z')
const region = 'us-west-2'

const binding = (serviceAccount: string, role = serviceAccount, where = region): InForce => ({
  place: { cluster: 'shop', region: where, namespace: 'carts', serviceAccount },
  request: { cluster: 'shop', region: where, role: `arn:aws:iam::123456789012:role/${role}` } as Request,
  cluster: { name: 'shop' } as ReachableCluster,
})

const pod = (uid: string): Pod =>
  ({
    metadata: { name: `pod-${uid}`, uid, creationTimestamp: '2026-11-25T08:00:00Z' },
    status: { phase: 'Running' },
  }) as Pod

/** Looks for bindings with a pod each, for all of which EKS has assumed the role but for `silent`. */
const look = async (
  bindings: InForce[],
  given: {
    before?: Record<string, TrailLook>
    timeLeft?: () => number
    /** Of which binding the pods cannot be read. */
    unreadable?: string
    fails?: (role: string) => Error | undefined
    silent?: string[]
  } = {},
) => {
  const asked: string[] = []
  const kept: Record<string, TrailLook> = {}
  const warned: unknown[] = []
  const looked = await lookAtTrail({
    looks: {
      find: async ({ serviceAccount }) => given.before?.[serviceAccount],
      keep: async ({ serviceAccount }, one) => {
        kept[serviceAccount] = one
      },
    },
    currentPods: async ({ place }) => {
      if (place.serviceAccount === given.unreadable) throw new AccessDenied('pods may not be listed')
      return [pod(place.serviceAccount)]
    },
    assumptionsOf: async (where, role, since) => {
      asked.push(`${where} ${role.split('/').at(-1)} ${since.toISOString()}`)
      const error = given.fails?.(role)
      if (error) throw error
      const assumptions = bindings
        .filter(({ place }) => !given.silent?.includes(place.serviceAccount))
        .map(({ place }) => ({
          at: '2026-11-25T11:00:00Z',
          session: 'eks-shop-x',
          podUid: place.serviceAccount,
        }))
      return { assumptions, complete: true }
    },
    now: () => now,
    timeLeft: given.timeLeft ?? (() => 600_000),
    log: { warn: (...line) => void warned.push(line) },
  })(bindings)
  return { asked, kept, looked, warned }
}

const seen = (at: string, assumed: number): TrailLook => ({
  at,
  role: 'carts',
  pods: 1,
  assumed,
  byName: 0,
  latest: null,
  others: [],
  since: at,
  complete: true,
})

it('asks once for a role, for as long as its sessions last, and counts the pods by their UIDs', async () => {
  const { asked, kept, looked } = await look([binding('one', 'shared'), binding('two', 'shared')], {
    silent: ['two'],
  })
  expect(asked).toEqual(['us-west-2 shared 2026-11-25T06:00:00.000Z'])
  expect(looked).toBe(2)
  expect(kept).toMatchObject({
    one: { pods: 1, assumed: 1, others: [], latest: '2026-11-25T11:00:00Z' },
    two: { pods: 1, assumed: 0, others: ['pod-two'], latest: null },
  })
})

it('takes those first that were looked at longest ago, and leaves the rest when the time is over', async () => {
  let left = 3
  const { asked } = await look([binding('newer'), binding('never'), binding('older')], {
    before: { newer: seen('2026-11-25T11:00:00Z', 0), older: seen('2026-11-25T09:00:00Z', 0) },
    timeLeft: () => (--left > 0 ? 60_000 : 59_999),
  })
  expect(asked.map((line) => line.split(' ')[1])).toEqual(['never', 'older'])
})

it('asks again only when all sessions that it saw may have ended', async () => {
  const { asked } = await look([binding('seen'), binding('expired')], {
    before: { seen: seen('2026-11-25T06:30:00Z', 1), expired: seen('2026-11-25T05:59:00Z', 1) },
  })
  expect(asked.map((line) => line.split(' ')[1])).toEqual(['expired'])
})

it('asks nothing more in a region that refuses, and keeps why nothing was seen', async () => {
  const { asked, kept, looked } = await look(
    [binding('one'), binding('two'), binding('far', 'far', 'eu-west-1')],
    {
      fails: (role) =>
        role.endsWith('/one') ? new AccessDenied('cloudtrail:LookupEvents is not allowed') : undefined,
    },
  )
  expect(asked.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'us-west-2 one',
    'eu-west-1 far',
  ])
  expect(looked).toBe(1)
  expect(kept).toMatchObject({
    one: { unseen: 'cloudtrail:LookupEvents is not allowed' },
    two: { unseen: 'cloudtrail:LookupEvents is not allowed' },
    far: { assumed: 1 },
  })
})

it('goes on with the next where the pods of one cannot be read, and says so in the log', async () => {
  const { kept, looked, warned } = await look([binding('one'), binding('two')], { unreadable: 'one' })
  expect(looked).toBe(1)
  expect(Object.keys(kept)).toEqual(['two'])
  expect(warned).toEqual([
    [
      'could not look for a binding in CloudTrail',
      { cluster: 'shop', role: 'arn:aws:iam::123456789012:role/one', why: 'pods may not be listed' },
    ],
  ])
})

describe('the pods of the current revision', () => {
  const owner = (uid: string) => [{ apiVersion: 'apps/v1', kind: 'x', name: 'x', uid, controller: true }]
  const workload = { metadata: { name: 'carts', namespace: 'carts', uid: 'u-1' }, spec: {} }
  const sets = ['1', '2'].map((revision) => ({
    metadata: {
      uid: `set-${revision}`,
      annotations: { 'deployment.kubernetes.io/revision': revision },
      ownerReferences: owner('u-1'),
    },
  }))
  const pods = ['old', 'new'].map((name, index) => ({
    metadata: { name, ownerReferences: owner(`set-${index + 1}`) },
  }))
  it.each<[why: string, ref: WorkloadRef | undefined, there: boolean, names: string[], asks: string[]]>([
    [
      'are listed',
      { kind: 'Deployment', name: 'carts' },
      true,
      ['new'],
      ['get deployments', 'list replicasets', 'list pods'],
    ],
    [
      'are none where the workload is not there',
      { kind: 'Deployment', name: 'carts' },
      false,
      [],
      ['get deployments'],
    ],
    ['are none where the request names no workload', undefined, true, [], []],
  ])('%s', async (_why, ref, there, names, asks) => {
    const { connection, asked } = scriptedConnection(skippingClock(), ({ resource, name }) => {
      if (name !== undefined) return there ? workload : { failure: 404, message: 'not found' }
      return { items: resource === 'pods' ? pods : sets }
    })
    const found = await currentPods(connection, { workload: ref, namespace: 'carts' } as Request)
    expect(found.map(({ metadata }) => metadata?.name)).toEqual(names)
    expect(asked).toEqual(asks)
  })
})
