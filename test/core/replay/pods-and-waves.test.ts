import { describe, expect, it } from 'vitest'
import type { FleetPlan } from '../../../core/fleet/waves/plan.ts'
import type { WaveJudged } from '../../../core/fleet/waves/report.ts'
import { podsIn } from '../../../core/replay/pods.ts'
import { wavesOf } from '../../../core/replay/waves.ts'
import type { RunEvent } from '../../../core/run-events/event.ts'
import type { HistoryEvent } from '../../../core/run-events/history.ts'
import { translateHistory } from '../../../core/run-events/translation.ts'
import type { PodEvidence } from '../../../core/workload/proof/evidence.ts'
import { podRegister, type RolloutPod } from '../../../core/workload/rollout-pods.ts'

const base = { run: 'r', at: '2026-11-26T10:00:00.000Z' }
const where = { ...base, step: 'WatchRollout', visit: 1 }
const pod = (name: string, revision: 'new' | 'old', more: Partial<RolloutPod> = {}): RolloutPod => ({
  pod: name,
  node: 'node-1',
  revision,
  state: `Running (${revision}, ready)`,
  ...more,
})
const handedOut = (name: string): PodEvidence => ({
  seen: 'handed-out',
  pod: name,
  node: 'node-1',
  agent: 'kube-system/agent-1',
  session: 'arn:aws:sts::123456789012:assumed-role/carts/eks-1',
  at: base.at,
})

describe('the pods of a rollout', () => {
  it('are remembered over many looks: who went is known by name, and when', () => {
    const register = podRegister()
    register.look([pod('a', 'old'), pod('b', 'new', { node: null })], '2026-11-26T10:00:00.000Z')
    register.look([pod('b', 'new')], '2026-11-26T10:00:05.000Z')
    register.look([pod('b', 'new')], '2026-11-26T10:00:09.000Z')
    expect(register.seen()).toEqual([
      pod('b', 'new'),
      pod('a', 'old', { goneAt: '2026-11-26T10:00:05.000Z' }),
    ])
  })

  it('are a hundred at most, of which those that are new and there come first', () => {
    const register = podRegister()
    const many = (revision: 'new' | 'old') =>
      Array.from({ length: 90 }, (_, index) => pod(`${revision}-${index}`, revision))
    register.look([...many('old'), ...many('new')], base.at)
    const seen = register.seen()
    expect(seen).toHaveLength(100)
    expect(seen.slice(0, 90).every(({ revision }) => revision === 'new')).toBe(true)
  })

  const cases: [why: string, events: RunEvent[], pods: object[]][] = [
    [
      'a later look at a pod takes the place of an earlier one, and its proof stands beside it',
      [
        {
          ...where,
          type: 'rollout.progress',
          state: 'progressing',
          message: '',
          pods: [pod('a', 'old'), pod('b', 'new')],
        },
        {
          ...where,
          type: 'rollout.progress',
          state: 'complete',
          message: '',
          pods: [pod('a', 'old', { goneAt: base.at })],
        },
        { ...where, step: 'VerifyCredentials', type: 'proof.seen', evidence: [handedOut('b')] },
      ],
      [
        { pod: 'a', rollout: { goneAt: base.at } },
        { pod: 'b', rollout: { revision: 'new' }, evidence: { seen: 'handed-out' } },
      ],
    ],
    [
      'events of an earlier version have the proof in the report alone',
      [
        {
          ...base,
          type: 'run.succeeded',
          duration: 1,
          findings: [],
          report: { credentials: { evidence: [handedOut('c')] } },
        },
      ],
      [{ pod: 'c', evidence: { agent: 'kube-system/agent-1' } }],
    ],
    [
      'the same of a run that failed',
      [
        {
          ...base,
          type: 'run.failed',
          duration: 1,
          status: 'FAILED',
          error: 'E',
          message: '',
          findings: [],
          report: { credentials: { evidence: [handedOut('c')] } },
        },
      ],
      [{ pod: 'c', node: 'node-1', evidence: handedOut('c') }],
    ],
    [
      'looks without pods, and what has no report, name none',
      [
        { ...where, type: 'rollout.progress', state: 'progressing', message: '' },
        { ...base, type: 'run.succeeded', duration: 1, findings: [] },
        { ...where, type: 'step.started', report: { credentials: { evidence: [handedOut('c')] } } } as never,
        { ...where, type: 'step.started', pods: [pod('a', 'new')] } as never,
      ],
      [],
    ],
    [
      'those of one node follow each other',
      [
        {
          ...where,
          type: 'rollout.progress',
          state: 'progressing',
          message: '',
          pods: [pod('a', 'new'), pod('b', 'new', { node: 'node-2' }), pod('c', 'new')],
        },
      ],
      [
        { pod: 'a', node: 'node-1', rollout: pod('a', 'new') },
        { pod: 'c', node: 'node-1', rollout: pod('c', 'new') },
        { pod: 'b', node: 'node-2', rollout: pod('b', 'new', { node: 'node-2' }) },
      ],
    ],
    [
      'a report without credentials names none',
      [{ ...base, type: 'run.succeeded', duration: 1, findings: [], report: { credentials: null } }],
      [],
    ],
  ]
  it.each(cases)('%s', (_why, events, pods) => {
    expect(podsIn(events)).toMatchObject(pods)
    expect(podsIn(events)).toHaveLength(pods.length)
  })
})

