import { describe, expect, it } from 'vitest'
import { planFleet } from '../../../core/fleet/waves/plan.ts'
import { RolloutSettings } from '../../../core/fleet/waves/settings.ts'
import { beforeOf } from '../../../core/run-events/before.ts'
import type { HistoryEvent } from '../../../core/run-events/history.ts'
import {
  answerOf,
  errorIn,
  evidenceIn,
  findingsOf,
  messageOf,
  progressOf,
  type RolloutAnswer,
  summaryOf,
} from '../../../core/run-events/read-answer.ts'
import { judgedIn, wavesIn } from '../../../core/run-events/read-waves.ts'

describe('out of a payload of the history', () => {
  it.each<[why: string, output: string | undefined, answer: unknown]>([
    ['what a function answered to the integration', '{"StatusCode":200,"Payload":{"a":1}}', { a: 1 }],
    ['the same where the state keeps the payload alone', '{"Payload":{"a":1}}', { a: 1 }],
    ['an answer that has a field of that name', '{"Payload":1,"x":2}', { Payload: 1, x: 2 }],
    ['an answer as it is', '{"a":1}', { a: 1 }],
    ['a list', '[{"Payload":1}]', [{ Payload: 1 }]],
    ['nothing', 'null', null],
    ['no payload at all', undefined, null],
    ['text that is no JSON', 'plain', 'plain'],
  ])('is read %s', (_why, output, answer) => {
    expect(answerOf(output)).toEqual(answer)
  })

  it.each([
    ['an error that was caught', '{"Error":"E","Cause":"why"}', { error: 'E', cause: 'why' }],
    ['one without a cause', '{"Error":"E"}', { error: 'E', cause: undefined }],
    ['one whose name is no text', '{"Error":1}', undefined],
    ['a list', '["Error"]', undefined],
    ['any other output', '{"a":1}', undefined],
    ['none', undefined, undefined],
  ])('is read %s', (_why, output, error) => {
    expect(errorIn(output)).toEqual(error)
  })

  it.each([
    ['the summary', { summary: 's', message: 'm', judged: { message: 'j' } }, 's'],
    ['the message', { message: 'm', judged: { message: 'j' } }, 'm'],
    ['the message of a round', { judged: { message: 'j' } }, 'j'],
    ['no summary that is no text', { summary: 1, message: 'm' }, 'm'],
    ['nothing of a text', 'summary', undefined],
    ['nothing of nothing', null, undefined],
  ])('is read %s', (_why, answer, said) => {
    expect(summaryOf(answer)).toBe(said)
  })

  it.each([
    ['a message of Lambda', '{"errorMessage":"why"}', 'why'],
    ['JSON without one', '{"a":1}', '{"a":1}'],
    ['a message that is no text', '{"errorMessage":1}', '{"errorMessage":1}'],
    ['plain words', 'why', 'why'],
    ['none', undefined, ''],
  ])('is read of a cause %s', (_why, cause, message) => {
    expect(messageOf(cause)).toBe(message)
  })
})

const finding = { code: 'c', severity: 'blocking', subject: 's', found: 'f' }

it.each<[why: string, findings: unknown, read: unknown[]]>([
  [
    'of every severity',
    ['blocking', 'warning', 'info'].map((severity) => ({ ...finding, severity })),
    ['blocking', 'warning', 'info'].map((severity) => ({ ...finding, severity })),
  ],
  [
    'not one of another severity',
    [
      { ...finding, severity: 'high' },
      { ...finding, severity: undefined },
    ],
    [],
  ],
  ['not one without a code', [{ ...finding, code: undefined }], []],
  ['not one without a subject', [{ ...finding, subject: undefined }], []],
  ['not one without what was found', [{ ...finding, found: undefined }], []],
  ['none where there is no list', { 0: finding }, []],
])('reads the findings of an answer: %s', (_why, findings, read) => {
  expect(findingsOf({ findings })).toEqual(read)
})

it('reads no findings of an answer that is none', () => {
  expect(findingsOf('findings')).toEqual([])
  expect(findingsOf([finding])).toEqual([])
})

const pod = { pod: 'p', node: 'n', revision: 'new', state: 'Running' } as const
const evidence = [
  { seen: 'handed-out', pod: 'p', node: 'n', agent: 'a', session: 's', at: 't' },
  { seen: 'not-asked', pod: 'p', node: null, agent: 'a' },
  { seen: 'refused', pod: 'p', node: 'n', agent: 'a', at: 't', reason: 'r' },
  { seen: 'out-of-reach', pod: 'p', node: 'n', reason: 'r' },
  { seen: 'not-observable', pod: 'p', node: 'n', reason: 'r', later: true },
]
it('reads the evidence of an answer of every kind, whole, and leaves out what is none', () => {
  expect(
    evidenceIn({ evidence: [...evidence, { seen: 'handed-out' }, { ...evidence[0], seen: 'x' }] }),
  ).toEqual(evidence)
  expect(evidenceIn({})).toEqual([])
})

