import { expect, it } from 'vitest'
import { decideRound, type RoundDecision } from '../../../../core/fleet/waves/judge.ts'
import type { BindingResult, ResultRow } from '../../../../core/fleet/waves/results.ts'

type Asked = Parameters<typeof decideRound>[2]

/** The rounds of a wave of four bindings, and how its round ended, as far as a row is about it. */
type Round = Partial<Asked> & { rounds?: number; results: BindingResult[] }

const rowsOf = (results: readonly BindingResult[]): ResultRow[] =>
  results.map((result, at) => ({ item: `${at}`, result }) as ResultRow)

/** What is next, whether more failed than is tolerated, and of what results the bindings to undo are. */
type Decided = [next: RoundDecision['next'], beyond: boolean, undo: BindingResult[]]

const decided = ({ rounds = 1, results, ...asked }: Round): Decided => {
  const { next, beyond, undo } = decideRound({ bindings: 4, rounds, roundsDone: 1 }, rowsOf(results), {
    tolerated: 25,
    exceeded: false,
    undoOnFailure: false,
    lastWave: false,
    mode: 'enable',
    ...asked,
  })
  return [next, beyond, undo.map(({ result }) => result)]
}

const rows: [why: string, round: Round, decided: Decided][] = [
  ['all is well', { results: ['enabled', 'skipped'] }, ['next', false, []]],
  [
    'all is well, and more rounds of the wave are left',
    { rounds: 2, results: ['enabled'] },
    ['go on', false, []],
  ],
  ['all is well in the last wave', { lastWave: true, results: ['enabled'] }, ['report', false, []]],
  [
    'as many failed as are tolerated',
    { results: ['failed', 'enabled', 'enabled', 'enabled'] },
    ['next', false, []],
  ],
  ['one more failed', { results: ['failed', 'failed', 'enabled'] }, ['report', true, []]],
  [
    'one more failed, with rounds left: none of them begins',
    { rounds: 2, results: ['failed', 'failed'] },
    ['report', true, []],
  ],
  [
    'one that was stopped counts as one that failed',
    { results: ['failed', 'stopped'] },
    ['undo', true, ['stopped']],
  ],
  [
    'a workload that is not there yet is no failure',
    { tolerated: 0, results: ['associated'] },
    ['next', false, []],
  ],
  ['one that did not begin is no failure', { tolerated: 0, results: ['not begun'] }, ['next', false, []]],
  [
    'the Map itself stopped, whatever the rows say',
    { exceeded: true, results: ['enabled'] },
    ['report', true, []],
  ],
  [
    'beyond, and nothing was asked to be undone: only what was stopped in the middle',
    { results: ['enabled', 'failed', 'failed', 'stopped'] },
    ['undo', true, ['stopped']],
  ],
  [
    'beyond, and an undo was asked for: all that may have changed something, and not what was in force before',
    { undoOnFailure: true, results: ['enabled', 'skipped', 'failed', 'stopped', 'associated', 'not begun'] },
    ['undo', true, ['enabled', 'failed', 'stopped', 'associated']],
  ],
  [
    'an undo was asked for, and all is well',
    { undoOnFailure: true, results: ['enabled'] },
    ['next', false, []],
  ],
  [
    'of an undo, one that fails keeps no other from being undone',
    { mode: 'undo', rounds: 2, tolerated: 0, results: ['failed'] },
    ['go on', true, []],
  ],
  ['of an undo, the next wave follows', { mode: 'undo', results: ['undone'] }, ['next', false, []]],
  [
    'of an undo, the last wave ends with the report',
    { mode: 'undo', lastWave: true, results: ['undone'] },
    ['report', false, []],
  ],
]

it.each(rows)('after a round: %s', (_why, round, wanted) => {
  expect(decided(round)).toEqual(wanted)
})
