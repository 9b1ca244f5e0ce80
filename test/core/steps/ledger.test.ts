import { expect, it } from 'vitest'
import { type Association, runTag } from '../../../core/association.ts'
import type { Change } from '../../../core/changes.ts'
import type { AssociationBefore } from '../../../core/request.ts'
import {
  deletedPods,
  ledgerOf,
  notUndone,
  plannedChanges,
  staying,
  stayingOf,
} from '../../../core/steps/ledger.ts'
import { reportState, restartStep, stockStep as stock, undoStep, workloadCheck } from '../report-state.ts'

const stateOf = (change: object) => reportState(change as Record<string, unknown>)
const role = 'arn:aws:iam::123456789012:role/reader'
const other = 'arn:aws:iam::123456789012:role/former'
const former: AssociationBefore = {
  id: 'a-1',
  roleArn: other,
  targetRoleArn: null,
  disableSessionTags: false,
  policy: null,
  run: null,
}
const found = (change: Partial<Association> = {}): Association => ({
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/shop/a-1',
  role,
  sessionTags: true,
  createdAt: '2026-11-23T06:00:00.000Z',
  modifiedAt: '2026-11-23T06:00:00.000Z',
  tags: { [runTag]: 'run-1' },
  ...change,
})
const check = (action: string, before: AssociationBefore | null = null) => ({
  associationCheck: { action, message: 'm', before, findings: [] },
})
const undo = { ...undoStep, message: 'm', rolloutToAwait: false }
const agent = {
  management: 'none',
  version: null,
  ready: 0,
  nodes: 2,
  repelled: 0,
  findings: [],
  action: 'install',
}
const before = {
  run: 'run-1',
  restartedAt: '2026-11-23T06:00:00Z',
  association: null,
  workload: { restartedAt: null, healthy: true, desired: 2 },
}
const lost = { error: { Error: 'States.Timeout', Cause: 'no answer' } }
const notShown = { Error: 'NotShown', Cause: 'it is not shown' }

const of = 'of carts/reader'
const makes = {
  kind: 'association',
  undone: false,
  diff: { sign: '+', fields: [{ name: 'role', from: null, to: role }] },
}
const points = {
  kind: 'association',
  subject: 'a-1',
  undone: false,
  command: `aws eks update-pod-identity-association --cluster-name shop --region us-west-2 --association-id a-1 --role-arn ${other} --no-disable-session-tags`,
  diff: { sign: '~', what: `association a-1 ${of}`, fields: [{ name: 'role', from: other, to: role }] },
}
const restarts = {
  kind: 'restart',
  subject: 'deployment/api',
  undone: false,
  diff: { sign: '±', fields: [] },
}
const mark = {
  kind: 'association-tag',
  subject: 'a-1',
  action: "marked the association a-1 as this run's",
  state: 'done',
  undone: false,
  diff: { sign: '~', what: 'mark of association a-1', fields: [{ name: 'run', from: null, to: 'run-1' }] },
}
const addon = {
  kind: 'addon',
  subject: 'eks-pod-identity-agent',
  undone: false,
  command: 'aws eks delete-addon --cluster-name shop --region us-west-2 --addon-name eks-pod-identity-agent',
  diff: { sign: '+', what: 'add-on eks-pod-identity-agent', fields: [] },
}

