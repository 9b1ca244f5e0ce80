import { expect, it } from 'vitest'
import {
  Association,
  type AssociationRequest,
  associationBefore,
  changedSince,
  decideAssociation,
  isSamePolicy,
  migrationNotBegun,
  runTag,
} from '../../core/association.ts'
import { told } from './told.ts'

const reader = 'arn:aws:iam::123456789012:role/reader'
const writer = 'arn:aws:iam::123456789012:role/writer'
const target = 'arn:aws:iam::999999999999:role/target'
const third = 'arn:aws:iam::999999999999:role/third'
const addon = 'arn:aws:eks:us-west-2:123456789012:addon/eks-workshop/vpc-cni/1a2b'

const request: AssociationRequest = {
  cluster: 'eks-workshop',
  region: 'us-west-2',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: reader,
  sessionTags: true,
  replace: false,
}
const there: Association = {
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks-workshop/a-1',
  role: reader,
  sessionTags: true,
  createdAt: '2026-11-23T06:00:00.000Z',
  modifiedAt: '2026-11-23T06:00:00.000Z',
  tags: {},
}
const place = '--cluster-name eks-workshop --region us-west-2'
const update = `aws eks update-pod-identity-association ${place} --association-id a-1`
const letTheRun =
  'Let the run change it (--replace, or "replace": true in the request), or change it yourself.'
const byYourself =
  'Change it yourself: a run gives no association a session policy that had none, as an undo could not take it away.'
const askForTarget =
  'Ask for that target role, or delete the association and run this again; new pods get no credentials in between.'
const remove = `aws eks delete-pod-identity-association ${place} --association-id a-1`

type Row = [
  why: string,
  wanted: Partial<AssociationRequest>,
  existing: Partial<Association>,
  said: { code: string; found: string; advice: string; command: string },
]

const differs = (found: string, command: string, advice = letTheRun) => ({
  code: 'association-differs',
  found: `a-1 exists and differs: ${found}`,
  advice,
  command,
})

it.each<Row>([
  ['another role', {}, { role: writer }, differs(`it grants ${writer}`, `${update} --role-arn ${reader}`)],
  [
    'a target role that is to be there',
    { targetRole: target },
    {},
    differs('its target role is not set', `${update} --role-arn ${reader} --target-role-arn ${target}`),
  ],
  [
    'another target role',
    { targetRole: target },
    { targetRole: third },
    differs(`its target role is ${third}`, `${update} --role-arn ${reader} --target-role-arn ${target}`),
  ],
  [
    'the target role that is wanted: the command leaves it alone',
    { targetRole: target },
    { targetRole: target, role: writer },
    differs(`it grants ${writer}`, `${update} --role-arn ${reader}`),
  ],
  [
    'a target role that is not wanted',
    {},
    { targetRole: target },
    differs(`its target role is ${target}`, remove, askForTarget),
  ],
  [
    'the same, where the run may change what it can',
    { replace: true },
    { targetRole: target },
    {
      code: 'association-target-role-stays',
      found: `a-1 has the target role ${target}, which an update cannot take away`,
      advice: askForTarget,
      command: remove,
    },
  ],
  [
    'session tags that are off',
    {},
    { sessionTags: false },
    differs('its session tags are off', `${update} --role-arn ${reader} --no-disable-session-tags`),
  ],
  [
    'session tags that are on',
    { sessionTags: false },
    {},
    differs('its session tags are on', `${update} --role-arn ${reader} --disable-session-tags`),
  ],
  [
    'another session policy',
    { sessionTags: false, sessionPolicy: '{"a":1}' },
    { sessionTags: false, policy: '{"a":2}' },
    differs('its session policy is {"a":2}', `${update} --role-arn ${reader} --policy '{"a":1}'`),
  ],
  [
    'no session policy, which no run gives it',
    { sessionTags: false, sessionPolicy: '{"a":1}', replace: true },
    { sessionTags: false },
    differs('its session policy is not set', `${update} --role-arn ${reader} --policy '{"a":1}'`, byYourself),
  ],
  [
    'the session policy that is wanted, with white space: it is not in the command',
    { sessionTags: false, sessionPolicy: '{"a":1}' },
    { sessionTags: false, policy: '{ "a": 1 }', role: writer },
    differs(`it grants ${writer}`, `${update} --role-arn ${reader}`),
  ],
  [
    'a session policy that nobody asks about',
    { sessionTags: false },
    { sessionTags: false, policy: '{"a":1}', role: writer },
    differs(`it grants ${writer}`, `${update} --role-arn ${reader}`),
  ],
  [
    'an add-on’s, its only one',
    { replace: true },
    { role: writer, owner: addon },
    {
      code: 'association-owned-by-addon',
      found: `a-1 is managed by the add-on vpc-cni (${addon}) and grants ${writer}`,
      advice: 'Let the add-on vpc-cni give its ServiceAccount the role.',
      command: `aws eks update-addon ${place} --addon-name vpc-cni --pod-identity-associations '[{"serviceAccount":"carts","roleArn":"${reader}"}]'`,
    },
  ],
  [
    'an add-on’s, one of three: an update replaces all of them, so that the others are named',
    {},
    {
      role: writer,
      owner: addon,
      siblings: [
        { serviceAccount: 'one', role: writer },
        { serviceAccount: 'two', role: target },
      ],
    },
    {
      code: 'association-owned-by-addon',
      found: `a-1 is managed by the add-on vpc-cni (${addon}) and grants ${writer}`,
      advice:
        'Let the add-on vpc-cni give its ServiceAccount the role and keep its other associations (one, two).',
      command: `aws eks update-addon ${place} --addon-name vpc-cni --pod-identity-associations '[{"serviceAccount":"one","roleArn":"${writer}"},{"serviceAccount":"two","roleArn":"${target}"},{"serviceAccount":"carts","roleArn":"${reader}"}]'`,
    },
  ],
])(
  'an association that a run may not change, what is said and the command: %s',
  (_why, wanted, existing, said) => {
    const decision = decideAssociation({ ...request, ...wanted }, { ...there, ...existing })
    const { code, found, advice, command } = said
    expect(decision).toEqual({
      action: 'refuse',
      finding: {
        code,
        severity: 'blocking',
        subject: 'association of carts/carts',
        found,
        remedy: expect.objectContaining({ advice, command }),
      },
    })
  },
)