describe('the progress of a rollout', () => {
  const at = '2026-11-26T09:00:00.000Z'
  it.each<[why: string, answer: unknown, progress: RolloutAnswer[]]>([
    ['no rollout', { state: 'complete', message: 'm' }, []],
    ['no answer', 'progress', []],
    [
      'looks on the way, and where it is now',
      {
        state: 'complete',
        message: 'all',
        counts: { updated: 2, words: 'x' },
        pods: [pod, { pod: 'bad' }],
        progress: [
          { at, message: 'one', counts: { updated: 1 }, pods: [pod] },
          { message: 'two', state: 'slow' },
        ],
      },
      [
        { at, state: 'progressing', message: 'one', counts: { updated: 1 }, pods: [pod] },
        { state: 'slow', message: 'two' },
        { state: 'complete', message: 'all', counts: { updated: 2 }, pods: [pod] },
      ],
    ],
    [
      'the last look, where the answer repeats it: with the pods of the answer',
      {
        state: 'progressing',
        message: 'two',
        pods: [pod],
        progress: [{ message: 'none' }, { message: 'one' }, { message: 'two', counts: {} }],
      },
      [
        { state: 'progressing', message: 'none' },
        { state: 'progressing', message: 'one' },
        { state: 'progressing', message: 'two', counts: {}, pods: [pod] },
      ],
    ],
    [
      'the last look, where the answer repeats it without pods',
      { state: 'progressing', message: 'two', progress: [{ message: 'two', pods: [pod] }] },
      [{ state: 'progressing', message: 'two', pods: [pod] }],
    ],
    [
      'another state with the same words',
      { state: 'failed', message: 'two', progress: [{ message: 'two' }] },
      [
        { state: 'progressing', message: 'two' },
        { state: 'failed', message: 'two' },
      ],
    ],
    [
      'other words of the same state',
      { state: 'progressing', message: 'three', progress: [{ message: 'two' }] },
      [
        { state: 'progressing', message: 'two' },
        { state: 'progressing', message: 'three' },
      ],
    ],
    [
      'an answer without a state',
      { message: 'm', progress: [{ message: 'two' }] },
      [{ state: 'progressing', message: 'two' }],
    ],
    [
      'an answer without words, and looks without',
      { state: 's', pods: [pod], progress: [{ state: 's' }, 'x'] },
      [],
    ],
    [
      'counts that are none',
      { state: 's', message: 'm', counts: [1], progress: [] },
      [{ state: 's', message: 'm' }],
    ],
  ])('is read of %s', (_why, answer, progress) => {
    expect(progressOf(answer)).toEqual(progress)
  })
})

const judged = {
  wave: 1,
  round: 1,
  undoing: false,
  next: 'next',
  beyond: false,
  counts: { enabled: 1 },
  failures: 0,
  digest: [],
  toUndo: 0,
  message: 'm',
}
const question = { wave: 2, waves: 3, bindings: 1, clusters: 1, plan: 'd', before: 'b', places: [] }

it.each<[why: string, answer: unknown, read: unknown]>([
  ['with the question before the next wave', { judged, question }, { judged, question }],
  ['without one', { judged }, { judged, question: null }],
  ['with a question that is none', { judged, question: { wave: 2 } }, { judged, question: null }],
  ['that cannot be read', { judged: { wave: 1 }, question }, undefined],
  ['of another step', { a: 1 }, undefined],
  ['of nothing', null, undefined],
  ['of words', 'judged', undefined],
])('reads what a round came to %s', (_why, answer, read) => {
  expect(judgedIn(answer)).toEqual(read)
})

it('reads the plan of a rollout, and none out of another answer', () => {
  const about = { rollout: 'night', startedAt: 't', now: 0, bucket: 'b', digest: 'd' }
  const { plan } = planFleet([], { mode: 'enable', settings: RolloutSettings.parse({}) }, about)
  expect(wavesIn(plan)).toEqual(plan)
  expect(wavesIn({ rollout: 'night' })).toBeUndefined()
  expect(wavesIn(null)).toBeUndefined()
})

describe('what a run found before it touched anything', () => {
  const state = (restartedAt: string) => ({ run: 'r', restartedAt, association: null, workload: null })
  const exit = (id: number, name: string, assignedVariables?: Record<string, string>): HistoryEvent => ({
    id,
    previousEventId: id - 1,
    timestamp: id,
    type: 'ParallelStateExited',
    stateExitedEventDetails: { name, output: '{}', ...(assignedVariables ? { assignedVariables } : {}) },
  })
  const said = (at: string) => ({ before: JSON.stringify(state(at)) })
  const other = { id: 9, previousEventId: 8, timestamp: 9, type: 'ExecutionFailed' }

  it.each<[why: string, history: HistoryEvent[], found: object | undefined]>([
    ['is what Preflight assigned', [exit(1, 'Preflight', said('1')), other], state('1')],
    [
      'is what it assigned again after an approval',
      [exit(1, 'Preflight', said('1')), exit(2, 'Preflight', said('2'))],
      state('2'),
    ],
    [
      'is what it assigned before, where it failed the second time',
      [exit(1, 'Preflight', said('1')), exit(2, 'Preflight', {}), exit(3, 'Preflight')],
      state('1'),
    ],
    ['is not what another state assigned', [exit(1, 'Decide', said('1'))], undefined],
    ['is not known of a run that did not get so far', [other], undefined],
  ])('%s', (_why, history, found) => {
    expect(beforeOf(history)).toEqual(found)
  })
})