it.each<[why: string, state: object, changes: object[]]>([
  [
    'an association and a restart of two pods',
    { ...check('create'), workload: { ...workloadCheck, before: before.workload } },
    [
      {
        ...makes,
        subject: 'carts/reader',
        state: 'planned',
        action: `create an association ${of} with ${role}`,
        command:
          'aws eks list-pod-identity-associations --cluster-name shop --region us-west-2 --namespace carts --service-account reader',
        diff: { ...makes.diff, what: `association ${of}` },
      },
      {
        ...restarts,
        state: 'planned',
        action: 'restart deployment/api and follow its rollout',
        diff: { ...restarts.diff, what: 'restart 2 pods of deployment/api' },
      },
    ],
  ],
  [
    'one pod',
    { ...check('keep'), workload: { ...workloadCheck, before: { ...before.workload, desired: 1 } } },
    [
      {
        ...restarts,
        state: 'planned',
        action: 'restart deployment/api and follow its rollout',
        diff: { ...restarts.diff, what: 'restart 1 pod of deployment/api' },
      },
    ],
  ],
  [
    'another role for the association, of pods that have credentials',
    { ...check('repoint', former), workload: { ...workloadCheck, injected: true, before: null } },
    [
      { ...points, state: 'planned', action: `point the association a-1 ${of} from ${other} to ${role}` },
      {
        ...restarts,
        state: 'planned',
        action: 'restart deployment/api and follow its rollout',
        diff: { ...restarts.diff, what: 'restart deployment/api' },
      },
    ],
  ],
  [
    'other settings of the association',
    {
      ...check('repoint', { ...former, roleArn: role, disableSessionTags: true, targetRoleArn: other }),
      workload: { ...workloadCheck, exists: false },
    },
    [
      expect.objectContaining({
        action: `change the association a-1 ${of}: target role ${other} → none, session tags off → on`,
        diff: expect.objectContaining({
          fields: [
            { name: 'target role', from: other, to: 'none' },
            { name: 'session tags', from: 'off', to: 'on' },
          ],
        }),
      }),
    ],
  ],
  [
    'settings of a new association',
    {
      ...check('create'),
      workload: null,
      request: { targetRole: other, sessionTags: false, sessionPolicy: '{}' },
    },
    [
      expect.objectContaining({
        action: `create an association ${of} with ${role}, target role ${other}, session tags off, a session policy`,
        diff: expect.objectContaining({
          fields: [
            { name: 'role', from: null, to: role },
            { name: 'target role', from: null, to: other },
            { name: 'session tags', from: null, to: 'off' },
            { name: 'session policy', from: null, to: "the request's" },
          ],
        }),
      }),
    ],
  ],
  ['nothing, where all is there', { ...check('keep'), workload: { ...workloadCheck, injected: true } }, []],
  ['nothing, where nobody has looked', { workload: null }, []],
  [
    'nothing of a workload that the request does not name',
    { ...check('keep'), request: { workload: undefined } },
    [],
  ],
  [
    'the add-on',
    { agent, workload: null },
    [{ ...addon, state: 'planned', action: 'install the add-on eks-pod-identity-agent' }],
  ],
  ['no add-on that is there', { agent: { ...agent, action: 'none' }, workload: null }, []],
])('a plan says of every write what it changes: %s', (_why, state, changes) => {
  expect(plannedChanges(stateOf(state))).toEqual(changes)
})

const association = (action: string) => ({ association: { action, message: 'm', association: found() } })
it.each<[why: string, state: object, changes: object[]]>([
  [
    'what it made',
    { ...check('create'), ...association('created') },
    [
      {
        ...makes,
        subject: 'a-1',
        state: 'done',
        action: `created the association a-1 ${of} with ${role}`,
        command:
          'aws eks delete-pod-identity-association --cluster-name shop --region us-west-2 --association-id a-1',
        diff: { ...makes.diff, what: `association a-1 ${of}` },
      },
    ],
  ],
  [
    'what it pointed elsewhere',
    { ...check('repoint', former), ...association('repointed') },
    [
      mark,
      { ...points, state: 'done', action: `pointed the association a-1 ${of} from ${other} to ${role}` },
    ],
  ],
  [
    'what it changed of its settings',
    {
      ...check('repoint', { ...former, roleArn: role, disableSessionTags: true }),
      ...association('repointed'),
    },
    [
      mark,
      expect.objectContaining({
        kind: 'association',
        action: `changed the association a-1 ${of}: session tags off → on`,
      }),
    ],
  ],
  ['what it found is none of its writes', { ...check('keep', former), ...association('kept') }, []],
  [
    'a restart',
    { restart: restartStep, before },
    [
      {
        ...restarts,
        state: 'done',
        action: 'restarted deployment/api',
        command: `kubectl -n carts patch deployment/api --type merge -p '{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":null}}}}}'`,
        diff: { ...restarts.diff, what: 'restarted 2 pods of deployment/api' },
      },
    ],
  ],
  ['no restart of pods that have credentials', { restart: { ...restartStep, restarted: false } }, []],
  ['no restart without a workload', { restart: restartStep, request: { workload: undefined } }, []],
  [
    'an add-on',
    { agentInstalled: true, agent: null },
    [{ ...addon, state: 'done', action: 'installed the add-on eks-pod-identity-agent' }],
  ],
  [
    'an access entry',
    { accessEntries: [role] },
    [
      {
        kind: 'access-entry',
        subject: role,
        action: `let ${role} into the cluster`,
        state: 'done',
        undone: false,
        command: `aws eks delete-access-entry --cluster-name shop --region us-west-2 --principal-arn ${role}`,
        diff: { sign: '+', what: `access entry of ${role}`, fields: [] },
      },
    ],
  ],
  [
    'pods that its undo deleted',
    { rolloutBack: { state: 'as-before', message: 'm', deleted: ['api-1'], left: [], position: null } },
    [
      {
        kind: 'pod',
        subject: 'api-1',
        action: 'deleted pod api-1 of the failed restart, so that it is made anew',
        state: 'done',
        undone: false,
      },
    ],
  ],
])('the ledger says of every write what it changed: %s', (_why, state, changes) => {
  expect(ledgerOf(stateOf(state))).toEqual(changes)
})

