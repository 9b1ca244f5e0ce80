import { expect, it } from 'vitest'
import type { Pod } from '../../../../core/kubernetes.ts'
import {
  type Assumption,
  countInTrail,
  describeLook,
  inTrail,
  isLookDue,
  readAssumption,
  sessionMs,
} from '../../../../core/workload/proof/trail.ts'

const place = { cluster: 'eks-workshop', role: 'arn:aws:iam::123456789012:role/carts' }
const since = Date.parse('2026-11-25T06:00:00Z')
const now = Date.parse('2026-11-25T12:00:00Z')

const pod = (name: string, change: object = {}): Pod =>
  ({
    metadata: { name, uid: `uid-of-${name}`, creationTimestamp: '2026-11-25T10:00:00Z', ...change },
    status: { phase: 'Running' },
  }) as Pod
const tagged = (name: string, at = '2026-11-25T10:00:03Z'): Assumption => ({
  at,
  session: `eks-eks-worksh-${name.slice(0, 10)}-4a5e`,
  podUid: `uid-of-${name}`,
})
const untagged = (begins: string, at = '2026-11-25T10:00:03Z'): Assumption => ({
  at,
  session: `eks-eks-worksh-${begins}-4a5e`,
})
const through = 'CloudTrail’s event history from 2026-11-25T06:00:00.000Z to 2026-11-25T12:00:00.000Z'
const unasked =
  'which did not ask for credentials, or were not answered, or whose event is not there yet (up to 15 minutes)'

it.each<[why: string, pods: Pod[], assumptions: Assumption[], says: string, complete?: false]>([
  [
    'every pod, by its UID',
    [pod('carts-5b77-a'), pod('carts-5b77-b')],
    [tagged('carts-5b77-a'), tagged('carts-5b77-b', '2026-11-25T11:00:00Z')],
    `by ${through}, EKS assumed carts for 2 of 2 pods, the last time at 2026-11-25T11:00:00Z`,
  ],
  [
    'one of two',
    [pod('carts-5b77-a'), pod('carts-5b77-b')],
    [tagged('carts-5b77-a')],
    `by ${through}, EKS assumed carts for 1 of 2 pods, the last time at 2026-11-25T10:00:03Z; nothing is there of carts-5b77-b, ${unasked}`,
  ],
  [
    'another pod’s session proves nothing, whatever its name begins with',
    [pod('carts-5b77-b')],
    [tagged('carts-5b77-a')],
    `by ${through}, EKS assumed carts for 0 of 1 pod; nothing is there of carts-5b77-b, ${unasked}`,
  ],
  [
    'by the name, where session tags are off',
    [pod('carts-5b77-a')],
    [untagged('carts-5b77')],
    `by ${through}, EKS assumed carts for 1 of 1 pod (by the beginning of the name, which other pods of the workload bear as well: session tags are off), the last time at 2026-11-25T10:00:03Z`,
  ],
  [
    'some by the UID and some by the name, where session tags went off in between',
    [pod('carts-5b77-a'), pod('carts-5b77-b')],
    // The latter at the very second in which the pod was made.
    [tagged('carts-5b77-b'), untagged('carts-5b77', '2026-11-25T10:00:00Z')],
    `by ${through}, EKS assumed carts for 2 of 2 pods (1 of these by the beginning of the name, which other pods of the workload bear as well: session tags are off), the last time at 2026-11-25T10:00:03Z`,
  ],
  [
    'a session without tags from before the pod, or of another cluster, is another pod’s',
    [pod('carts-5b77-a')],
    [
      untagged('carts-5b77', '2026-11-25T09:59:59Z'),
      { at: '2026-11-25T10:00:03Z', session: 'eks-other-carts-5b77-4a5e' },
    ],
    `by ${through}, EKS assumed carts for 0 of 1 pod; nothing is there of carts-5b77-a, ${unasked}`,
  ],
  [
    'more events than were looked through',
    [pod('carts-5b77-a')],
    [],
    `by ${through}, of which only the newest thousand events were looked through, EKS assumed carts for 0 of 1 pod; nothing is there of carts-5b77-a, ${unasked}`,
    false,
  ],
  [
    'no pod that lives',
    [pod('carts-5b77-a', { deletionTimestamp: '2026-11-25T11:59:00Z' })],
    [tagged('carts-5b77-a')],
    'at 2026-11-25T12:00:00.000Z it had no live pods to look for in CloudTrail’s event history',
  ],
])('says of %s no more than was seen', (_why, pods, assumptions, says, complete = true as never) => {
  expect(describeLook(countInTrail(place, pods, { assumptions, complete }, { since, now }))).toBe(says)
})