it.each<[why: string, expected: Association | undefined, found: Association | undefined, said: string]>([
  ['made since', undefined, { ...there, role: writer }, `expected none, found a-1 with ${writer}`],
  ['deleted since', there, undefined, `expected a-1 with ${reader}, found none`],
  [
    'changed since',
    there,
    { ...there, role: writer },
    `expected a-1 with ${reader}, found a-1 with ${writer}`,
  ],
  [
    'all that it has',
    {
      ...there,
      targetRole: writer,
      sessionTags: false,
      policy: 'p'.repeat(301),
      tags: { [runTag]: 'run-1' },
    },
    undefined,
    `expected a-1 with ${reader}, target role ${writer}, session tags off, session policy ${'p'.repeat(299)}…, marked by run-1, found none`,
  ],
])('what has changed since the run looked is told by both: %s', (_why, expected, found, said) => {
  expect(changedSince(request, associationBefore(expected), found)).toBe(
    `the association of carts/carts has changed since this run looked: ${said}. It is left as it is; run this again to decide by what is there now`,
  )
})

it('is taken as it is described, with what EKS may leave out', () => {
  const full = {
    ...there,
    targetRole: writer,
    policy: '{}',
    owner: 'arn',
    siblings: [{ serviceAccount: 's', role: writer }],
  }
  expect(Association.parse(full)).toEqual(full)
  expect(Association.parse(there)).toEqual(there)
  expect(Association.safeParse({ ...full, id: undefined }).success).toBe(false)
  expect(Association.safeParse({ ...full, siblings: [{ role: writer }] }).success).toBe(false)
})

it.each<[why: string, existing: Association | undefined, found: string]>([
  ['there is none', undefined, 'there is none'],
  ['there is another', { ...there, role: writer }, `a-1 with ${writer}`],
])('a migration that was not begun is not finished: %s', (_why, existing, found) => {
  expect(told([migrationNotBegun(request, existing)])).toEqual([
    `blocking migration-not-begun, association of carts/carts: ${found}, so that there is no migration to finish`,
    `→ Begin it: podid migrate --cluster ${request.cluster} --region ${request.region} -n carts --service-account carts --role ${request.role}`,
  ])
})

it.each<[one: string | null | undefined, other: string | null | undefined, same: boolean]>([
  ['{"a":1}', '{ "a" : 1 }', true],
  ['{"a":1}', '{"a":2}', false],
  [null, undefined, true],
  [null, '{"a":1}', false],
  ['null', null, false],
  ['no JSON', 'no JSON', true],
  ['no JSON', 'nor this', false],
])('session policies are the same but for white space: %j and %j', (one, other, same) => {
  expect(isSamePolicy(one, other)).toBe(same)
})
