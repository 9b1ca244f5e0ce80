import { expect, it } from 'vitest'
import type { Pod } from '../../../core/kubernetes.ts'
import { type PodsSeen, watchPods } from '../../../functions/support/pods-in-rollout.ts'
import { agentSet, node } from '../steps/agents.ts'
import { podInRollout, type RolloutScene, rolloutAt, rolloutScene } from './rollout-scene.ts'

const ref = { kind: 'Deployment', name: 'carts' } as const
const start = Date.UTC(2026, 0, 1)
const second = (count: number) => new Date(start + count * 1000).toISOString()

/** A watcher of pods over a scene, and what it has reported, and when. */
const watching = async (given: Partial<RolloutScene>) => {
  const made = rolloutScene(given)
  const { clock, connection } = made
  const seen: (PodsSeen & { atMs: number })[] = []
  const watcher = watchPods(connection, ref, 'carts', (one) =>
    seen.push({ ...one, atMs: clock.now() - start }),
  )
  watcher.look({ message: 'first' })
  await clock.advance(0)
  return { ...made, watcher, seen, times: () => seen.map(({ atMs }) => atMs) }
}

it('reports what there is of the rollout’s pods, and what they write', async () => {
  const fresh = podInRollout('new', { node: 'one', state: { running: { startedAt: second(0) } } })
  const old = podInRollout('old', { revision: '1', ready: true })
  const { seen, watcher, requests } = await watching({ pods: [old, fresh], log: 'no such table\n' })
  expect(seen).toEqual([
    {
      atMs: 0,
      message: 'first',
      pods: [
        { name: 'old', node: null, revision: 'old', state: 'Running (old, ready, injected)' },
        { name: 'new', node: 'one', revision: 'new', state: 'Running (new, injected)' },
      ],
      missed: undefined,
      facts: {
        ref,
        namespace: 'carts',
        pods: [fresh],
        events: [],
        logs: [{ pod: 'new', container: 'carts', text: 'no such table\n' }],
      },
      away: undefined,
    },
  ])
  expect(requests.filter(({ verb }) => verb === 'watch')).toMatchObject([
    { resource: 'pods', namespace: 'carts', query: { labelSelector: 'app=carts' } },
  ])
  await watcher.end()
})

it.each<[why: string, pods: Pod[], missed: string | undefined]>([
  ['one that has them', [podInRollout('a')], undefined],
  ['one that has not', [podInRollout('a'), podInRollout('b', { bare: true })], 'b'],
  [
    'one that has not, and goes',
    [podInRollout('a', { bare: true, metadata: { deletionTimestamp: second(0) } })],
    undefined,
  ],
  ['one that has not, and has ended', [podInRollout('a', { bare: true, phase: 'Failed' })], undefined],
  ['one that has not, of the revision before', [podInRollout('a', { bare: true, revision: '1' })], undefined],
])('names a pod that came to be without the credentials: %s', async (_why, pods, missed) => {
  const { seen, watcher } = await watching({ pods })
  expect(seen.map((one) => one.missed)).toEqual([missed])
  await watcher.end()
})

it('looks again when a pod or the rollout has moved, a tenth of a second after the last look at the earliest', async () => {
  const { seen, watcher, times, clock, movePod } = await watching({
    pods: [podInRollout('a', { ready: true })],
  })
  await clock.advance(1000)
  expect(times()).toEqual([0])
  movePod()
  await clock.advance(0)
  expect(times()).toEqual([0, 1000])
  movePod()
  movePod()
  watcher.look({ message: 'second' })
  await clock.advance(99)
  expect(times()).toEqual([0, 1000])
  await clock.advance(1)
  expect(times()).toEqual([0, 1000, 1100])
  expect(seen.map(({ message }) => message)).toEqual(['first', 'first', 'second'])
  await clock.advance(60_000)
  expect(seen).toHaveLength(3)
  await watcher.end()
})

const running = (secondsAgo: number) => ({ state: { running: { startedAt: second(-secondsAgo) } } })
it.each<[why: string, pods: Pod[], nextMs: number | undefined]>([
  ['one that has just begun to run', [podInRollout('a', running(0))], 1500],
  ['the youngest of several', [podInRollout('a', running(300)), podInRollout('b', running(0))], 1500],
  ['one that has run for half a minute: a tenth of that', [podInRollout('a', running(30))], 3000],
  ['one that has run for long', [podInRollout('a', running(300))], 5000],
  ['one that is ready', [podInRollout('a', { ...running(0), ready: true })], undefined],
  [
    'one that waits for its start',
    [podInRollout('a', { state: { waiting: { reason: 'ContainerCreating' } } })],
    undefined,
  ],
  [
    'one that runs, beside one that waits for its start',
    [
      podInRollout('a', { state: { waiting: { reason: 'ContainerCreating' } } }),
      podInRollout('b', running(0)),
    ],
    1500,
  ],
  [
    'one on its way out',
    [podInRollout('a', { ...running(0), metadata: { deletionTimestamp: second(0) } })],
    undefined,
  ],
  ['none', [], undefined],
])('reads again what is written, though nothing moves: %s', async (_why, pods, nextMs) => {
  const { watcher, times, clock } = await watching({ pods })
  await clock.advance(5000)
  expect(times()[1]).toBe(nextMs)
  await watcher.end()
})

it('looks at the nodes beside, and reports at once, and once, that no agent is on them', async () => {
  const { seen, watcher, times, clock, movePod } = await watching({
    pods: [podInRollout('a', { node: 'far', ready: true })],
    nodes: [node('far', { computeType: 'fargate' })],
    sets: [agentSet()],
  })
  await clock.advance(30_000)
  expect(times()).toEqual([0, 100])
  const away = { reason: 'it runs on Fargate, where no agent can run', pods: ['a'] }
  expect(seen.map((one) => one.away)).toEqual([undefined, away])
  movePod()
  await clock.advance(30_000)
  expect(seen.slice(2).map((one) => one.away)).toEqual([away])
  await watcher.end()
})

it('reports nothing where the workload is gone, and goes on when it is back', async () => {
  const { seen, watcher, clock, scene } = await watching({ workload: undefined })
  expect(seen).toEqual([])
  scene.workload = rolloutAt(0)
  watcher.look({ message: 'again' })
  await clock.advance(100)
  expect(seen).toMatchObject([{ message: 'again' }])
  await watcher.end()
})

it('reports nothing any more once it has ended, also of a look under way', async () => {
  const { seen, watcher, clock, requests, movePod } = await watching({
    pods: [podInRollout('a', running(0))],
  })
  await clock.advance(100)
  watcher.look({ message: 'late' })
  await watcher.end()
  const asked = requests.length
  movePod()
  watcher.look({ message: 'later' })
  await clock.advance(60_000)
  expect(seen).toHaveLength(1)
  expect(requests).toHaveLength(asked)
})

it('has ended when nothing of it is under way', async () => {
  const { watcher, clock, connection } = await watching({ pods: [podInRollout('a', { ready: true })] })
  await clock.advance(100)
  const { find } = connection
  let working = 0
  connection.find = async (one) => {
    working++
    await new Promise(setImmediate)
    working--
    return find(one)
  }
  watcher.look({ message: 'late' })
  expect(working).toBe(1)
  await watcher.end()
  expect(working).toBe(0)
})
