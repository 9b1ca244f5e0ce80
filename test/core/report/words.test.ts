import { expect, it } from 'vitest'
import { buildReport } from '../../../core/report.ts'
import {
  failedRollout as failure,
  restartStep as restart,
  reportStart as start,
  reportState as stateOf,
  undoStep,
} from '../report-state.ts'

const undo = { ...undoStep, done: [{ kind: 'restart', what: 'deployment/api has its former pod template' }] }
const kept = [
  { kind: 'association', what: 'the association a-1 stays' },
  { kind: 'trust', what: "the role's trust stays" },
]
const differs = { state: 'differs', message: 'api has 3 replicas now', deleted: [], left: [], position: null }
const asBefore = { ...differs, state: 'as-before', message: 'it runs as before' }
const failing = { failure, restart, association: null }
const refusal = 'carts/api on shop: pod api-1 cannot start'
it.each<[why: string, change: Record<string, unknown>, words: string]>([
  [
    'an undo that has put back one thing and left two',
    { request: { mode: 'undo' }, undo: { ...undo, kept }, rolloutBack: differs },
    "carts/api on shop: deployment/api has its former pod template; the association a-1 stays; the role's trust stays; api has 3 replicas now",
  ],
  [
    'an undo that has left two, and says nothing of a workload that runs as before',
    { request: { mode: 'undo' }, undo: { ...undo, done: [], kept }, rolloutBack: asBefore },
    "carts/api on shop: the association a-1 stays; the role's trust stays",
  ],
  [
    'an undo with nothing to put back, after which the workload runs otherwise',
    { request: { mode: 'undo' }, undo: { ...undo, done: [] }, rolloutBack: differs },
    'carts/api on shop: there was nothing to undo; api has 3 replicas now',
  ],
  [
    'a failure after which two things were left, each told',
    { ...failing, undo: { ...undo, kept }, rolloutBack: asBefore },
    `${refusal}. Put back: deployment/api has its former pod template. Left as it is: the association a-1 stays; the role's trust stays`,
  ],
  [
    'a failure after which the workload runs otherwise',
    { ...failing, undo, rolloutBack: differs },
    `${refusal}. Put back: deployment/api has its former pod template; api has 3 replicas now`,
  ],
  [
    'a failure after which two things were put back',
    {
      ...failing,
      undo: { ...undo, done: [...undo.done, { kind: 'trust', what: "the role's trust is as it was" }] },
      rolloutBack: asBefore,
    },
    `${refusal}. Put back: deployment/api has its former pod template; the role's trust is as it was. Everything is as it was before`,
  ],
  [
    'a failure after which nothing had to be put back',
    { ...failing, undo: { ...undo, done: [] }, rolloutBack: asBefore },
    `${refusal}. Everything is as it was before`,
  ],
  [
    'a role is named without its path',
    { restart, request: { role: 'arn:aws:iam::123456789012:role/team/blue/reader' } },
    'carts/api on shop is set up for the credentials of reader',
  ],
])('in words: %s', (_why, change, words) => {
  expect(buildReport(stateOf(change), start).summary).toBe(words)
})
