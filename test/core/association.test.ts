import { expect, it } from 'vitest'
import {
  type Association,
  type AssociationDecision,
  type AssociationRequest,
  decideAssociation,
  decideWrite,
  giveBackFindings,
  settingsOf,
  type WriteDecision,
} from '../../core/association.ts'
import { told } from './told.ts'

const reader = 'arn:aws:iam::123456789012:role/reader'
const writer = 'arn:aws:iam::123456789012:role/writer'
const target = 'arn:aws:iam::999999999999:role/target'
const addon = 'arn:aws:eks:us-west-2:123456789012:addon/eks-workshop/vpc-cni/1a2b'

const wanted = (change: Partial<AssociationRequest> = {}): AssociationRequest => ({
  cluster: 'eks-workshop',
  region: 'us-west-2',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: reader,
  sessionTags: true,
  replace: false,
  ...change,
})
const existing = (change: Partial<Association> = {}): Association => ({
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks-workshop/a-1',
  role: reader,
  sessionTags: true,
  createdAt: '2026-11-23T06:00:00.000Z',
  modifiedAt: '2026-11-23T06:00:00.000Z',
  tags: {},
  ...change,
})

const cases: [string, AssociationRequest, Association | undefined, AssociationDecision['action']][] = [
  ['nothing there yet', wanted(), undefined, 'create'],
  ['already right', wanted(), existing(), 'keep'],
  ['already right, whoever owns it', wanted({ replace: true }), existing({ owner: addon }), 'keep'],
  ['another role, not asked to replace', wanted(), existing({ role: writer }), 'refuse'],
  ['another role, asked to replace', wanted({ replace: true }), existing({ role: writer }), 'repoint'],
  [
    'an add-on owns the other role',
    wanted({ replace: true }),
    existing({ role: writer, owner: addon }),
    'refuse',
  ],
  ['the same role, by way of another one', wanted(), existing({ targetRole: target }), 'refuse'],
  [
    'a target role that is not there yet',
    wanted({ targetRole: target, replace: true }),
    existing(),
    'repoint',
  ],
  [
    'a target role that an update cannot take away',
    wanted({ replace: true }),
    existing({ targetRole: target }),
    'refuse',
  ],
  [
    'a target role that an update can exchange',
    wanted({ targetRole: target, replace: true }),
    existing({ targetRole: writer }),
    'repoint',
  ],
  ['the target role already', wanted({ targetRole: target }), existing({ targetRole: target }), 'keep'],
  ['session tags off, and wanted on', wanted(), existing({ sessionTags: false }), 'refuse'],
  ['a session policy that nobody asked about', wanted(), existing({ policy: '{"a":1}' }), 'keep'],
  [
    'the session policy already, in other white space',
    wanted({ sessionPolicy: '{"a":1}' }),
    existing({ policy: '{ "a": 1 }' }),
    'keep',
  ],
  [
    'another session policy, asked to replace',
    wanted({ sessionPolicy: '{"a":2}', replace: true }),
    existing({ policy: '{"a":1}' }),
    'repoint',
  ],
  [
    'a session policy where none was, which an undo could not take away',
    wanted({ sessionPolicy: '{"a":1}', replace: true }),
    existing(),
    'refuse',
  ],
]

it.each(cases)('%s', (_why, request, found, action) => {
  expect(decideAssociation(request, found)).toMatchObject({ action })
})

it('says which add-on owns it, and the command by which that add-on changes it', () => {
  const decision = decideAssociation(
    wanted({ replace: true }),
    existing({ role: writer, owner: addon, siblings: [{ serviceAccount: 'other', role: writer }] }),
  )
  expect(decision).toMatchObject({
    finding: {
      code: 'association-owned-by-addon',
      severity: 'blocking',
      found: `a-1 is managed by the add-on vpc-cni (${addon}) and grants ${writer}`,
      remedy: {
        command: `aws eks update-addon --cluster-name eks-workshop --region us-west-2 --addon-name vpc-cni --pod-identity-associations '[{"serviceAccount":"other","roleArn":"${writer}"},{"serviceAccount":"carts","roleArn":"${reader}"}]'`,
      },
    },
  })
})

