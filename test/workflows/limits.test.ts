import { describe, expect, it } from 'vitest'
import { longestDays } from '../../core/fleet/waves/plan.ts'
import type { Json, State } from '../../local/engine/definition.ts'
import { definitions, everyField, now, type Variables, visit } from './visit.ts'

describe('the last moment of each wait, and the last of each count', () => {
  const request = { cluster: 'shop', region: 'us-west-2', clusterTimeoutSeconds: 900, mode: 'enable' }
  const settling = { clusterState: 'waiting', request, cluster: { status: 'CREATING' } }
  const injection = { ready: false, message: 'not injected' }
  const agent = { agentState: 'waiting', findings: [], request }
  const rolled = (state: string) => ({ state, message: 'goes on' })
  const proof = (waiting: boolean, missed: number) => ({ proven: false, waiting, missed, message: 'seen' })

  it.each<[why: string, state: string, variables: Variables, next: string]>([
    ['a ms is left', 'ClusterState', { ...settling, clusterDeadline: now + 1 }, 'ClusterSettling'],
    ['the time is over', 'ClusterState', { ...settling, clusterDeadline: now }, 'Report'],
    ['eleven looks', 'AgentState', { ...agent, agentVisits: 11 }, 'EnsureAgent'],
    ['the step stops at the twelfth', 'AgentState', { ...agent, agentVisits: 12 }, 'Report'],
    ['a ms is left', 'InjectionState', { injection, injectionDeadline: now + 1 }, 'AwaitInjection'],
    ['the time is over', 'InjectionState', { injection, injectionDeadline: now }, 'Recover'],
    ...['progressing', 'replaced'].flatMap((state): [string, string, Variables, string][] => [
      ['a ms is left', 'RolloutState', { rollout: rolled(state), rolloutDeadline: now + 1 }, 'WatchRollout'],
      ['the time is over', 'RolloutState', { rollout: rolled(state), rolloutDeadline: now }, 'Recover'],
    ]),
    ['a second restart', 'RolloutState', { rollout: rolled('missed'), attempt: 1 }, 'RestartWorkload'],
    ['no third one', 'RolloutState', { rollout: rolled('missed'), attempt: 2 }, 'Recover'],
    ['six looks', 'ProofState', { proof: proof(true, 0), proofVisits: 6, attempt: 0 }, 'VerifyCredentials'],
    ['the step stops at the seventh', 'ProofState', { proof: proof(true, 0), proofVisits: 7 }, 'Recover'],
    [
      'it waits no longer, and a pod was missed: the third proof',
      'ProofState',
      { proof: proof(true, 1), proofVisits: 7, attempt: 2 },
      'RestartWorkload',
    ],
    ['one pod was missed', 'ProofState', { proof: proof(false, 1), attempt: 2 }, 'RestartWorkload'],
    ['after the third proof', 'ProofState', { proof: proof(false, 1), attempt: 3 }, 'Recover'],
    ['no pod was missed', 'ProofState', { proof: proof(false, 0), attempt: 0 }, 'Recover'],
  ])('%s: %s', async (_why, state, variables, next) => {
    const { nextState, cause } = await visit('run', state, { request: { finish: false }, ...variables })
    expect(nextState, cause).toBe(next)
  })

  it.each<[why: string, openings: Json, next: string]>([
    ['at any time', null, 'RunRound'],
    ['it opens in this moment', [{ from: now, to: now + 1 }], 'RunRound'],
    ['it opens in a ms', [{ from: now + 1, to: now + 9 }], 'AwaitWindow'],
    ['it closes in this moment', [{ from: now - 9, to: now }], 'Report'],
  ])('a window: %s', async (_why, openings, next) => {
    const { nextState } = await visit('rollout', 'Window', { plan: { openings } })
    expect(nextState).toBe(next)
  })
})

describe('the time that each wait has, from the moment of the state that begins it', () => {
  it.each<[what: string, state: string, variable: string, seconds: number]>([
    ['what the request gives it', 'ResolveRequest', 'clusterDeadline', 900],
    ['two minutes', 'EnsureAssociation', 'injectionDeadline', 120],
    ['what the request gives it', 'RestartWorkload', 'rolloutDeadline', 1800],
    ['five minutes', 'Undo', 'undoDeadline', 300],
  ])('%s, from %s: %s', async (_what, state, variable, seconds) => {
    const request = { ...everyField, rolloutTimeoutSeconds: 1800 }
    const { variables, cause } = await visit(
      'run',
      state,
      { request, attempt: 0, association: { ...everyField, association: { id: 'a-1' } } },
      { clusterTimeoutSeconds: 900 },
    )
    expect(variables[variable], cause).toBe(now + seconds * 1000)
  })

  it.each([
    ['AwaitInjection', 'injectionDeadline'],
    ['WatchRollout', 'rolloutDeadline'],
    ['AwaitUndo', 'undoDeadline'],
  ])('%s is told what is left of it', async (state, deadline) => {
    const { payload, cause } = await visit('run', state, { undoRetries: 0, [deadline]: now + 1 })
    expect(payload, cause).toMatchObject({ remainingMs: 1 })
  })
})

describe('the time of an execution', () => {
  it('of a run is a hundred hours: less, and its limits do not fit; more, and one that hangs is seen late', () => {
    expect(definitions.run.TimeoutSeconds).toBe(100 * 3600)
  })

  it('of a rollout is as long as its windows are reckoned for', () => {
    expect(definitions.rollout.TimeoutSeconds).toBe(longestDays * 24 * 3600)
  })

  it('of a run within a rollout is its own, and an hour: a run is never stopped by the rollout that waits for it', () => {
    const { ItemProcessor } = definitions.rollout.States.RunRound as Extract<State, { Type: 'Map' }>
    expect(ItemProcessor.States.RunBinding).toMatchObject({
      TimeoutSeconds: (definitions.run.TimeoutSeconds ?? 0) + 3600,
    })
  })
})