/** `association done`, with `undone` where it is taken back, and why it is unknown. */
const shown = ({ kind, state, undone, error }: Change) =>
  `${kind} ${state}${undone ? ' undone' : ''}${error ? `: ${error}` : ''}`
const making = { ...check('create'), tried: 'ensureAssociation' }
const pointing = { ...check('repoint', former), tried: 'ensureAssociation' }
const sees = (seen: Association | null) => ({ stock: { ...stock, association: { seen } } })
const restarting = { tried: 'restartWorkload', before }
const seesAt = (seen: string | null) => ({ stock: { ...stock, restartedAt: { seen } } })
const theirs = { tags: { [runTag]: 'run-0' } }
const letting = { tried: 'ensureAccess' }
const entries = (seen: string[]) => ({ stock: { ...stock, accessEntries: { seen } } })
const installing = { tried: 'ensureAgent', agent }
it.each<[why: string, state: object, changes: string[]]>([
  ['an association, and nobody looked', making, ['association unknown']],
  ['an association that is there', { ...making, ...sees(found()) }, ['association done']],
  ['an association that another run made', { ...making, ...sees(found(theirs)) }, ['association not-done']],
  ['an association that is not there', { ...making, ...sees(null) }, ['association not-done']],
  ['an association, by another step', { ...making, tried: 'restartWorkload' }, ['restart unknown']],
  ['an association that was to be kept', { ...check('keep', former), tried: 'ensureAssociation' }, []],
  ['nobody had looked for one', { tried: 'ensureAssociation' }, []],
  ['another role', pointing, ['association-tag unknown', 'association unknown']],
  [
    'another role, which it has',
    { ...pointing, ...sees(found()) },
    ['association-tag done', 'association done'],
  ],
  [
    'another role, and it has but the mark',
    { ...pointing, ...sees(found({ role: other })) },
    ['association-tag done', 'association not-done'],
  ],
  [
    'another role, and it has none of it',
    { ...pointing, ...sees(found({ ...theirs, role: other })) },
    ['association-tag not-done', 'association not-done'],
  ],
  [
    'another role, and somebody else gave it',
    { ...pointing, ...sees(found(theirs)) },
    ['association-tag not-done', 'association not-done'],
  ],
  [
    'another role, and it is gone',
    { ...pointing, ...sees(null) },
    ['association-tag not-done', 'association not-done'],
  ],
  ['a restart, and nobody looked', restarting, ['restart unknown']],
  [
    'a restart, and its undo has taken one back',
    { ...restarting, undo: { ...undo, done: [{ kind: 'restart', what: 'w' }] } },
    ['restart done undone'],
  ],
  [
    'a restart, and an attempt of its undo before may have taken one back',
    { ...restarting, undo: { ...undo, done: [{ kind: 'restart', what: 'w', perhaps: true }] } },
    ['restart unknown undone'],
  ],
  [
    'a restart that is there, of which its undo has left something else',
    { ...restarting, ...seesAt('2026-11-23T06:00:00Z'), undo },
    ['restart done'],
  ],
  [
    'a restart, of whose neighbour its undo has kept what others made',
    { ...restarting, undo: { ...undo, kept: [{ kind: 'association', what: 'w' }] } },
    ['restart not-done'],
  ],
  ['a restart that is there', { ...restarting, ...seesAt('2026-11-23T06:00:00Z') }, ['restart done']],
  ['a second restart that is there', { ...restarting, ...seesAt('2026-11-23T06:00:01Z') }, ['restart done']],
  ['a restart by somebody else', { ...restarting, ...seesAt('2026-11-23T05:00:00Z') }, ['restart not-done']],
  ['a restart that is not there', { ...restarting, ...seesAt(null) }, ['restart not-done']],
  ['an add-on, and nobody looked', installing, ['addon unknown']],
  ['an add-on that is there', { ...installing, stock: { ...stock, addon: { seen: true } } }, ['addon done']],
  [
    'an add-on that is not there',
    { ...installing, stock: { ...stock, addon: { seen: false } } },
    ['addon not-done'],
  ],
  [
    'an add-on that is not shown',
    { ...installing, failure: notShown, stock: { ...stock, addon: { seen: false } } },
    ['addon unknown: it was answered to be there, and is not shown'],
  ],
  [
    'an add-on that is shown by now',
    { ...installing, failure: notShown, stock: { ...stock, addon: { seen: true } } },
    ['addon done'],
  ],
  ['an add-on that was not to be installed', { ...installing, agent: { ...agent, action: 'none' } }, []],
  ['an add-on of which nothing is known', { ...installing, agent: null }, []],
  ['access entries, and nobody looked', letting, ['access-entry unknown']],
  ['access entries of which one is there', { ...letting, ...entries([role]) }, ['access-entry done']],
  ['the same, twice known', { ...letting, accessEntries: [role], ...entries([role]) }, ['access-entry done']],
  ['access entries of which none is there', { ...letting, ...entries([]) }, ['access-entry not-done']],
  [
    'access entries that could not be looked at',
    { ...letting, stock: { ...stock, accessEntries: { error: 'denied' } } },
    ['access-entry unknown: denied'],
  ],
  ['access entries that are seen after another step', { tried: 'ensureAgent', ...entries([role]) }, []],
])('what was tried and not answered: %s', (_why, state, changes) => {
  expect(ledgerOf(stateOf(state)).map(shown)).toEqual(changes)
})