it('changes session tags back as well as the role', () => {
  expect(decideAssociation(wanted(), existing({ sessionTags: false }))).toMatchObject({
    finding: {
      remedy: {
        command: `aws eks update-pod-identity-association --cluster-name eks-workshop --region us-west-2 --association-id a-1 --role-arn ${reader} --no-disable-session-tags`,
      },
    },
  })
})

it('names every difference', () => {
  const found = existing({ role: writer, targetRole: target, sessionTags: false })
  expect(decideAssociation(wanted(), found)).toMatchObject({
    finding: {
      code: 'association-differs',
      found: `a-1 exists and differs: it grants ${writer}; its target role is ${target}; its session tags are off`,
    },
  })
})

const theirs = { role: writer, targetRole: target, policy: '{"a":1}' }
const then = settingsOf(existing(theirs))
const run = 'run-1'

it.each<[why: string, expected: typeof then | null, found: Association | undefined, WriteDecision['action']]>(
  [
    ['there was none, and there is none', null, undefined, 'create'],
    ['somebody has made one since', null, existing(theirs), 'refuse'],
    ['it is as it was', then, existing(theirs), 'repoint'],
    [
      'it bears the mark of an earlier attempt of this run',
      then,
      existing({ ...theirs, tags: { 'podid:run': run } }),
      'repoint',
    ],
    ['it is gone', then, undefined, 'refuse'],
    ['it was made anew', then, existing({ ...theirs, id: 'a-2' }), 'refuse'],
    ['it has a third role', then, existing({ ...theirs, role: target }), 'refuse'],
    ['it has another target role', then, existing({ ...theirs, targetRole: writer }), 'refuse'],
    ['it has no target role any more', then, existing({ role: writer, policy: '{"a":1}' }), 'refuse'],
    ['its session tags are off', then, existing({ ...theirs, sessionTags: false }), 'refuse'],
    ['its session policy is another', then, existing({ ...theirs, policy: '{"a":2}' }), 'refuse'],
    ['another run has marked it', then, existing({ ...theirs, tags: { 'podid:run': 'run-2' } }), 'refuse'],
    ['it has lost the mark that it had', { ...then, run: 'run-0' }, existing(theirs), 'refuse'],
    ['an add-on has taken it over', then, existing({ ...theirs, owner: addon }), 'refuse'],
    ['somebody has made it what is wanted', then, existing({ targetRole: target }), 'none'],
  ],
)('what may be written is what was seen: %s', (_why, expected, found, action) => {
  const decision = decideWrite(wanted({ targetRole: target, replace: true }), run, expected, found)
  expect(decision.action).toBe(action)
})

const granting = (role: string): Association => ({
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/shop/a-1',
  role,
  sessionTags: true,
  createdAt: '',
  modifiedAt: '',
  tags: {},
})
const before = 'arn:aws:iam::123456789012:role/before'

it.each<[why: string, formerRoles: string[] | undefined, warned: boolean]>([
  ['no role is declared', undefined, true],
  ['another one is', ['arn:aws:iam::123456789012:role/other'], true],
  ['it is declared', ['arn:aws:iam::123456789012:role/other', before], false],
])(
  'whether undo may give an association back is told before it is taken: %s',
  (_why, formerRoles, warned) => {
    expect(told(giveBackFindings(granting(before), formerRoles))).toEqual(
      warned
        ? [
            `warning former-role-not-declared, association a-1: it grants ${before} now, and an undo gives it back only where podid may pass that role (iam:PassRole): in a deployed stage a binding's formerRoles allow that, and they do not name it`,
            `→ Add ${before} to formerRoles of the binding and deploy, before the run.`,
          ]
        : [],
    )
  },
)
