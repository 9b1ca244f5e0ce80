import { expect, it } from 'vitest'
import type { Change } from '../../../core/changes.ts'
import { ledgerOf, plannedChanges } from '../../../core/steps/ledger.ts'
import { reportState as stateOf, stockStep as stock, undoStep } from '../report-state.ts'

const role = 'arn:aws:iam::123456789012:role/team/reader'
const statement = (Sid: string) => ({
  Sid,
  Effect: 'Allow',
  Principal: { Service: 'pods.eks.amazonaws.com' },
  Action: 'sts:AssumeRole',
})
const text = (...sids: string[]) => JSON.stringify({ Version: '2012-10-17', Statement: sids.map(statement) })
const trust = { found: text('was'), planned: text('was', 'ours'), what: ['add a statement', 'and another'] }
const before = {
  run: 'run-1',
  restartedAt: '2026-11-23T06:00:00Z',
  association: null,
  workload: null,
  trust,
  annotation: { role, goes: true },
}
const request = { role, workload: undefined }
const finishing = { request: { ...request, migrate: 'irsa', finish: true }, before }
const extending = {
  request: { ...request, manageTrust: true },
  role: { action: 'trust', summary: 's', table: [], findings: [] },
  before,
}
const finished = (annotation: string, what: string) => ({
  annotation,
  trust: what,
  message: 'm',
  findings: [],
})
const undo = { ...undoStep, message: 'm', rolloutToAwait: false }
const undoing = (list: 'done' | 'left' | 'kept', kind: string) => ({
  ...undo,
  [list]: [{ kind, what: 'w', ...(list === 'left' && { error: 'e', command: 'c' }) }],
})
/** `trust done`, with `undone` where it is taken back, and why it is unknown. */
const shown = ({ kind, state, undone, error }: Change) =>
  `${kind} ${state}${undone ? ' undone' : ''}${error ? `: ${error}` : ''}`

it.each<[why: string, state: object, changes: string[]]>([
  ['it is not about the trust', { ...extending, role: null }, []],
  ['the role is to be made', { ...extending, role: { ...extending.role, action: 'create' } }, []],
  [
    'nothing of the trust is to be changed',
    { ...extending, before: { ...before, trust: null }, tried: 'ensureTrust' },
    [],
  ],
  ['the step has not been tried', extending, []],
  ['another step was tried', { ...extending, tried: 'ensureAssociation' }, []],
  ['it was written', { ...extending, trustWritten: { action: 'changed', message: 'm' } }, ['trust done']],
  [
    'it was found so',
    { ...extending, trustWritten: { action: 'kept', message: 'm' }, tried: 'ensureTrust' },
    [],
  ],
  ['its answer was lost, and nobody looked', { ...extending, tried: 'ensureTrust' }, ['trust unknown']],
  [
    'it is seen to be there',
    { ...extending, tried: 'ensureTrust', stock: { ...stock, trust: { seen: trust.planned } } },
    ['trust done'],
  ],
  [
    'it is seen not to be there',
    { ...extending, tried: 'ensureTrust', stock: { ...stock, trust: { seen: trust.found } } },
    ['trust not-done'],
  ],
  [
    'there is no role any more',
    { ...extending, tried: 'ensureTrust', stock: { ...stock, trust: { seen: null } } },
    ['trust not-done'],
  ],
  [
    'it could not be looked at',
    { ...extending, tried: 'ensureTrust', stock: { ...stock, trust: { error: 'denied' } } },
    ['trust unknown: denied'],
  ],
  [
    'undo has put it back',
    { ...extending, tried: 'ensureTrust', undo: undoing('done', 'trust') },
    ['trust done undone'],
  ],
  [
    'undo could not put it back',
    { ...extending, tried: 'ensureTrust', undo: undoing('left', 'trust') },
    ['trust done'],
  ],
  [
    'undo has left it as others have it',
    { ...extending, tried: 'ensureTrust', undo: undoing('kept', 'trust') },
    ['trust unknown'],
  ],
  ['undo has found nothing of it', { ...extending, tried: 'ensureTrust', undo }, ['trust not-done']],
])('the trust that a run extends: %s', (_why, state, changes) => {
  expect(ledgerOf(stateOf(state as never)).map(shown)).toEqual(changes)
})

it.each<[why: string, state: object, changes: string[]]>([
  ['it is not asked to finish', { ...finishing, request, finished: finished('removed', 'changed') }, []],
  ['it has not come to that', finishing, []],
  [
    'both are gone',
    { ...finishing, finished: finished('removed', 'changed') },
    ['annotation done', 'trust done'],
  ],
  [
    'the annotation was gone before',
    { ...finishing, finished: finished('absent', 'changed') },
    ['trust done'],
  ],
  ['the trust was so before', { ...finishing, finished: finished('removed', 'kept') }, ['annotation done']],
  [
    'the annotation stays',
    {
      ...finishing,
      before: { ...before, annotation: { role, goes: false } },
      finished: finished('absent', 'changed'),
    },
    ['trust done'],
  ],
  [
    'there was no annotation',
    { ...finishing, before: { ...before, annotation: { role: null, goes: true } }, tried: 'finishMigration' },
    ['trust unknown'],
  ],
  ['nothing is known of before', { ...finishing, before: null, tried: 'finishMigration' }, []],
  [
    'its answer was lost',
    { ...finishing, tried: 'finishMigration' },
    ['annotation unknown', 'trust unknown'],
  ],
  [
    'both are seen to be gone',
    {
      ...finishing,
      tried: 'finishMigration',
      stock: { ...stock, annotation: { seen: null }, trust: { seen: trust.planned } },
    },
    ['annotation done', 'trust done'],
  ],
  [
    'both are seen to be there',
    {
      ...finishing,
      tried: 'finishMigration',
      stock: { ...stock, annotation: { seen: role }, trust: { seen: trust.found } },
    },
    ['annotation not-done', 'trust not-done'],
  ],
  [
    'there is no role any more whose statement was to go',
    {
      ...finishing,
      before: { ...before, annotation: null, trust: { ...trust, planned: text() } },
      tried: 'finishMigration',
      stock: { ...stock, trust: { seen: null } },
    },
    ['trust not-done'],
  ],
  [
    'undo has put both back',
    {
      ...finishing,
      tried: 'finishMigration',
      undo: { ...undo, done: ['trust', 'annotation'].map((kind) => ({ kind, what: 'w' })) },
    },
    ['annotation done undone', 'trust done undone'],
  ],
  [
    'undo has put one back and found nothing of the other',
    { ...finishing, tried: 'finishMigration', undo: undoing('done', 'annotation') },
    ['annotation done undone', 'trust not-done'],
  ],
])('what a run takes away of IRSA: %s', (_why, state, changes) => {
  expect(ledgerOf(stateOf(state as never)).map(shown)).toEqual(changes)
})