it('what may have been done is told as what was to be done', () => {
  expect(ledgerOf(stateOf(pointing))).toEqual([
    { ...mark, state: 'unknown', action: "mark the association a-1 as this run's" },
    { ...points, state: 'unknown', action: `point the association a-1 ${of} from ${other} to ${role}` },
  ])
})

it('what may be of podid’s roles in the cluster is looked for by a command', () => {
  expect(ledgerOf(stateOf(letting))[0]).toMatchObject({
    subject: "podid's roles",
    action: "let podid's roles into the cluster",
    command: 'aws eks list-access-entries --cluster-name shop --region us-west-2',
  })
})

const made = { ...check('create'), ...association('created') }
const pointed = {
  ...check('repoint', former),
  ...association('repointed'),
  before: { ...before, association: former },
}
const restarted = {
  restart: restartStep,
  before: { ...before, workload: { restartedAt: '2026-11-01T00:00:00Z', healthy: true } },
}
const after = (seen: object) => ({ undo: lost, stockAfterUndo: { ...stock, ...seen } })
it.each<[why: string, state: object, undone: boolean[]]>([
  ['no undo', made, [false]],
  [
    'an undo that says so',
    { ...made, undo: { ...undo, done: [{ kind: 'association', what: 'w' }] } },
    [true],
  ],
  [
    'an undo that says so of something else',
    { ...made, undo: { ...undo, done: [{ kind: 'role', what: 'w' }] } },
    [false],
  ],
  ['nobody looked', { ...made, undo: lost }, [false]],
  ['it is gone', { ...made, ...after({ association: { seen: null } }) }, [true]],
  ['it is still there', { ...made, ...after({ association: { seen: found() } }) }, [false]],
  ['it could not be looked at', { ...made, ...after({ association: { error: 'denied' } }) }, [false]],
  [
    'it has its former role',
    { ...pointed, ...after({ association: { seen: found({ role: other, tags: {} }) } }) },
    [false, true],
  ],
  ['it has the new role', { ...pointed, ...after({ association: { seen: found() } }) }, [false, false]],
  ['somebody has deleted it', { ...pointed, ...after({ association: { seen: null } }) }, [false, false]],
  [
    'the template is as before',
    { ...restarted, ...after({ restartedAt: { seen: '2026-11-01T00:00:00Z' } }) },
    [true],
  ],
  [
    'the template is as the run left it',
    { ...restarted, ...after({ restartedAt: { seen: '2026-11-23T06:00:00Z' } }) },
    [false],
  ],
  ['the template has no annotation', { ...restarted, ...after({ restartedAt: { seen: null } }) }, [false]],
  [
    'the template had no annotation',
    { restart: restartStep, before, ...after({ restartedAt: { seen: null } }) },
    [true],
  ],
  [
    'nothing is known of before',
    { restart: restartStep, before: null, ...after({ restartedAt: { seen: null } }) },
    [true],
  ],
  [
    'the template could not be looked at',
    { ...restarted, ...after({ restartedAt: { error: 'denied' } }) },
    [false],
  ],
  ['an add-on stays', { agentInstalled: true, ...after({ addon: { seen: false } }) }, [false]],
])('what is taken back: %s', (_why, state, undone) => {
  expect(ledgerOf(stateOf(state)).map((one) => one.undone)).toEqual(undone)
})

