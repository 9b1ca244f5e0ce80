import { expect, it } from 'vitest'
import { type Association, runTag } from '../../core/association.ts'
import type { Before } from '../../core/request.ts'
import { alreadyAsBefore, decideUndo, type IrsaNow, restartValues, undoCommands } from '../../core/undo.ts'

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

const was = {
  id: 'a-1',
  roleArn: former,
  targetRoleArn: null,
  disableSessionTags: false,
  policy: null,
  run: null,
}

const before = (change: Partial<Before> = {}): Before => ({
  run: 'run-1',
  restartedAt: '2026-11-23T06:00:00Z',
  association: null,
  workload: { restartedAt: null, healthy: true },
  ...change,
})

const ours = { tags: { [runTag]: 'run-1' } }
const theirs = { tags: { [runTag]: 'run-2' } }

type AssociationCase = [why: string, before: Before, found: Association | undefined, action: string]
const associations: AssociationCase[] = [
  ['none before, none now', before(), undefined, 'none'],
  ['this run made it', before(), found(ours), 'delete'],
  ['another run made it', before(), found(theirs), 'none'],
  ['a person made it meanwhile', before(), found(), 'none'],
  ['a person has pointed elsewhere what this run made', before(), found({ ...ours, role: former }), 'keep'],
  ['a person has given it a target role since', before(), found({ ...ours, targetRole: target }), 'keep'],
  ['a person has narrowed it by a policy since', before(), found({ ...ours, policy: '{}' }), 'keep'],
  [
    'a person has switched its session tags off since',
    before(),
    found({ ...ours, sessionTags: false }),
    'keep',
  ],
  ['this run pointed it to the role', before({ association: was }), found(ours), 'repoint'],
  [
    'this run pointed it to the role, and left the session policy that was there',
    before({ association: { ...was, policy: '{"a":1}' } }),
    found({ ...ours, policy: '{"a":1}' }),
    'repoint',
  ],
  ['a newer run pointed it to the role', before({ association: was }), found(theirs), 'keep'],
  ['a person pointed it to the role', before({ association: was }), found(), 'keep'],
  [
    'this run has marked it, and did nothing more',
    before({ association: was }),
    found({ ...ours, role: former }),
    'none',
  ],
  ['it is as it was', before({ association: was }), found({ role: former }), 'none'],
  ['it has a third role since', before({ association: was }), found({ ...ours, role: target }), 'keep'],
  ['somebody has made it anew since', before({ association: was }), found({ id: 'a-2' }), 'keep'],
  [
    'somebody has made it anew since, with the tag of this run',
    before({ association: was }),
    found({ ...ours, id: 'a-2' }),
    'keep',
  ],
  ['somebody has deleted it since', before({ association: was }), undefined, 'keep'],
  [
    'this run changed its session tags alone',
    before({ association: { ...was, roleArn: role, disableSessionTags: true } }),
    found(ours),
    'repoint',
  ],
]

const wanted = { role, sessionTags: true }

it.each(associations)('the association: %s', (_why, then, association, action) => {
  const decision = decideUndo(then, wanted, { association, restartedAt: undefined })
  expect(decision.association).toMatchObject({ action })
  if (decision.association.action === 'keep')
    expect(decision.association.why).toMatch(
      association
        ? new RegExp(`^${association.id} with .*: changed since by somebody else$`)
        : /^the association a-1 was deleted since$/,
    )
  const marked = association?.tags[runTag] === 'run-1' && then.association !== null
  expect(decision.mark).toEqual(marked ? { id: association.id, arn: association.arn, run: null } : null)
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
  expect(decideUndo(then, wanted, { association: undefined, restartedAt: is })).toMatchObject({
    annotation,
  })
})

