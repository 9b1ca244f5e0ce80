import { describe, expect, it } from 'vitest'
import type { AssociationBefore } from '../../../core/request.ts'
import { associationFields, settingsBesides } from '../../../core/steps/association-diff.ts'
import { answerBytesOf, stepEntries, stepLabels, steps, writingStates } from '../../../core/steps/table.ts'
import { reportState } from '../report-state.ts'

describe('of the states of the workflow', () => {
  it('those that change something are these', () => {
    expect([...writingStates].toSorted()).toEqual(
      [
        'EnsureAccess',
        'EnsureAgent',
        'EnsureAssociation',
        'EnsureRole',
        'EnsureTrust',
        'FinishMigration',
        'RestartWorkload',
        'Undo',
        'AwaitUndo',
      ].toSorted(),
    )
  })

  it('those that a person follows have a name each, and the others none', () => {
    const all = stepEntries.flatMap(([, { states }]) => Object.entries(states))
    expect(Object.keys(stepLabels)).toEqual(all.flatMap(([state, label]) => (label === null ? [] : [state])))
    expect(stepLabels.EnsureAssociation).toBe(steps.ensureAssociation.states.EnsureAssociation)
    expect(stepLabels).not.toHaveProperty('ResolveRequest')
  })

  it('each has room for its answer: its own, or the usual', () => {
    expect(answerBytesOf('RestartWorkload')).toBe(5000)
    expect(answerBytesOf('VerifyWorkload')).toBe(steps.verifyWorkload.answerBytes)
    expect(answerBytesOf('Nowhere')).toBeUndefined()
    expect(answerBytesOf('constructor')).toBeUndefined()
  })
})

const role = 'arn:aws:iam::123456789012:role/reader'
const former: AssociationBefore = {
  id: 'a-1',
  roleArn: role,
  targetRoleArn: null,
  disableSessionTags: false,
  policy: null,
  run: null,
}
const policy = '{"Statement":[]}'
const field = (name: string, from: string | null, to: string) => ({ name, from, to })
it.each<[why: string, request: object, before: AssociationBefore | null, fields: object[], besides: string]>([
  ['a new one, as usual', {}, null, [field('role', null, role)], ''],
  [
    'a new one, with all that it may have',
    { targetRole: `${role}-2`, sessionTags: false, sessionPolicy: policy },
    null,
    [
      field('role', null, role),
      field('target role', null, `${role}-2`),
      field('session tags', null, 'off'),
      field('session policy', null, "the request's"),
    ],
    `, target role ${role}-2, session tags off, a session policy`,
  ],
  ['the same', {}, former, [], ''],
  ['another role', {}, { ...former, roleArn: 'x' }, [field('role', 'x', role)], ''],
  [
    'a role in between that goes',
    {},
    { ...former, targetRoleArn: 'x' },
    [field('target role', 'x', 'none')],
    '',
  ],
  [
    'session tags that come back',
    {},
    { ...former, disableSessionTags: true },
    [field('session tags', 'off', 'on')],
    '',
  ],
  [
    'a session policy where there is none',
    { sessionTags: false, sessionPolicy: policy },
    { ...former, disableSessionTags: true },
    [field('session policy', 'none', "the request's")],
    ', session tags off, a session policy',
  ],
  [
    'another session policy',
    { sessionTags: false, sessionPolicy: policy },
    { ...former, disableSessionTags: true, policy: '{}' },
    [field('session policy', 'another one', "the request's")],
    ', session tags off, a session policy',
  ],
  [
    'the same session policy',
    { sessionTags: false, sessionPolicy: policy },
    { ...former, disableSessionTags: true, policy: ' {"Statement": []} ' },
    [],
    ', session tags off, a session policy',
  ],
  ['a session policy that the request leaves alone', {}, { ...former, policy: '{}' }, [], ''],
])('a run sets of an association: %s', (_why, change, before, fields, besides) => {
  const { request } = reportState({ request: change })
  expect(associationFields(request, before)).toEqual(fields)
  expect(settingsBesides(request)).toBe(besides)
})
