import { expect, it } from 'vitest'
import type { StepProgress } from '../../../../adapters/runtime.ts'
import type { Pod } from '../../../../core/kubernetes.ts'
import { observeCredentials } from '../../../../functions/support/evidence/agent-log.ts'
import { scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'
import { agentOn, agentSet, node, sayOf } from '../../steps/agents.ts'

const on = (name: string, nodeName?: string): Pod => ({
  metadata: { name, uid: name },
  spec: { containers: [], ...(nodeName !== undefined && { nodeName }) },
  status: { phase: 'Running' },
})
/** Nothing further can be seen of it: Auto Mode's agent has no log. */
const closed = on('a', 'auto')
/** Where another look may show more: it is on no node yet. */
const open = on('b')

const observed = async (pods: Pod[], visits: number, lookMs = 0, scheduledAtLook = 99) => {
  const clock = skippingClock()
  const started = clock.now()
  const told: StepProgress[] = []
  const scene = sayOf({
    nodes: [node('auto', { computeType: 'auto' })],
    sets: [agentSet()],
    pods: [agentOn('x')],
  })
  let looks = 0
  const { connection } = scriptedConnection(clock, (request) => {
    if (request.resource === 'nodes') {
      looks++
      void clock.sleep(lookMs)
      if (looks >= scheduledAtLook) for (const pod of pods) if (pod.spec) pod.spec.nodeName = 'auto'
    }
    return scene(request)
  })
  const evidence = await observeCredentials(connection, { pods, all: pods }, visits, {
    clock,
    progress: (progress) => void told.push(progress),
  })
  return {
    seen: evidence.map(({ pod, seen }) => `${pod} ${seen}`),
    told,
    looks,
    started,
    tookMs: clock.now() - started,
  }
}

it.each<[why: string, pods: () => Pod[], visits: number, lookMs: number, looks: number, tookMs: number]>([
  ['once where no look can show more', () => [closed], 3, 0, 1, 0],
  ['for five seconds, every two, where that is enough', () => [closed, open], 0, 0, 3, 4000],
  ['for forty seconds, every five, where it is waited for', () => [open], 1, 0, 9, 40_000],
  ['not again where that would be after the time', () => [open], 0, 600, 2, 3200],
  ['again where that is just within the time', () => [open], 0, 500, 3, 5500],
])('looks at the agents’ logs %s', async (_why, pods, visits, lookMs, looks, tookMs) => {
  const { told, seen, ...found } = await observed(pods(), visits, lookMs)
  expect({ looks: found.looks, tookMs: found.tookMs }).toEqual({ looks, tookMs })
  expect(told).toHaveLength(looks - 1)
  expect(seen).toEqual(pods().map(({ metadata }) => `${metadata?.name} not-observable`))
})

it('ends as soon as no look can show more', async () => {
  expect(await observed([on('c')], 2, 0, 3)).toMatchObject({ looks: 3, tookMs: 10_000 })
})

it.each([
  [0, 5000],
  [1, 40_000],
  [3, 120_000],
])(
  'tells how many pods were seen to be handed credentials, and until when it looks (%i visits left)',
  async (visits, forMs) => {
    const { told, started } = await observed([closed, open, on('c')], visits)
    expect(told[0]).toEqual({
      step: 'VerifyCredentials',
      message: 'the agents’ logs show credentials for 0 of 3 pods so far',
      detail: { until: started + forMs },
    })
  },
)
