import { expect, it } from 'vitest'
import type { Pod } from '../../../../core/kubernetes.ts'
import { type Away, watchReach } from '../../../../functions/support/evidence/reach.ts'
import { scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'
import { type AgentScene, agentOn, agentSet, node, sayOf } from '../../steps/agents.ts'

const on = (name: string, nodeName?: string, more: Pod['metadata'] = {}): Pod => ({
  metadata: { name, uid: name, ...more },
  spec: { containers: [], ...(nodeName !== undefined && { nodeName }) },
  status: { phase: 'Running' },
})

/** A look at the nodes, so long after the one before; what there is then, where that has changed. */
interface Look {
  afterMs?: number
  pods: Pod[]
  scene?: AgentScene | 'hidden'
}
const looked = async (scene: AgentScene | 'hidden', looks: Look[]) => {
  const clock = skippingClock()
  let now: AgentScene | 'hidden' = scene
  const { connection, asked } = scriptedConnection(clock, (request) =>
    now === 'hidden' ? { failure: 403, message: 'no' } : sayOf(now)(request),
  )
  const reach = watchReach(connection)
  const { signal } = new AbortController()
  const found: (Away | undefined)[] = []
  for (const { afterMs = 10_000, pods, scene: changed } of looks) {
    await clock.sleep(afterMs)
    if (changed) now = changed
    found.push(await reach(pods, signal))
  }
  return { found, looks: asked.filter((one) => one === 'list nodes').length }
}
const times = (count: number, look: Look): Look[] => Array.from({ length: count }, () => look)

const without = { nodes: [node('one'), node('two')], sets: [agentSet()] }
const everywhere = { ...without, pods: [agentOn('one'), agentOn('two')] }
const noneOn = (name: string) => `no pod of the agent is on node ${name}`
const fargate = 'it runs on Fargate, where no agent can run'
const profile = { labels: { 'eks.amazonaws.com/fargate-profile': 'x' } }

it.each<[why: string, scene: AgentScene | 'hidden', looks: Look[], last: Away | undefined, asks: number]>([
  [
    'three looks without an agent: one may come yet',
    without,
    times(3, { pods: [on('a', 'one')] }),
    undefined,
    3,
  ],
  [
    'four looks without an agent',
    without,
    times(4, { pods: [on('a', 'one')] }),
    { reason: noneOn('one'), pods: ['a'] },
    4,
  ],
  [
    'ten seconds lie between two looks',
    without,
    times(8, { pods: [on('a', 'one')], afterMs: 5000 }),
    { reason: noneOn('one'), pods: ['a'] },
    4,
  ],
  [
    'what moves the pods between two looks asks for no look',
    without,
    times(4, { pods: [on('a', 'one')], afterMs: 9999 }),
    undefined,
    2,
  ],
  [
    'each pod has looks of its own',
    without,
    [...times(3, { pods: [on('a', 'one')] }), { pods: [on('b', 'one')] }],
    undefined,
    4,
  ],
  [
    'Fargate, where none can run: at once',
    without,
    [{ pods: [on('a', 'one', profile), on('b', 'one', profile)] }],
    { reason: fargate, pods: ['a', 'b'] },
    1,
  ],
  [
    'of two reasons the first pod’s',
    without,
    times(4, { pods: [on('a', 'one', profile), on('b', 'two')] }),
    { reason: fargate, pods: ['a'] },
    4,
  ],
  [
    'an agent beside each: no further look',
    everywhere,
    times(4, { pods: [on('a', 'one'), on('b', 'two')] }),
    undefined,
    1,
  ],
  [
    'an agent that is not ready may become so',
    { ...without, pods: [agentOn('one', { isReady: false })] },
    times(5, { pods: [on('a', 'one')] }),
    undefined,
    1,
  ],
  [
    'a pod on Fargate has none, whatever runs on a node of that name',
    { ...without, pods: [agentOn('one', { isReady: false })] },
    [{ pods: [on('a', 'one', profile)] }],
    { reason: fargate, pods: ['a'] },
    1,
  ],
  [
    'an agent that came later, to one of two',
    without,
    [
      ...times(4, { pods: [on('a', 'one'), on('b', 'two')] }),
      { pods: [on('a', 'one'), on('b', 'two')], scene: { ...without, pods: [agentOn('one')] } },
    ],
    { reason: noneOn('two'), pods: ['b'] },
    5,
  ],
  [
    'an agent that came later, to all of them',
    without,
    [...times(4, { pods: [on('a', 'one')] }), { pods: [on('a', 'one')], scene: everywhere }],
    undefined,
    5,
  ],
  [
    'pods that had none and are gone: nothing is to be looked at',
    without,
    [...times(4, { pods: [on('a', 'one')] }), { pods: [] }],
    undefined,
    4,
  ],
  [
    'pods that had none, before the next look is due',
    without,
    [...times(4, { pods: [on('a', 'one')] }), { pods: [on('a', 'one')], afterMs: 100 }],
    { reason: noneOn('one'), pods: ['a'] },
    4,
  ],
  ['pods on no node yet', without, times(4, { pods: [on('a')] }), undefined, 0],
  [
    'pods on their way out',
    without,
    times(4, { pods: [on('a', 'one', { deletionTimestamp: '2026-01-01T00:00:00Z' })] }),
    undefined,
    0,
  ],
  [
    'nodes that may not be looked at: no second try',
    'hidden',
    times(4, { pods: [on('a', 'one')] }),
    undefined,
    1,
  ],
])('tells of pods that no agent can answer: %s', async (_why, scene, looks, last, asks) => {
  const { found, ...rest } = await looked(scene, looks)
  expect([found.at(-1), rest.looks]).toEqual([last, asks])
})

it('keeps what it has told where the next look fails', async () => {
  const { found } = await looked(without, [
    ...times(4, { pods: [on('a', 'one')] }),
    { pods: [on('a', 'one')], scene: 'hidden' },
  ])
  expect(found.at(-1)).toEqual({ reason: noneOn('one'), pods: ['a'] })
})
