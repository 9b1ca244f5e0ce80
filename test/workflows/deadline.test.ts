import { describe, expect, it } from 'vitest'
import { runOptions } from '../../core/request.ts'
import { restartValues } from '../../core/undo.ts'
import { virtualClock } from '../../local/clock.ts'
import { createCallbacks, runStateMachine } from '../../local/engine/index.ts'
import { localDefinition } from '../../stage/execution.ts'
import { enablePodIdentity } from '../../workflows/render.ts'
import { template } from '../../workflows/template.ts'

const text = template(enablePodIdentity)

interface Retrier {
  ErrorEquals: string[]
  IntervalSeconds: number
  BackoffRate: number
  MaxAttempts: number
  MaxDelaySeconds?: number
}
interface State {
  Type: string
  TimeoutSeconds?: number | string
  Seconds?: number
  Next?: string
  Default?: string
  Retry?: Retrier[]
  Catch?: { Next: string }[]
  Choices?: { Next: string; Condition: string }[]
  Branches?: Machine[]
}
interface Machine {
  StartAt: string
  States: Record<string, State>
}
const machine = JSON.parse(text) as Machine & { TimeoutSeconds: number }

/** The most that a request may allow. */
const most = (limit: 'clusterTimeoutSeconds' | 'approvalTimeoutSeconds' | 'rolloutTimeoutSeconds'): number =>
  runOptions[limit].unwrap().maxValue ?? Number.POSITIVE_INFINITY

/** A number that the definition's own expressions hold. */
const written = (expression: RegExp): number => {
  const [, number] = expression.exec(text) ?? []
  if (!number) throw new Error(`the definition does not hold ${expression}`)
  return Number(number)
}

const restarts = restartValues('2026-11-25T00:00:00Z').length

/**
 * What bounds each loop: the edges that lead back, and how long or how often each of its states is at work. The last
 * visit may begin just before the deadline.
 */
const loops: Record<
  string,
  {
    back: [from: string, to: string][]
    /** Where the way goes on after the last round, if not from the loop's own states. */
    on?: [from: string, to: string]
    seconds?: number
    times?: number
  }
> = {
  AwaitCluster: { back: [['ClusterState', 'ClusterSettling']], seconds: most('clusterTimeoutSeconds') },
  // Once more after an approval.
  Preflight: { back: [['AwaitApproval', 'Preflight']], on: ['AwaitApproval', 'ConfirmPlan'], times: 2 },
  EnsureAgent: {
    back: [['AgentState', 'EnsureAgent']],
    times: written(/agentVisits < (\d+)/),
  },
  AwaitInjection: {
    back: [['InjectionState', 'AwaitInjection']],
    seconds: written(/"injectionDeadline": "[^"]*\+ (\d+)/) / 1000,
  },
  // The rollout has its whole time again after each restart.
  WatchRollout: {
    back: [['RolloutState', 'WatchRollout']],
    seconds: most('rolloutTimeoutSeconds'),
    times: restarts,
  },
  RestartWorkload: {
    back: [
      ['RolloutState', 'RestartWorkload'],
      ['ProofState', 'RestartWorkload'],
    ],
    times: restarts,
  },
  // It has its five minutes again after each restart.
  VerifyCredentials: {
    back: [['ProofState', 'VerifyCredentials']],
    times: restarts * written(/proofVisits < (\d+)/),
  },
  AwaitUndo: {
    back: [['UndoRolloutState', 'AwaitUndo']],
    seconds: written(/"undoDeadline": "[^"]*\+ (\d+)/) / 1000,
  },
}

const pauses = ({ IntervalSeconds, BackoffRate, MaxAttempts, MaxDelaySeconds }: Retrier): number =>
  Array.from({ length: MaxAttempts }, (_, retry) =>
    Math.min(IntervalSeconds * BackoffRate ** retry, MaxDelaySeconds ?? Number.POSITIVE_INFINITY),
  ).reduce((sum, pause) => sum + pause, 0)

const turnedAway = 'Lambda.TooManyRequestsException'

/** One visit at its worst: every attempt takes its whole time, every retrier is used up. */
const visit = ({ Type, TimeoutSeconds = 0, Seconds = 0, Retry = [], Branches = [] }: State): number => {
  if (Type === 'Parallel') return Math.max(...Branches.map((branch) => longest(branch)))
  if (Type === 'Wait') return Seconds
  if (Type !== 'Task') return 0
  // What Lambda turns away takes no time but the pause after it.
  const retries = Retry.filter(({ ErrorEquals }) => !ErrorEquals.includes(turnedAway)).reduce(
    (sum, { MaxAttempts }) => sum + MaxAttempts,
    0,
  )
  const waits = Retry.reduce((sum, retrier) => sum + pauses(retrier), 0)
  // Where a person is waited for, only the asking is repeated, which takes no longer than any function.
  if (typeof TimeoutSeconds === 'string') return most('approvalTimeoutSeconds') + retries * 60 + waits
  return (1 + retries) * TimeoutSeconds + waits
}

const cost = (name: string, state: State): number => {
  const { seconds = 0, times = 1 } = loops[name] ?? {}
  return times * (seconds + visit(state))
}

