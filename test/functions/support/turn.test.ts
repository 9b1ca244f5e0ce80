import { expect, it } from 'vitest'
import type { LatestRun } from '../../../adapters/records/runs.ts'
import { takeTurn, turnOfRollouts } from '../../../functions/support/turn.ts'

const binding = { cluster: 'shop', region: 'us-west-2', namespace: 'carts', serviceAccount: 'carts' }
const first: LatestRun = { run: 'run-1', mode: 'enable', at: 1_000_000 }
const seconds = 1000

/** Takes a turn so long after `run-1` took its own, whose execution has this status or is not there. */
const takenAfter = async (ms: number, status: string | undefined) => {
  const taken: string[] = []
  const inTheWay = await takeTurn(
    {
      executions: { find: async () => (status === undefined ? undefined : ({ status } as never)) },
      runs: {
        latest: async () => ({ value: first, version: 1 }),
        takeTurn: async (_binding, { run }) => taken.push(run) > 0,
      },
      now: () => first.at + ms,
    },
    binding,
    { run: 'run-2', mode: 'enable' },
  )
  return { inTheWay: inTheWay?.run, taken }
}

it.each<[why: string, run: string, hadItsTurn: boolean]>([
  ['asks for its own a second time', 'run-1', false],
  ['had its own before the latest, and is started a second time', 'run-2', true],
])('lets a run go on that %s', async (_why, run, hadItsTurn) => {
  const services = {
    executions: { find: async () => ({ status: 'RUNNING' }) as never },
    runs: {
      latest: async () => ({ value: first, version: 1 }),
      takeTurn: async () => Promise.reject(new Error('no turn is to be taken')),
    },
    now: () => first.at,
  }
  const turn = { run, mode: 'enable' } as const
  expect(await takeTurn(services, binding, turn, async () => hadItsTurn)).toBeUndefined()
})

it.each<[why: string, ms: number, status: string | undefined, inTheWay: string | undefined]>([
  ['a run under way holds its turn, however long it takes', 86_400 * seconds, 'RUNNING', 'run-1'],
  ['one that has ended holds none', 1 * seconds, 'SUCCEEDED', undefined],
  ['nor does one that was stopped', 1 * seconds, 'ABORTED', undefined],
  ['nor one that was out of time', 1 * seconds, 'TIMED_OUT', undefined],
  ['one that is being started holds it before there is an execution', 59 * seconds, undefined, 'run-1'],
  ['one that was never started does not hold it for more than a minute', 60 * seconds, undefined, undefined],
])('%s', async (_why, ms, status, inTheWay) => {
  expect(await takenAfter(ms, status)).toEqual({ inTheWay, taken: inTheWay ? [] : ['run-2'] })
})

it('lets one rollout of a stage go on at a time, whatever its bindings', async () => {
  const asked: unknown[] = []
  const turnAfter = (latest: LatestRun | undefined) =>
    turnOfRollouts({
      rollouts: { find: async () => ({ status: 'RUNNING' }) as never },
      runs: {
        latest: async (key) => {
          asked.push(key)
          return latest && { value: latest, version: 1 }
        },
        takeTurn: async (...turn) => asked.push(...turn) > 0,
      },
      now: () => 0,
    })('rollout-2', 'undo')
  const all = { cluster: '*', region: '*', namespace: '*', serviceAccount: '*' }
  expect(await turnAfter(undefined)).toBeUndefined()
  expect(asked).toEqual([all, all, { run: 'rollout-2', mode: 'undo' }, undefined])
  expect(await turnAfter(first)).toBe('run-1')
})
