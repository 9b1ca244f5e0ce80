import { describe, expect, it } from 'vitest'
import { everyField, now, type Variables, visit } from './visit.ts'

const association = { ...everyField, id: 'a-1' }
const changed = { association: { ...everyField, association } }
const found = { ...everyField, id: 'a-0' }
const seen = (id: string) => ({ ...everyField, association: { seen: { ...everyField, id } } })

describe('what a step is told', () => {
  it.each<[why: string, state: string, variables: Variables, payload: object]>([
    [
      'what Preflight saw, so that it stops where that has changed since',
      'EnsureAssociation',
      { associationCheck: { ...everyField, before: found } },
      { expected: found },
    ],
    [
      'that nothing has been waited yet',
      'AwaitInjection',
      { ...changed, injection: null, injectionDeadline: now },
      { waitedMs: 0, association },
    ],
    [
      'how long the calls before have waited',
      'AwaitInjection',
      { ...changed, injection: { waitedMs: 55_000 }, injectionDeadline: now },
      { waitedMs: 55_000 },
    ],
    [
      'which object Preflight saw',
      'RestartWorkload',
      { ...changed, attempt: 0, workload: { ...everyField, uid: 'u-1' } },
      { attempt: 0, uid: 'u-1' },
    ],
    [
      'nothing of that again: whatever bears the name',
      'RestartWorkload',
      { ...changed, attempt: 1, workload: { ...everyField, uid: 'u-1' } },
      { attempt: 1, uid: null },
    ],
    [
      'that its watch is the first one',
      'WatchRollout',
      { rollout: null, rolloutDeadline: now },
      { position: null, watchedMs: 0, told: [] },
    ],
    [
      'where the watch before stopped, and what it told',
      'WatchRollout',
      { rollout: { ...everyField, position: 'p', watchedMs: 9, told: ['one'] }, rolloutDeadline: now },
      { position: 'p', watchedMs: 9, told: ['one'] },
    ],
    [
      'which revisions the restart replaced, and how often it has looked',
      'VerifyCredentials',
      {
        ...changed,
        restart: { ...everyField, restarted: true },
        workload: { ...everyField, revisions: ['r-1'] },
        proofVisits: 3,
      },
      { former: ['r-1'], visits: 3, association },
    ],
    [
      'that none was replaced where nothing was restarted',
      'VerifyCredentials',
      {
        ...changed,
        restart: { ...everyField, restarted: false },
        workload: { ...everyField, revisions: ['r-1'] },
        proofVisits: 0,
      },
      { former: [] },
    ],
    ['the association that the run has changed', 'Undo', { ...changed, before: null }, { id: 'a-1' }],
    [
      'the one that was there, where no step has answered',
      'Undo',
      { association: null, before: { ...everyField, association: found } },
      { id: 'a-0' },
    ],
    [
      'the one that was seen where the answer that told of it was lost',
      'Undo',
      { association: null, before: { ...everyField, association: null }, stock: seen('a-2') },
      { id: 'a-2' },
    ],
    [
      'that one after a lost undo, too',
      'TakeStockAfterUndo',
      { association: null, before: { ...everyField, association: null }, stock: seen('a-2') },
      { id: 'a-2', tried: 'undo' },
    ],
    [
      'which step gave no answer',
      'TakeStock',
      { tried: 'ensureAgent', before: { ...everyField, association: found } },
      { tried: 'ensureAgent', id: 'a-0' },
    ],
    [
      'what the call before saw, and that the undo did nothing',
      'AwaitUndo',
      {
        rolloutBack: { state: 'waiting' },
        undo: { ...everyField, done: [] },
        undoRetries: 0,
        undoDeadline: now,
      },
      { earlier: { state: 'waiting' }, untouched: true },
    ],
    [
      'that an attempt without an answer may have done something',
      'AwaitUndo',
      { rolloutBack: null, undo: { ...everyField, done: [] }, undoRetries: 1, undoDeadline: now },
      { earlier: null, untouched: false },
    ],
  ])('%s: %s', async (_why, state, variables, payload) => {
    const visited = await visit('run', state, variables)
    expect(visited.payload, visited.cause).toMatchObject(payload)
  })
})

