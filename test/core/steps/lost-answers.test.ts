import { describe, expect, it } from 'vitest'
import { runTag } from '../../../core/association.ts'
import { ledgerOf, plannedChanges } from '../../../core/steps/ledger.ts'
import { planLines } from '../../../core/steps/plan.ts'
import { reportState, restartStep, stockStep, undoStep } from '../report-state.ts'

const stateOf = (change: object) => reportState(change as Record<string, unknown>)
const role = 'arn:aws:iam::123456789012:role/reader'
const former = {
  id: 'a-1',
  roleArn: 'arn:aws:iam::123456789012:role/former',
  targetRoleArn: null,
  disableSessionTags: false,
  policy: null,
  run: null,
}
const found = (change: object = {}) => ({
  id: 'a-9',
  arn: 'arn',
  role,
  sessionTags: true,
  createdAt: 't',
  modifiedAt: 't',
  tags: { [runTag]: 'run-1' },
  ...change,
})
const check = (action: string, before: object | null = null) => ({
  associationCheck: { action, message: 'm', before, findings: [] },
  tried: 'ensureAssociation',
})
const seen = (association: object | null) => ({ stock: { ...stockStep, association: { seen: association } } })
const undone = (kind: string) => ({ undo: { ...undoStep, done: [{ kind, what: 'w' }] } })
const listed = (state: object) =>
  ledgerOf(stateOf(state)).map(({ kind, state: is, subject, command }) => [
    kind,
    is,
    subject,
    command?.split(' ').slice(0, 3).join(' '),
  ])
const made = (state: string, subject: string, call: string) => [
  'association',
  state,
  subject,
  `aws eks ${call}`,
]
const marked = (state: string) => ['association-tag', state, 'a-1', undefined]
const unknown = made('unknown', 'carts/reader', 'list-pod-identity-associations')
const points = (state: string) => made(state, 'a-1', 'update-pod-identity-association')

describe('of an association whose answer was lost is known', () => {
  it.each<[why: string, state: object, changes: unknown[]]>([
    ['nothing, where nobody looked', check('create'), [unknown]],
    [
      'that it was made, and its id',
      { ...check('create'), ...seen(found()) },
      [made('done', 'a-9', 'delete-pod-identity-association')],
    ],
    [
      'that it was not made: another run’s is there',
      { ...check('create'), ...seen(found({ tags: { [runTag]: 'run-0' } })) },
      [made('not-done', 'carts/reader', 'list-pod-identity-associations')],
    ],
    [
      'that it was not made: none is there',
      { ...check('create'), ...seen(null) },
      [made('not-done', 'carts/reader', 'list-pod-identity-associations')],
    ],
    [
      'nothing, where it could not be looked at',
      { ...check('create'), stock: { ...stockStep, association: { error: 'Forbidden' } } },
      [unknown],
    ],
    [
      'that it was pointed to the role, and marked',
      { ...check('repoint', former), ...seen(found({ id: 'a-1' })) },
      [marked('done'), points('done')],
    ],
    [
      'that it was only marked',
      { ...check('repoint', former), ...seen(found({ id: 'a-1', role: former.roleArn })) },
      [marked('done'), points('not-done')],
    ],
    [
      'that the undo put back where it points',
      { ...check('repoint', former), ...undone('association') },
      [marked('not-done'), points('done')],
    ],
    [
      'that the undo took its mark away',
      { ...check('repoint', former), ...undone('association-tag') },
      [marked('done'), points('not-done')],
    ],
  ])('%s', (_why, state, changes) => {
    expect(listed(state)).toEqual(changes)
  })
})

const agent = {
  action: 'install',
  management: 'none',
  version: null,
  ready: 0,
  nodes: 2,
  repelled: 0,
  findings: [],
}
it.each<[why: string, state: object, changes: unknown[]]>([
  ['not tried', { agent }, []],
  [
    'another step was tried',
    { agent, tried: 'ensureAccess' },
    [['access-entry', "podid's roles", "let podid's roles into the cluster"]],
  ],
  [
    'entries were made',
    { accessEntries: ['arn:a'] },
    [['access-entry', 'arn:a', 'let arn:a into the cluster']],
  ],
])('of add-on and access entries is written: %s', (_why, state, changes) => {
  expect(ledgerOf(stateOf(state)).map(({ kind, subject, action }) => [kind, subject, action])).toEqual(
    changes,
  )
})

const before = {
  run: 'run-1',
  restartedAt: 't',
  association: null,
  workload: { restartedAt: 'old', healthy: true },
}
it.each<[why: string, after: object, undone: boolean]>([
  ['the annotation of before is there', { restartedAt: { seen: 'old' } }, true],
  ['another one is there', { restartedAt: { seen: 'new' } }, false],
  ['none is there', { restartedAt: { seen: null } }, false],
  ['nobody could look', { restartedAt: { error: 'Forbidden' } }, false],
  ['nobody looked', {}, false],
])('a restart whose undo gave no answer is undone where %s: %s', (_why, after, is) => {
  const lost = { undo: { error: { Error: 'States.Timeout', Cause: 'x' } } }
  const state = { restart: restartStep, before, ...lost, stockAfterUndo: { ...stockStep, ...after } }
  expect(ledgerOf(stateOf(state)).map(({ kind, undone }) => [kind, undone])).toEqual([['restart', is]])
})

const planned = (change: object) => planLines(stateOf({ ...check('create'), ...change }))
it('ends a plan with what was there when it was decided', () => {
  expect(planned({}).slice(-2)).toEqual([
    'where there is no association',
    'where deployment/api is the object of uid u',
  ])
  expect(planned({ workload: null }).slice(-1)).toEqual(['where there is no deployment/api'])
  expect(planned({ request: { workload: undefined } }).slice(-1)).toEqual(['where there is no association'])
  const changed = plannedChanges(
    stateOf(check('repoint', { ...former, roleArn: role, disableSessionTags: true })),
  )
  expect(changed.filter(({ kind }) => kind === 'association').map(({ action }) => action)).toEqual([
    'change the association a-1 of carts/reader: session tags off → on',
  ])
})
