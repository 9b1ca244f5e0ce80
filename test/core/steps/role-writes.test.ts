import { describe, expect, it } from 'vitest'
import type { Change } from '../../../core/changes.ts'
import { ledgerOf } from '../../../core/steps/ledger.ts'
import { plannedRoleWrites, roleWrites } from '../../../core/steps/role-writes.ts'
import { reportState, stockStep, undoStep } from '../report-state.ts'

const arn = 'arn:aws:iam::123456789012:role/path/reader'
const boundary = 'arn:aws:iam::123456789012:policy/limits'
const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/Items'
const needs = [{ actions: ['dynamodb:Query'], resources: [table] }]
const [name] = plannedNames()
function plannedNames(): string[] {
  const changes = plannedRoleWrites({
    request: reportState({ request: { role: arn, needs } }).request,
    role: { action: 'create' },
  })
  return changes.filter(({ kind }) => kind === 'role-policy').map(({ subject }) => subject)
}
const create = { action: 'create', summary: 's', table: [], findings: [] }
const stateOf = (change: object, request: object = {}) =>
  reportState({ role: create, request: { role: arn, needs, ...request }, ...change } as never)

const rest = `the role ${arn} for carts/reader of shop alone`
const grants = `dynamodb:Query on ${table}`
const del = (policies: readonly string[] = [name ?? '']) =>
  [
    ...policies.map((one) => `aws iam delete-role-policy --role-name reader --policy-name ${one}`),
    'aws iam delete-role --role-name reader',
  ].join('\n')
const roleChange = (state: Change['state'], change: object = {}): Change => ({
  kind: 'role',
  subject: arn,
  action: `${state === 'done' ? 'created' : 'create'} ${rest}`,
  state,
  undone: false,
  command: del(),
  diff: {
    sign: '+',
    what: 'role reader for carts/reader of shop alone',
    fields: [{ name: 'ARN', from: null, to: arn }],
  },
  ...change,
})
const policyChange = (state: Change['state'], change: object = {}): Change => ({
  kind: 'role-policy',
  subject: name ?? '',
  action: `${state === 'done' ? 'wrote' : 'write'} the policy ${name} of role reader, which grants ${grants}`,
  state,
  undone: false,
  diff: {
    sign: '+',
    what: `policy ${name} of role reader`,
    fields: [{ name: 'grants', from: null, to: grants }],
  },
  ...change,
})

it('plans a role that is to be made, and nothing of another one', () => {
  const { request } = stateOf({})
  expect(plannedRoleWrites({ request, role: { action: 'create' } })).toEqual([
    roleChange('planned'),
    policyChange('planned'),
  ])
  expect(plannedRoleWrites({ request, role: { action: 'trust' } })).toEqual([])
  expect(plannedRoleWrites({ request, role: null })).toEqual([])
})

it('plans a boundary where there is to be one, and no policy where nothing is to be granted', () => {
  const { request } = stateOf({}, { needs: [], permissionsBoundary: boundary })
  expect(plannedRoleWrites({ request, role: { action: 'create' } })).toEqual([
    roleChange('planned', {
      action: `create ${rest}, with the permissions boundary ${boundary}`,
      command: del([]),
      diff: {
        sign: '+',
        what: 'role reader for carts/reader of shop alone',
        fields: [
          { name: 'ARN', from: null, to: arn },
          { name: 'permissions boundary', from: null, to: boundary },
        ],
      },
    }),
  ])
})

const look = { command: 'aws iam get-role --role-name reader' }
const seen = (ours: boolean, policies: string[] = []) => ({
  stock: { ...stockStep, role: { seen: { ours, policies } } },
})
const unseen = { stock: { ...stockStep, role: { seen: null } } }
const notShown = { failure: { Error: 'NotShown', Cause: 'x' } }
const hidden = { error: 'it was answered to be there, and is not shown' }
const tried = { tried: 'ensureRole' }
const undone = (done: object[]) => ({ undo: { ...undoStep, done } })