it('the marks of two runs that begin in one second differ, at each of their restarts', () => {
  const one = restartValues('2026-11-23T06:00:00.123001Z')
  const other = restartValues('2026-11-23T06:00:00.123002Z')
  expect(one[1]).toBe('2026-11-23T06:00:01.123001Z')
  expect(new Set([...one, ...other]).size).toBe(one.length + other.length)
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

it.each<[why: string, startedAt: string, attempt: number, mark: string]>([
  ['whole seconds stay whole', '2026-11-23T06:00:00Z', 1, '2026-11-23T06:00:01Z'],
  ['what tells two runs apart stays', '2026-11-23T06:00:00.123001Z', 1, '2026-11-23T06:00:01.123001Z'],
  ['the first has the time of the run', '2026-11-23T06:00:59Z', 0, '2026-11-23T06:00:59Z'],
  ['over the minute', '2026-11-23T06:00:59Z', 2, '2026-11-23T06:01:01Z'],
])('the mark of a restart: %s', (_why, startedAt, attempt, mark) => {
  expect(restartValues(startedAt)[attempt]).toBe(mark)
  expect(restartValues(startedAt)).toHaveLength(3)
})

const shop = { cluster: 'shop', region: 'us-west-2', namespace: 'a', serviceAccount: 'a' }
const patch = (value: string | null) =>
  `kubectl -n a patch deployment/carts --type merge -p '{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":${JSON.stringify(value)}}}}}}'`

it.each<[why: string, command: string, said: string]>([
  [
    'delete',
    undoCommands.deleteAssociation(shop, 'a-1'),
    'aws eks delete-pod-identity-association --cluster-name shop --region us-west-2 --association-id a-1',
  ],
  [
    'point back, with session tags and a session policy',
    undoCommands.repointAssociation(shop, { ...was, policy: '{"a":1}' }),
    `aws eks update-pod-identity-association --cluster-name shop --region us-west-2 --association-id a-1 --role-arn ${former} --no-disable-session-tags --policy '{"a":1}'`,
  ],
  [
    'take the mark away, where there was none',
    undoCommands.markAssociation(shop, { arn: 'arn:1', run: null }),
    `aws eks untag-resource --region us-west-2 --resource-arn arn:1 --tag-keys ${runTag}`,
  ],
  [
    'give the mark back that it had',
    undoCommands.markAssociation(shop, { arn: 'arn:1', run: 'run-0' }),
    `aws eks tag-resource --region us-west-2 --resource-arn arn:1 --tags ${runTag}=run-0`,
  ],
  [
    'take the annotation away, where there was none',
    undoCommands.restoreAnnotation({ ...shop, workload: { kind: 'Deployment', name: 'carts' } }, before()),
    patch(null),
  ],
  [
    'the same where nothing is known of the workload',
    undoCommands.restoreAnnotation(
      { ...shop, workload: { kind: 'Deployment', name: 'carts' } },
      before({ workload: null }),
    ),
    patch(null),
  ],
  [
    'give the annotation its former value',
    undoCommands.restoreAnnotation(
      { ...shop, workload: { kind: 'Deployment', name: 'carts' } },
      before({ workload: { restartedAt: earlier, healthy: true } }),
    ),
    patch(earlier),
  ],
  [
    'give the trust its former text',
    undoCommands.restoreTrust({ role: 'arn:aws:iam::1:role/team/reader' }, '{"a":1}'),
    `aws iam update-assume-role-policy --role-name reader --policy-document '{"a":1}'`,
  ],
  [
    'annotate for IRSA again',
    undoCommands.annotateForIrsa(shop, role),
    `kubectl annotate serviceaccount a -n a eks.amazonaws.com/role-arn=${role}`,
  ],
  ['nothing to restore without a workload', undoCommands.restoreAnnotation(shop, before()), ''],
])('the command that undoes by hand: %s', (_why, command, said) => {
  expect(command).toBe(said)
})

it('leaves the template alone where nobody knows of a workload', () => {
  const then = before({ workload: null })
  const facts = { association: undefined, restartedAt: undefined }
  expect(decideUndo(then, wanted, facts).annotation).toBe('none')
  expect(decideUndo(then, wanted, { ...facts, restartedAt: first }).annotation).toBe('restore')
})

const theRest = 'its pods would have no role without it. Undo the run that finished the migration first'
it.each<[why: string, was: string | null, irsa: IrsaNow | undefined, kept: string | undefined]>([
  ['nobody looked at IRSA', role, undefined, undefined],
  ['they did not have it by IRSA before', null, { annotation: null, trusted: null }, undefined],
  ['IRSA gives it to them as before', role, { annotation: role, trusted: true }, undefined],
  ['nobody could look at the trust', role, { annotation: role, trusted: null }, undefined],
  [
    'the trust lets them in no more',
    role,
    { annotation: role, trusted: false },
    `the association stays: the role's trust no longer has what IRSA needs, and ${theRest}`,
  ],
  [
    'the annotation is gone',
    role,
    { annotation: null, trusted: true },
    `the association stays: the ServiceAccount is no longer annotated with ${role} for IRSA, and ${theRest}`,
  ],
  [
    'the annotation names another role',
    role,
    { annotation: former, trusted: true },
    `the association stays: the ServiceAccount is annotated with ${former} and no longer with ${role} for IRSA, and ${theRest}`,
  ],
])('takes the role of pods that had it by IRSA only where IRSA is there: %s', (_why, was, irsa, why) => {
  const then = before(was === null ? {} : { annotation: { role: was, goes: false } })
  const facts = { association: found(ours), restartedAt: first, irsa }
  expect(decideUndo(then, wanted, facts)).toMatchObject({
    association: why === undefined ? { action: 'delete', id: 'a-1' } : { action: 'keep', why },
    annotation: why === undefined ? 'restore' : 'stays',
  })
  const pointed = {
    ...then,
    association:
      was === null
        ? null
        : {
            id: 'a-1',
            roleArn: former,
            targetRoleArn: null,
            disableSessionTags: false,
            policy: null,
            run: null,
          },
  }
  if (why !== undefined)
    expect(decideUndo(pointed, wanted, facts).association, 'it stays in any case').toMatchObject({
      action: 'repoint',
    })
})

const place = {
  namespace: 'carts',
  serviceAccount: 'carts',
  workload: { kind: 'Deployment', name: 'carts' },
} as const
it.each<
  [
    why: string,
    Before,
    Parameters<typeof alreadyAsBefore>[2],
    kinds: ('association' | 'association-tag' | 'restart')[],
  ]
>([
  [
    'no association, as before, and the former template',
    before(),
    { association: undefined, restartedAt: undefined },
    ['association', 'restart'],
  ],
  ['what the run made', before(), { association: found(ours), restartedAt: first }, []],
  [
    'an association that was there before is gone: nobody has put that back',
    before({ association: was }),
    { association: undefined, restartedAt: first },
    [],
  ],
  [
    'it grants its former role again, and has no mark, as before',
    before({ association: was }),
    { association: found({ role: former }), restartedAt: first },
    ['association', 'association-tag'],
  ],
  [
    'it grants its former role again, and bears the mark of this run still',
    before({ association: was }),
    { association: found({ role: former, ...ours }), restartedAt: first },
    ['association'],
  ],
  [
    'it is marked by the run before again',
    before({ association: { ...was, run: 'run-2' } }),
    { association: found({ role: former, ...theirs }), restartedAt: first },
    ['association', 'association-tag'],
  ],
  [
    'a run that found it as its own has not marked it',
    before({ association: { ...was, run: 'run-1' } }),
    { association: found({ role: former, ...ours }), restartedAt: first },
    ['association'],
  ],
  [
    'the restart of before',
    before({ workload: { restartedAt: second, healthy: true } }),
    { association: found(ours), restartedAt: second },
    ['restart'],
  ],
  [
    'no workload was there',
    before({ workload: null }),
    { association: found(ours), restartedAt: undefined },
    [],
  ],
])('is as before: %s', (_why, earlier, now, kinds) => {
  const what = {
    association: earlier.association
      ? `the association a-1 grants ${former}`
      : 'there is no association of carts/carts, as before',
    'association-tag': 'the association a-1 is marked as before',
    restart: 'deployment/carts has its earlier template',
  } as const
  expect(alreadyAsBefore(earlier, place, now)).toEqual(kinds.map((kind) => ({ kind, what: what[kind] })))
})