const lost = { error: { Error: 'States.Timeout', Cause: 'no answer' } }
it.each<[why: string, seen: object, undone: boolean[]]>([
  ['nobody looked', {}, [false, false]],
  ['both are as before', { annotation: { seen: role }, trust: { seen: trust.found } }, [true, true]],
  ['both are still gone', { annotation: { seen: null }, trust: { seen: trust.planned } }, [false, false]],
  ['the annotation names another role', { annotation: { seen: 'other' }, trust: null }, [false, false]],
  ['there is no role any more', { annotation: null, trust: { seen: null } }, [false, true]],
  [
    'neither could be looked at',
    { annotation: { error: 'denied' }, trust: { error: 'denied' } },
    [false, false],
  ],
])('after an undo without an answer: %s', (_why, seen, undone) => {
  const state = {
    ...finishing,
    finished: finished('removed', 'changed'),
    undo: lost,
    stockAfterUndo: { ...stock, ...seen },
  }
  expect(ledgerOf(stateOf(state as never)).map((one) => one.undone)).toEqual(undone)
})

it('tells what is planned, done and to be put back by hand', () => {
  const trustChange = {
    kind: 'trust',
    subject: role,
    undone: false,
    command: `aws iam update-assume-role-policy --role-name reader --policy-document '${trust.found}'`,
    diff: {
      sign: '~',
      what: 'trust policy of role reader',
      fields: [
        { name: 'statement', from: null, to: 'add a statement' },
        { name: 'statement', from: null, to: 'and another' },
      ],
    },
  }
  const annotationChange = {
    kind: 'annotation',
    subject: 'serviceaccount/reader',
    undone: false,
    command: `kubectl annotate serviceaccount reader -n carts eks.amazonaws.com/role-arn=${role}`,
    diff: {
      sign: '~',
      what: 'serviceaccount/reader',
      fields: [{ name: 'eks.amazonaws.com/role-arn', from: role, to: 'none' }],
    },
  }
  const change = 'the trust policy of role reader: add a statement; and another'
  const annotation = 'the annotation eks.amazonaws.com/role-arn of serviceaccount/reader'
  const planned = { state: 'planned' }
  expect(plannedChanges(stateOf(finishing as never))).toEqual([
    { ...annotationChange, ...planned, action: `take away ${annotation}` },
    { ...trustChange, ...planned, action: `change ${change}` },
  ])
  expect(plannedChanges(stateOf(extending as never))).toEqual([
    { ...trustChange, ...planned, action: `change ${change}` },
  ])
  expect(ledgerOf(stateOf({ ...finishing, finished: finished('removed', 'changed') } as never))).toEqual([
    { ...annotationChange, state: 'done', action: `took away ${annotation}` },
    { ...trustChange, state: 'done', action: `changed ${change}` },
  ])
})

it.each<[why: string, state: object]>([
  ['it is not asked to finish', { request, before }],
  ['nothing is known of before', { ...finishing, before: null }],
  ['there is nothing to take away', { ...finishing, before: { ...before, trust: null, annotation: null } }],
  ['the role is to be made', { ...extending, role: { ...extending.role, action: 'create' } }],
  ['nothing of the trust is to be changed', { ...extending, before: { ...before, trust: null } }],
  ['nothing is known of the trust', { ...extending, before: null }],
])('plans nothing of a migration where %s', (_why, state) => {
  const kinds = plannedChanges(stateOf(state as never)).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind !== 'role')).toEqual([])
})

const undoOf = (change: object) => ledgerOf(stateOf({ undo: lost, ...change } as never))
it('says of an undo without an answer what it may have put back', () => {
  const mode = 'undo'
  const association = {
    kind: 'association',
    subject: 'carts/reader',
    action: 'put back the association that an earlier run left',
    state: 'unknown',
    undone: false,
  }
  expect(undoOf({ request: { ...request, mode }, before: null })).toEqual([association])
  const bare = { ...before, run: 'an earlier run', trust: null, annotation: null }
  expect(undoOf({ request: { ...request, mode }, before: bare })).toEqual([association])
  const all = { request: { role, mode, createRole: true }, before: { ...before, run: 'run-0' } }
  expect(undoOf(all).map(({ kind, action }) => `${kind}: ${action}`)).toEqual([
    'association: put back the association that run-0 left',
    'restart: put back the pod template that run-0 left',
    'role: take away the role that run-0 may have made',
    'trust: put back the trust policy that run-0 may have changed',
    'annotation: put back the annotation for IRSA that run-0 may have taken away',
  ])
})