describe('where an answer leads', () => {
  const waits = { waiting: true, findings: [] }
  it.each<
    [why: string, state: string, variables: Variables, answer: object | string, next: string, left: object]
  >([
    [
      'the first proof',
      'VerifyCredentials',
      { ...changed, attempt: 0, proofVisits: 2 },
      { waiting: false },
      'ProofState',
      { attempt: 1, proofVisits: 0 },
    ],
    [
      'another look of the same proof',
      'VerifyCredentials',
      { ...changed, attempt: 0, proofVisits: 2 },
      waits,
      'ProofState',
      { attempt: 0, proofVisits: 3 },
    ],
    [
      'another look at the agent',
      'EnsureAgent',
      { agentVisits: 2 },
      { state: 'waiting', installed: true },
      'AgentState',
      { agentState: 'waiting', agentInstalled: true, agentVisits: 3 },
    ],
    [
      'an add-on that may be there',
      'EnsureAgent',
      { agentVisits: 0 },
      'Transient',
      'TakeStock',
      { tried: 'ensureAgent', failure: { Error: 'Transient', Cause: 'why' } },
    ],
    [
      'somebody else was at work',
      'EnsureAssociation',
      {},
      'Refused',
      'Undo',
      { tried: 'ensureAssociation', failure: { Error: 'Refused', Cause: 'why' } },
    ],
    [
      'an association that may be there',
      'EnsureAssociation',
      {},
      'Transient',
      'TakeStock',
      { tried: 'ensureAssociation' },
    ],
    [
      'nothing is known without a look',
      'TakeStock',
      { stock: null },
      'Transient',
      'Recover',
      { stock: null },
    ],
    [
      'an undo that ended without an answer',
      'Undo',
      { ...changed, failure: null },
      'Conflict',
      'TakeStockAfterUndo',
      { failure: { Error: 'Conflict' }, undo: { error: { Error: 'Conflict', Cause: 'why' } } },
    ],
    [
      'nobody could look at the rollout back',
      'AwaitUndo',
      { undo: { ...everyField, done: [] }, undoRetries: 0, undoDeadline: now },
      'Transient',
      'Report',
      { rolloutBack: { state: 'unknown', message: 'why' } },
    ],
    [
      'the report could not be written',
      'Report',
      {},
      'TypeError',
      'Unreported',
      { unreported: { Error: 'TypeError', Cause: 'why' } },
    ],
  ])('%s: %s', async (_why, state, variables, answer, next, left) => {
    const { nextState, cause, variables: after } = await visit('run', state, variables, answer)
    expect(nextState, cause).toBe(next)
    expect(after).toMatchObject(left)
  })

  const onFailure = (of: string, tried: string | null = null) => ({
    request: { ...everyField, onFailure: of },
    tried,
  })
  it.each<[why: string, state: string, variables: Variables, next: string]>([
    ['the run puts back what it changed', 'Recover', onFailure('undo'), 'Undo'],
    ['a lost association, too', 'Recover', onFailure('undo', 'ensureAssociation'), 'Undo'],
    ['it keeps what it changed', 'Recover', onFailure('keep'), 'Report'],
    ['an add-on stays', 'Recover', onFailure('undo', 'ensureAgent'), 'Report'],
    ['an access entry stays', 'Recover', onFailure('undo', 'ensureAccess'), 'Report'],
    ['pods to wait for', 'UndoState', { undo: { ...everyField, rolloutToAwait: true } }, 'AwaitUndo'],
    ['no pods to wait for', 'UndoState', { undo: { ...everyField, rolloutToAwait: false } }, 'Report'],
    ['the rollout back goes on', 'UndoRolloutState', { rolloutBack: { state: 'waiting' } }, 'AwaitUndo'],
    ['it has ended', 'UndoRolloutState', { rolloutBack: { state: 'as-before' } }, 'Report'],
  ])('%s: %s', async (_why, state, variables, next) => {
    const { nextState, cause } = await visit('run', state, variables)
    expect(nextState, cause).toBe(next)
  })
})

it('says in words what a run changed, and how to undo it, where what Report would be told is too much', async () => {
  const long = 'x'.repeat(150_000)
  const before = { run: 'one', restartedAt: '2026-11-25T09:00:00Z', association: null, workload: null }
  const { error, cause = '' } = await visit('run', 'Unreported', {
    request: { ...everyField, run: 'one' },
    failure: null,
    unreported: {
      Error: 'States.DataLimitExceeded',
      Cause: `more than the maximum number of bytes: ${long}`,
    },
    accessEntries: [],
    agentInstalled: false,
    roleMade: null,
    trustWritten: null,
    association: { ...everyField, message: 'a-1 created' },
    restart: { ...everyField, message: `deployment/carts restarted: ${long}` },
    finished: null,
    tried: null,
    undo: null,
    before,
  })
  expect(error).toBe('States.DataLimitExceeded')
  expect(cause).toMatch(/^the report of one could not be written: more than the maximum number of bytes/)
  expect(cause).toContain('. association: a-1 created. restart: deployment/carts restarted: xxx')
  // A cause may be no longer than this; where it is, Step Functions fails the execution without one.
  expect(cause.length).toBeLessThan(32_768)
  const [, way] = /and this as before: (\{.*\})$/.exec(cause) ?? []
  expect(JSON.parse(way ?? '')).toEqual(before)
})
