import { expect, it } from 'vitest'
import { viewFleet } from '../../../../core/fleet/waves/history-view.ts'
import type { FleetPlan } from '../../../../core/fleet/waves/plan.ts'
import type { WaveJudged } from '../../../../core/fleet/waves/report.ts'
import { type FleetView, viewRollout } from '../../../../core/fleet/waves/view.ts'
import type { RunEvent } from '../../../../core/run-events/event.ts'

const moment = { at: '2026-11-26T09:00:00.000Z', run: 'night' }
const step = (name: string) => ({ ...moment, step: name, visit: 1 })
const plan = { rollout: 'night' } as FleetPlan
const judged = (wave: number, next: WaveJudged['next']) => ({ wave, next }) as WaveJudged
const question = { wave: 2 } as NonNullable<FleetView['question']>

const planned: RunEvent = { type: 'waves.planned', ...step('PlanWaves'), plan }
const round: RunEvent = { type: 'step.started', ...step('RunRound') }
const judge = (wave: number, next: WaveJudged['next']): RunEvent => ({
  type: 'wave.judged',
  ...step('JudgeRound'),
  judged: judged(wave, next),
  question: next === 'next' ? question : null,
})
const waits: RunEvent = { type: 'step.waiting', ...step('AwaitGate'), for: 'answer' }
const pauses: RunEvent = { type: 'step.waiting', ...step('Pause'), for: 'time' }
const goesOn: RunEvent = { type: 'step.started', ...step('LoadRound') }
const succeeded: RunEvent = { type: 'run.succeeded', ...moment, duration: 1, findings: [] }
const failed: RunEvent = {
  type: 'run.failed',
  ...moment,
  duration: 1,
  findings: [],
  status: 'TIMED_OUT',
  error: 'x',
  message: 'it took too long',
}
const report = { summary: '3 enabled' } as NonNullable<NonNullable<FleetView['end']>['report']>

const nothing: FleetView = {
  plan: null,
  judged: [],
  underWay: null,
  awaitsAnswer: false,
  question: null,
  end: null,
}
const one = [judged(1, 'next')]

it.each<[why: string, events: RunEvent[], seen: Partial<FleetView>]>([
  ['nothing has happened', [], {}],
  ['its waves are known', [planned], { plan }],
  ['its first round is under way', [planned, round], { plan, underWay: { wave: 1, undoing: false } }],
  ['a round has ended', [round, judge(1, 'next')], { judged: one }],
  [
    'the next wave is under way',
    [judge(1, 'next'), round],
    { judged: one, underWay: { wave: 2, undoing: false } },
  ],
  [
    'the next round of the same wave is',
    [judge(1, 'next'), judge(2, 'go on'), round],
    { judged: [...one, judged(2, 'go on')], underWay: { wave: 2, undoing: false } },
  ],
  [
    'a wave is being undone',
    [judge(2, 'undo'), round],
    { judged: [judged(2, 'undo')], underWay: { wave: 2, undoing: true } },
  ],
  ['another step than a round is begun', [judge(1, 'next'), goesOn], { judged: one }],
  ['it pauses between two waves', [judge(1, 'next'), pauses], { judged: one }],
  [
    'a person is asked, and a pause beside it changes nothing',
    [judge(1, 'next'), waits, pauses],
    { judged: one, awaitsAnswer: true, question },
  ],
  ['that person has answered', [judge(1, 'next'), waits, goesOn], { judged: one }],
  [
    'it has ended well',
    [round, waits, { ...succeeded, report }],
    { end: { succeeded: true, status: 'SUCCEEDED', message: '3 enabled', report } },
  ],
  [
    'it has ended well, and its report could not be read',
    [succeeded],
    { end: { succeeded: true, status: 'SUCCEEDED', message: 'succeeded', report: null } },
  ],
  [
    'it has not',
    [round, waits, failed],
    { end: { succeeded: false, status: 'TIMED_OUT', message: 'it took too long', report: null } },
  ],
  [
    'it has not, and has left a report',
    [{ ...failed, report }],
    { end: { succeeded: false, status: 'TIMED_OUT', message: '3 enabled', report } },
  ],
  ['it was redriven: it has no end yet', [failed, goesOn], {}],
])('shows of a rollout that %s', (_why, events, seen) => {
  expect(viewRollout(events)).toEqual({ ...nothing, ...seen })
})

it('reads the same out of a history', () => {
  const started = { id: 1, previousEventId: 0, timestamp: 1000, type: 'ExecutionStarted' as const }
  const ended = { id: 2, previousEventId: 1, timestamp: 3000, type: 'ExecutionSucceeded' as const }
  expect(viewFleet([started, ended])).toEqual({
    ...nothing,
    end: { succeeded: true, status: 'SUCCEEDED', message: 'succeeded', report: null },
  })
})