const plan: FleetPlan = {
  rollout: 'rollout-1',
  mode: 'enable',
  startedAt: base.at,
  bucket: 'b',
  folder: 'rollouts/rollout-1',
  waves: [
    { number: 1, clusters: 1, bindings: 2, rounds: 2 },
    { number: 2, clusters: 3, bindings: 4, rounds: 1 },
  ],
  concurrency: 4,
  atOnce: 4,
  paceMs: 0,
  toleratedFailurePercentage: 0,
  undoOnFailure: true,
  approval: 'required',
  approvalTimeoutSeconds: 60,
  pauseSeconds: 0,
  openings: null,
  summary: '6 bindings on 4 clusters in 2 waves',
}
const judged = (more: Partial<WaveJudged>): WaveJudged => ({
  wave: 1,
  round: 1,
  undoing: false,
  next: 'next',
  beyond: false,
  counts: {},
  failures: 0,
  digest: [],
  toUndo: 0,
  message: 'wave 1 of 2',
  ...more,
})
const question = {
  wave: 2,
  waves: 2,
  bindings: 4,
  clusters: 3,
  plan: 'abc',
  before: 'wave 1 of 2',
  places: [],
}
const planned: RunEvent = { ...where, step: 'PlanWaves', type: 'waves.planned', plan }
const round: RunEvent = { ...where, step: 'RunRound', type: 'step.started' }
const seen = (more: Partial<WaveJudged>, asked: typeof question | null = null): RunEvent => ({
  ...where,
  step: 'JudgeRound',
  type: 'wave.judged',
  judged: judged(more),
  question: asked,
})
const asks: RunEvent[] = [
  { ...where, step: 'AwaitApproval', type: 'step.started' },
  { ...where, step: 'AwaitApproval', type: 'step.waiting', for: 'answer' },
]

const waves: [why: string, events: RunEvent[], states: [string, string], question: boolean][] = [
  ['planned, nothing has begun', [planned], ['not begun', 'not begun'], false],
  ['the first round is of the first wave', [planned, round], ['under way', 'not begun'], false],
  [
    'a wave with a round left is under way',
    [planned, round, seen({ next: 'go on' })],
    ['under way', 'not begun'],
    false,
  ],
  [
    'the next round is of the same wave',
    [planned, seen({ next: 'go on' }), round],
    ['under way', 'not begun'],
    false,
  ],
  [
    'between two waves a person is asked',
    [planned, seen({ round: 2 }, question), ...asks],
    ['passed', 'not begun'],
    true,
  ],
  [
    'who was asked has answered',
    [planned, seen({ round: 2 }, question), ...asks, round],
    ['passed', 'under way'],
    false,
  ],
  ['beyond its tolerance', [planned, seen({ beyond: true, next: 'report' })], ['beyond', 'not begun'], false],
  [
    'its changes are being put back',
    [planned, seen({ beyond: true, next: 'undo' }), round],
    ['undoing', 'not begun'],
    false,
  ],
  [
    'its changes were put back',
    [planned, seen({ undoing: true, next: 'report' })],
    ['undone', 'not begun'],
    false,
  ],
  [
    'an end leaves no question open and nothing under way',
    [
      planned,
      seen({ round: 2 }, question),
      ...asks,
      { ...base, type: 'run.failed', duration: 1, status: 'ABORTED', error: '', message: '', findings: [] },
    ],
    ['passed', 'not begun'],
    false,
  ],
]

describe('the waves of a rollout', () => {
  it.each(waves)('%s', (_why, events, states, asked) => {
    const found = wavesOf(events)
    expect(found?.waves.map(({ state }) => state)).toEqual(states)
    expect(found?.question !== null).toBe(asked)
  })

  it('end with the report of the rollout, where there is one', () => {
    const report = { outcome: 'done' }
    const ended = { ...base, type: 'run.succeeded', duration: 1, findings: [], report } as RunEvent
    expect(wavesOf([planned])?.report).toBeNull()
    expect(wavesOf([planned, ended])?.report).toEqual(report)
  })

  it('are none of what is no rollout', () => {
    expect(wavesOf([round])).toBeUndefined()
  })
})

describe('a history’s answers as events', () => {
  const answered = (state: string, answer: object): HistoryEvent[] => [
    {
      id: 1,
      previousEventId: 0,
      timestamp: 0,
      type: 'TaskStateEntered',
      stateEnteredEventDetails: { name: state, input: '{}' },
    },
    {
      id: 2,
      previousEventId: 1,
      timestamp: 1,
      type: 'TaskSucceeded',
      taskSucceededEventDetails: {
        resourceType: 'lambda',
        resource: 'invoke',
        output: JSON.stringify({ Payload: answer }),
      },
    },
  ]
  const rows: [why: string, state: string, answer: object, event: object][] = [
    ['a plan of waves', 'PlanWaves', plan, { type: 'waves.planned', plan }],
    [
      'a round that was judged, and the question after it',
      'JudgeRound',
      { judged: judged({}), question },
      { type: 'wave.judged', question: { plan: 'abc' } },
    ],
    [
      'pods by name, with the last look',
      'WatchRollout',
      {
        state: 'progressing',
        message: 'm',
        progress: [{ at: base.at, message: 'm' }],
        pods: [pod('a', 'old')],
      },
      { type: 'rollout.progress', message: 'm', pods: [{ pod: 'a' }] },
    ],
    [
      'what was seen of credentials',
      'VerifyCredentials',
      { message: 'm', evidence: [handedOut('b'), { seen: 'of another version' }] },
      { type: 'proof.seen', evidence: [{ pod: 'b' }] },
    ],
  ]
  it.each(rows)('%s', (_why, state, answer, event) => {
    const events = translateHistory(answered(state, answer), { run: 'r' })
    expect(events.filter(({ type }) => type === (event as { type: string }).type)).toMatchObject([event])
  })

  it('a question’s task token is in none of them', () => {
    const events = translateHistory(
      answered('JudgeRound', { judged: judged({}), question: { ...question, token: 'secret' } }),
      { run: 'r' },
    )
    expect(JSON.stringify(events)).not.toContain('secret')
  })
})