describe('of a role a run has written', () => {
  it.each<[why: string, state: object, changes: Change[]]>([
    [
      'all, as its step answered',
      { roleMade: { action: 'created', message: 'm' } },
      [roleChange('done'), policyChange('done')],
    ],
    ['nothing, as its step answered', { roleMade: { action: 'kept', message: 'm' }, ...tried }, []],
    ['nothing, as it was not tried', {}, []],
    ['nothing, as another step was tried', { tried: 'ensureTrust' }, []],
    ['nothing, as nobody knows of a role', { ...tried, role: null }, []],
    [
      'the policy alone, as the undo could not take that back',
      {
        ...tried,
        undo: { ...undoStep, left: [{ kind: 'role-policy', what: 'w', error: 'e', command: 'c' }] },
      },
      [roleChange('not-done'), policyChange('done')],
    ],
    ['nothing, as none was to be made', { ...tried, role: { ...create, action: 'trust' } }, []],
    ['nobody knows what', tried, [roleChange('unknown', look), policyChange('unknown')]],
    [
      'nobody knows what, as nobody could look',
      { ...tried, stock: { ...stockStep, role: { error: 'Forbidden' } } },
      [
        roleChange('unknown', { ...look, error: 'Forbidden' }),
        policyChange('unknown', { error: 'Forbidden' }),
      ],
    ],
    [
      'both, as a look shows',
      { ...tried, ...seen(true, [name ?? '']) },
      [roleChange('done'), policyChange('done')],
    ],
    [
      'the role alone, as a look shows',
      { ...tried, ...seen(true, ['other']) },
      [roleChange('done', { command: del([]) }), policyChange('not-done')],
    ],
    [
      'nothing, as somebody else has made it',
      { ...tried, ...seen(false, [name ?? '']) },
      [roleChange('not-done', { command: del([]) }), policyChange('not-done')],
    ],
    [
      'nothing, as a look shows none',
      { ...tried, ...unseen },
      [roleChange('not-done', { command: del([]) }), policyChange('not-done')],
    ],
    [
      'perhaps both, as it was answered to be there and a look shows none',
      { ...tried, ...unseen, ...notShown },
      [roleChange('unknown', { ...look, ...hidden }), policyChange('unknown', hidden)],
    ],
    [
      'nothing, as it was answered to be there and is somebody else’s',
      { ...tried, ...seen(false), ...notShown },
      [roleChange('not-done', { command: del([]) }), policyChange('not-done')],
    ],
    [
      'the role, as the undo took it away',
      { ...tried, ...undone([{ kind: 'role', what: 'w' }]) },
      [roleChange('done', { command: del([]) }), policyChange('not-done')],
    ],
    [
      'nothing, as the undo found nothing',
      { ...tried, ...undone([]) },
      [roleChange('not-done', { command: del([]) }), policyChange('not-done')],
    ],
  ])('%s', (_why, state, changes) => {
    expect(roleWrites(stateOf(state))).toEqual(changes)
  })
})

describe('of a role that a run has made, and whose undo gave no answer, is undone', () => {
  const lost = { undo: { error: { Error: 'States.Timeout', Cause: 'x' } } }
  const stands = (role: object | null) => ({ stockAfterUndo: { ...stockStep, role } })
  it.each<[why: string, state: object, undone: [role: boolean, policy: boolean]]>([
    ['nothing that nobody saw', lost, [false, false]],
    ['nothing that nobody looked for', { ...lost, ...stands(null) }, [false, false]],
    ['nothing that could not be looked at', { ...lost, ...stands({ error: 'Forbidden' }) }, [false, false]],
    ['both, as there is no role', { ...lost, ...stands({ seen: null }) }, [true, true]],
    [
      'both, as the role is somebody else’s',
      { ...lost, ...stands({ seen: { ours: false, policies: ['p'] } }) },
      [true, true],
    ],
    [
      'nothing, as both are there',
      { ...lost, ...stands({ seen: { ours: true, policies: ['p'] } }) },
      [false, false],
    ],
    [
      'the policy, as the role is there without one',
      { ...lost, ...stands({ seen: { ours: true, policies: [] } }) },
      [false, true],
    ],
    [
      'nothing, as the role is answered to be there and not shown',
      { ...lost, ...stands({ seen: null }), ...notShown },
      [false, false],
    ],
    ['both, as the undo says of the role', undone([{ kind: 'role', what: 'w' }]), [true, true]],
    ['the policy, as the undo says of it', undone([{ kind: 'role-policy', what: 'w' }]), [false, true]],
    ['nothing, as the undo says of something else', undone([{ kind: 'trust', what: 'w' }]), [false, false]],
    ['nothing without an undo', {}, [false, false]],
  ])('%s', (_why, state, [role, policy]) => {
    const made = { roleMade: { action: 'created', message: 'm' } }
    expect(
      ledgerOf(stateOf({ ...made, ...state }))
        .filter(({ kind }) => kind.startsWith('role'))
        .map(({ kind, undone }) => [kind, undone]),
    ).toEqual([
      ['role', role],
      ['role-policy', policy],
    ])
  })
})