const roleMade = { roleMade: { action: 'created', message: 'm', role } }
it('the writes of a run that undoes another are what it has put back and could not', () => {
  const left = { kind: 'role', what: 'the role is gone', error: 'denied', command: 'aws iam delete-role' }
  const state = {
    request: { mode: 'undo' },
    undo: { ...undo, done: [{ kind: 'restart', what: 'api is as it was' }], left: [left] },
  }
  expect(ledgerOf(stateOf(state))).toEqual([
    {
      kind: 'restart',
      subject: 'api is as it was',
      action: 'api is as it was',
      state: 'done',
      undone: false,
    },
    {
      kind: 'role',
      subject: 'the role is gone',
      action: 'see to it that the role is gone',
      state: 'unknown',
      undone: false,
      error: 'denied',
      command: 'aws iam delete-role',
    },
  ])
  const perhaps = { kind: 'trust', what: 'the trust is as it was', perhaps: true }
  expect(
    ledgerOf(stateOf({ ...state, undo: { ...undo, done: [perhaps] } })).map(({ kind, state: known }) => [
      kind,
      known,
    ]),
  ).toEqual([['trust', 'unknown']])
  expect(ledgerOf(stateOf({ request: { mode: 'undo' }, ...roleMade, ...made }))).toEqual([])
})

it('names what is left for a person, and what stays', () => {
  const change = (kind: Change['kind'], state: Change['state'], more: object = {}): Change => ({
    kind,
    subject: 's',
    action: 'do it',
    state,
    undone: false,
    ...more,
  })
  const changes = [
    change('association', 'done', { command: 'c' }),
    change('association', 'unknown'),
    change('association', 'not-done'),
    change('association', 'planned'),
    change('restart', 'done', { undone: true }),
    change('addon', 'unknown', { command: 'd' }),
    change('access-entry', 'done'),
    change('addon', 'not-done'),
  ]
  expect(notUndone(changes, 'e')).toEqual([
    { what: 'do it', error: 'e', command: 'c' },
    { what: 'it was tried to do it, and may have happened', error: 'e', command: '' },
  ])
  expect(staying(changes)).toEqual([
    { what: 'the add-on s, if it was made', command: 'd' },
    { what: 'the access entry of s', command: '' },
  ])
  const { request } = stateOf({})
  const whatOf = (addon: boolean | null) =>
    stayingOf(request, { addon, accessEntries: [role] }).map(({ what }) => what)
  expect(whatOf(false)).toEqual([`the access entry of ${role}`])
  expect(whatOf(true)).toEqual([`the access entry of ${role}`, 'the add-on eks-pod-identity-agent'])
  expect(whatOf(null)).toEqual([
    `the access entry of ${role}`,
    'the add-on eks-pod-identity-agent, if it was made',
  ])
  expect(deletedPods({ rolloutBack: null })).toEqual([])
  expect(deletedPods({ rolloutBack: { state: 'unknown', message: 'm' } })).toEqual([])
})