/** The seconds of the longest way from a state to an end. */
const longest = ({ StartAt, States }: Machine): number => {
  const known = new Map<string, number>()
  const from = (name: string, path: readonly string[]): number => {
    if (path.includes(name)) throw new Error(`a loop without a bound: ${[...path, name].join(' → ')}`)
    const before = known.get(name)
    if (before !== undefined) return before
    const state = States[name] as State
    const next = [
      ...Object.values(loops).flatMap(({ on }) => (on?.[0] === name ? [on[1]] : [])),
      ...(state.Next ? [state.Next] : []),
      ...(state.Default ? [state.Default] : []),
      ...(state.Choices ?? []).map(({ Next }) => Next),
      ...(state.Catch ?? []).map(({ Next }) => Next),
    ].filter((to) => !Object.values(loops).some(({ back }) => back.some(([a, b]) => a === name && b === to)))
    const rest = Math.max(0, ...next.map((to) => from(to, [...path, name])))
    const whole = cost(name, state) + rest
    known.set(name, whole)
    return whole
  }
  return from(StartAt, [])
}

const hour = 3600

/** Every field of an answer that the definition asks for: what a step of this test does not say is null. */
const asked = Object.fromEntries([...text.matchAll(/[\w)\]]\.([a-z]\w*)/g)].map(([, field]) => [field, null]))

describe('the time that an execution may take', () => {
  it('is longer than the longest way through, so that every run ends in its report', () => {
    const needed = longest(machine)
    expect(machine.TimeoutSeconds, `the longest way takes ${needed} s`).toBeGreaterThan(needed + hour)
    // And no longer than that asks for, or a run that hangs is noticed late.
    expect(machine.TimeoutSeconds, `the longest way takes ${needed} s`).toBeLessThan(needed * 1.25)
  })

  /** Answers every task in the last second of its time, and what keeps the run going. */
  const play = async () => {
    const clock = virtualClock()
    const startedAt = clock.now()
    const callbacks = createCallbacks()
    const visits: string[] = []
    const started = new Map<string, number>()
    const times = (name: string) => visits.filter((one) => one === name).length
    const answers: Record<string, () => object> = {
      ResolveRequest: () => ({
        run: 'long',
        restartedAt: '2026-11-25T00:00:00Z',
        mode: 'enable',
        access: 'create',
        approval: 'required',
        onFailure: 'undo',
        workload: 'deployment/carts',
        clusterTimeoutSeconds: most('clusterTimeoutSeconds'),
        approvalTimeoutSeconds: most('approvalTimeoutSeconds'),
        rolloutTimeoutSeconds: most('rolloutTimeoutSeconds'),
      }),
      AwaitCluster: () => {
        const since = clock.now() - (started.get('AwaitCluster') ?? 0)
        const ready = since > (most('clusterTimeoutSeconds') - 100) * 1000
        return { cluster: { status: 'CREATING' }, state: ready ? 'ready' : 'waiting', findings: [] }
      },
      CheckAgent: () => ({ action: 'install', findings: [] }),
      VerifyRole: () => ({ findings: [] }),
      VerifyWorkload: () => ({ exists: true, before: null, diagnosis: [], findings: [] }),
      CheckAssociation: () => ({ before: null, findings: [] }),
      EnsureAgent: () => ({
        state: times('EnsureAgent') < 12 ? 'waiting' : 'ready',
        agent: { action: 'install' },
        findings: [],
      }),
      EnsureAssociation: () => ({ association: { id: 'a-1' } }),
      AwaitInjection: () => ({ ready: times('AwaitInjection') > 1 }),
      RestartWorkload: () => ({ generation: 2, missedBefore: null, writtenAt: null }),
      WatchRollout: () => {
        const since = clock.now() - (started.get('RestartWorkload') ?? 0)
        const over = since > (most('rolloutTimeoutSeconds') - 100) * 1000
        const last = times('RestartWorkload') === restarts
        return {
          state: over && !last ? 'missed' : 'progressing',
          message: 'the rollout goes on',
          position: null,
          findings: [],
        }
      },
      Undo: () => ({ rolloutToAwait: true, generation: 3, missedBefore: null, done: [] }),
      AwaitUndo: () => ({ state: 'progressing', message: 'goes back', position: null }),
      Report: () => ({ outcome: 'failed', summary: 'put back' }),
    }
    const ended = await runStateMachine({
      definition: localDefinition('123456789012', 'us-west-2'),
      validated: true,
      input: {},
      clock,
      callbacks,
      task: async (_resource, argument, { signal, state }) => {
        visits.push(state)
        if (state === 'AwaitApproval') {
          const { token } = (argument as { Payload: { token: string } }).Payload
          void clock
            .sleep((most('approvalTimeoutSeconds') - 1) * 1000)
            .then(() => callbacks.succeed(token, '{}'))
          return null
        }
        if (state !== 'AwaitCluster' || !started.has(state)) started.set(state, clock.now())
        await clock.sleep((Number(machine.States[state]?.TimeoutSeconds ?? 60) - 1) * 1000, signal)
        return { StatusCode: 200, Payload: { ...asked, ...(answers[state]?.() ?? {}) } }
      },
    })
    return { ...ended, visits, seconds: (clock.now() - startedAt) / 1000 }
  }

  it('suffices where every wait takes as long as it may, and the last rollout never ends', async () => {
    const { status, error, cause, visits, seconds } = await play()
    expect({ status, error }, cause).toEqual({ status: 'FAILED', error: 'RolloutFailed' })
    expect(visits.filter((name) => name === 'RestartWorkload')).toHaveLength(restarts)
    expect(visits.slice(-2)).toEqual(['AwaitUndo', 'Report'])
    expect(visits).toContain('Undo')
    // What the request allows, and more: the limits were reached.
    expect(seconds).toBeGreaterThan(
      most('clusterTimeoutSeconds') + most('approvalTimeoutSeconds') + most('rolloutTimeoutSeconds') * 2,
    )
    expect(seconds).toBeLessThan(machine.TimeoutSeconds - hour)
  })
})
