import fc from 'fast-check'
import { expect, it } from 'vitest'
import { observeRollout } from '../../../adapters/kubernetes/watch.ts'
import type { Deployment } from '../../../core/kubernetes.ts'
import recordings from '../../recordings/kubernetes/rollouts.json' with { type: 'json' }
import { manualClock } from '../../support/clocks/manual-clock.ts'
import { scriptedRollout, type WatchStream } from '../../support/scripted-rollout.ts'
import { connectTo } from '../../support/servers/kubernetes-server.ts'

const events = recordings.restart.events.map(({ object }) => object as unknown as Deployment)
const versions = events.map(({ metadata }) => metadata?.resourceVersion)

/** The first event that shows the whole rollout done; those after it change conditions alone. */
const completed = events.findIndex(
  ({ metadata, status }) =>
    status?.observedGeneration === metadata?.generation &&
    status?.updatedReplicas === 2 &&
    status?.availableReplicas === 2 &&
    status?.replicas === 2,
)

/** How a watch ends after some events: by the server, by the network, or because it is too old to go on. */
const ending = fc.constantFrom('close', 'cut', 'expired', 'garbage')
const stretch = fc.record({ events: fc.nat({ max: 4 }), bookmark: fc.boolean(), ending })

it('a recorded rollout is complete when it is, however its watches end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stretch, { maxLength: 12 }), async (stretches) => {
      const left = [...stretches]
      const script = await scriptedRollout(events[0], [
        (stream) => play(stream, left.shift(), (object) => (script.state.object = object)),
      ])
      const connection = connectTo(script, manualClock({ skip: 5000 }))
      try {
        const result = await observeRollout({
          connection,
          ref: { kind: 'Deployment', name: 'carts' },
          namespace: 'carts',
          generation: recordings.restart.patched.metadata.generation,
          budgetMs: 600_000,
        })
        expect(result).toMatchObject({ state: 'complete', counts: { updated: 2, available: 2, old: 0 } })
        const { resourceVersion } = JSON.parse(result.position ?? '{}')
        expect(versions.indexOf(resourceVersion)).toBeGreaterThanOrEqual(completed)
      } finally {
        await connection.close()
        await script.close()
      }
    }),
    { numRuns: process.env.PODID_EXHAUSTIVE ? 250 : 8, seed: 20260101 },
  )
})

/** Sends what follows the version asked for: as much as the stretch says, or, without one, all that is left. */
const play = (
  stream: WatchStream,
  stretch: { events: number; bookmark: boolean; ending: string } | undefined,
  now: (object: Deployment) => void,
) => {
  const from = versions.indexOf(stream.request.query.get('resourceVersion') ?? '') + 1
  const sent = events.slice(from, stretch ? Math.min(from + stretch.events, events.length) : events.length)
  for (const object of sent) stream.send('MODIFIED', object)
  const last = events[from + sent.length - 1]
  if (last) now(last)
  if (!stretch) return
  if (stretch.bookmark) {
    stream.send('BOOKMARK', { metadata: { resourceVersion: versions[from + sent.length - 1] } })
  }
  if (stretch.ending === 'expired') {
    stream.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })
  }
  if (stretch.ending === 'garbage') stream.raw('{"type":"MODIFIED","object":{"kind"\n')
  if (stretch.ending === 'cut') setImmediate(() => stream.cut())
  else stream.close()
}
