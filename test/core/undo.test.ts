import { expect, it } from 'vitest'
import { type Association, runTag } from '../../core/association.ts'
import type { Before } from '../../core/request.ts'
import { decideUndo, restartValues, undoCommands } from '../../core/undo.ts'

const role = 'arn:aws:iam::123456789012:role/wanted'
const former = 'arn:aws:iam::123456789012:role/former'
const target = 'arn:aws:iam::999999999999:role/target'
const [first, second, third] = restartValues('2026-11-23T06:00:00Z') as [string, string, string]

const found = (change: Partial<Association> = {}): Association => ({
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/shop/a-1',
  role,
  sessionTags: true,
  createdAt: '2026-11-23T06:00:00.000Z',
  modifiedAt: '2026-11-23T06:00:00.000Z',
  tags: {},
  ...change,
})

const was = { id: 'a-1', roleArn: former, targetRoleArn: null, disableSessionTags: false, policy: null }

const before = (change: Partial<Before> = {}): Before => ({
  run: 'run-1',
  restartedAt: '2026-11-23T06:00:00Z',
  association: null,
  workload: { restartedAt: null, healthy: true },
  ...change,
})

type AssociationCase = [why: string, before: Before, found: Association | undefined, action: string]
const associations: AssociationCase[] = [
  ['none before, none now', before(), undefined, 'none'],
  ['this run made it', before(), found({ tags: { [runTag]: 'run-1' } }), 'delete'],
  ['another run made it', before(), found({ tags: { [runTag]: 'run-2' } }), 'none'],
  ['a person made it meanwhile', before(), found(), 'none'],
  ['this run pointed it to the role', before({ association: was }), found(), 'repoint'],
  ['it is as it was', before({ association: was }), found({ role: former }), 'none'],
  [
    'somebody has pointed it to a third role since',
    before({ association: was }),
    found({ role: target }),
    'none',
  ],
  ['somebody has made it anew since', before({ association: was }), found({ id: 'a-2' }), 'none'],
  ['somebody has deleted it since', before({ association: was }), undefined, 'none'],
  [
    'this run changed its target role alone',
    before({ association: { ...was, roleArn: role } }),
    found({ targetRole: target }),
    'repoint',
  ],
  [
    'this run changed its session tags alone',
    before({ association: { ...was, roleArn: role } }),
    found({ sessionTags: false }),
    'repoint',
  ],
]

it.each(associations)('the association: %s', (_why, then, association, action) => {
  expect(decideUndo(then, { role }, { association, restartedAt: undefined }).association).toMatchObject({
    action,
  })
})

const earlier = '2026-11-01T00:00:00Z'
const annotations: [why: string, was: string | null, is: string | undefined, expected: string][] = [
  ['never restarted', null, undefined, 'none'],
  ['restarted by this run', null, first, 'restore'],
  ['restarted again by this run', earlier, second, 'restore'],
  ['restarted as often as a run may', earlier, third, 'restore'],
  ['restarted by somebody else since', null, '2026-11-23T07:00:00Z', 'none'],
  ['it has the value that it had', first, first, 'none'],
]

it.each(annotations)('the pod template: %s', (_why, restartedAt, is, annotation) => {
  const then = before({ workload: { restartedAt, healthy: true } })
  expect(decideUndo(then, { role }, { association: undefined, restartedAt: is })).toMatchObject({
    annotation,
  })
})

it('restarts of one run differ from each other', () => {
  expect(new Set([first, second, third]).size).toBe(3)
})

it('commands put back all that an association had', () => {
  const place = { cluster: 'shop', region: 'us-west-2', namespace: 'a', serviceAccount: 'a' }
  const to = { ...was, targetRoleArn: target, disableSessionTags: true }
  expect(undoCommands.repointAssociation(place, to)).toBe(
    `aws eks update-pod-identity-association --cluster-name shop --region us-west-2 --association-id a-1 --role-arn ${former} --target-role-arn ${target} --disable-session-tags`,
  )
})