it('says of a pod by what it is known', () => {
  const [a, b, c] = ['carts-5b77-a', 'carts-5b77-b', 'other-0000-c']
  const found = [tagged(b), untagged('carts-5b77')]
  expect(inTrail(place.cluster, [pod(a), pod(b), pod(c)], found)).toEqual([
    { pod: a, seen: 'assumed', at: found[1]?.at, session: found[1]?.session, by: 'name' },
    { pod: b, seen: 'assumed', at: found[0]?.at, session: found[0]?.session, by: 'uid' },
    { pod: c, seen: 'not-found' },
  ])
})

it('calls a role by its name, without its path', () => {
  const role = place.role.replace(':role/', ':role/shop/')
  expect(describeLook({ at: 't', role, unseen: 'why' })).toContain('whether EKS assumed carts for')
})

it('names five of many', () => {
  const pods = Array.from({ length: 7 }, (_, index) => pod(`carts-${index}`))
  const look = countInTrail(place, pods, { assumptions: [], complete: true }, { since, now })
  expect(describeLook(look)).toContain(
    'nothing is there of carts-0, carts-1, carts-2, carts-3, carts-4 and others',
  )
})

it('says why it could not look', () => {
  const look = { at: '2026-11-25T12:00:00Z', role: place.role, unseen: 'AccessDenied' }
  expect(describeLook(look)).toBe(
    'at 2026-11-25T12:00:00Z CloudTrail’s event history could not be looked at (AccessDenied), so whether EKS assumed carts for its pods was not seen',
  )
})

const service = 'pods.eks.amazonaws.com'
const assumeRole = {
  eventName: 'AssumeRole',
  eventTime: '2026-11-25T10:00:03Z',
  userIdentity: { invokedBy: service },
  requestParameters: {
    roleSessionName: 'eks-shop-carts-4a5e',
    tags: [
      { key: 'eks-cluster-arn', value: 'arn' },
      { key: 'kubernetes-pod-uid', value: 'uid-1' },
    ],
  },
  responseElements: { credentials: { sessionToken: 'secret' } },
}
const { tags: _tags, ...withoutTags } = assumeRole.requestParameters
const known = { at: '2026-11-25T10:00:03Z', session: 'eks-shop-carts-4a5e' }
it.each<[why: string, event: unknown, read: Assumption | undefined]>([
  ['EKS assumed it for a pod', assumeRole, { ...known, podUid: 'uid-1' }],
  ['without session tags', { ...assumeRole, requestParameters: withoutTags }, known],
  [
    'with other tags',
    { ...assumeRole, requestParameters: { ...withoutTags, tags: [{ key: 'a', value: 'b' }] } },
    known,
  ],
  [
    'another service assumed it',
    { ...assumeRole, userIdentity: { invokedBy: 'ec2.amazonaws.com' } },
    undefined,
  ],
  ['a person assumed it', { ...assumeRole, userIdentity: {} }, undefined],
  ['it was refused', { ...assumeRole, errorCode: 'AccessDenied' }, undefined],
  ['another call', { ...assumeRole, eventName: 'TagSession' }, undefined],
  ['no parameters', { ...assumeRole, requestParameters: null }, undefined],
  ['no session name', { ...assumeRole, requestParameters: {} }, undefined],
  ['no event', 'text', undefined],
])('reads of CloudTrail’s event no more than it needs: %s', (_why, event, read) => {
  expect(readAssumption(JSON.stringify(event), service)).toEqual(read)
})

it('reads nothing of what is no JSON', () => {
  expect(readAssumption('<html>', service)).toBeUndefined()
})

const seenAt = Date.parse('2026-11-25T12:00:00Z')
const seenLook = {
  ...countInTrail(place, [pod('a')], { assumptions: [tagged('a')], complete: true }, { since, now: seenAt }),
}
it.each<[why: string, look: Parameters<typeof isLookDue>[0], at: number, due: boolean]>([
  ['nobody has looked', undefined, seenAt, true],
  ['it could not be looked at', { at: '2026-11-25T12:00:00Z', role: 'r', unseen: 'no' }, seenAt, true],
  ['every pod was seen', seenLook, seenAt, false],
  ['every pod was seen, a session ago', seenLook, seenAt + sessionMs, true],
  ['every pod was seen, not quite a session ago', seenLook, seenAt + sessionMs - 1, false],
  ['a pod was not seen', { ...seenLook, pods: 2 } as typeof seenLook, seenAt, true],
])('whether CloudTrail is looked at again: %s', (_why, look, at, due) => {
  expect(isLookDue(look, at)).toBe(due)
  expect(sessionMs).toBe(21_600_000)
})
