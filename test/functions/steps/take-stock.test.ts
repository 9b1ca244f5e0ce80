import { expect, it } from 'vitest'
import type { Association } from '../../../core/association.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { plannedRole } from '../../../core/role/creation.ts'
import { takeStock } from '../../../functions/steps/take-stock.ts'
import { virtualClock } from '../../../local/clock.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const made: Association = {
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks-workshop/a-1',
  role,
  sessionTags: true,
  createdAt: '2026-11-23T06:00:00.000Z',
  modifiedAt: '2026-11-23T06:00:00.000Z',
  tags: { 'podid:run': 'run-1' },
}
const former = { ...made, role: `${role}-former` }

type Shown = Association | undefined | Error
/** What the list and the id show, look by look; the last of it from then on. */
const lookAfter = async (
  tried: 'ensureAssociation' | 'undo',
  id: string | null,
  shown: { list: Shown[]; byId: Shown[] },
) => {
  const clock = virtualClock()
  const started = clock.now()
  const next = (from: Shown[]) => async () => {
    const one = from.length > 1 ? from.shift() : from[0]
    if (one instanceof Error) throw one
    return one
  }
  const request = resolveRequest(
    { cluster: 'eks-workshop', namespace: 'carts', serviceAccount: 'carts', role },
    {
      arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
      startTime: '2026-11-23T06:00:00.000Z',
    },
  )
  const { association } = await takeStock(
    () => ({
      runOfAccessEntry: async () => undefined,
      describeAgentAddon: async () => undefined,
      findAssociation: next(shown.list),
      describeAssociation: next(shown.byId),
    }),
    () => {
      throw new Error('nothing is to be asked of IAM')
    },
    () => {
      throw new Error('nothing is to be asked of the cluster')
    },
    [],
    { clock },
  )({ request, tried, id, cluster: { name: 'eks-workshop' } as ReachableCluster })
  return { association, ms: clock.now() - started }
}

it.each<
  [
    why: string,
    tried: 'ensureAssociation' | 'undo',
    id: string | null,
    shown: { list: Shown[]; byId: Shown[] },
    association: unknown,
    ms: number,
  ]
>([
  [
    'a creation that the list shows late',
    'ensureAssociation',
    null,
    { list: [undefined, undefined, made], byId: [new Error('nobody knows its id')] },
    { seen: made },
    3000,
  ],
  [
    'one that it never shows',
    'ensureAssociation',
    null,
    { list: [undefined], byId: [] },
    { seen: null },
    7000,
  ],
  [
    'a change of one whose id is known, while the list lags',
    'ensureAssociation',
    'a-1',
    { list: [undefined], byId: [former, made] },
    { seen: made },
    1000,
  ],
  [
    'an undo: what is there in the end counts',
    'undo',
    'a-1',
    { list: [], byId: [made, made, former] },
    { seen: former },
    7000,
  ],
  [
    'a look that fails between others',
    'ensureAssociation',
    null,
    { list: [new Error('throttled'), made], byId: [] },
    { seen: made },
    1000,
  ],
  [
    'looks that all fail',
    'ensureAssociation',
    null,
    { list: [new Error('throttled')], byId: [] },
    { error: 'throttled' },
    7000,
  ],
])(
  'looks again before it believes that nothing is there: %s',
  async (_why, tried, id, shown, association, ms) => {
    expect(await lookAfter(tried, id, shown)).toEqual({ association, ms })
  },
)

const query = [{ actions: ['dynamodb:Query'], resources: ['*'] }]
it.each<[why: string, needs: typeof query, found: string[], ms: number]>([
  ['all its policies: at once', query, ['podid-needs'], 0],
  ['none of them yet: looks again', query, [], 7000],
  ['no policy, and is to have none: at once', [], [], 0],
])('believes that a role is made when it has %s', async (_why, needs, policies, ms) => {
  const clock = virtualClock()
  const started = clock.now()
  const request = resolveRequest(
    {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role,
      createRole: true,
      needs,
    },
    {
      arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
      startTime: '2026-11-23T06:00:00.000Z',
    },
  )
  const cluster = { name: 'eks-workshop', arn: 'arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop' }
  const nothing = (): never => {
    throw new Error('nothing is to be asked of EKS or the cluster')
  }
  const names = plannedRole(request, cluster).policies.map(({ name }) => name)
  await takeStock(
    () => ({
      runOfAccessEntry: nothing,
      describeAgentAddon: nothing,
      findAssociation: nothing,
      describeAssociation: nothing,
    }),
    () => ({
      readTrust: nothing,
      outlineRole: async () =>
        ({
          tags: { 'podid:run': 'run-1' },
          policies: policies.map((_name, at) => ({ name: names[at] ?? '' })),
        }) as never,
    }),
    nothing,
    [],
    { clock },
  )({ request, tried: 'ensureRole', id: null, cluster: cluster as ReachableCluster })
  expect(clock.now() - started).toBe(ms)
})

it.each<[why: string, ours: string[], ms: number]>([
  ['all of them', ['reader', 'writer'], 0],
  ['one of two: looks again', ['writer'], 7000],
  ['none: looks again', [], 7000],
])('believes that its access entries are made when it sees %s', async (_why, ours, ms) => {
  const clock = virtualClock()
  const started = clock.now()
  const nothing = (): never => {
    throw new Error('nothing else is to be asked')
  }
  const principals = ['reader', 'writer'].map((name) => `arn:aws:iam::123456789012:role/${name}`)
  const { accessEntries } = await takeStock(
    () => ({
      runOfAccessEntry: async (_cluster, principal) =>
        ours.some((name) => principal.endsWith(name)) ? 'run-1' : 'run-0',
      describeAgentAddon: nothing,
      findAssociation: nothing,
      describeAssociation: nothing,
    }),
    nothing,
    nothing,
    principals.map((principalArn) => ({ principalArn })) as never,
    { clock },
  )({
    request: resolveRequest(
      { cluster: 'eks-workshop', namespace: 'carts', serviceAccount: 'carts', role },
      {
        arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
        startTime: '2026-11-23T06:00:00.000Z',
      },
    ),
    tried: 'ensureAccess',
    id: null,
    cluster: { name: 'eks-workshop' } as ReachableCluster,
  })
  expect(accessEntries).toEqual({ seen: principals.filter((arn) => ours.some((name) => arn.endsWith(name))) })
  expect(clock.now() - started).toBe(ms)
})
